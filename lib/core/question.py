"""A question as a page asks it: PromQL with what it takes to show the answer, before a grid in time is laid over it."""

from __future__ import annotations

from dataclasses import dataclass

from lib.core.presets import Covers, Preset
from lib.core.promql import Filled, check, fill
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.time_range import DAY, TimeRange, auto_step


@dataclass(frozen=True)
class Question:
    """What is asked and how its answer is shown.

    `title` is the question in words. `step` is the step it asks for in seconds, 0 to let the range decide. `adds` is
    None where nobody has said whether values may be added up: a query that somebody typed.
    """

    title: str
    expr: str
    slug: str
    unit: str = "short"
    chart: str = "lines"
    legend: str = ""
    covers: Covers = Covers.INSTANT
    adds: bool | None = None
    step: int = 0
    instant: bool = False
    preset: Preset | None = None

    @classmethod
    def of_preset(cls, preset: Preset) -> Question:
        """The question that a preset asks."""
        return cls(
            title=preset.question,
            expr=preset.expr,
            slug=preset.id,
            unit=preset.unit,
            chart=preset.chart,
            legend=preset.legend,
            covers=preset.covers,
            adds=preset.adds,
            step=preset.step,
            preset=preset,
        )

    @classmethod
    def of_expr(cls, expr: str, *, instant: bool = False) -> Question:
        """A query that somebody typed, over time or at one moment."""
        return cls(title="Answer", expr=expr, slug="promql", instant=instant)


@dataclass(frozen=True)
class Moments:
    """The time that a page is about: `start` to `end`, seen at `now`, in Unix seconds; `step` 0 means automatic."""

    start: float
    end: float
    now: float
    step: int = 0

    def grid(self, question: Question) -> TimeRange:
        """The instants at which a question is asked. Raises TimeError.

        Where a value speaks of the time before its instant, only values whose time lies in the range belong to it: from
        1 to 31 October, in days, are the midnights of 2 October to 1 November.
        """
        step = self.step or question.step or auto_step(self.end - self.start)
        if question.covers is Covers.INSTANT:
            return TimeRange.aligned(self.start, self.end, step)
        millisecond = 0.001  # an end such as 23:59:59.999 means the midnight after it
        return TimeRange.aligned(self.start, self.end + millisecond, step).without_first()

    def query(self, question: Question) -> tuple[Query, Filled]:
        """The question as it is sent, its variables filled in. Raises QueryError and TimeError."""
        check(question.expr)
        grid = self.grid(question)
        filled = fill(question.expr, grid)
        if question.instant:
            return InstantQuery(filled.text, int(min(self.end, self.now))), filled
        return RangeQuery(filled.text, grid), filled


def shown_earlier(question: Question, grid: TimeRange) -> int:
    """By how many seconds a point is drawn before its instant, so that a day's value stands on that day.

    A value at midnight that covers the time before it is shown on the day that ended then; one that covers a whole step
    of a week, on the day that step began. 0 for steps under a day, and for values that speak of their own instant.
    """
    if grid.step < DAY or question.covers is Covers.INSTANT:
        return 0
    return grid.step if question.covers is Covers.STEP else DAY
