"""Presets written down: what is written is read as the same preset, and a file never takes another's place."""

from __future__ import annotations

import os
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import PresetError
from lib.core.own_presets import read_own
from lib.core.preset_files import read_catalogue, read_table
from lib.core.preset_writing import as_toml, checked, id_of, write_into
from lib.core.presets import Covers, NamedQuery, Preset

CATALOGUE = read_catalogue()
MINE = Preset(
    id="servers-now",
    question="How many servers run?",
    title="Servers now",
    subject="Servers",
    means="Servers that run.",
    care="Not people.",
    unit="short",
    chart="lines",
    queries=(NamedQuery("", 'sum(jupyterhub_running_servers{namespace=~"$hub"})'),),
    range="now-7d",
    step=0,
    covers=Covers.INSTANT,
    adds=True,
)


@pytest.mark.parametrize("preset", CATALOGUE.values(), ids=lambda preset: preset.id)
def test_every_preset_of_the_catalogue_is_read_as_it_was_written(preset):
    assert read_table("x", preset.id, tomllib.loads(checked(preset))[preset.id]) == preset


TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).map(str.strip).filter(bool)


@given(TEXT, TEXT, st.lists(TEXT, max_size=3), TEXT, st.floats(-1e6, 1e6))
def test_whatever_somebody_writes_is_read_as_the_same(question, means, synonyms, expr, number):
    queries = (NamedQuery("", f"{expr}{number}".strip()),)
    preset = replace(MINE, question=question, means=means, synonyms=tuple(synonyms), queries=queries)
    table = tomllib.loads(as_toml(preset))["servers-now"]
    assert (table["question"], table["means"], table.get("synonyms", [])) == (question, means, synonyms)
    assert table["expr"].strip() == preset.expr


IDS = {"Daily users, 2026": "daily-users-2026", "  Été ": "ete", "漢字": "", "../../etc": "etc", "x" * 80: "x" * 64}


@pytest.mark.parametrize(("title", "preset_id"), IDS.items())
def test_an_id_is_made_from_the_title(title, preset_id):
    assert id_of(title) == preset_id


def test_a_written_preset_is_found_in_the_folder(tmp_path):
    path = write_into(tmp_path, MINE, CATALOGUE)
    found = read_own(tmp_path, CATALOGUE)
    assert found.presets == {"servers-now": MINE} and found.problems == ()
    assert os.listdir(tmp_path) == [path.name]


REFUSED = {
    "an id that the catalogue has": (replace(MINE, id="daily-users"), "daily-users already"),
    "an id that leads elsewhere": (replace(MINE, id="../mine"), "id has small letters"),
    "a unit that is none": (replace(MINE, unit="parsec"), "parsec"),
    "no meaning": (replace(MINE, means=""), "means"),
    "a variable that no preset has": (replace(MINE, queries=(NamedQuery("", 'up{a=~"$x"}'),)), "not known"),
    "an empty query": (replace(MINE, queries=(NamedQuery("", "# nothing"),)), "empty"),
    "a selector without anything": (replace(MINE, queries=(NamedQuery("", '{namespace=~"$hub"}'),)), "empty"),
}


@pytest.mark.parametrize(("preset", "words"), REFUSED.values(), ids=REFUSED)
def test_what_could_not_be_used_is_not_written(tmp_path, preset, words):
    with pytest.raises(PresetError) as caught:
        write_into(tmp_path, preset, CATALOGUE)
    assert words in caught.value.message
    assert os.listdir(tmp_path) == []


def test_a_file_that_is_there_stays_as_it_is(tmp_path):
    (tmp_path / "servers-now.toml").write_text("# mine")
    with pytest.raises(PresetError, match="already"):
        write_into(tmp_path, MINE, ())
    assert (tmp_path / "servers-now.toml").read_text() == "# mine" and len(os.listdir(tmp_path)) == 1


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(PresetError, match="could not be written"):
        write_into(Path(tmp_path) / "gone", MINE, ())
