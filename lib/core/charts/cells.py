"""The frame of what is drawn as coloured cells: a colour bar in place of the value axis, rows by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from lib.core.charts.canvas import Canvas
from lib.core.charts.frame import MARGIN, exact, figure, name_axis, suffix

_NARROW = 10  # pixels, the colour bar


def cells(
    canvas: Canvas,
    trace: dict[str, Any],
    *,
    height: int,
    half: bool = False,
    along: Mapping[str, object] | None = None,
    **rows: object,
) -> go.Figure:
    """A heatmap and its frame as a figure. What is missing has the colour of the page, never the lowest one.

    `half`, `height` and `along` are those of `figure`; `rows` is what else the axis of rows is told.
    """
    colors, palette = canvas.look.palette.sequential, canvas.look.palette
    bar = {
        "thickness": _NARROW,
        "outlinewidth": 0,
        "ticks": "",
        "nticks": 5,
        "tickformat": canvas.scale.tickformat,
        "ticksuffix": suffix(canvas),
        "tickfont": {"size": 13, "color": palette.text},
        "x": 1.01,
        "xpad": 4,
    }
    trace |= {
        "colorscale": [[place / (len(colors) - 1), color] for place, color in enumerate(colors)],
        "zmin": 0,
        "zmax": max(canvas.largest, 1e-300),
        "zhoverformat": exact(canvas),
        "meta": [suffix(canvas)],
        "colorbar": bar,
        "hoverongaps": False,
    }
    return figure(
        canvas,
        [trace],
        height=height,
        fixed=True,
        half=half,
        along=along,
        margin=MARGIN,
        yaxis=name_axis(canvas) | rows,
        hovermode="closest",
        showlegend=False,
    )
