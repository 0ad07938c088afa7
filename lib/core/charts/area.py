"""Stacked areas: as stacked bars, for more points than bars can be drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from lib.core.charts.advice import MOST_PIECES
from lib.core.charts.canvas import Canvas, Series, prepare, stackable, thin_stack
from lib.core.charts.frame import NO_DATA, figure, identity
from lib.core.charts.registry import Look, chart_type
from lib.core.result import Floats, Result

_MANY = 90  # points; above, the light edges between layers run together
_OPACITY = "d9"  # 85 %, as the last two digits of a colour


@dataclass(frozen=True)
class _Piece:
    """A stretch of points that is drawn in one go, as a `finished` or `growing` surface or as `dots`."""

    first: int
    end: int
    kind: Literal["finished", "growing", "dots"] = "finished"


@chart_type("area", label="Area")
def area(result: Result, look: Look) -> go.Figure:
    """Filled layers on top of each other. Best for how a total is made up over many points."""
    canvas = thin_stack(prepare(result, look, stacked=True))
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
    return runs if len(runs) <= MOST_PIECES else [_Piece(0, len(known))]


def _split(piece: _Piece, canvas: Canvas) -> Iterator[_Piece]:
    """Cuts a piece where it stops being finished. Both surfaces hold the point between, so that they meet.

    That point would answer the pointer twice, so the growing surface is silent and its own points are dots.
    """
    cut = canvas.finished
    if cut > piece.first:
        last = min(cut, piece.end)
        yield _Piece(piece.first, last, "dots" if last - piece.first == 1 else "finished")
    if cut < piece.end:
        yield _Piece(max(cut - 1, piece.first), piece.end, "growing")
        yield _Piece(max(cut, piece.first), piece.end, "dots")


def _trace(canvas: Canvas, series: Series, place: int, piece: _Piece) -> dict[str, Any]:
    values = series.values[piece.first : piece.end]
    said = identity(canvas, series)
    trace = said | {
        "type": "scatter",
        **canvas.at(piece.first),
        "y": stackable(values),
        "stackgroup": str(place),
        "showlegend": said["showlegend"] and place == 0,
        "hovertemplate": _hover(said["hovertemplate"], values),
    }
    if piece.kind == "dots":
        return trace | {"mode": "markers", "fill": "none", "marker": {"color": series.color, "size": 5}}
    trace |= _surface(canvas, series)
    return trace | (_hatched(canvas) if piece.kind == "growing" else {})


def _surface(canvas: Canvas, series: Series) -> dict[str, Any]:
    edge = {"color": canvas.look.palette.page, "width": 0.75 if len(canvas.times) <= _MANY else 0}
    return {"mode": "lines", "fillcolor": series.color + _OPACITY, "line": edge}


def _hatched(canvas: Canvas) -> dict[str, Any]:
    page = canvas.look.palette.page
    pattern = {"shape": "/", "size": 5, "solidity": 0.45, "fgcolor": page, "fillmode": "overlay"}
    return {"fillpattern": pattern, "hoverinfo": "skip", "hovertemplate": None}


def _hover(template: str, values: Floats) -> str | list[str]:
    """The template, except at gaps: Plotly stacks nothing there, and would say 0."""
    gaps = np.isnan(values)
    return [NO_DATA if gap else template for gap in gaps] if bool(gaps.any()) else template
