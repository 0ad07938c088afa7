"""A query explained step by step on the page, and what each step gives when somebody asks for it."""

from __future__ import annotations

from collections import OrderedDict

import pandas as pd
import streamlit as st

from lib.core import wording
from lib.core.errors import AppError
from lib.core.explain import MOST_STEPS, Part, Step, explain, steps
from lib.core.merging import merge
from lib.core.naming import series_names
from lib.core.promql import fill
from lib.core.query import InstantQuery
from lib.core.result import CLUSTER, Result
from lib.core.written import Written, chosen_in, make_ready
from lib.ui import draft, messages, permitted, visitor, written
from lib.ui.frame import Scope

_TRIED = "_tried"
_MOST_TRIED = 30  # answers that a visit remembers
_MOST_ROWS = 5
_MOST_NAMED = 200  # series that the names of those rows are made distinct among
_INDENT = 18  # pixels per level
_DEEPEST = 6  # levels that are set in; a phone is narrow
_LONGEST = 200  # characters of PromQL that stand under a step


def open_button(scope: Scope) -> None:
    """A button that explains what stands in the editor, run or not. Asks no cluster."""
    if st.button("Explain", key="_explain", icon=":material/account_tree:", type="tertiary"):
        _dialog(scope)


@st.dialog("The query step by step", width="medium")
@visitor.gated
def _dialog(scope: Scope) -> None:
    texts = [Written(letter, draft.text(letter)) for letter in written.letters() if draft.text(letter).strip()]
    if not texts:
        st.markdown("The editor is empty. Write a query, then open this again.")
    for each in texts:
        if len(texts) > 1:
            st.markdown(f"###### {messages.md(each.letter.upper())}")
        _explained(each, scope)


def _explained(each: Written, scope: Scope) -> None:
    made = make_ready([each], chosen_in(st.session_state))
    if made.question is None:
        messages.show_query_error(made.errors[each.letter], each.text)
        return
    try:
        panel(fill(made.question.expr, scope.moments.grid(made.question)).text, scope, f"dialog_{each.letter}")
    except AppError as error:
        messages.show_error(error)


@st.fragment  # so that the tab it stands in stays open
@visitor.gated
def folded(expr: str, scope: Scope, place: str) -> None:
    """The same steps behind a switch, for the place where an answer's query stands."""
    if st.toggle("Step by step", key=f"_steps_{place}"):
        panel(expr, scope, place)


@st.fragment
@visitor.gated
def panel(expr: str, scope: Scope, place: str) -> None:
    """Every step of a complete query, set in by its depth. A step is tried, on all chosen clusters, by its button.

    `place` tells the panels of one page apart.
    """
    try:
        found = list(steps(explain(expr)))
    except ValueError:
        st.caption("This query cannot be taken apart here. A data source may still answer it.")
        return
    ask = " Try asks the chosen clusters for one step." if visitor.may_write() else ""
    st.caption(f"Read from the top; it is worked out from the bottom.{ask}")
    known: set[str] = set()
    for number, step in enumerate(found[:MOST_STEPS]):
        _row(step, scope, f"_try_{place}_{number}", new=step.name not in known)
        known.add(step.name)
    if len(found) > MOST_STEPS:
        st.caption(f"{len(found) - MOST_STEPS:,} more steps are not shown.")


def _row(step: Step, scope: Scope, key: str, *, new: bool) -> None:
    with st.container(horizontal=True, wrap=False, gap=None):
        if step.depth:
            st.space(_INDENT * min(step.depth, _DEEPEST))
        with st.container(gap="xxsmall"):
            with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
                st.markdown(messages.md(step.words))
                if step.gives in ("vector", "scalar") and step.part is not Part.CONSTANT and visitor.may_write():
                    st.button(
                        "Try",
                        key=key,
                        icon=":material/play_arrow:",
                        type="tertiary",
                        on_click=_want,
                        args=(step.text, scope),
                    )
            short = step.text if len(step.text) <= _LONGEST else f"{step.text[:_LONGEST]}…"
            st.caption(messages.md(short))
            if step.docs and new:
                st.caption(f"**{messages.md(step.name)}** {messages.md(step.docs)}".strip())
            if step.gives == "matrix":
                st.caption("A range vector: many samples of each series, which a function has to make one value of.")
            _tried(step, scope)


def _key(text: str, scope: Scope) -> object:
    return text, scope.typed, tuple((source.id, source.credential_id, source.hubs) for source in scope.sources)


def _want(text: str, scope: Scope) -> None:
    known: OrderedDict[object, Result | None] = st.session_state.setdefault(_TRIED, OrderedDict())
    known[_key(text, scope)] = None
    while len(known) > _MOST_TRIED:
        known.popitem(last=False)


def _tried(step: Step, scope: Scope) -> None:
    """What a step gave, if somebody wanted to know; asked once."""
    known: OrderedDict[object, Result | None] = st.session_state.get(_TRIED, OrderedDict())
    key = _key(step.text, scope)
    if key not in known:
        return
    result = known[key]
    if result is None:
        slot = st.empty()
        slot.caption(f"Asking {len(scope.sources)} clusters …")
        query = InstantQuery(step.text, int(min(scope.moments.end, scope.moments.now)), scope.moments.zone)
        result = known[key] = merge(query, permitted.ask_freely(scope.sources, query))
        slot.empty()
    _show(result)


def _show(result: Result) -> None:
    clusters = sum(1 for report in result.reports if report.series)
    count = len(result.series)
    told = f"{count:,} series on {clusters} cluster{'s' * (clusters != 1)}" if count else "No series"
    at, zone = result.grid.start, result.grid.zone
    st.markdown(f"**{messages.md(told)}** at {wording.moment(at, zone)} {messages.md(zone)}")
    for report in result.failed:
        if report.error:
            st.caption(f"{messages.md(report.cluster)}: {messages.md(messages.reason(report.error))}")
    if count:
        st.dataframe(_rows(result), hide_index=True, height="content")
        if count > _MOST_ROWS:
            st.caption(f"{_MOST_ROWS} of {count:,}.")


def _rows(result: Result) -> pd.DataFrame:
    """The first series: cluster, value, and what tells each apart from the others."""
    shown = result.series.iloc[:_MOST_ROWS]
    return pd.DataFrame(
        {
            "Cluster": shown[CLUSTER].to_numpy(),
            "Value": result.values.iloc[0].to_numpy()[:_MOST_ROWS],
            "Series": series_names(result.series.iloc[:_MOST_NAMED], "", result.type)[:_MOST_ROWS],
        }
    )
