"""Heatmaps: series or histogram buckets over time, as rows of coloured cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.core.charts.canvas import SHORT_LABEL, Canvas, narrow, prepare
from lib.core.charts.cells import cells
from lib.core.charts.frame import HOVER_CELL
from lib.core.charts.registry import Look, chart_type
from lib.core.charts.text import plain
from lib.core.charts.thinning import highest
from lib.core.result import Floats, Result
from lib.core.transform import group
from lib.core.units import format_value

MOST_ROWS = 40
_ROW, _LOW, _HIGH = 24, 220, 700  # pixels
_GAPS = 200  # columns; above, a cell is too narrow for a gap beside it
_LE = "le"


def _unfit(result: Result) -> str:
    return "A heatmap shows how values change, and this is one moment." if result.values.shape[0] < 2 else ""


@chart_type("heatmap", label="Heatmap", unfit=_unfit, every=True)
def heatmap(result: Result, look: Look) -> go.Figure:
    """A row per series, a cell per moment, stronger where there is more. Of histogram buckets: how many are in each.

    Buckets are those of Prometheus' classic histograms: they differ in `le` and count from the lowest up (Prometheus
    documentation, Histograms and summaries), so a row shows what a bucket has more than the one below it.
    """
    if is_buckets(result):
        result = _by_bucket(result)
        names = tuple(_up_to(text) for text in result.series[_LE])
        canvas = prepare(result, replace(look, names=names, others=None), longest=SHORT_LABEL)
        rows = {series.name: series for series in canvas.series}
        shown = [rows[plain(name)] for name in names]
    else:
        canvas = prepare(result, look, longest=SHORT_LABEL)
        shown = list(canvas.series[:MOST_ROWS][::-1])  # Plotly begins at the bottom
    values = [series.values for series in shown]
    labels = [series.label for series in shown]
    return _draw(canvas, np.array(values).reshape(len(shown), len(canvas.times)), labels)


def is_buckets(result: Result) -> bool:
    """Whether the series are buckets of a histogram: they differ in `le`."""
    return _LE in result.series and result.series[_LE].nunique() > 1


def _draw(canvas: Canvas, values: Floats, labels: list[str]) -> go.Figure:
    at: dict[str, object] = canvas.at()
    if canvas.thinned:
        starts, values = highest(values)
        at = {"x": canvas.times[starts].astype(np.float64)}
    trace = {
        "type": "heatmap",
        **at,
        "y": labels,
        "z": narrow(values),
        "hovertemplate": HOVER_CELL,
        "xgap": 1 if len(canvas.times) <= _GAPS else 0,
        "ygap": 1,
    }
    return cells(canvas, trace, height=min(max(_ROW * len(labels) + 60, _LOW), _HIGH), half=True)


def _by_bucket(result: Result) -> Result:
    """One series per bucket, lowest first, holding what it has more than the one below; of all hubs together.

    Where histograms have different bounds, those that all share are left: only they can be added up.
    """
    bounds = pd.to_numeric(result.series[_LE], errors="coerce")
    others = [label for label in result.series if label != _LE]
    common = bounds.groupby([result.series[label] for label in others]).agg(frozenset)
    shared = frozenset.intersection(*common)
    kept = [place for place, bound in enumerate(bounds) if bound in shared]
    some = replace(
        result,
        values=result.values.iloc[:, kept].set_axis(pd.RangeIndex(len(kept)), axis=1),
        series=result.series.iloc[kept].reset_index(drop=True),
        nan=None,
    )
    added = group(some, (_LE,))
    order = np.argsort(pd.to_numeric(added.series[_LE]).to_numpy(), kind="stable")
    counted = added.values.to_numpy()[:, order]
    inside = np.diff(counted, axis=1, prepend=0.0)
    values = pd.DataFrame(np.maximum(inside, 0.0), index=result.values.index)  # scraped mid-count, it may turn negative
    return replace(added, values=values, series=added.series.iloc[order].reset_index(drop=True), nan=None)


def _up_to(bound: str) -> str:
    number = float(bound)
    return f"≤ {format_value(number)}" if np.isfinite(number) else "more"
