"""Bars: one per point in time with its parts on top of each other, or one per series beside each other."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from lib.core.charts.canvas import Canvas, Series, prepare, stackable
from lib.core.charts.frame import figure, identity
from lib.core.charts.registry import Look, chart_type
from lib.core.result import Result

_MANY = 90  # bars; above, gaps and borders would be a pixel or less, and shimmer


@chart_type("bars", label="Bars")
def bars(result: Result, look: Look) -> go.Figure:
    """One bar for each day or step, its parts on top of each other. Best for counts of people."""
    return _draw(prepare(result, look, stacked=True), mode="relative", bars=result.values.shape[0])


@chart_type("grouped", label="Grouped")
def grouped(result: Result, look: Look) -> go.Figure:
    """One bar for each series, beside each other. Best for comparing a few series at a few moments."""
    return _draw(prepare(result, look), mode="group", bars=result.values.size)


def _draw(canvas: Canvas, mode: str, bars: int) -> go.Figure:
    traces = [_trace(canvas, series) for series in canvas.series]
    gap = 0 if len(canvas.times) > _MANY else 0.22
    layout: dict[str, Any] = {
        "barmode": mode,
        "bargap": gap,
        "bargroupgap": 0.08 if mode == "group" and bars <= _MANY else 0,
    }
    return figure(canvas, traces, height=330, zero=True, half=True, **layout)


def _trace(canvas: Canvas, series: Series) -> dict[str, Any]:
    page = canvas.look.palette.page
    border = 0 if len(canvas.times) > _MANY or canvas.crowded else 0.75
    marker: dict[str, Any] = {"color": series.color, "line": {"width": border, "color": page}}
    if canvas.look.unfinished:
        marker["pattern"] = {
            "shape": ["/" if place >= canvas.finished else "" for place in range(len(canvas.times))],
            "size": 5,
            "solidity": 0.45,
            "fgcolor": page,
            "fillmode": "overlay",
        }
    width = {"width": canvas.step / 4} if len(canvas.times) == 1 else {}  # nothing to measure a bar by
    own = {"type": "bar", **canvas.at(), "y": stackable(series.values), "marker": marker}
    return own | width | identity(canvas, series)
