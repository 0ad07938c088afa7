"""A view as a figure: which of its series the chart type wants, and what cannot be drawn so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import plotly.graph_objects as go

from lib.core.charts import CHART_TYPES, Look
from lib.core.naming import others_at
from lib.core.result import Result
from lib.core.view import View

_BY_TIME = ("bars", "grouped", "lines", "steps", "area", "points")  # beside which a line over time can stand


def on_canvas(view: View) -> tuple[Result, Look]:
    """What the chart type of a view draws: the largest series and Others, or every series where it wants them all."""
    if not CHART_TYPES[view.chart].every:
        return view.drawn, view.look if view.chart in _BY_TIME else replace(view.look, beside=None)
    return view.whole, replace(view.look, names=view.names, others=others_at(view.whole.series), beside=None)


def unfit(view: View) -> str:
    """Why the answer cannot be drawn as its chart type, in a sentence; "" where it can."""
    return CHART_TYPES[view.chart].unfit(on_canvas(view)[0])


def draw(view: View, **look: Any) -> go.Figure:
    """The figure of a view. `look`: what of its `Look` shall be otherwise, such as `height` or `palette`."""
    result, known = on_canvas(view)
    return CHART_TYPES[view.chart].draw(result, replace(known, **look))
