"""What stands quietly under the editor: hints on the query with a button that mends it, and Format."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib.core.hints import Hint, hints
from lib.core.promql_format import prettify
from lib.ui import draft
from lib.ui.messages import md


def show(letter: str = draft.FIRST, types: Mapping[str, str] | None = None, *, instant: bool = False) -> None:
    """The hints on a draft, at most one of each kind, and the button that lays it out; nothing for an empty one.

    `types` are the types of metrics by name where they are known (`counter`, `gauge`, ...); `instant` tells whether
    the draft asks about one moment.
    """
    typed = draft.text(letter)
    if not typed.strip():
        return
    with st.container(gap="xxsmall"):
        for number, hint in enumerate(hints(typed, types, instant=instant).values()):
            _hint(hint, f"_fix_{letter}_{number}", letter)
        _format_button(typed, letter)


def _hint(hint: Hint, key: str, letter: str) -> None:
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        st.caption(f":material/lightbulb: {md(hint.sentence)} {md(hint.why)}")
        st.button(
            "Fix",
            key=key,
            type="tertiary",
            icon=":material/auto_fix_high:",
            help=f"Write {md(hint.fixed[hint.start : hint.end].strip())}",
            on_click=draft.replace,
            args=(hint.fixed, letter),
        )


def _format_button(typed: str, letter: str) -> None:
    """Only where it would change something."""
    shown = prettify(typed)
    if shown != typed:
        st.button(
            "Format",
            key=f"_format_{letter}",
            type="tertiary",
            icon=":material/format_align_left:",
            help="Lay the query out anew; comments and variables stay",
            on_click=draft.replace,
            args=(shown, letter),
        )
