"""One's own presets: what a folder holds, and that what is wrong is named with its place, and spoils nothing else."""

from __future__ import annotations

import json
import os
import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.own_presets import LARGEST, fingerprint, read_own
from lib.core.toml_lines import line_of

GOOD = """\
[my-users]
question = "How many people used my hub?"
title = "My users"
subject = "People"
means = "People."
care = "None."
unit = "people"
chart = "bars"
range = "now-30d"
covers = "window"
adds = true
expr = '''
max by (namespace) (
  # unit = 3
  jupyterhub_active_users{namespace=~"$hub"}
)
'''
"""
OTHER = GOOD.replace("my-users", "others")
DASHBOARD = {
    "title": "Activity",
    "panels": [
        {"title": "Users", "datasource": {"type": "prometheus"}, "targets": [{"expr": "up"}]},
        {"title": "Logs", "datasource": {"type": "loki"}, "targets": [{"expr": "{a=1}"}]},
    ],
}


def write(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder


def test_a_file_that_is_dropped_into_the_folder_is_read(tmp_path) -> None:
    found = read_own(write(tmp_path, a_toml=GOOD, b_toml=OTHER, notes_txt="not ours"))
    assert (list(found.presets), found.problems) == (["my-users", "others"], ())


def test_without_a_folder_there_is_nothing_and_no_problem() -> None:
    assert (read_own("").presets, read_own("").problems, fingerprint("")) == ({}, (), "")


@pytest.mark.parametrize("folder", ["nowhere", "nul\0"])
def test_a_folder_that_is_not_there_is_a_problem_that_names_the_setting(tmp_path, folder) -> None:
    [problem] = read_own(f"{tmp_path}/{folder}").problems
    assert "HUBSCOPE_PRESETS" in problem.hint
    assert fingerprint(f"{tmp_path}/{folder}") == ""


# What is changed in the good table; then line, field and words of the problem.
WRONG = {
    "an unknown unit": ('unit = "people"', 'unit = "parrots"', 7, "unit", "unit is parrots"),
    "a missing field": ('unit = "people"\n', "", 1, "unit", "The field unit is missing"),
    "an unknown field": ('title = "My', 'titel = "My', 3, "titel", "The field titel is unknown"),
    "a number for a text": ('care = "None."', "care = 3", 6, "care", "care is not a text"),
    "a flag in words": ("adds = true", 'adds = "yes"', 11, "adds", "adds is neither true nor false"),
    "a bad range": ("now-30d", "30d", 9, "range", "range is 30d"),
    "a bad step": ("adds = true", 'step = "soon"\nadds = true', 11, "step", "is not a duration"),
    "an unknown variable": ("$hub", "$nope", 12, "expr", "$nope is not known"),
    "an unknown variable of several": ("expr = '''", "queries.all = '''\n$nope", 12, "queries", "$nope is not known"),
    "queries that are not texts": ("expr = '''", "queries.b = 3\nqueries.a = '''", 12, "queries", "b is not a text"),
    "a number without a default": (
        "'''\n",
        "'''\n[my-users.variables.hours]\nwords = 'Hours'\n",
        18,
        "variables.hours",
        "default is not a number",
    ),
    "a bad id": ("[my-users]", "[My_Users]", 1, "", "An id has small letters"),
}


@pytest.mark.parametrize(("old", "new", "line", "field", "words"), WRONG.values(), ids=WRONG)
def test_a_bad_table_is_named_with_file_line_and_field_and_the_others_stay(
    tmp_path, old, new, line, field, words
) -> None:
    parts = GOOD.rpartition(old) if old == "'''\n" else GOOD.partition(old)
    text = parts[0] + new + parts[2]
    found = read_own(write(tmp_path, a_toml=f"{text}\n{OTHER}"))
    [problem] = found.problems
    assert list(found.presets) == ["others"]
    assert (problem.file, problem.line, problem.field) == ("a.toml", line, field)
    assert words in problem.sentence and words in problem.message
    assert f"a.toml, line {line}" in problem.message and field in problem.message


BROKEN = {
    "not TOML": (b"[x]\na = \n", 2, "not TOML"),
    "a table twice": (b"[x]\na = 1\n[x]\n", 3, "not TOML"),
    "a text without an end": (b"[x]\na = '''\nb\n", 4, "not TOML"),
    "lines that end as on Windows": (b"[x]\r\na = \r\n", 2, "not TOML"),
    "a field outside of a table": (b"\ntitle = 'x'\n", 2, "not a table"),
    "a table in a line": (b"\n\nx = {a = 1}\n", 3, "field a is unknown"),
    "too deep": (b"x = " + b"[" * 5_000, 1, "not TOML"),
    "another encoding": (b"\xff\xfe", 0, "UTF-8"),
    "too large": (b"#" * (LARGEST + 1), 0, "bytes"),
}


@pytest.mark.parametrize(("body", "line", "words"), BROKEN.values(), ids=BROKEN)
def test_a_bad_file_is_named_and_the_other_files_stay(tmp_path, body, line, words) -> None:
    (tmp_path / "a.toml").write_bytes(body)
    found = read_own(write(tmp_path, b_toml=GOOD))
    assert list(found.presets) == ["my-users"]
    [problem] = found.problems
    assert (problem.file, problem.line) == ("a.toml", line)
    assert words in problem.message and problem.hint


def test_a_built_in_preset_is_not_replaced(tmp_path) -> None:
    found = read_own(write(tmp_path, a_toml=f"{OTHER}\n{GOOD}"), {"my-users"})
    assert list(found.presets) == ["others"]
    assert [(each.line, each.preset) for each in found.problems] == [(len(OTHER.splitlines()) + 2, "my-users")]


def test_of_two_files_with_one_id_the_first_is_taken(tmp_path) -> None:
    found = read_own(write(tmp_path, a_toml=GOOD, b_toml=GOOD.replace("My users", "Again")))
    assert found.presets["my-users"].title == "My users"
    assert [problem.file for problem in found.problems] == ["b.toml"]


def test_a_dashboard_of_grafana_gives_its_panels_and_says_which_it_does_not(tmp_path) -> None:
    found = read_own(write(tmp_path, a_json=json.dumps(DASHBOARD), b_json="{}", c_json="["))
    assert [preset.title for preset in found.presets.values()] == ["Users"]
    assert [problem.file for problem in found.problems] == ["a.json", "b.json", "c.json"]
    assert "Logs" in found.problems[0].message


def test_a_problem_survives_a_cache(tmp_path) -> None:
    [problem] = read_own(write(tmp_path, a_toml="[x]\n"), ()).problems
    copy = pickle.loads(pickle.dumps(problem))  # noqa: S301  our own
    assert (copy.message, copy.line, copy.preset) == (problem.message, problem.line, "x")


def test_the_fingerprint_changes_with_the_files_and_only_with_them(tmp_path) -> None:
    seen = [fingerprint(tmp_path), fingerprint(write(tmp_path, a_toml=GOOD))]
    assert fingerprint(tmp_path) == seen[-1]
    seen.append(fingerprint(write(tmp_path, a_toml=OTHER + "\n")))
    os.utime(tmp_path / "a.toml", (1, 1))
    seen.append(fingerprint(tmp_path))
    (tmp_path / "b.toml").symlink_to(tmp_path / "nowhere")
    seen.append(fingerprint(tmp_path))
    assert len(set(seen)) == len(seen)


@given(st.text(), st.text(), st.text())
def test_a_line_is_always_one_of_the_file(text, table, field) -> None:
    assert 1 <= line_of(text, table, field) <= text.count("\n") + 1


DOCUMENT = (Path(__file__).parents[2] / "docs" / "presets.md").read_text(encoding="utf-8")


def test_the_example_in_the_document_is_a_preset(tmp_path) -> None:
    [example] = re.findall(r"^```toml\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)
    found = read_own(write(tmp_path, a_toml=example))
    assert found.problems == ()
    assert [variable.name for variable in found.presets["long-servers"].variables] == ["hub", "hours"]


def test_the_document_names_every_field_and_says_which_are_needed(tmp_path) -> None:
    fields = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", DOCUMENT, re.MULTILINE))
    [problem] = read_own(write(tmp_path, a_toml="[x]\nparrots = 1\n")).problems
    assert set(fields) == set(problem.hint.removeprefix("Known fields: ").removesuffix(".").split(", "))
    needed = {name for name, text in fields.items() if text.endswith("Needed.")}
    for name in sorted(fields):
        without = "".join(f'{each} = "x"\n' for each in needed if each != name)
        [problem] = read_own(write(tmp_path, a_toml=f"[x]\n{without}")).problems
        assert (f"The field {name} is missing." == problem.sentence) == (name in needed)
