"""How values are spread: over the series as a histogram, and over time as a box for each series."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from lib.core.charts.canvas import SHORT_LABEL, Series, narrow, prepare
from lib.core.charts.frame import HOVER_BIN, MARGIN, figure, name_axis, suffix, value_axis
from lib.core.charts.registry import Look, chart_type
from lib.core.result import Floats, Result

_FEWEST, _FEWEST_POINTS = 5, 5
_MOST_BINS = 30
_ROW = 44  # pixels


def _too_few_series(result: Result) -> str:
    count = result.values.shape[1]
    return "" if count >= _FEWEST else f"{count} series make no distribution. Choose all series, or Bars."


def _too_few_points(result: Result) -> str:
    count = result.values.shape[0]
    return "" if count >= _FEWEST_POINTS else f"{count} points in time make no box. Choose Bars or the table."


@chart_type("histogram", label="Distribution", unfit=_too_few_series, every=True)
def histogram(result: Result, look: Look) -> go.Figure:
    """How many series have how much, each by its mean over the range. Best for many hubs or many people."""
    canvas = prepare(result, look)
    shown = canvas.series if look.others is None else canvas.series[:-1]
    means = np.array([np.nanmean(series.values) for series in shown if not np.isnan(series.values).all()])
    counts, edges = np.histogram(means, _edges(means, whole=canvas.whole))
    trace = {
        "type": "bar",
        "x": (edges[:-1] + edges[1:]) / 2,
        "y": narrow(counts.astype(np.float64)),
        "width": np.diff(edges),
        "marker": {"color": look.palette.series[0], "line": {"width": 1, "color": look.palette.page}},
        "customdata": np.stack([edges[:-1], edges[1:]], axis=1).astype(np.float64),
        "meta": [suffix(canvas)],
        "hovertemplate": HOVER_BIN,
    }
    across = value_axis(canvas, zero=False) | {"showgrid": False, "type": "linear", "nticks": 8}
    number: dict[str, Any] = {
        "ticksuffix": "",
        "tickformat": ",~f",
        "title": {"text": "series", "font": {"size": 13, "color": look.palette.text}, "standoff": 8},
    }
    number |= {"dtick": 1 if counts.max(initial=0) <= 5 else None, "nticks": 5}
    return figure(
        canvas,
        [trace],
        height=330,
        xaxis=across,
        yaxis=value_axis(canvas, zero=True) | number,
        hovermode="closest",
        margin=MARGIN,
        showlegend=False,
        bargap=0,
    )


def _edges(values: Floats, *, whole: bool) -> Floats:
    """Round bounds around the values, at most 30 bins: steps of 1, 2 or 5 times a power of ten."""
    low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    if not values.size or high <= low:
        return np.array([low, low + 1.0])
    rough = (high - low) / min(_MOST_BINS, max(10, 2 * int(np.sqrt(values.size))))
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= rough)
    step = max(step, 1.0) if whole else step
    first = np.floor(low / step)
    edges: Floats = np.arange(first, np.floor(high / step) + 2) * step
    return edges


@chart_type("box", label="Box", unfit=_too_few_points)
def box(result: Result, look: Look) -> go.Figure:
    """One box per series: half of its values lie in the box, the line is the median, the whiskers reach to the ends."""
    canvas = prepare(result, look, longest=SHORT_LABEL)
    known = [series for series in canvas.series if not np.isnan(series.values).all()]
    traces = [_box(series) for series in known]
    values = value_axis(canvas, zero=look.zero) | {"type": "linear"}
    return figure(
        canvas,
        traces,
        height=min(60 + _ROW * len(known), 700),
        fixed=True,
        xaxis=values,
        yaxis=name_axis(canvas) | {"autorange": "reversed"},
        hovermode="closest",
        margin=MARGIN,
        showlegend=False,
    )


def _box(series: Series) -> dict[str, Any]:
    low, lower, median, upper, high = np.nanquantile(series.values, [0, 0.25, 0.5, 0.75, 1]).tolist()
    return {
        "type": "box",
        "orientation": "h",
        "y": [series.label],
        "lowerfence": [low],
        "q1": [lower],
        "median": [median],
        "q3": [upper],
        "upperfence": [high],
        "name": series.label,
        "line": {"color": series.color, "width": 2},
        "fillcolor": series.color + "40",
        "hoverinfo": "x",
        "showlegend": False,
    }
