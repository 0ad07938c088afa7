"""The query text that is being written: read, replaced or added to from anywhere on the page, and never lost.

A draft is named by a letter, as the queries of the PromQL page are; "a" is the only one of a page with one query.
Widgets own its value while a run goes on, so whatever changes a draft does so in a callback, before the next run.
"""

from __future__ import annotations

import streamlit as st

FIRST = "a"


def key(letter: str = FIRST) -> str:
    """The name of a draft in the session's state, for the widget that edits it."""
    return "_draft" if letter == FIRST else f"_draft_{letter}"


def text(letter: str = FIRST) -> str:
    """The draft as it stands; "" when nothing was written."""
    return str(st.session_state.get(key(letter)) or "")


def replace(new: str, letter: str = FIRST) -> None:
    """Puts another text in its place. For callbacks."""
    st.session_state[key(letter)] = new


def insert(piece: str, letter: str = FIRST) -> None:
    """Adds a piece at the end, a space before it where words would run together. For callbacks."""
    before = text(letter)
    joint = " " if before and before[-1].isalnum() and piece[:1].isalnum() else ""
    replace(f"{before}{joint}{piece}", letter)
