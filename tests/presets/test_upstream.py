"""What is kept of upstream: every query of its panels is a preset or has a reason, and the record is what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.core.errors import PresetError
from lib.core.preset_files import read_catalogue
from lib.upstream.__main__ import main
from lib.upstream.panels import PANELS, panels_toml, read_known, read_not_taken, read_queries, taken
from tests.upstream.queries import UPSTREAM

CATALOGUE = read_catalogue()
KNOWN = read_known()
VERDICTS = PANELS.with_name("verdicts.md")


def test_every_upstream_query_is_a_preset_or_has_a_reason() -> None:
    ours, without = taken(KNOWN, CATALOGUE.values()), read_not_taken()
    ids = [query.id for query in KNOWN]
    assert len(ids) == len(set(ids)) == 76
    assert [name for name in ids if name not in ours and name not in without] == []
    assert [name for name in without if name in ours or name not in ids] == []
    assert all(reason.endswith(".") for reason in without.values())


def test_every_preset_with_an_upstream_names_a_panel_that_is_there() -> None:
    panels = {(query.dashboard, query.panel) for query in KNOWN}
    named = {preset.id: preset.upstream for preset in CATALOGUE.values() if preset.upstream}
    assert [name for name, each in named.items() if (each.dashboard, each.panel) not in panels] == []
    assert all("/ef44b4ed0b439734f2acd5dbd81c4f7d3b513f76/dashboards/" in each.url for each in named.values())


def test_the_table_of_verdicts_has_a_row_for_every_query() -> None:
    rows = VERDICTS.read_text(encoding="utf-8").splitlines()[1:]
    cells = [row.split(" | ") for row in rows if row.startswith("| ")][1:]
    assert [(each[0][2:], each[1], each[2]) for each in cells] == [(q.dashboard, q.panel, q.ref) for q in KNOWN]
    named = {each[3].split(" / ")[0] for each in cells if each[3].strip()}
    assert named == {preset.id for preset, _ in taken(KNOWN, CATALOGUE.values()).values()}


def test_every_query_has_a_verdict() -> None:
    """In the window that was asked everything is there: no row says that there was nothing to compare."""
    text = VERDICTS.read_text(encoding="utf-8")
    assert "nothing to compare" not in text
    assert text.count(" | not taken: ") == len(read_not_taken())


def test_the_record_is_that_of_the_original_texts() -> None:
    assert PANELS.read_text(encoding="utf-8") == panels_toml(UPSTREAM.values())


def test_what_is_no_list_of_queries_is_refused_with_a_hint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"panels": []}')
    with pytest.raises(PresetError):
        read_queries(path)
    assert main(["panels", str(path)]) == 2
    assert "id, dashboard, panel, ref, expr" in capsys.readouterr().err
