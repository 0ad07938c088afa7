"""Charts of a report: a result as SVG of our own, small, without scripts and legible on paper (`drawn`).

A picture by plotly.js would bring 3 MB of it. Colours, ranks and units are those of the charts on screen.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lib.core.charts.canvas import Canvas, Series, prepare
from lib.core.palette import LIGHT
from lib.core.report_axes import Tick, reach, time_ticks, value_ticks
from lib.core.result import Floats
from lib.core.view import View

_TOP, _BOTTOM, _RIGHT, _CHARACTER, _MARGIN = 8.0, 24.0, 10.0, 7.0, 12.0
_MOST_POINTS = 600  # drawn; of more, those with the highest and the lowest values are
_SOLID = 5  # lines from the sixth on are dashed, so that colour is not all that tells them apart
_STACKED = ("bars", "area")


@dataclass(frozen=True)
class Shape:
    """One series: its name, its colour, the path that draws it, whether that is a stroke, and whether it is dashed."""

    name: str
    color: str
    path: str
    stroke: bool
    dashed: bool


@dataclass(frozen=True)
class Drawing:
    """What an SVG of `width` by `height` shows. Places of ticks are in its own measure, texts are not escaped.

    `growing` is where (x, width) values are hatched that still grow; the width is 0 where none do.
    """

    width: int
    height: int
    left: float
    right: float
    bottom: float
    shapes: tuple[Shape, ...]
    values: tuple[Tick, ...]
    times: tuple[Tick, ...]
    growing: tuple[float, float]


@dataclass(frozen=True)
class _Plane:
    """Where times (seconds) and values lie in the drawing."""

    start: float
    end: float
    low: float
    high: float
    left: float
    right: float
    bottom: float

    def x(self, time: Floats) -> Floats:
        return self.left + (time - self.start) / (self.end - self.start) * (self.right - self.left)

    def y(self, value: Floats) -> Floats:
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - _TOP)


def drawn(view: View, width: int, height: int) -> Drawing:
    """The drawn part of a view as bars, areas or lines: bars and areas where the view has them, lines for the rest."""
    kind = view.chart if view.chart in _STACKED else "lines"
    stacked = kind in _STACKED
    canvas = prepare(view.drawn, replace(view.look, palette=LIGHT), stacked=stacked)
    values = np.stack([series.values for series in canvas.series], axis=1)
    times, kept = canvas.times / 1000, _kept(values, stacked)
    then = canvas.beside[1] if canvas.beside else np.full(len(times), np.nan)
    half = canvas.step / 2000 if kind == "bars" or len(times) == 1 else 0.0
    ticks = value_ticks(*reach(values, then, stacked=stacked), 5, whole=canvas.whole, suffix=canvas.scale.suffix)
    left = _MARGIN + _CHARACTER * max(len(tick.text) for tick in ticks)
    ends = float(times[0] - half), float(times[-1] + half)
    plane = _Plane(*ends, ticks[0].at, ticks[-1].at, left, width - _RIGHT, height - _BOTTOM)
    shapes = [*_shapes(kind, canvas, values[kept], times[kept], plane, half)]
    if view.look.beside:
        shapes.append(
            Shape(view.look.beside.name, LIGHT.text, _line(plane.x(times[kept]), plane.y(then[kept])), True, True)
        )
    moments = time_ticks(int(times[0]), int(times[-1]), 8 if width > 500 else 4)
    return Drawing(
        width,
        height,
        left,
        plane.right,
        plane.bottom,
        tuple(shapes),
        _placed(ticks, plane.y),
        _placed(moments, plane.x),
        _growing(canvas, plane, half),
    )


def _placed(ticks: tuple[Tick, ...], place: Callable[[Floats], Floats]) -> tuple[Tick, ...]:
    places = place(np.array([tick.at for tick in ticks], np.float64)).tolist()
    return tuple(Tick(at, tick.text) for at, tick in zip(places, ticks, strict=True))


def _growing(canvas: Canvas, plane: _Plane, half: float) -> tuple[float, float]:
    if canvas.finished >= len(canvas.times):
        return 0.0, 0.0
    start, end = plane.x(np.array([canvas.times[canvas.finished] / 1000 - half, plane.end])).tolist()
    return start, end - start


def legend(view: View) -> tuple[tuple[str, str], ...]:
    """The series as drawn, largest first: (name, colour)."""
    canvas = prepare(view.drawn, replace(view.look, palette=LIGHT), stacked=view.chart in _STACKED)
    earlier = [(view.look.beside.name, LIGHT.text)] if view.look.beside else []
    return (*((_name(series), series.color) for series in canvas.series), *earlier)


def _name(series: Series) -> str:
    return html.unescape(series.name)  # escaped for Plotly there, for HTML here


def _kept(values: Floats, stacked: bool) -> npt.NDArray[np.int64]:
    """Which points are drawn: all, or of each stretch the one with the highest sum, for lines the extremes of each."""
    points = len(values)
    if points <= _MOST_POINTS:
        return np.arange(points)
    edges = np.linspace(0, points, _MOST_POINTS // (1 if stacked else 4), dtype=np.int64)
    chosen = {0, points - 1}
    columns = [np.nansum(values, axis=1)] if stacked else list(values.T)
    for first, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        for column in columns:
            part = column[first:end]
            if not np.isnan(part).all():
                chosen |= {first + int(np.nanargmax(part)), first + int(np.nanargmin(part))}
            else:
                chosen.add(first)  # a gap stays one
    return np.array(sorted(chosen), np.int64)


def _shapes(kind: str, canvas: Canvas, values: Floats, times: Floats, plane: _Plane, half: float) -> Iterator[Shape]:
    below = np.zeros(len(times))
    above = np.zeros(len(times))
    there = np.asarray(np.isfinite(values).any(axis=1))
    for place, series in enumerate(canvas.series):
        own = values[:, place]
        if kind == "lines":
            dashed = series.rank >= _SOLID and not series.grey
            yield Shape(_name(series), series.color, _line(plane.x(times), plane.y(own)), True, dashed)
            continue
        height = np.nan_to_num(own)
        base = np.where(height < 0, below, above)
        below, above = below + np.minimum(height, 0), above + np.maximum(height, 0)
        bottom, top = plane.y(base), plane.y(base + height)
        if kind == "bars":
            gap = 0.4 * half / 2 if len(times) <= 90 else 0.0
            path = _bars(plane.x(times - half + gap), plane.x(times + half - gap), bottom, top)
        else:
            path = _area(plane.x(times), bottom, top, there)
        yield Shape(_name(series), series.color, path, False, False)


def _line(x: Floats, y: Floats) -> str:
    known = ~np.isnan(y)
    pieces = [
        f"{'L' if place and known[place - 1] else 'M'}{x[place]:.1f} {y[place]:.1f}" for place in np.flatnonzero(known)
    ]
    alone = known & ~np.append(known[1:], False) & ~np.insert(known[:-1], 0, False)
    return "".join(pieces) + "".join(f"M{x[place]:.1f} {y[place]:.1f}h0" for place in np.flatnonzero(alone))


def _bars(left: Floats, right: Floats, bottom: Floats, top: Floats) -> str:
    filled = np.flatnonzero(bottom != top)
    return "".join(f"M{left[at]:.1f} {bottom[at]:.1f}V{top[at]:.1f}H{right[at]:.1f}V{bottom[at]:.1f}z" for at in filled)


def _area(x: Floats, bottom: Floats, top: Floats, there: npt.NDArray[np.bool_]) -> str:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], there.astype(np.int8), [0])))).tolist()
    paths = []
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        over = [f"{x[at]:.1f} {top[at]:.1f}" for at in range(first, end)]
        under = [f"{x[at]:.1f} {bottom[at]:.1f}" for at in reversed(range(first, end))]
        paths.append(f"M{'L'.join(over)}L{'L'.join(under)}z")
    return "".join(paths)
