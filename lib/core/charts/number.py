"""Big numbers: the latest value of the whole and of its largest parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go

from lib.core.charts.canvas import SHORT_LABEL, Series, prepare
from lib.core.charts.frame import MARGIN, figure
from lib.core.charts.registry import Look, chart_type
from lib.core.charts.text import plain
from lib.core.result import Result
from lib.core.units import NOTHING, format_value

_MOST, _ACROSS = 6, 2  # three would run into each other on a phone
_SIZES = ((1, 88), (2, 56), (3, 44), (_MOST, 34))  # up to so many numbers: pixels
_ROW = 120  # pixels


@chart_type("number", label="Number")
def number(result: Result, look: Look) -> go.Figure:
    """The latest value, large: the total where values may be added up, and the largest series. Best for one moment."""
    canvas = prepare(result, look, longest=SHORT_LABEL)
    told = list(_told(canvas.series, look, canvas.scale.divisor))[:_MOST]
    place = np.arange(len(told), dtype=np.float64)  # the browser reads no int64
    across = min(_ACROSS, max(len(told), 1))
    at: dict[str, Any] = {
        "type": "scatter",
        "mode": "text",
        "x": place % across,
        "y": -(place // across),
        "showlegend": False,
    }
    big = next(size for most, size in _SIZES if len(told) <= most)
    colors = [series.color if series else look.palette.text for series, _, _ in told]
    numbers = at | {
        "text": [text for _, text, _ in told],
        "textfont": {"size": big, "color": colors},
        "hoverinfo": "skip",
    }
    labels = at | {
        "y": at["y"] - 0.36,
        "text": [name for _, _, name in told],
        "textfont": {"size": 14, "color": look.palette.text},
        "hoverinfo": "skip",
    }
    rows = -(-max(len(told), 1) // across)
    axes = {"visible": False, "fixedrange": True}
    return figure(
        canvas,
        [numbers, labels],
        height=_ROW * rows + 60,
        fixed=True,
        margin=MARGIN,
        xaxis=axes | {"range": [-0.6, across - 0.4]},
        yaxis=axes | {"range": [0.6 - rows - 0.2, 0.6]},
        showlegend=False,
        hovermode=False,
    )


def _told(series: tuple[Series, ...], look: Look, divisor: float) -> Iterator[tuple[Series | None, str, str]]:
    """The numbers with the series they are of, as text, and what they are called."""
    known = [each for each in series if not np.isnan(each.values).all()]
    if not known:
        yield None, NOTHING, "no value"
        return
    last = max(int(np.flatnonzero(~np.isnan(each.values))[-1]) for each in known)
    if look.summed and len(known) > 1:
        total = float(np.nansum([each.values[last] for each in known])) * divisor
        yield None, plain(format_value(total, look.unit)), "Total"
    for each in known:
        yield each, plain(format_value(float(each.values[last]) * divisor, look.unit)), each.label
