"""A figure in its frame: title, subtitle and notes inside the picture, so that it can go anywhere alone."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from lib.core.charts.picture import Picture
from lib.core.charts.text import plain
from lib.core.palette import LIGHT

WIDTH, HEIGHT = 1200, 675  # pixels; 16:9, drawn twice as large in a PNG
_EDGE, _TITLE_LINE, _NOTE_LINE, _LEGEND_ROW = 36, 32, 17, 20  # pixels
_TICKS, _BAR = 84, 96  # pixels left of the plot for numbers; right of it for a colour bar
_TITLE, _SUBTITLE, _NOTE = 80, 140, 165  # characters in a line
_ENTRY, _ROW, _LETTER, _SWATCH = 150, 5, 8, 50  # of the legend: pixels of a column, columns; pixels of a name
_INK = "#0f1a22"
_FONT = "'Source Sans 3', 'Source Sans Pro', 'Helvetica Neue', Arial, sans-serif"  # a picture brings no font along


@dataclass(frozen=True)
class Frame:
    """What stands around a picture, as people read it: foreign text, escaped when drawn.

    `subtitle`: dates, clusters, zone. `notes`: what is missing or drawn in its own way, and the source. `stamp`: who
    made it, and when.
    """

    title: str
    subtitle: str
    notes: str
    stamp: str


def framed(figure: go.Figure, frame: Frame) -> Picture:
    """The figure at 1200 by 675 pixels on white, with its frame inside. It must have real colours, not placeholders."""
    described = figure.to_dict()
    known = described["layout"]
    titles, subtitles = _wrapped(frame.title, _TITLE), _wrapped(frame.subtitle, _SUBTITLE)
    notes = _wrapped(frame.notes, _NOTE)
    head = _EDGE + _TITLE_LINE * len(titles) + 20 * len(subtitles)
    top = head + 18 + _LEGEND_ROW * _legend_rows(described)
    left = _left(described)
    bottom = 62 + _NOTE_LINE * (len(notes) + 1)
    at_top, at_bottom = {"x": 0, "y": 1, "xshift": _EDGE - left}, {"x": 0, "y": 0, "xshift": _EDGE - left}
    layout = known | {
        "width": WIDTH,
        "height": HEIGHT,
        "font": {"family": _FONT, "color": LIGHT.text},
        "margin": {"l": left, "r": _right(described), "t": top, "b": bottom},
        "yaxis": known["yaxis"] | {"automargin": False},
        "legend": known["legend"] | ({"entrywidth": _ENTRY} if "entrywidth" in known["legend"] else {}),
        "annotations": [
            _text(titles, 26, _INK) | at_top | {"yshift": top - 28},
            _text(subtitles, 16, LIGHT.text) | at_top | {"yshift": top - 34 - _TITLE_LINE * len(titles)},
            _text([*notes, plain(frame.stamp)], 13, LIGHT.text) | at_bottom | {"yshift": -52},
        ],
    }
    return Picture({"data": described["data"], "layout": layout})


def _legend_rows(described: dict[str, Any]) -> int:
    """How many rows the legend takes: equal columns, or names beside each other."""
    if not described["layout"]["showlegend"]:
        return 0
    names = [str(trace["name"]) for trace in described["data"] if trace.get("showlegend")]
    if "entrywidth" in described["layout"]["legend"]:
        return -(-len(names) // _ROW)
    return 1 + sum(len(name) * _LETTER + _SWATCH for name in names) // (WIDTH - _TICKS - _EDGE)


def _left(described: dict[str, Any]) -> int:
    """Room for the names beside the plot, or for numbers."""
    if described["layout"]["yaxis"].get("type") != "category":
        return _TICKS
    return _EDGE + 12 + _LETTER * max((len(name) for trace in described["data"] for name in trace["y"]), default=0)


def _right(described: dict[str, Any]) -> int:
    return _BAR if any("colorbar" in trace for trace in described["data"]) else _EDGE


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most so many characters, escaped."""
    return [plain(line) for line in textwrap.wrap(text, width)]


def _text(lines: list[str], size: int, color: str) -> dict[str, Any]:
    """Lines, the first with its upper edge at the anchor."""
    return {
        "text": "<br>".join(lines),
        "font": {"size": size, "color": color, "family": _FONT},
        "align": "left",
        "showarrow": False,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "top",
    }
