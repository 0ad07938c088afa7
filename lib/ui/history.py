"""What this visit has run: found again, put back into the fields, and kept by the browser where somebody wants that."""

from __future__ import annotations

import streamlit as st

from lib.core import wording
from lib.core.history import Run, added, from_json, merged, run_of, search, to_json
from lib.core.permalink import VARIABLE
from lib.core.written import on_one_line
from lib.ui import browser_store, messages, visitor, written
from lib.ui.asking import Asked
from lib.ui.frame import Scope, remember

_RUNS, _KEEP, _ORDER, _READ, _SHOWN = (
    "_history",
    "_history_keep",
    "_history_order",
    "_history_read",
    "_history_shown",
)
_PAGE = 20  # runs that are listed at first, and more at a click
_LONGEST = 400  # characters of a query in the list


def runs() -> tuple[Run, ...]:
    """The runs of this visit, and those that the browser kept; newest first."""
    return tuple(st.session_state.get(_RUNS, ()))


def note(asked: Asked | None, scope: Scope) -> None:
    """Takes the run down that was asked for, once all of it is there; a page that is drawn again takes nothing down."""
    if not st.session_state.get(written.DUE) or (asked and asked.pending):
        return
    st.session_state[written.DUE] = False
    rows = asked.result.rows if asked else 0
    seconds = max((report.seconds for report in asked.result.reports), default=0.0) if asked else 0.0
    state = dict(st.session_state.items())
    _keep(added(runs(), run_of(state, rows, seconds, scope.moments.now, refused=asked is None)))


def open_button(scope: Scope) -> None:
    """Opens the list. What the browser has kept from earlier visits is read meanwhile."""
    if st.button("History", key="_open_history", icon=":material/history:", type="tertiary"):
        st.session_state[_SHOWN] = _PAGE
        _dialog(scope.moments.zone)


def talk_to_browser() -> None:
    """Reads what the browser kept, once a visit, and has it keep what is new. Draws nothing."""
    with st.sidebar:  # at the end of which nobody sees the gap of an element that shows nothing
        told = _told_by_browser("page")
    if told.works and isinstance(told.text, str) and not st.session_state.get(_READ):
        st.session_state[_READ] = True
        st.session_state[_KEEP] = True
        st.session_state[_RUNS] = merged(runs(), from_json(told.text))


def _told_by_browser(place: str) -> browser_store.Told:
    """Has the browser carry out what was ordered last. A dialog has a place of its own, as the page waits behind it."""
    order = int(st.session_state.get(_ORDER, 0))
    return browser_store.mount(place, order, to_json(runs()) if st.session_state.get(_KEEP) else None)


def _keep(changed: tuple[Run, ...]) -> None:
    st.session_state[_RUNS] = changed
    if st.session_state.get(_KEEP):
        st.session_state[_ORDER] = int(st.session_state.get(_ORDER, 0)) + 1


@st.dialog("History", width="medium")
@visitor.gated
def _dialog(zone: str) -> None:
    panel(zone)


def panel(zone: str) -> None:
    """The list of runs with its search, and what may be done with it: what the dialog holds."""
    typed = st.text_input(
        "Search",
        key="_history_search",
        live=True,
        placeholder="Search in queries, clusters and dates",
        label_visibility="collapsed",
        icon=":material/search:",
    )
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        _keep_toggle()
        if runs():
            st.button("Clear", key="_history_clear", type="tertiary", icon=":material/delete:", on_click=_clear)
        works = _told_by_browser("dialog").works
    if not works and st.session_state.get(_KEEP):
        st.caption("This browser keeps nothing for this site, so the history ends with this visit.")
    found = runs()
    if not found:
        st.markdown("Nothing was run yet in this visit.")
        return
    matching = search(found, typed or "")
    shown = int(st.session_state.get(_SHOWN, _PAGE))
    for place, run in enumerate(matching[:shown]):
        _entry(place, run, zone)
    if not matching:
        st.markdown("No run has these words.")
    if len(matching) > shown:
        st.button("Show more", key="_history_more", on_click=_show_more)


def _show_more() -> None:
    st.session_state[_SHOWN] = int(st.session_state.get(_SHOWN, _PAGE)) + _PAGE


def _keep_toggle() -> None:
    st.session_state["_history_keep_toggle"] = bool(st.session_state.get(_KEEP))
    help_text = "Only in this browser, on this computer. The server keeps nothing."
    st.toggle("Keep in this browser", key="_history_keep_toggle", help=help_text, on_change=_take_keep)


def _take_keep() -> None:
    st.session_state[_KEEP] = bool(st.session_state["_history_keep_toggle"])
    st.session_state[_ORDER] = int(st.session_state.get(_ORDER, 0)) + 1
    st.session_state[_READ] = True


def _clear() -> None:
    """Forgets every run, here and in the browser; an empty list is kept there, as the wish to keep it stays."""
    _keep(())


def _entry(place: int, run: Run, zone: str) -> None:
    with st.container(border=True, gap="xxsmall"):
        for query in run.queries:
            text = on_one_line(query.text)
            st.code(text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …", language="promql", wrap_lines=True)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(messages.md(_told(run, zone)))
            if st.button(
                "Restore",
                key=f"_history_restore_{place}",
                help="Puts it back into the fields; it runs when you say so",
                on_click=_restore,
                args=(run,),
            ):
                st.rerun()


def _told(run: Run, zone: str) -> str:
    state = dict(run.state)
    start, end, step = (str(state.get(name, "")) for name in ("from", "to", "step"))
    clusters = state.get("cluster", ())
    when = "now" if state.get("mode") == "now" else f"{start or 'now-30d'} to {end or 'now'}"
    parts = [f"{wording.moment(run.at, zone)} {zone}", when]
    parts += [f"every {step}"] if step else []
    parts += [wording.names(list(clusters)) if clusters and not isinstance(clusters, str) else "all clusters"]
    parts += ["refused"] if run.refused else [f"{run.rows:,} row{'s' * (run.rows != 1)}", f"{run.seconds:.1f} s"]
    return " · ".join(parts)


def _restore(run: Run) -> None:
    """The queries, their time, step, clusters and choices as they were. Nothing is asked."""
    state = dict(run.state)
    written.fill_fields(run.queries)
    for name in [str(each) for each in st.session_state if str(each).startswith(VARIABLE)]:
        st.session_state[name] = ()
    remember(**{name: state.get(name) for name in ("mode", "from", "to", "step")})
    st.session_state["cluster"] = list(state.get("cluster", ()))
    st.session_state["_custom"] = False
    remember(**{name: value for name, value in state.items() if name.startswith(VARIABLE)})
    written.wait_for_click()
