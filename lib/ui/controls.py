"""Widgets that the pages share: the bar above the chart, the style of a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.core.charts import CHART_TYPES
from lib.core.question import Question
from lib.core.view import TOP, Choices, usual_chart
from lib.ui import transforms
from lib.ui.asking import Asked
from lib.ui.frame import CHART

TABLE = "table"
_HEIGHT = 430  # pixels
_MAY_LEAVE_ZERO = ("lines", "steps", "points", "box")  # what fills a surface has to begin at zero


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
    """How the chart page draws: a chart type or the table, how many series have a colour of their own, and the rest."""

    chart: str
    top: int
    title: str = ""
    zero: bool = True

    @property
    def table(self) -> bool:
        """True for the table, which is no chart."""
        return self.chart == TABLE

    @property
    def look(self) -> dict[str, Any]:
        """What of a chart's look the page decides."""
        return {"height": _HEIGHT, "zero": self.zero}

    def choices(self, *, hide_staging: bool) -> Choices:
        """The same, as a view takes it."""
        by = st.session_state.get("by", "")
        return Choices(by, self.chart, self.top, hide_staging, transforms.chosen())


def choose_type(asked: Asked) -> str:
    """The chart type, or the table. Changing it asks no cluster again."""
    types = [*CHART_TYPES, TABLE]
    if st.session_state.get("chart") not in types:
        st.session_state["chart"] = _usual(asked)
    st.pills(
        "Chart type",
        types,
        key="chart",
        required=True,
        format_func=_type_name,
        label_visibility="collapsed",
        wrap=True,
    )
    return str(st.session_state["chart"])


def _usual(asked: Asked) -> str:
    if asked.question.instant:
        return "number" if asked.result.values.shape[1] == 1 else TABLE
    return TABLE if asked.question.chart == TABLE else usual_chart(asked.question, asked.result)


def choose_style(question: Question, chart: str) -> Style:
    """How the chart is drawn, apart from its type. Changing it asks no cluster again."""
    counts = ["5", str(TOP), "20", "50"]
    if st.session_state.get("top") not in counts:
        st.session_state["top"] = str(TOP)
    st.markdown("**Style**")
    st.selectbox("Series", counts, key="top", format_func=lambda count: f"{count} largest, then Others")
    title = st.text_input("Title", key="title", placeholder=question.title, max_chars=120)
    st.session_state["_zero"] = st.session_state.get("zero") != "off"
    st.toggle("Start at zero", key="_zero", on_change=_take_zero, disabled=chart not in _MAY_LEAVE_ZERO)
    return Style(chart, int(st.session_state["top"]), title.strip(), st.session_state["_zero"])


def _take_zero() -> None:
    st.session_state["zero"] = "" if st.session_state["_zero"] else "off"


def _type_name(name: str) -> str:
    if name == TABLE:
        return "Table"
    return CHART_TYPES[name].label
