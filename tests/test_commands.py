"""`python -m lib presets check` and `drift`: what they print, and with which code they end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lib.__main__ import main
from lib.commands import drift
from lib.core.drift import hash_of
from tests.core.test_own_presets import DASHBOARD, GOOD

ROOT = Path(__file__).parents[1]


def test_the_built_in_catalogue_has_no_problem(capsys) -> None:
    assert main(["presets", "check"]) == 0
    assert capsys.readouterr().out.endswith(": no problems.\n")


def test_the_module_runs_by_itself() -> None:
    done = subprocess.run([sys.executable, "-m", "lib", "presets", "check"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


CHECKED = {
    "a good one": (GOOD, "", 0),
    "a bad field": (GOOD.replace('"bars"', '"parrots"'), ":8: chart: chart is parrots, which is unknown.\n", 1),
    "a query that does not parse": (GOOD.replace("max by", "max bye"), ":12: expr: This is not PromQL: ", 1),
    "a variable that is not filled": (GOOD.replace("$hub", "$Hub"), ":12: expr: The variable $Hub is not known", 1),
    "one that parses only without a choice": (
        GOOD.replace('=~"$hub"', '=~"$hub" or job=~"x"'),
        ":12: expr: This is not PromQL",
        1,
    ),
    "a built-in id": (GOOD.replace("my-users", "daily-users"), ":1: This id is taken.\n", 1),
    "not TOML": ("x = ", ":1: This is not TOML: ", 1),
}


@pytest.mark.parametrize(("text", "line", "code"), CHECKED.values(), ids=CHECKED)
def test_every_problem_has_a_line_with_its_place(tmp_path, capsys, text, line, code) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    assert main(["presets", "check", str(path)]) == code
    printed = capsys.readouterr().out
    assert (f"{path}{line}" in printed) if line else printed == "1 presets in 1 file: no problems.\n"


def test_folders_dashboards_and_files_that_are_gone_can_be_named(tmp_path, capsys) -> None:
    (tmp_path / "a.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps(DASHBOARD), encoding="utf-8")
    assert main(["presets", "check", str(tmp_path), str(tmp_path / "gone.toml")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.removeprefix(f"{tmp_path}/").split(":")[0] for line in lines[:-1]] == ["b.json", "gone.toml"]
    assert lines[-1] == "2 presets in 3 files: 2 problems."


def test_what_is_not_known_gets_a_sentence(capsys) -> None:
    for arguments in ([], ["presets"], ["presets", "chek"], ["hubs"], ["presets", "drift"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        assert ". Try: python -m lib" in capsys.readouterr().err


def dashboards(folder: Path, **titles: str) -> Path:
    """Rendered dashboards, each with one panel that asks the given query."""
    for title, expr in titles.items():
        panels = [{"title": "Users", "targets": [{"refId": "A", "expr": expr}]}]
        (folder / f"{title}.json").write_text(json.dumps({"title": title, "panels": panels}), encoding="utf-8")
    return folder


@pytest.fixture
def record(tmp_path) -> Path:
    """A record of the dashboards One and Two, in each a panel that asks `up`."""
    entry = f'[[panel]]\npanel = "Users"\nref = "A"\nsha256 = "{hash_of("up")}"\ndashboard = '
    path = tmp_path / "panels.toml"
    path.write_text(f'{entry}"One"\n{entry}"Two"\n', encoding="utf-8")
    return path


MOVED = {
    "nothing": ({"One": "up", "Two": "up"}, ["Upstream is as it was recorded."], 0),
    "everything": (
        {"One": "x", "Three": "up"},
        [
            "added: Three / Users / A",
            "removed: Two / Users / A",
            "changed: One / Users / A",
            "Upstream has moved: 1 added, 1 removed, 1 changed.",
        ],
        1,
    ),
}


@pytest.mark.parametrize(("titles", "lines", "code"), MOVED.values(), ids=MOVED)
def test_drift_lists_what_moved(tmp_path, record, capsys, titles, lines, code) -> None:
    assert drift.run(str(dashboards(tmp_path, **titles)), record) == code
    assert capsys.readouterr().out.splitlines() == lines


def test_one_dashboard_can_be_compared_alone(tmp_path, record) -> None:
    assert drift.run(str(dashboards(tmp_path, One="up") / "One.json"), record) == 0


def test_a_file_of_a_folder_that_is_no_dashboard_is_named_and_left_out(tmp_path, record, capsys) -> None:
    (dashboards(tmp_path, One="up", Two="up") / "package.json").write_text("{}", encoding="utf-8")
    assert drift.run(str(tmp_path), record) == 0
    assert "package.json: left out." in capsys.readouterr().out


@pytest.mark.parametrize("name", ["gone.json", "empty", "panels.toml"])
def test_what_cannot_be_compared_is_said(tmp_path, record, capsys, name) -> None:
    (tmp_path / "empty").mkdir()
    assert drift.run(str(tmp_path / name), record) == 2
    assert name in capsys.readouterr().out
