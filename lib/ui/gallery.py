"""Choosing a preset: the first questions as pills, all of them in a dialog with a search box."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

import streamlit as st

from lib.core.preset_search import search
from lib.core.presets import Preset
from lib.ui import messages
from lib.ui.frame import remember


def choose_preset(catalogue: Mapping[str, Preset]) -> Preset:
    """The preset that is shown: the one chosen, else the first of the catalogue."""
    known = list(catalogue.values())
    current = catalogue.get(st.session_state.get("preset", ""), known[0])
    st.session_state["preset"] = current.id
    first = [preset.id for preset in known if preset.first]
    if current.id not in first:
        first.append(current.id)
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall"):
        if st.button("All questions", icon=":material/search:", key="_all_questions"):
            _dialog(catalogue)
        st.session_state["_pill"] = current.id
        st.pills(
            "Questions",
            first,
            key="_pill",
            required=True,
            wrap=False,
            format_func=lambda preset: catalogue[preset].title,
            label_visibility="collapsed",
            on_change=_take_pill,
        )
    return current


def _take_pill() -> None:
    _show(st.session_state["_pill"])


def _show(preset: str) -> None:
    """A new question begins with its own chart and its own split."""
    remember(preset=preset, chart=None, by=None, top=None)


@st.dialog("All questions", width="medium")
def _dialog(catalogue: Mapping[str, Preset]) -> None:
    typed = st.text_input(
        "Search",
        key="_search",
        live=True,
        placeholder="Try: how many users, slow, failed",
        label_visibility="collapsed",
        icon=":material/search:",
    )
    found = search(catalogue.values(), typed or "")
    if not found:
        st.markdown("No question has these words. Ask it in PromQL instead.")
    if typed:
        _cards(found)
        return
    for subject, presets in groupby(found, key=lambda preset: preset.subject):
        st.markdown(f"###### {messages.md(subject)}")
        _cards(list(presets))


def _cards(presets: list[Preset]) -> None:
    with st.grid(2, min_column_width=280, gap="xsmall"):
        for preset in presets:
            with st.container(border=True, gap=None):
                chosen = st.button(f"**{messages.md(preset.title)}**", key=f"_card_{preset.id}", type="tertiary")
                st.caption(messages.md(preset.question))
            if chosen:
                _show(preset.id)
                st.rerun()
