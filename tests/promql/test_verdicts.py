"""What is said offline about hundreds of queries is what a real Prometheus says, and the document says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prometheus_server import running_prometheus
from tests.promql.corpus import CORPUS, UPSTREAM_FILLED
from tests.promql.verdicts import Row, agreement, as_markdown, closeness, offline, prometheus, rows

DOCUMENT = Path(__file__).parents[2] / "docs" / "promql" / "verdicts.md"


@pytest.fixture(scope="module")
def table() -> Iterator[list[Row]]:
    """Both readings of the whole corpus."""
    with running_prometheus("# EOF\n") as url:
        yield rows(CORPUS, prometheus(url), offline)


@pytest.mark.prometheus
def test_the_verdict_is_prometheus_own_for_at_least_98_of_100_queries(table: list[Row]) -> None:
    assert len(table) >= 300
    assert agreement(table) >= 0.98
    broken = [row for row in table if row.theirs]
    assert len(broken) >= 120
    assert agreement(broken) >= 0.98


@pytest.mark.prometheus
def test_the_place_is_within_two_characters_for_at_least_90_of_100_broken_queries(table: list[Row]) -> None:
    assert closeness(table) >= 0.9


@pytest.mark.prometheus
def test_no_query_that_prometheus_takes_is_held_back(table: list[Row]) -> None:
    assert [row.query for row in table if row.theirs is None and row.ours] == []


@pytest.mark.prometheus
def test_the_document_is_what_its_command_writes_but_for_the_number_of_presets(table: list[Row]) -> None:
    written = DOCUMENT.read_text(encoding="utf-8").partition("## The editor")[0]
    assert _lasting(written) == _lasting(as_markdown({"Our own reading": table}))


def _lasting(document: str) -> list[str]:
    lines = document.strip().splitlines()
    return [line for line in lines if not line.startswith("| presets |") and " queries, of which " not in line]


def test_the_document_says_how_far_the_linter_of_the_editor_agrees() -> None:
    linter = DOCUMENT.read_text(encoding="utf-8").partition("## The editor")[2]
    shares = re.search(r"The verdict is the same for ([\d.]+)%, the place for ([\d.]+)%", linter)
    assert shares
    assert float(shares[1]) >= 90


def test_every_kind_of_query_is_in_the_document() -> None:
    assert len(UPSTREAM_FILLED) == 76
    groups = re.findall(r"^\| ([^|:]+) \| \d+ ", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert groups[: len(CORPUS)] == list(CORPUS)
