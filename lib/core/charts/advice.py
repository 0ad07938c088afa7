"""What a figure does not show by itself: values that cannot be drawn, and types that suit a result badly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lib.core.result import Result

MOST_BARS = 10_000  # rectangles; a browser takes seconds for more, and an area a tenth of that
MANY_SERIES = 50
MOST_PIECES = 12  # of an area; each costs a trace per series, so more interruptions are drawn as falls to zero


@dataclass(frozen=True)
class Undrawn:
    """How many samples a figure leaves out because they are no finite number."""

    positive: int  # +Inf
    negative: int  # -Inf
    nan: int  # NaN that a server sent; an absent sample is a gap and not counted

    @property
    def total(self) -> int:
        """All of them together."""
        return self.positive + self.negative + self.nan


def undrawn(result: Result) -> Undrawn:
    """Counts the infinities and the sent NaNs of a result. They are drawn as gaps, so the page has to say so."""
    values = result.values.to_numpy(dtype=np.float64)
    nan = 0 if result.nan is None else int(result.nan.to_numpy().sum())
    return Undrawn(int(np.isposinf(values).sum()), int(np.isneginf(values).sum()), nan)


def suits(result: Result, chart_type: str) -> str:
    """A note when another chart type, step or selection would serve better; "" when this one does."""
    points, series = result.values.shape
    if series and points == 1:
        return "One moment only: the table shows it best."
    if chart_type == "bars" and points * series > MOST_BARS:
        return f"{points * series:,} bars are slow to draw. Choose Area, or a longer step."
    if series > MANY_SERIES:
        return f"{series:,} series are hard to tell apart. Keep the 10 largest and Others, or select fewer."
    if chart_type == "area" and _falls(np.isfinite(result.values.to_numpy(dtype=np.float64))):
        return "Where a series has no data, its layer falls to zero. Bars and Lines show a gap there."
    return ""


def _falls(known: npt.NDArray[np.bool_]) -> bool:
    """Whether an area draws a gap as a fall: a layer is missing among others, or there are too many interruptions.

    `known`: shape (points, series). A series that begins late or ends early counts too.
    """
    some = known.any(axis=1)
    pieces = int(np.count_nonzero(np.diff(np.concatenate(([False], some)).astype(np.int8)) == 1))
    return pieces > MOST_PIECES or bool((some & ~known.all(axis=1)).any())
