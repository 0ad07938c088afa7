"""The query text that is being written: read, replaced or added to from anywhere on the page, and never lost.

A draft is named by a letter, as the queries of the PromQL page are; "a" is the only one of a page with one query.
Widgets own its value while a run goes on, so whatever changes a draft does so in a callback, before the next run.

Two sides write it. The editor tells what is typed; everybody else replaces or inserts, which begins a new revision. By
the revision the editor sees that the text is not the one it told, and takes it over.
"""

from __future__ import annotations

import streamlit as st

FIRST = "a"
_NOWHERE = (-1, -1)


def key(letter: str = FIRST) -> str:
    """The name of a draft in the session's state, for a plain field that edits it."""
    return "_draft" if letter == FIRST else f"_draft_{letter}"


def editor_key(letter: str = FIRST) -> str:
    """The name of the editor of a draft in the session's state; its `text` is what it tells."""
    return f"_editor_{letter}"


def text(letter: str = FIRST) -> str:
    """The draft as it stands; "" when nothing was written."""
    _listen(letter)
    return str(st.session_state.get(key(letter)) or "")


def revision(letter: str = FIRST) -> int:
    """How many times somebody else than the editor has changed the text."""
    return int(st.session_state.get(f"{key(letter)}_revision") or 0)


def cursor(letter: str = FIRST) -> tuple[int, int]:
    """What is selected, as characters before its start and its end; (-1, -1) while no editor has told."""
    length = len(text(letter))
    start, end = st.session_state.get(f"{key(letter)}_cursor") or _NOWHERE
    return (start, end) if 0 <= start <= end <= length else _NOWHERE


def replace(new: str, letter: str = FIRST) -> None:
    """Puts another text in its place, the cursor at its end. For callbacks."""
    _set(new, len(new), letter)


def insert(piece: str, letter: str = FIRST) -> None:
    """Puts a piece in place of what is selected, or at the end while no editor has told. For callbacks.

    A space goes before and after it where words would run together.
    """
    whole, (start, end) = text(letter), cursor(letter)
    if (start, end) == _NOWHERE:
        start = end = len(whole)
    before, after = whole[:start], whole[end:]
    head = f"{before}{_joint(before, piece)}{piece}"
    _set(f"{head}{_joint(piece, after)}{after}", len(head), letter)


def _listen(letter: str) -> None:
    """Takes over what the editor told last, unless it was told of an older revision.

    Done at every look, not when Streamlit says that something changed: of a button and an editor that speak at the same
    time, it calls the button first.
    """
    told = (st.session_state.get(editor_key(letter)) or {}).get("text")
    heard = f"{key(letter)}_heard"
    if told and told["order"] > st.session_state.get(heard, 0):
        st.session_state[heard] = told["order"]
        if told["revision"] == revision(letter):
            st.session_state[key(letter)] = told["text"]
            st.session_state[f"{key(letter)}_cursor"] = (told["from"], told["to"])


def _set(new: str, place: int, letter: str) -> None:
    _listen(letter)
    st.session_state[key(letter)] = new
    st.session_state[f"{key(letter)}_cursor"] = (place, place)
    st.session_state[f"{key(letter)}_revision"] = revision(letter) + 1


def _joint(before: str, after: str) -> str:
    return " " if _is_word(before[-1:]) and _is_word(after[:1]) else ""


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"
