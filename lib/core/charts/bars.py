"""Stacked bars: one bar per point in time."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from lib.core.charts.canvas import Canvas, Series, prepare, stackable
from lib.core.charts.frame import figure, identity
from lib.core.charts.registry import Look, chart_type
from lib.core.result import Result

_MANY = 90  # bars; above, gaps and borders would be a pixel or less, and shimmer


@chart_type("bars", label="Bars", icon=":material/bar_chart:")
def bars(result: Result, look: Look) -> go.Figure:
    """One bar for each day or step, its parts on top of each other. Best for counts of people."""
    canvas = prepare(result, look, stacked=True)
    traces = [_trace(canvas, series) for series in canvas.series]
    gap = 0 if len(canvas.times) > _MANY else 0.22
    return figure(canvas, traces, height=330, zero=True, half=True, barmode="relative", bargap=gap)


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
