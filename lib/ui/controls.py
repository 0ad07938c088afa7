"""Widgets that the pages share: the bar above the chart, the box for PromQL, the style of a chart."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.core.charts import CHART_TYPES
from lib.core.errors import QueryError
from lib.core.question import Question
from lib.core.view import TOP, Choices
from lib.ui import asking, choices, draft, frame, messages
from lib.ui.asking import Asked
from lib.ui.catalogue import current_preset, known_presets
from lib.ui.editor import promql_editor
from lib.ui.editor.answers import Completions
from lib.ui.frame import CHART, PRESETS, PROMQL, Scope, remember

TABLE = "table"
_RAN = "_ran"  # the query that the visitor, not a link, has asked to run
EXAMPLE = 'max by (namespace) (jupyterhub_active_users{period="24h"})'


def bar() -> DeltaGenerator:
    """The row above the chart: choices to the left, actions to the right; wraps on a phone."""
    return st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small")


def actions() -> DeltaGenerator:
    """The right part of the bar."""
    return st.container(horizontal=True, width="content", gap="xsmall")


def edit_query(question: Question) -> None:
    """From any answer to its query in the editor, with nothing to retype."""
    if st.button("Edit", key="_edit", help="Edit the query of this answer"):
        expr = question.expr.strip()
        remember(expr=expr, mode="now" if question.instant else None, asked="expr")
        draft.replace(expr)
        st.session_state[_RAN] = expr
        st.switch_page(PROMQL)


def open_chart() -> None:
    """To the same answer, large."""
    if st.button("Chart", key="_open_chart", help="Restyle this answer on its own page"):
        st.switch_page(CHART)


@dataclass(frozen=True)
class Typed:
    """A query as somebody typed it, over time or at one moment."""

    expr: str
    instant: bool


def origin_of_query() -> None:
    """Where the text in the box came from."""
    preset = known_presets().get(st.session_state.get("preset", ""))
    if preset and st.session_state.get("expr"):
        same = st.session_state["expr"].strip() == preset.expr.strip()
        st.caption(f"From the preset **{messages.md(preset.title)}**{'' if same else ', changed by you'}")
    else:
        st.caption("One query, asked of every chosen cluster at the same time")


def edit_box() -> Typed | None:
    """The box with the query and its Run button. None while nothing was run, or a link's query waits for a click."""
    st.session_state.setdefault(draft.key(), st.session_state.get("expr", ""))
    st.session_state["_now"] = "now" if st.session_state.get("mode") == "now" else "range"
    _edit_box(frame.scope())
    return _typed()


@st.fragment
def _edit_box(scope: Scope) -> None:
    """What is typed reruns this box only; what is run, the page."""
    completions = Completions.over(scope.sources, scope.moments.start, scope.moments.end)
    with st.container(border=True):
        promql_editor(completions=completions, on_run=_run, placeholder=EXAMPLE)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(
                "Run",
                type="primary",
                icon=":material/play_arrow:",
                key="_run",
                shortcut="Ctrl+Enter",
                on_click=_run_page,
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


def _typed() -> Typed | None:
    expr = st.session_state.get("expr", "")
    if expr and st.session_state.get(_RAN) == expr:
        return Typed(expr, st.session_state.get("mode") == "now")
    if expr:
        st.info("This link brings a query. Read it, then run it.", icon=":material/link:")
    return None


def _run() -> None:
    expr = draft.text()
    remember(expr=expr, asked="expr")
    st.session_state[_RAN] = expr


def _run_page() -> None:
    _run()
    st.rerun()


def _take_mode() -> None:
    remember(mode="now" if st.session_state["_now"] == "now" else None)
    st.rerun()


def ask_typed(question: Question, scope: Scope) -> Asked:
    """The answer to a typed query. What is refused before sending is shown under the box, and the page ends there."""
    try:
        return asking.ask(question, scope)
    except QueryError as error:
        messages.show_query_error(error, question.expr)
        st.stop()


def current_question(scope: Scope) -> Question | None:
    """What was asked last, or what the link says. A query from a link waits for a click."""
    if st.session_state.get("asked") != "expr":
        preset = current_preset()
        st.session_state["preset"] = preset.id
        return Question.of_preset(preset, choices.choose_variables(preset, scope))
    expr = st.session_state.get("expr", "")
    if not expr:
        st.markdown("Nothing was asked yet.")
        st.page_link(PRESETS, label="Choose a question", icon=":material/quiz:")
        return None
    if st.session_state.get(_RAN) != expr:
        st.info("This link brings a query. Read it, then run it.", icon=":material/link:")
        st.code(expr, language="promql", wrap_lines=True)
        st.button("Run", type="primary", icon=":material/play_arrow:", key="_run_linked", on_click=_run_linked)
        return None
    return Question.of_expr(expr, instant=st.session_state.get("mode") == "now")


def _run_linked() -> None:
    st.session_state[_RAN] = st.session_state["expr"]
    draft.replace(st.session_state["expr"])


@dataclass(frozen=True)
class Style:
    """How the chart page draws: a chart type or the table, and how many series have a colour of their own."""

    chart: str
    top: int

    @property
    def table(self) -> bool:
        """True for the table, which is no chart."""
        return self.chart == TABLE

    def choices(self, *, hide_staging: bool) -> Choices:
        """The same, as a view takes it."""
        return Choices(st.session_state.get("by", ""), self.chart, self.top, hide_staging)


def choose_style(question: Question) -> Style:
    """Chart type and number of series. Changing them asks no cluster again."""
    types = [*CHART_TYPES, TABLE]
    usual = TABLE if question.instant else question.chart
    if st.session_state.get("chart") not in types:
        st.session_state["chart"] = usual
    counts = ["5", str(TOP), "20", "50"]
    if st.session_state.get("top") not in counts:
        st.session_state["top"] = str(TOP)
    with bar():
        st.segmented_control(
            "Chart type",
            types,
            key="chart",
            required=True,
            format_func=_type_name,
            label_visibility="collapsed",
        )
        st.selectbox(
            "Series",
            counts,
            key="top",
            format_func=lambda count: f"{count} largest, then Others",
            label_visibility="collapsed",
            width=220,
        )
    return Style(st.session_state["chart"], int(st.session_state["top"]))


def _type_name(name: str) -> str:
    if name == TABLE:
        return ":material/table: Table"
    return f"{CHART_TYPES[name].icon} {CHART_TYPES[name].label}"
