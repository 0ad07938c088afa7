"""A result made ready to draw: ranked, coloured, scaled to its unit, infinities taken out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lib.core.charts.registry import Look
from lib.core.charts.text import plain
from lib.core.charts.thinning import MOST_POINTS, outline
from lib.core.naming import numbered
from lib.core.result import Floats, Result
from lib.core.units import Scale, scale_for
from lib.core.zones import on_one_axis

LEGEND_LIMIT = 12  # entries that a reader can tell apart; above, the first ten and "N more"
ONE_LINE = 6  # entries that fit beside each other; more stand in equal columns and are cut shorter
SHORT_LABEL, _LONG_LABEL = 18, 36  # characters
_MINUTE_MS = 60_000


@dataclass(frozen=True, eq=False)
class Series:
    """One series as drawn. `values`: shape (points,), divided by the unit's scale, NaN for a gap. Texts are escaped.

    `rank` counts from 0, the largest first. `grey` when it has no colour of its own: Others, or an eleventh series.
    """

    name: str
    label: str
    values: Floats
    rank: int
    color: str
    grey: bool

    @property
    def alone(self) -> npt.NDArray[np.bool_]:
        """Where a value has no neighbour, so that a line has nothing to connect."""
        alone = ~np.isnan(self.values)
        if len(alone) > 1:
            known = alone.copy()
            alone[1:] &= ~known[:-1]
            alone[:-1] &= ~known[1:]
        return alone


@dataclass(frozen=True, eq=False)
class Canvas:
    """What the drawing functions share.

    `times`: shape (points,), milliseconds since 1970 on the clocks of `clock`, already shifted; always rising. `clock`:
    a time zone, or its offset where its clocks go back within the range. `largest`: how far values or their stack
    reach, in the unit of the scale. `beside`: times and values of what it is compared with, of every point.
    """

    look: Look
    series: tuple[Series, ...]
    times: npt.NDArray[np.int64]
    clock: str
    scale: Scale
    largest: float
    beside: tuple[npt.NDArray[np.int64], Floats] | None = None

    @cached_property
    def whole(self) -> bool:
        """True when every value is a whole number, such as people."""
        values = [series.values for series in self.series]
        return all(bool(((own == np.floor(own)) | np.isnan(own)).all()) for own in values)

    @cached_property
    def even(self) -> bool:
        """True when all points are one step apart."""
        return len(self.times) < 2 or bool((np.diff(self.times) == self.step).all())

    @cached_property
    def step(self) -> int:
        """Milliseconds from one point to the next; the shortest, where months differ."""
        return int(np.diff(self.times).min()) if len(self.times) > 1 else _MINUTE_MS

    @property
    def thinned(self) -> bool:
        """True when not every point of a line is drawn, so that lines need not have one at the same moment."""
        return len(self.times) > MOST_POINTS

    @property
    def crowded(self) -> bool:
        """True when there are more series than a legend can hold."""
        return len(self.series) > LEGEND_LIMIT

    @property
    def finished(self) -> int:
        """How many points are finished; the rest still grow."""
        return min(self.look.unfinished, default=len(self.times))

    def at(self, first: int = 0) -> dict[str, Any]:
        """Where the values stand from point `first` on: start and spacing, or every instant when months differ.

        A start and a spacing are a tenth of the bytes of a list of instants, and of the time to write them.
        """
        if self.even:
            return {"x0": int(self.times[first]), "dx": self.step}
        return {"x": self.times[first:].astype(np.float64)}


def thin_stack(canvas: Canvas) -> Canvas:
    """The same with the points that shape the outline of the stack, alike for all series: a stack needs each at all."""
    if not canvas.thinned:
        return canvas
    values = np.array([series.values for series in canvas.series]).reshape(len(canvas.series), len(canvas.times))
    places = outline(np.where(np.isnan(values).all(axis=0), np.nan, np.nansum(values, axis=0)))
    shift = int(np.count_nonzero(places >= canvas.finished))
    growing = tuple(range(len(places) - shift, len(places)))
    return replace(
        canvas,
        look=replace(canvas.look, unfinished=growing),
        series=tuple(replace(series, values=series.values[places]) for series in canvas.series),
        times=canvas.times[places],
    )


def prepare(result: Result, look: Look, *, stacked: bool = False, longest: int = _LONG_LABEL) -> Canvas:
    """Ranks the series by their total, largest first and Others last, and gives them their colours.

    `stacked` says that values are shown on top of each other, so that the scale must suit their sum. `longest`:
    characters of a label.
    """
    values = result.values.to_numpy(dtype=np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    other = look.beside.values if look.beside else np.empty(0)
    largest = max(_largest(values, stacked), _largest(other[:, np.newaxis], stacked))
    scale = scale_for(look.unit, largest)
    times, clock = on_one_axis(pd.DatetimeIndex(result.values.index).as_unit("s").asi8, result.grid.zone)
    return Canvas(
        look=look,
        series=tuple(_ranked(values / scale.divisor, look, longest)),
        times=(times - look.shift) * 1000,
        beside=((times - look.shift) * 1000, other / scale.divisor) if look.beside else None,
        clock=clock,
        scale=scale,
        largest=largest / scale.divisor,
    )


def _largest(values: Floats, stacked: bool) -> float:
    if not values.size:
        return 0.0
    sizes = np.nan_to_num(np.abs(values))
    return float(sizes.sum(axis=1).max() if stacked else sizes.max())


def _ranked(values: Floats, look: Look, longest: int) -> Iterator[Series]:
    totals = np.nansum(values, axis=0)
    order = sorted(range(len(totals)), key=lambda column: (column == look.others, -totals[column]))
    rows = np.ascontiguousarray(values.T)  # one series after the other, as all that follows reads them
    labels = numbered(look.names, SHORT_LABEL if len(order) > ONE_LINE else longest)
    for rank, column in enumerate(order):
        grey = column == look.others or rank >= len(look.palette.series)
        color = look.palette.others if grey else look.palette.series[rank]
        yield Series(plain(look.names[column]), plain(labels[column]), rows[column], rank, color, grey)


def narrow(values: Floats) -> npt.NDArray[np.generic]:
    """The same values in the fewest bytes that the eye cannot tell apart: whole numbers, float32, else float64.

    The browser gets them as they are, so this is what travels. Above 2^24 a float32 no longer holds every whole number.
    """
    low, high = (float(least.reduce(values, axis=None, initial=0.0)) for least in (np.fmin, np.fmax))  # without NaN
    if bool((values == np.floor(values)).all()):
        for kind, least, most in ((np.int8, -128, 127), (np.uint8, 0, 255), (np.int16, -32_768, 32_767)):
            if least <= low and high <= most:
                return values.astype(kind)
    return values.astype(np.float32 if max(high, -low) < 2**24 else np.float64)


def stackable(values: Floats) -> Any:
    """Values for marks that stand on each other. Plotly adds a NaN of an array to the stack and so loses what lies
    below it; in a list the same gap becomes `null`, which it leaves out.
    """
    return values.tolist() if bool(np.isnan(values).any()) else narrow(values)
