"""Stacked areas: as stacked bars, for more points than bars can be drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from lib.core.charts.canvas import Canvas, Series, prepare, stackable
from lib.core.charts.frame import figure, identity
from lib.core.charts.registry import Look, chart_type
from lib.core.result import Result

_PIECES = 12  # more interruptions than this are drawn as falls to zero: every piece costs a trace per series
_MANY = 90  # points; above, the light edges between layers run together
_OPACITY = "d9"  # 85 %, as the last two digits of a colour


@dataclass(frozen=True)
class _Piece:
    """A stretch of points that is drawn in one go. One that is `growing` begins with the last full point."""

    first: int
    end: int
    growing: bool = False


@chart_type("area", label="Area", icon=":material/area_chart:")
def area(result: Result, look: Look) -> go.Figure:
    """Filled layers on top of each other. Best for how a total is made up over many points."""
    canvas = prepare(result, look, stacked=True)
    pieces = [part for piece in _pieces(canvas) for part in _split(piece, canvas)]
    traces = [_trace(canvas, series, place, piece) for place, piece in enumerate(pieces) for series in canvas.series]
    return figure(canvas, traces, height=330, zero=True)


def _pieces(canvas: Canvas) -> list[_Piece]:
    """The stretches in which at least one series has a sample: between them nothing is drawn, not zero."""
    known = np.zeros(len(canvas.times), bool)
    for series in canvas.series:
        known |= ~np.isnan(series.values)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], known.astype(np.int8), [0])))).tolist()
    runs = [_Piece(first, end) for first, end in zip(edges[::2], edges[1::2], strict=True)]
    return runs if len(runs) <= _PIECES else [_Piece(0, len(known))]


def _split(piece: _Piece, canvas: Canvas) -> Iterator[_Piece]:
    """Cuts a piece where it stops being finished. Both parts hold the point between, so that they meet."""
    cut = canvas.finished
    if cut > piece.first:
        yield _Piece(piece.first, min(cut, piece.end))
    if cut < piece.end:
        yield _Piece(max(cut - 1, piece.first), piece.end, growing=True)


def _trace(canvas: Canvas, series: Series, place: int, piece: _Piece) -> dict[str, Any]:
    page = canvas.look.palette.page
    trace = identity(canvas, series) | {
        "type": "scatter",
        "mode": "markers" if piece.end - piece.first == 1 else "lines",
        **(canvas.growing() if piece.growing and piece.first < canvas.finished else canvas.at(piece.first)),
        "y": stackable(series.values[piece.first : piece.end]),
        "stackgroup": str(place),
        "fillcolor": series.color + _OPACITY,
        "line": {"color": page, "width": 0.75 if len(canvas.times) <= _MANY else 0},
        "marker": {"color": series.color, "size": 5},
    }
    trace["showlegend"] = trace["showlegend"] and place == 0
    if piece.growing:
        trace["fillpattern"] = {"shape": "/", "size": 5, "solidity": 0.45, "fgcolor": page, "fillmode": "overlay"}
    return trace
