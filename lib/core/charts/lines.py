"""Lines and steps: one stroke per series, interrupted where there is no sample."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from lib.core.charts.canvas import Canvas, Series, narrow, prepare
from lib.core.charts.frame import figure, identity
from lib.core.charts.registry import Look, chart_type
from lib.core.charts.thinning import outline
from lib.core.result import Result

_SOLID = 5  # colours 1-5 are solid, 6-10 dashed: each half has to be told apart only from itself


@chart_type("lines", label="Lines")
def lines(result: Result, look: Look) -> go.Figure:
    """One line per series. Best for comparing levels and trends."""
    return _draw(result, look, shape="linear")


@chart_type("steps", label="Steps")
def steps(result: Result, look: Look) -> go.Figure:
    """Like lines, but a value holds until the next one. Best for what is counted at a moment, such as servers."""
    return _draw(result, look, shape="hv")


def _draw(result: Result, look: Look, shape: str) -> go.Figure:
    canvas = prepare(result, look)
    traces = [trace for series in canvas.series for trace in _traces(canvas, series, shape)]
    return figure(canvas, traces, height=350)


def _traces(canvas: Canvas, series: Series, shape: str) -> Iterator[dict[str, Any]]:
    stroke = _stroke(canvas, series, shape)
    yield stroke
    if canvas.finished < len(canvas.times):
        yield _dotted(canvas, series, stroke)
        yield _dots(canvas, series, np.arange(len(canvas.times)) >= canvas.finished)
    if bool(series.alone.any()):
        yield _dots(canvas, series, series.alone) | {"hoverinfo": "skip", "hovertemplate": None}


def _stroke(canvas: Canvas, series: Series, shape: str) -> dict[str, Any]:
    thin = series.grey or canvas.crowded or canvas.thinned
    dashed = not series.grey and series.rank >= _SOLID
    values = series.values[: canvas.finished]
    at: dict[str, Any] = canvas.at()
    if canvas.thinned:
        places = outline(values)
        at, values = {"x": canvas.times[places].astype(np.float64)}, values[places]
    return {
        "type": "scatter",
        "mode": "lines",
        **at,
        "y": narrow(values),
        "connectgaps": False,
        "line": {
            "color": series.color,
            "width": 1.25 if thin else 2,
            "dash": "6px,3px" if dashed else "solid",
            "shape": shape,
        },
        "zorder": 0 if series.grey else 1,  # the grey never covers a colour
    } | identity(canvas, series)


def _dotted(canvas: Canvas, series: Series, stroke: dict[str, Any]) -> dict[str, Any]:
    """From the last finished point on: the part that still grows. Its dots answer the pointer, not the stroke."""
    lead = max(canvas.finished - 1, 0)
    rest = {name: value for name, value in stroke.items() if name not in ("x0", "dx", "x")}
    return rest | {
        **canvas.at(lead),
        "y": narrow(series.values[lead:]),
        "line": stroke["line"] | {"dash": "dot", "width": 1.5},
        "showlegend": False,
        "hoverinfo": "skip",
        "hovertemplate": None,
    }


def _dots(canvas: Canvas, series: Series, where: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """A marker at some points: samples without a neighbour, and values that still grow."""
    return identity(canvas, series) | {
        "type": "scatter",
        "mode": "markers",
        "x": canvas.times[where].astype(np.float64),
        "y": series.values[where],
        "marker": {"color": series.color, "size": 5},
        "cliponaxis": False,
        "showlegend": False,
        "zorder": 0 if series.grey else 1,
    }
