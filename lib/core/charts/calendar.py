"""A calendar: one cell per day, a column per week."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.core.charts.canvas import Canvas, narrow, prepare
from lib.core.charts.cells import cells
from lib.core.charts.frame import HOVER_DAY
from lib.core.charts.registry import Look, chart_type
from lib.core.result import Floats, Result

_DAY_MS, _HOUR = 86_400_000, 3_600
_WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_THURSDAY = 3  # 1 January 1970 was one, counted from Monday
_FEW, _HALF_YEAR, _MANY = 8, 26, 100  # weeks; few are named each by its Monday, many have no room for gaps


def _unfit(result: Result) -> str:
    instants = pd.DatetimeIndex(result.values.index).as_unit("s").asi8
    days = np.diff(instants) / _HOUR
    if len(days) and bool(((days >= 23) & (days <= 25)).all()):  # days on which clocks change are as long
        return ""
    return "A calendar needs one value a day. Choose a step of 1 d and at least two days."


@chart_type("calendar", label="Calendar", unfit=_unfit)
def calendar(result: Result, look: Look) -> go.Figure:
    """A cell per day, weekdays below each other. Best for the rhythm of weeks, terms and holidays.

    Days are those of the zone. Series that may be added up are; of others it shows the largest.
    """
    canvas = prepare(result, look, stacked=look.summed)
    week, weekday = np.divmod(canvas.times // _DAY_MS + _THURSDAY, 7)
    weeks = np.arange(week.min(initial=week[0]), week.max(initial=week[0]) + 1) if len(week) else week
    values, moments = np.full((7, len(weeks)), np.nan), np.zeros((7, len(weeks)))
    values[weekday, week - weeks[:1]] = _daily(canvas)
    moments[weekday, week - weeks[:1]] = canvas.times
    mondays = (weeks * 7.0 - _THURSDAY) * _DAY_MS
    trace = {
        "type": "heatmap",
        "x": mondays,
        "y": _WEEKDAYS,
        "z": narrow(values),
        "customdata": moments,
        "hovertemplate": HOVER_DAY,
        "xgap": 2 if len(weeks) <= _HALF_YEAR else 1 if len(weeks) <= _MANY else 0,
        "ygap": 2,
    }
    return cells(canvas, trace, height=260, along=_weeks(mondays), autorange="reversed")


def _weeks(mondays: Floats) -> dict[str, object]:
    """The time axis: whole weeks, each named by its Monday where there is room."""
    if not mondays.size:
        return {}
    half = 3.5 * _DAY_MS
    named = {"tickvals": mondays.tolist(), "tickformat": "%-d %b"} if len(mondays) <= _FEW else {}
    return {"range": [float(mondays[0]) - half, float(mondays[-1]) + half]} | named


def _daily(canvas: Canvas) -> Floats:
    """Shape (points,): the sum of the series where they may be added up, else the largest; NaN where none is known."""
    if not canvas.series:
        return np.full(len(canvas.times), np.nan)
    if not canvas.look.summed:
        return canvas.series[0].values
    values = np.array([series.values for series in canvas.series])
    return np.where(np.isnan(values).all(axis=0), np.nan, np.nansum(values, axis=0))
