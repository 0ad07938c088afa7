"""The transforms of the chart page: a list, a way to take each out, a way to add one. Only a comparison asks again."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lib.core.calendar_grid import STEPS
from lib.core.comparing import before, beside
from lib.core.errors import AppError
from lib.core.result import Result
from lib.core.transform import (
    COMPARE,
    EARLIER,
    STATISTICS,
    TRANSFORMS,
    Chosen,
    Transform,
    spell,
    understand,
    wanted,
    words,
)
from lib.core.view import Choices, View
from lib.ui import asking, looks, messages
from lib.ui.asking import Asked
from lib.ui.frame import Scope

STATE = "do"  # in the address too
_KIND, _WINDOW, _STATISTIC, _OPEN = "_transform", "_transform_window", "_transform_statistic", "_transform_open"
_USUAL, _EARLIER = "usual", "_transform_earlier"


def chosen() -> tuple[Chosen, ...]:
    """The transforms of the state, in order. What cannot be one is left out; `panel` says so."""
    return _read()[0]


def look(asked: Asked, choices: Choices, scope: Scope) -> View:
    """The answer as chosen, beside that for an earlier time where one is to compare with: then that is asked too."""
    shown = looks.look(asked, choices)
    then = earlier(asked, shown, scope)
    return shown if then is None else beside(shown, then, asked.question, choices)


def earlier(asked: Asked, shown: View, scope: Scope) -> Result | None:
    """The answer for the earlier time that this look is compared with; None where there is none, or not yet."""
    which = wanted(shown.done.applied)
    if not which or asked.pending:
        return None
    moments = before(scope.moments, asked.question, which)
    then = asking.ask(asked.question, replace(scope, moments=moments, typed=(*scope.typed, COMPARE, which)))
    return None if then.pending else then.result


def panel(view: View) -> None:
    """The list, and the button that adds to it."""
    each_chosen, wrong = _read()
    reasons = dict(view.done.refused)
    st.markdown("**Transforms**")
    if wrong is not None:
        messages.show_error(wrong)
        st.button("Take out", key="_transform_clear", on_click=_keep, args=((),))
    for place, each in enumerate(each_chosen):
        _row(place, each, each_chosen, reasons.get(each))
    opener = st.popover("Add a transform", key=_OPEN, icon=":material/add:", width="stretch", on_change="rerun")
    if opener.open:
        with opener:
            _choose(view, each_chosen)


def _read() -> tuple[tuple[Chosen, ...], AppError | None]:
    try:
        return understand(str(st.session_state.get(STATE) or "")), None
    except AppError as error:
        return (), error


def _keep(each_chosen: tuple[Chosen, ...]) -> None:
    st.session_state[STATE] = spell(each_chosen)


def _row(place: int, each: Chosen, each_chosen: tuple[Chosen, ...], why: AppError | None) -> None:
    with st.container(border=True, gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            said = each.spelling if why else words(each)
            st.markdown(f"**{messages.md(said[:1].upper() + said[1:])}**")
            st.button(
                "",
                key=f"_transform_out_{place}",
                icon=":material/close:",
                type="tertiary",
                help="Take out",
                on_click=_keep,
                args=((*each_chosen[:place], *each_chosen[place + 1 :]),),
            )
        if why:
            st.caption(f":material/warning: Not applied. {messages.md(why.message)} {messages.md(why.hint)}")


def _choose(view: View, each_chosen: tuple[Chosen, ...]) -> None:
    offered = {name: known for name, known in TRANSFORMS.items() if known.offered}
    labels = {name: messages.md(known.label) for name, known in offered.items()}
    name = st.selectbox("Transform", list(offered), key=_KIND, format_func=labels.__getitem__)
    known = offered[name]
    st.caption(messages.md(known.help))
    if why := known.refuse(view.done.meaning):
        st.caption(f":material/warning: {messages.md(why)}")
        return
    new = _with_argument(known)
    if new is not None:
        st.button("Add", key="_transform_add", on_click=_add, args=((*each_chosen, new),))


def _add(each_chosen: tuple[Chosen, ...]) -> None:
    _keep(each_chosen)
    st.session_state[_OPEN] = False


def _with_argument(known: Transform) -> Chosen | None:
    """The transform with what has to be said besides; None while that is no good."""
    if known.read is None:
        return Chosen(known.name)
    if known.name in STEPS:
        options = [_USUAL, *STATISTICS]
        used = st.selectbox("Put together as", options, key=_STATISTIC, format_func=_statistic)
        return Chosen(known.name, "" if used == _USUAL else used)
    if known.name == COMPARE:
        return Chosen(COMPARE, st.selectbox("With", list(EARLIER), key=_EARLIER, format_func=EARLIER.__getitem__))
    window = st.text_input("Over", key=_WINDOW, placeholder=known.usual, max_chars=20).strip() or known.usual
    try:
        known.read(window)
    except AppError as error:
        st.caption(f":material/warning: {messages.md(error.message)} {messages.md(error.hint)}")
        return None
    return Chosen(known.name, window)


def _statistic(name: str) -> str:
    return "what suits the values" if name == _USUAL else STATISTICS[name]
