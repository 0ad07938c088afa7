"""Points: a mark per value, joined by nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from lib.core.charts.canvas import Canvas, Series, narrow, prepare
from lib.core.charts.frame import figure, identity
from lib.core.charts.registry import Look, chart_type
from lib.core.charts.thinning import outline
from lib.core.result import Result

_ROUND = 5  # colours 1-5 are circles, 6-10 diamonds: each half has to be told apart only from itself
_MANY = 400  # points of one series; above, small marks keep them apart


@chart_type("points", label="Points")
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
    at: dict[str, Any] = canvas.at()
    places = outline(series.values)
    if canvas.thinned:
        at = {"x": canvas.times[places].astype(np.float64)}
    if canvas.look.unfinished:  # hollow, as the value still grows
        symbol = marker["symbol"]
        marker["symbol"] = [f"{symbol}-open" if place >= canvas.finished else symbol for place in places.tolist()]
    own = {"type": "scatter", "mode": "markers", **at, "y": narrow(series.values[places]), "marker": marker}
    return own | {"zorder": 0 if series.grey else 1} | identity(canvas, series)
