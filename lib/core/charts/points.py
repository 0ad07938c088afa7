"""Points: a mark per value, joined by nothing."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from lib.core.charts.canvas import Canvas, Series, narrow, prepare
from lib.core.charts.frame import figure, identity
from lib.core.charts.registry import Look, chart_type
from lib.core.result import Result

_ROUND = 5  # colours 1-5 are circles, 6-10 diamonds: each half has to be told apart only from itself
_MANY = 400  # points of one series; above, small marks keep them apart


@chart_type("points", label="Points", icon=":material/scatter_plot:")
def points(result: Result, look: Look) -> go.Figure:
    """One mark per value. Best for values that come seldom, or that say nothing about the time between."""
    canvas = prepare(result, look)
    return figure(canvas, [_trace(canvas, series) for series in canvas.series], height=350, half=True)


def _trace(canvas: Canvas, series: Series) -> dict[str, Any]:
    marker: dict[str, Any] = {
        "color": series.color,
        "size": 4 if len(canvas.times) > _MANY or canvas.crowded else 7,
        "symbol": "circle" if series.grey or series.rank < _ROUND else "diamond",
    }
    if canvas.look.unfinished:  # hollow, as the value still grows
        open_from = canvas.finished
        symbol = marker["symbol"]
        marker["symbol"] = [f"{symbol}-open" if at >= open_from else symbol for at in range(len(canvas.times))]
    own = {"type": "scatter", "mode": "markers", **canvas.at(), "y": narrow(series.values), "marker": marker}
    return own | {"zorder": 0 if series.grey else 1} | identity(canvas, series)
