"""The chart types by name, and what every drawing function is told besides the data."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import plotly.graph_objects as go

from lib.core.palette import SCREEN, Palette
from lib.core.result import Floats, Result


@dataclass(frozen=True, eq=False)
class Beside:
    """Another line over the same points, drawn dashed: what was at an earlier time. `values`: shape (points,)."""

    name: str
    values: Floats


@dataclass(frozen=True)
class Look:
    """How a result is shown, as far as the data cannot say.

    - `names`: one per series, in the result's order, as people read them; foreign text, escaped when drawn.
    - `unit`: what `lib.core.units` knows, such as `bytes`; "" for plain numbers.
    - `shift`: seconds to take off each instant. A value at midnight that covers the day before belongs on that day.
    - `unfinished`: positions on the time axis whose values are still growing, the last ones; hatched or dotted.
    - `others`: the position of the series that stands for the rest, drawn grey and last; None when there is none.
    - `summed`: whether values of different series may be added up.
    - `beside`: what the sum of all is compared with.
    - `zero`: whether the value axis starts at zero. Bars and areas always do.
    - `height`: pixels; 0 for the chart type's own.
    - `palette`: placeholders for the screen, real colours for a file.
    """

    names: tuple[str, ...]
    unit: str = ""
    shift: int = 0
    unfinished: tuple[int, ...] = ()
    others: int | None = None
    summed: bool = True
    beside: Beside | None = None
    zero: bool = True
    height: int = 0
    palette: Palette = SCREEN


Draw = Callable[[Result, Look], go.Figure]
Unfit = Callable[[Result], str]


def _fits_all(result: Result) -> str:
    return ""


@dataclass(frozen=True)
class ChartType:
    """One entry of the selector: its name in addresses and presets, its words, and what draws it.

    `unfit` says in a sentence why a result cannot be drawn so, "" where it can. `every` when it wants every series,
    not the largest and Others.
    """

    name: str
    label: str
    help: str
    draw: Draw
    unfit: Unfit = _fits_all
    every: bool = False


CHART_TYPES: dict[str, ChartType] = {}


def chart_type(name: str, *, label: str, unfit: Unfit = _fits_all, every: bool = False) -> Callable[[Draw], Draw]:
    """Registers a drawing function under `name`. Its docstring is the help that people read in the selector."""

    def register(draw: Draw) -> Draw:
        if name in CHART_TYPES:
            raise ValueError(f"Two chart types are called {name}.")
        CHART_TYPES[name] = ChartType(name, label, inspect.getdoc(draw) or "", draw, unfit, every)
        return draw

    return register
