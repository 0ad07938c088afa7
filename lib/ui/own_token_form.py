"""The form in which visitors give Grafana tokens of their own, and the buttons with which they take them back."""

from __future__ import annotations

import streamlit as st

from lib import cache
from lib.core.errors import AppError
from lib.sources import Discovery
from lib.ui import asking, messages
from lib.ui.visitor_sources import WANTING

_TURN, _REFUSED, _GRAFANA = "_own_token_turn", "_own_token_refused", "_own_token_grafana"


def is_wanted(found: Discovery) -> bool:
    """Whether a Grafana gives no list for want of a token."""
    return any(error.kind in WANTING for _, error in found.failures)


def draw(found: Discovery) -> None:
    """Where visitors give tokens of their own and take them back. Nothing while the switch is off.

    The Grafanas in `found` that want a token come first.
    """
    grafanas = cache.settings().grafanas
    if not cache.settings().own_tokens or not grafanas:
        return
    st.markdown("##### Your own token")
    st.caption(
        "Grafana is then asked as you, for this visit only. Your token is kept in memory, is sent to that Grafana and"
        " nowhere else, and is gone when you leave. Nobody else sees what it brings."
    )
    for name in cache.own_tokens():
        _in_use(name)
    refused = st.session_state.pop(_REFUSED, None)
    if isinstance(refused, AppError):
        messages.show_error(refused)
    wanting = [name for name, error in found.failures if error.kind in WANTING]
    _form(sorted((grafana.name for grafana in grafanas), key=lambda name: name not in wanting))


def _in_use(name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge("In use", icon=":material/key:", color="green")
        st.markdown(f"**{messages.md(name)}** is asked with your token.", width="content")
        st.button("Forget my token", key=f"_forget_{name}", icon=":material/close:", on_click=_forget, args=(name,))


def _form(names: list[str]) -> None:
    """The field has another key after each use, so that nothing of what was typed stays in it or in the session."""
    turn = st.session_state.get(_TURN, 0)
    form = st.form(f"_own_token_form_{turn}", clear_on_submit=True)
    with form.container(horizontal=True, vertical_alignment="bottom"):
        if len(names) > 1:
            st.selectbox("Grafana", names, key=_GRAFANA, width=260)
        st.text_input(
            f"Token for {messages.md(names[0])}" if len(names) == 1 else "Token",
            key=f"_own_token_{turn}",
            type="password",
            placeholder="glsa_…",
            autocomplete="off",
            width=360,
        )
        st.form_submit_button("Use for this visit", on_click=_take, args=(turn, names[0]))


def _take(turn: int, only: str) -> None:
    text = st.session_state.get(f"_own_token_{turn}", "")
    del st.session_state[f"_own_token_{turn}"]
    st.session_state[_TURN] = turn + 1
    try:
        cache.give_token(st.session_state.get(_GRAFANA, only), text)
    except AppError as error:
        st.session_state[_REFUSED] = error


def _forget(name: str) -> None:
    cache.forget_token(name)
    asking.forget_all()
