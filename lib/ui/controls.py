"""Widgets that the pages share: the bar above the chart, the style of a chart."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.core.charts import CHART_TYPES
from lib.core.question import Question
from lib.core.view import TOP, Choices
from lib.ui.frame import CHART

TABLE = "table"


def bar() -> DeltaGenerator:
    """The row above the chart: choices to the left, actions to the right; wraps on a phone."""
    return st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small")


def actions() -> DeltaGenerator:
    """The right part of the bar."""
    return st.container(horizontal=True, width="content", gap="xsmall")


def quiet_row() -> DeltaGenerator:
    """A row of what is needed less often; wraps on a phone."""
    return st.container(horizontal=True, vertical_alignment="center", gap="small")


def open_chart() -> None:
    """To the same answer, large."""
    if st.button("Chart", key="_open_chart", help="Restyle this answer on its own page"):
        st.switch_page(CHART)


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
