"""The draft of a query: what the editor tells and what others change meet without losing either."""

from __future__ import annotations

import itertools

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as given_by

from lib.ui import draft


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A session of its own: outside the app Streamlit keeps none."""
    state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", state)
    return state


_orders = itertools.count(1)


def tell(text: str, place: tuple[int, int], revision: int, letter: str = "a", order: int = 0) -> None:
    """Says what the editor of a draft says."""
    told = {"text": text, "from": place[0], "to": place[1], "revision": revision, "order": order or next(_orders)}
    st.session_state[draft.editor_key(letter)] = {"text": told}


def test_what_is_typed_is_the_draft_and_no_new_revision():
    tell("sum(up)", (4, 6), 0)
    assert (draft.text(), draft.cursor(), draft.revision()) == ("sum(up)", (4, 6), 0)


def test_another_text_is_a_new_revision_with_the_cursor_at_its_end():
    draft.replace("sum(up)")
    assert (draft.text(), draft.cursor(), draft.revision()) == ("sum(up)", (7, 7), 1)


def test_an_editor_that_has_not_seen_the_newest_text_does_not_undo_it():
    draft.replace("sum(up)")
    tell("old", (3, 3), 0)
    assert draft.text() == "sum(up)"
    assert draft.cursor() == (7, 7)
    tell("sum(up) / 2", (11, 11), 1)
    assert draft.text() == "sum(up) / 2"


INSERTED = {
    "at the end": ("sum by (a) ", None, "(up)", "sum by (a) (up)"),
    "between": ("sum()", (4, 4), "up", "sum(up)"),
    "instead of what is selected": ("sum(up)", (4, 6), "users", "sum(users)"),
    "after a word": ("sum", (3, 3), "up", "sum up"),
    "before a word": ("or up", (0, 0), "users", "users or up"),
    "inside a matcher": ('up{a="b"}', (8, 8), ',c="d"', 'up{a="b",c="d"}'),
    "where the cursor cannot be": ("up", (7, 9), " or x", "up or x"),
}


@pytest.mark.parametrize(("text", "place", "piece", "whole"), INSERTED.values(), ids=INSERTED)
def test_a_piece_goes_where_the_cursor_is(text, place, piece, whole):
    tell(text, place or (-1, -1), 0)
    draft.insert(piece)
    assert draft.text() == whole
    assert draft.revision() == 1


@given(given_by.text(), given_by.text(min_size=1), given_by.data())
def test_an_inserted_piece_is_there_and_nothing_else_is_lost(text, piece, data):
    place = data.draw(given_by.integers(0, len(text)))
    tell(text, (place, place), draft.revision())
    draft.insert(piece)
    assert piece in draft.text()
    assert draft.text().replace(" ", "") == (text[:place] + piece + text[place:]).replace(" ", "")
    assert draft.text()[: draft.cursor()[1]].endswith(piece)


def test_letters_have_drafts_of_their_own():
    draft.replace("up", "b")
    tell("users", (1, 1), 0)
    assert [(draft.text(letter), draft.revision(letter)) for letter in "ab"] == [("users", 0), ("up", 1)]


def test_what_was_told_once_is_not_heard_again():
    tell("up", (2, 2), 0, order=5_000)
    assert draft.text() == "up"
    tell("u", (1, 1), 0, order=4_999)
    assert draft.text() == "up"
    draft.insert("{}")
    tell("up", (2, 2), 0, order=5_000)
    assert draft.text() == "up{}"


def test_what_was_typed_is_not_lost_to_an_insertion_at_the_same_moment():
    tell("sum(", (4, 4), 0)
    draft.insert("up")
    assert draft.text() == "sum(up"
