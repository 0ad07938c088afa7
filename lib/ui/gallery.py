"""Choosing a preset: the first questions as pills, all of them in a dialog with a search box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import groupby

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import cache
from lib.core.needs import missing
from lib.core.preset_search import search
from lib.core.presets import Audience, Preset
from lib.ui import messages
from lib.ui.frame import Scope, remember


def choose_preset(catalogue: Mapping[str, Preset], scope: Scope) -> Preset:
    """The preset that is shown: the one chosen, else the first of the catalogue."""
    known = list(catalogue.values())
    current = catalogue.get(st.session_state.get("preset", ""), known[0])
    st.session_state["preset"] = current.id
    first = [preset.id for preset in known if preset.first]
    if current.id not in first:
        first.append(current.id)
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall"):
        if st.button("All questions", icon=":material/search:", key="_all_questions"):
            _dialog(catalogue, scope)
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
    """A new question begins with its own chart and its own split; hubs that were chosen stay chosen."""
    remember(preset=preset, chart=None, by=None, top=None)


@st.dialog("All questions", width="medium")
def _dialog(catalogue: Mapping[str, Preset], scope: Scope) -> None:
    typed = st.text_input(
        "Search",
        key="_search",
        live=True,
        placeholder="Try: how many users, slow, failed",
        label_visibility="collapsed",
        icon=":material/search:",
    )
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        slot = st.container(width="content")
        operators = st.toggle("For operators too", key="_operators")
    offered = [preset for preset in catalogue.values() if operators or preset.audience is Audience.EVERYONE]
    subject = _subject(offered, slot) if not typed else None
    found = search(offered, typed or "")
    if not found:
        st.markdown("No question has these words. Try others, or ask it in PromQL.")
    collected = cache.metric_names(scope.sources, scope.moments.now)
    if typed:
        _cards(found, collected)
        return
    for name, presets in groupby(found, key=lambda preset: preset.subject):
        if subject in (None, name):
            st.markdown(f"###### {messages.md(name)}")
            _cards(list(presets), collected)


def _subject(presets: list[Preset], slot: DeltaGenerator) -> str | None:
    counts = Counter(preset.subject for preset in presets)
    chosen: str | None = slot.pills(
        "Subjects",
        list(counts),
        key="_subject",
        format_func=lambda subject: f"{subject} {counts[subject]}",
        label_visibility="collapsed",
    )
    return chosen


def _cards(presets: list[Preset], collected: frozenset[str]) -> None:
    with st.grid(2, min_column_width=280, gap="xsmall"):
        for preset in presets:
            with st.container(border=True, gap=None, height="stretch"):
                chosen = st.button(f"**{messages.md(preset.title)}**", key=f"_card_{preset.id}", type="tertiary")
                st.caption(messages.md(preset.question))
                if collected and (absent := missing(preset, collected)):
                    st.badge("not collected here", color="gray", help=f"No cluster has {', '.join(absent)}.")
            if chosen:
                _show(preset.id)
                st.rerun()
