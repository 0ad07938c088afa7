"""The frame of every figure: axes, legend, hover and margins. Marks are the chart types' own business."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from lib.core.charts.canvas import ONE_LINE, Canvas, Series
from lib.core.charts.picture import Picture
from lib.core.charts.text import plain

# Templates are constants. Data reaches them only through Plotly's own fields, so no name can be read as a template.
HOVER_TOGETHER = "%{y}<extra>%{meta[0]}</extra>"
HOVER_ONE = "<b>%{meta[0]}</b><br>%{y}<br>%{x}<extra></extra>"
NO_DATA = "no data<extra>%{meta[0]}</extra>"
HOVER_CELL = "<b>%{y}</b><br>%{z}%{meta[0]}<br>%{x}<extra></extra>"
HOVER_DAY = "<b>%{z}%{meta[0]}</b><br>%{customdata|%a %-d %b %Y}<extra></extra>"
HOVER_BIN = "<b>%{y} series</b><br>from %{customdata[0]} to %{customdata[1]}%{meta[0]}<extra></extra>"

# What `st.plotly_chart(config=...)` is given: no buttons over the picture (ours stand beside it), no scroll traps.
CONFIG: dict[str, Any] = {"displayModeBar": False, "displaylogo": False, "showTips": False, "scrollZoom": False}

MARGIN = {"l": 0, "r": 4, "b": 0, "t": 10}  # pixels, where no legend stands above; axes make room for themselves
_DAY = 86_400_000
_ENTRY_WIDTH = 112


def figure(
    canvas: Canvas,
    traces: Iterable[dict[str, Any]],
    *,
    height: int,
    zero: bool = False,
    half: bool = False,
    fixed: bool = False,
    along: Mapping[str, object] | None = None,
    **layout: object,
) -> go.Figure:
    """Traces and their frame as a figure. `height`: pixels, unless the look asks for another and it is not `fixed`.

    `zero` starts the values at zero whatever the look says. `half` widens the time axis by half a step at both ends.
    `along` and `layout`: what of the time axis, and of the figure, a chart type says in its own way.
    """
    layout = {
        "template": {},  # Streamlit's comes from the front end; Plotly's default would draw its own colours
        "height": height if fixed else canvas.look.height or height,
        "margin": MARGIN | ({"t": 34} if len(canvas.series) > 1 or canvas.beside else {}),
        "paper_bgcolor": canvas.look.palette.page,  # not transparent: Plotly would take that for white, also in dark
        "plot_bgcolor": canvas.look.palette.page,
        "xaxis": _time_axis(canvas, pad=canvas.step / 2 if half or len(canvas.times) < 2 else 0) | dict(along or {}),
        "yaxis": value_axis(canvas, zero=zero or canvas.look.zero),
        "hovermode": "closest" if canvas.crowded or canvas.thinned else "x unified",
        "hoversort": "value descending",
        "hoverlabel": _hover_label(canvas),
        "selectdirection": "h",
        "showlegend": len(canvas.series) > 1 or canvas.beside is not None,
        "legend": _legend(canvas),
    } | layout
    return Picture({"data": [*traces, *_beside(canvas)], "layout": layout})


def _beside(canvas: Canvas) -> Iterator[dict[str, Any]]:
    """What the sum is compared with, as a dashed line in the colour of the text."""
    look = canvas.look
    if canvas.beside and look.beside:
        times, values = canvas.beside
        yield {
            "type": "scatter",
            "mode": "lines+markers" if len(times) == 1 else "lines",
            "x": times.astype(np.float64),
            "y": values,
            "name": plain(look.beside.name),
            "meta": [plain(look.beside.name)],
            "hovertemplate": HOVER_TOGETHER,
            "line": {"color": look.palette.text, "width": 1.75, "dash": "5px,4px"},
            "connectgaps": False,
            "zorder": 2,
        }


def identity(canvas: Canvas, series: Series) -> dict[str, Any]:
    """What every trace says of its series: name, hover, and its place in the legend.

    The series without a colour share one entry, "N more", which hides and shows them together.
    """
    first_grey = len(canvas.look.palette.series)
    more = canvas.crowded and series.rank >= first_grey and len(canvas.series) > first_grey + 1
    return {
        "name": f"{len(canvas.series) - first_grey} more" if more else series.label,
        "meta": [series.name],
        "hovertemplate": HOVER_ONE if canvas.crowded or canvas.thinned else HOVER_TOGETHER,
        "legendgroup": "more" if more else str(series.rank),
        "showlegend": not more or series.rank == first_grey,
    }


def _time_axis(canvas: Canvas, pad: float) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "type": "date",
        "showgrid": False,
        "showline": False,
        "zeroline": False,
        "ticks": "",
        "tickangle": 0,
        "automargin": True,
        "spikethickness": 1,
        "spikedash": "solid",
        "spikecolor": canvas.look.palette.grid,
        "hoverformat": "%b %Y"
        if canvas.step >= 28 * _DAY
        else "%a %-d %b %Y"
        if canvas.step >= _DAY
        else f"%a %-d %b %Y, %H:%M {canvas.clock}",
        "tickfont": {"size": 13, "color": canvas.look.palette.text},
    }
    if len(canvas.times) == 1:
        axis |= {"tickvals": canvas.times.astype(np.float64), "tickformat": "%H:%M\n%-d %b %Y"}
    if len(canvas.times):
        first, last = float(canvas.times[0]), float(canvas.times[-1])
        axis |= {"range": [first - pad, last + pad]} | _time_ticks(last - first, canvas.step) | axis
    return axis


def _moment(canvas: Canvas) -> str:
    """How the pointer is told a moment: months, days, or times."""
    if canvas.step >= 28 * _DAY:
        return "%b %Y"
    return "%a %-d %b %Y" if canvas.step >= _DAY else f"%a %-d %b %Y, %H:%M {canvas.clock}"


def _time_ticks(span: float, step: int) -> dict[str, Any]:
    """How instants are written. `span` and `step` in milliseconds. A second line stands only where it changes."""
    if span > 183 * _DAY or step >= 28 * _DAY:
        return {"tickformat": "%b\n%Y", "nticks": 7}
    if span > 7 * _DAY or step >= _DAY:
        return {"tickformat": "%-d %b", "nticks": 7} | ({"dtick": _DAY} if span < 7 * _DAY else {})
    if span > 3 * _DAY:
        return {"tickformat": "%-d %b", "dtick": _DAY}
    return {"tickformat": "%H:%M\n%-d %b", "nticks": 7}


def value_axis(canvas: Canvas, *, zero: bool) -> dict[str, Any]:
    """An axis of values in the unit of the scale; from zero on where `zero`."""
    return {
        "rangemode": "tozero" if zero else "normal",
        "fixedrange": True,  # dragging chooses a time, never a cut-off axis
        **({"dtick": 1} if canvas.whole and canvas.largest <= 5 else {"nticks": 5}),  # no half people
        "tickformat": canvas.scale.tickformat,
        "hoverformat": exact(canvas),
        "ticksuffix": suffix(canvas),
        "showgrid": True,
        "gridwidth": 1,
        "gridcolor": canvas.look.palette.grid,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickfont": {"size": 13, "color": canvas.look.palette.text},
        "automargin": True,
    }


def name_axis(canvas: Canvas) -> dict[str, Any]:
    """An axis of names: the rows of cells, or boxes."""
    return {
        "type": "category",
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "fixedrange": True,
        "automargin": True,
        "tickfont": {"size": 13, "color": canvas.look.palette.text},
    }


def suffix(canvas: Canvas) -> str:
    """The suffix of the unit, escaped, with the space that stands before it kept."""
    text = canvas.scale.suffix
    return (" " if text[:1] == " " else "") + plain(text)


def exact(canvas: Canvas) -> str:
    """The number format of the hover: whole numbers whole, else at least three significant digits."""
    if canvas.whole:
        return ",.0f"
    return ",.1~f" if canvas.largest >= 100 else ",.2~f" if canvas.largest >= 1 else ".3~g"


def _hover_label(canvas: Canvas) -> dict[str, Any]:
    palette = canvas.look.palette
    return {
        "namelength": -1,
        "font": {"size": 13, "color": palette.text},
        "bgcolor": palette.page,
        "bordercolor": palette.grid,
    }


def _legend(canvas: Canvas) -> dict[str, Any]:
    legend: dict[str, Any] = {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": 1,
        "yanchor": "bottom",
        "traceorder": "normal",
        "font": {"size": 13, "color": canvas.look.palette.text},
        "bgcolor": "rgba(0,0,0,0)",
    }
    if len(canvas.series) > ONE_LINE:
        legend |= {"entrywidth": _ENTRY_WIDTH, "entrywidthmode": "pixels"}
    return legend
