"""What a figure does not show by itself: values that cannot be drawn, and types that suit a result badly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.core.result import Result

MOST_BARS = 10_000  # rectangles; a browser takes seconds for more, and an area a tenth of that
MANY_SERIES = 50


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
    return ""
