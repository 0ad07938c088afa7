"""Finding presets by what people type."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.preset_files import read_catalogue
from lib.core.preset_search import search

PRESETS = list(read_catalogue().values())


def found(text: str) -> list[str]:
    return [preset.id for preset in search(PRESETS, text)]


FIRST = {
    "how many users": ["daily-users", "weekly-users", "monthly-users"],
    "How many users?": ["daily-users", "weekly-users", "monthly-users"],
    "users": ["daily-users", "weekly-users", "monthly-users"],
    "DAU": ["daily-users"],
    "weekly": ["weekly-users"],
    "monthly users": ["monthly-users"],
    "failed": ["failed-starts"],
    "fail": ["failed-starts"],
    "errors": ["failed-starts"],
    "spawn failures": ["failed-starts"],
}


@pytest.mark.parametrize(("text", "expected"), FIRST.items(), ids=FIRST)
def test_what_people_type_finds_what_they_mean_first(text, expected):
    assert found(text)[: len(expected)] == expected


def test_slow_finds_how_long_starts_take():
    assert {"slow-starts", "start-times"} == set(found("slow")[:2])


NONSENSE = ["xyzzy", "users xyzzy", "qqq", "0123456789"]


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_finds_nothing(text):
    assert found(text) == []


@pytest.mark.parametrize("text", ["", "   ", "?!", "\n"], ids=repr)
def test_no_words_find_everything_in_order(text):
    assert found(text) == [preset.id for preset in PRESETS]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_a_title_in_full_finds_its_preset_first_and_every_synonym_finds_it_too(preset):
    assert found(preset.title)[0] == preset.id
    for words in preset.synonyms:
        assert preset.id in found(words)


WORDS = st.lists(st.sampled_from(["how", "many", "users", "failed", "slow", "the", "memory", "x"])).map(" ".join)


@settings(deadline=None)
@given(st.text(max_size=40) | WORDS)
def test_any_text_finds_presets_once_each_and_the_same_each_time(text):
    ids = found(text)
    assert len(set(ids)) == len(ids) and ids == found(text)
    assert found(text.upper()) == ids or not text.isascii()


def test_more_words_never_find_more():
    assert set(found("memory by person")) <= set(found("memory")) & set(found("person"))
