"""The box where queries are written: a field for each of A to D, its reading in plain words, Run, and what is open.

What belongs to one query, its refusal too, stands under its own field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import cache
from lib.core.errors import AppError, QueryError, UnsentError
from lib.core.paste import resolve
from lib.core.question import Question
from lib.core.reading import read
from lib.core.written import (
    LETTERS,
    LONGEST_NAME,
    Written,
    chosen_in,
    from_state,
    left_open,
    name_parameter,
    on_one_line,
    parameter,
)
from lib.ui import draft, hints, history, messages, open_choices, visitor, written
from lib.ui.asking import Asked
from lib.ui.catalogue import known_presets
from lib.ui.editor import known_types, promql_editor
from lib.ui.editor.answers import Completions
from lib.ui.frame import PRESETS, Scope, remember

EXAMPLE = 'max by (namespace) (jupyterhub_active_users{period="24h"})'
_REFUSALS = "_refusals"  # by letter: the text that was run, and why it was refused
_SHORT, _LONG = 160, 4  # characters that fit a line of small print; lines that are shown without scrolling


@dataclass(frozen=True)
class Box:
    """What was drawn: the place under each field, by letter, for what there is to say about its query."""

    under: Mapping[str, DeltaGenerator]


def origin() -> None:
    """Where the text in the box came from."""
    preset = known_presets().get(st.session_state.get("preset", ""))
    if not preset or not st.session_state.get("expr"):
        st.caption("Asked of every chosen cluster at the same time. Queries pasted from Grafana run as they are.")
        return
    now = [each.text.strip() for each in from_state(st.session_state)]
    same = now == [each.text for each in written.as_written(preset)]
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
        st.caption(
            f"From the preset **{messages.md(preset.title)}**{'' if same else ', changed by you'} ·", width="content"
        )
        st.page_link(PRESETS, label="back to the preset", width="content")


def draw(scope: Scope) -> Box:
    """The box with all fields and the row under them."""
    st.session_state[_REFUSALS] = {}
    return Box(_inside(scope, _outside()) or {})


@st.fragment
@visitor.gated
def _inside(scope: Scope, outside: object) -> dict[str, DeltaGenerator]:
    """A fragment, so that typing draws nothing but the box, and a click on Run is never lost to a text that changes at
    the same moment. What concerns the rest of the page, `outside`, makes the page anew where it differs."""
    letters = written.letters()
    under: dict[str, DeltaGenerator] = {}
    st.session_state["_now"] = "now" if st.session_state.get("mode") == "now" else "range"
    completions = Completions.over(scope.sources, scope.moments.start, scope.moments.end)
    with st.container(border=True):
        for letter in letters:
            st.session_state.setdefault(draft.key(letter), st.session_state.get(parameter(letter), ""))
            under[letter] = _one(letter, scope, completions, alone=len(letters) == 1)
        _row(scope)
    if _outside() != outside:
        st.rerun()
    return under


def _outside() -> object:
    """What the rest of the page depends on."""
    state = st.session_state
    names = tuple(state.get(name_parameter(letter)) for letter in LETTERS)
    return written.count_of_runs(), state.get("mode"), names, tuple(sorted(chosen_in(state).items()))


def _one(letter: str, scope: Scope, completions: Completions, *, alone: bool) -> DeltaGenerator:
    with st.container(gap="xsmall"):
        if not alone:
            _name(letter)
        promql_editor(
            letter,
            completions=completions,
            on_run=written.run,
            label="PromQL" if letter == draft.FIRST else f"PromQL {letter.upper()}",
            placeholder=EXAMPLE if letter == draft.FIRST else "",
        )
        _reading(letter, scope)
        hints.show(letter, known_types(completions), instant=st.session_state.get("mode") == "now")
        place = st.container()
    text, error = st.session_state[_REFUSALS].get(letter, ("", None))
    if error and text == draft.text(letter):
        _refusal(place, letter, text, error, scope)
    return place


def _refusal(place: DeltaGenerator, letter: str, text: str, error: QueryError, scope: Scope) -> None:
    with place:
        if not isinstance(error, UnsentError) or scope.moments.hubs is not None:  # else nobody knows what it would show
            messages.show_query_error(error, text)
            return
        messages.show_unsent(error, text, said_above=not cache.settings().plain_editor)
        st.button(
            "Send it anyway",
            key=f"_as_is_{letter}",
            icon=":material/send:",
            type="tertiary",
            help="VictoriaMetrics and other servers take more than Prometheus does.",
            on_click=written.run_as_is,
            args=(text,),
        )


def _name(letter: str) -> None:
    """The letter, a name for legend and file, and the way to take the query out."""
    key, widget = name_parameter(letter), f"_name_{letter}"
    st.session_state[widget] = st.session_state.get(key, "")

    def take() -> None:
        remember(**{key: st.session_state[widget].strip()})

    with st.container(horizontal=True, wrap=False, horizontal_alignment="distribute", vertical_alignment="center"):
        st.text_input(
            f"Name of {letter.upper()}",
            key=widget,
            max_chars=LONGEST_NAME,
            placeholder=f"{letter.upper()} (a name for the legend)",
            label_visibility="collapsed",
            on_change=take,
            width=200,
        )
        st.button(
            "Remove",
            key=f"_remove_{letter}",
            icon=":material/close:",
            type="tertiary",
            help="Take this query out",
            on_click=written.remove,
            args=(letter,),
        )


def _reading(letter: str, scope: Scope) -> None:
    """What the text asks in plain words, and how it will be sent where that differs."""
    typed = draft.text(letter)
    if not typed.strip():
        return
    try:
        (put,) = scope.moments.put(
            Question.of_expr(
                resolve(typed, chosen_in(st.session_state)).text, instant=st.session_state.get("mode") == "now"
            )
        )
    except AppError:
        return  # said when it is run
    sent = put.filled.text
    if told := read(sent):
        st.caption(messages.md(told))
    if sent.strip() != typed.strip():
        _sent_as(sent)


def _sent_as(sent: str) -> None:
    short = on_one_line(sent)
    if len(short) <= _SHORT:
        st.caption(f"Sent as {messages.md(short)}")
        return
    st.caption("Sent as")
    tall = len(sent.strip().splitlines()) > _LONG
    st.code(sent.strip(), language="promql", wrap_lines=True, height=130 if tall else "content")


def _row(scope: Scope) -> None:
    """Run, when, and what the drafts leave open."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Run",
            type="primary",
            icon=":material/play_arrow:",
            key="_run",
            shortcut="Ctrl+Enter",
            on_click=written.run,
        )
        st.segmented_control(
            "When",
            ["range", "now"],
            key="_now",
            required=True,
            format_func={"range": "Over time", "now": "Now"}.__getitem__,
            label_visibility="collapsed",
            on_change=_take_mode,
        )
        open_choices.choose(left_open([Written(letter, draft.text(letter)) for letter in written.letters()]), scope)


def _take_mode() -> None:
    remember(mode="now" if st.session_state["_now"] == "now" else None)


def add_button() -> None:
    """One more query over the same time, up to four."""
    if len(written.letters()) < len(LETTERS):
        st.button("Add query", key="_add_query", icon=":material/add:", type="tertiary", on_click=written.add)


def ask(box: Box, scope: Scope) -> Asked:
    """The answer to what was run. Refusals are shown under their own fields; without an answer the page ends here."""
    if not written.has_run():
        history.talk_to_browser()
        if from_state(st.session_state):
            written.say_that_it_waits()
        st.stop()
    told = written.ask(written.ready(), scope)
    texts = {each.letter: each.text for each in from_state(st.session_state)}
    for letter, error in told.refused.items():
        st.session_state[_REFUSALS][letter] = (texts[letter], error)
        _refusal(box.under[letter], letter, texts[letter], error, scope)
    history.note(told.asked, scope)
    history.talk_to_browser()
    if told.asked is None:
        st.stop()
    return told.asked
