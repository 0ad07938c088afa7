"""Choosing a preset: the first questions as pills, all of them in a dialog with a search box."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import cache
from lib.core.errors import AppError
from lib.core.needs import missing
from lib.core.preset_search import search
from lib.core.presets import Audience, Preset
from lib.core.units import quantity
from lib.core.view import Choices, view
from lib.ui import messages, permitted, visitor
from lib.ui.asking import remembered
from lib.ui.catalogue import current_preset, known_presets
from lib.ui.frame import Scope, remember


def choose_preset(scope: Scope) -> Preset:
    """The preset that is shown: the one chosen, else the first of the catalogue."""
    known = known_presets()
    current = current_preset()
    st.session_state["preset"] = current.id
    first = [preset.id for preset in known.values() if preset.first]
    if current.id not in first:
        first.append(current.id)
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall"):
        if st.button("All questions", icon=":material/search:", key="_all_questions"):
            _dialog(scope)
        st.session_state["_pill"] = current.id
        st.pills(
            "Questions",
            first,
            key="_pill",
            required=True,
            wrap=False,
            format_func=lambda preset: messages.md(known[preset].title),
            label_visibility="collapsed",
            on_change=_take_pill,
        )
    return current


def _take_pill() -> None:
    _show(st.session_state["_pill"])


def _show(preset: str) -> None:
    """A new question begins with its own chart and its own split; hubs that were chosen stay chosen."""
    remember(preset=preset, chart=None, by=None, top=None, title=None, zero=None)


@st.dialog("All questions", width="medium")
@visitor.gated
def _dialog(scope: Scope) -> None:
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
    panels = _dashboard_panels()
    offered = panels or [each for each in cache.catalogue().values() if operators or each.audience is Audience.EVERYONE]
    subject = _subject(offered, slot) if not typed and not panels else None
    found = search(offered, typed or "")
    waiting = 0 if panels or operators or not typed else len(search(cache.catalogue().values(), typed)) - len(found)
    if waiting:
        st.caption(f"{waiting} more for operators {'fits' if waiting == 1 else 'fit'}: see the switch.")
    elif not found:
        st.markdown(f"No question has these words. Try others{', or ask it in PromQL' if visitor.may_write() else ''}.")
    collected = permitted.collected(scope.sources, scope.moments.now)
    if typed:
        _cards(found, collected, scope)
        return
    for name, presets in groupby(found, key=lambda preset: preset.subject):
        if subject in (None, name):
            st.markdown(f"###### {messages.md(name)}")
            _cards(list(presets), collected, scope)
    _problems()


def _dashboard_panels() -> list[Preset]:
    """The panels of a dashboard of the connected Grafana, when one was chosen; what is left out is said."""
    if not cache.settings().grafanas:
        return []
    try:
        titles = dict(cache.dashboards())
        st.session_state["_dashboard"] = st.session_state.get("_dashboard", st.session_state.get("dashboard"))
        st.selectbox(
            "Dashboard",
            list(titles),
            key="_dashboard",
            index=None,
            placeholder="Or take the panels of a Grafana dashboard",
            format_func=lambda key: titles[key],
            label_visibility="collapsed",
        )
        chosen = st.session_state["_dashboard"]
        read = cache.dashboard(chosen) if chosen else None
    except AppError as error:
        messages.show_error(error)
        return []
    if read is None:
        return []
    for left_out in read.left_out:
        st.caption(f"{messages.md(left_out.panel)}: {messages.md(left_out.reason)}")
    return list(read.presets)


def _problems() -> None:
    """What is wrong in the files of presets."""
    for problem in cache.preset_problems():
        st.caption(f":material/warning: {messages.md(problem.message)} {messages.md(problem.hint)}")


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


def _latest(preset: Preset, scope: Scope) -> str:
    """The latest value, where this visit has asked the question already; "" where it has not, or none may be added."""
    asked = remembered(preset.id)
    if asked is None or asked.result.empty or asked.question.instant:
        return ""
    shown = view(asked.result, asked.question, Choices(hide_staging=scope.hide_staging))
    return f"Latest: {quantity(shown.headlines.latest, preset.unit)}" if shown.summed else ""


def _cards(presets: list[Preset], collected: frozenset[str], scope: Scope) -> None:
    with st.grid(2, min_column_width=280, gap="xsmall"):
        for preset in presets:
            with st.container(border=True, gap=None, height="stretch"):
                chosen = st.button(f"**{messages.md(preset.title)}**", key=f"_card_{preset.id}", type="tertiary")
                st.caption(messages.md(preset.question))
                if collected and (absent := missing(preset, collected)):
                    st.badge("not collected here", color="gray")
                    st.caption(messages.md(f"Needs {', '.join(absent)}"))
                if latest := _latest(preset, scope):
                    st.caption(messages.md(latest))
            if chosen:
                remember(dashboard=st.session_state.get("_dashboard"))
                _show(preset.id)
                st.rerun()
