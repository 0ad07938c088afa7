"""What is asked of one cluster to find out why an answer is empty, and what a reason is made of."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from lib.core.explain_spans import Placed
from lib.core.promql import MAX_LENGTH, Filled
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.result import Answer
from lib.core.time_range import DAY, MINUTE, TimeRange

MOST_POINTS = 200  # of a probe over time; where the grid is finer, every so many of its points are asked about
YEARS = 3 * 365 * DAY  # how far back is looked for a metric
_PART = "part"  # the label that tells the answers of one probe apart


class Why(StrEnum):
    """Why an answer is empty."""

    UNKNOWN = "no such metric"
    NO_MATCH = "no series fits the matchers"
    OUTSIDE = "no data in this time"
    FUTURE = "the time has not begun"
    BETWEEN = "the samples fall between the steps"
    TOO_FEW = "a window holds too few samples"
    FILTERED = "a comparison leaves everything out"
    NO_PAIR = "no two series are a pair"
    EXCLUDED = "unless takes everything out"
    PRESENT = "there is data, so nothing is absent"
    HUBS = "only some hubs may be seen"


@dataclass(frozen=True)
class Fix:
    """Another query that has an answer: the words on its button, and its text with the variables as they were typed."""

    label: str
    expr: str


@dataclass(frozen=True)
class Reason:
    """Why an answer is empty on one cluster: a sentence, a next step, and queries that would have an answer."""

    why: Why
    message: str
    hint: str = ""
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True)
class Values:
    """A probe of the index: the values of `label` on the series of `match`, from `start` to `end` (Unix seconds)."""

    label: str
    match: str
    start: int
    end: int


Probe = Query | Values
Told = Answer | tuple[str, ...] | None
Probing = Generator[Probe, Told, Reason | None]


class Unanswered(Exception):
    """A probe failed, so nothing is known."""


@dataclass(frozen=True)
class Look:
    """The empty answer that is looked into: the query as it was sent, its grid, and the present (Unix seconds).

    Inside a subquery, `apart` is its step and `long` its range, both in seconds.
    """

    filled: Filled
    grid: TimeRange
    now: float
    apart: int = 0
    long: int = 0

    @property
    def expr(self) -> str:
        """The query as it was sent."""
        return self.filled.text

    @property
    def moment(self) -> bool:
        """Whether one moment is asked about, and that not as the end of a subquery."""
        return self.grid.points == 1 and not self.apart

    @property
    def spacing(self) -> int:
        """How far apart the points are, in seconds, at which a sample is looked for; a day for a single moment."""
        return self.apart or (DAY if self.moment else self.grid.step)

    @property
    def reach(self) -> int:
        """How long a window, in seconds, leaves no gap between the points of `coarse`."""
        return self.long or (DAY if self.moment else self.coarse.step)

    def inside(self, length: float, step: float) -> Look:
        """What is looked at inside a subquery; a step of 0 is the server's own, a minute."""
        return replace(self, apart=int(step) or MINUTE, long=max(int(length), 1))

    @property
    def coarse(self) -> TimeRange:
        """The grid with at most 200 of its points, the last one among them."""
        grid = self.grid
        if grid.points <= MOST_POINTS:
            return grid
        step = grid.step * -(-grid.points // MOST_POINTS)
        return TimeRange(grid.end - (grid.end - grid.start) // step * step, grid.end, step)

    @property
    def years(self) -> tuple[int, int]:
        """The time in which a metric is looked for at all: whole days, so that equal probes are equal."""
        end = int(self.now // DAY + 1) * DAY
        return min(end - YEARS, self.grid.start // DAY * DAY), end

    def over(self, expr: str, grid: TimeRange) -> Query:
        """A probe at every point of a grid, or at the one moment that was asked about."""
        return InstantQuery(expr, grid.end) if grid.points == 1 else RangeQuery(expr, grid)

    def fix(self, label: str, here: Placed, new: str) -> tuple[Fix, ...]:
        """The query with another text in place of one part; nothing where it is not known where that part stands."""
        if here.span is None:
            return ()
        span, text = self._typed(here.span), self.filled.typed
        if span is None:
            span, text = here.span, self.filled.text
        return (Fix(label, f"{text[: span[0]]}{new}{text[span[1] :]}".strip()),)

    def _typed(self, span: tuple[int, int]) -> tuple[int, int] | None:
        """Where a part of the sent text stands in the typed one; None where a variable was filled in inside it."""
        shift = 0
        for _, typed_end, start, end in self.filled.pieces:
            if end <= span[0]:
                shift = typed_end - end
            elif start < span[1]:
                return None
        return span[0] + shift, span[1] + shift


def count_each(look: Look, exprs: Sequence[str], grid: TimeRange | None = None) -> Generator[Probe, Told, list[bool]]:
    """Whether each expression has any series at any point of a grid, in one probe. Raises Unanswered."""
    told = yield _probe(look, [(str(place), f"count({expr})") for place, expr in enumerate(exprs)], grid)
    found = _by_part(told)
    return [str(place) in found for place in range(len(exprs))]


def extent(look: Look, expr: str) -> Generator[Probe, Told, tuple[float, float]]:
    """The smallest and the largest value of an expression over the grid. Raises Unanswered, also for none."""
    told = yield _probe(look, [("low", f"min({expr})"), ("high", f"max({expr})")], None)
    found = _by_part(told)
    if {"low", "high"} - set(found) or np.isnan(found["low"]).all():
        raise Unanswered
    return float(np.nanmin(found["low"])), float(np.nanmax(found["high"]))


def _probe(look: Look, named: Sequence[tuple[str, str]], grid: TimeRange | None) -> Probe:
    parts = [f'label_replace({expr}, "{_PART}", "{name}", "", "")' for name, expr in named]
    text = " or ".join(parts)
    if len(text) > MAX_LENGTH:
        raise Unanswered
    return look.over(text, grid or look.coarse)


def _by_part(told: Told) -> dict[str, np.ndarray]:
    if not isinstance(told, Answer):
        raise Unanswered
    return {labels.get(_PART, ""): values for labels, values in zip(told.labels, told.values, strict=True)}


def listed_values(told: Told) -> tuple[str, ...]:
    """What a probe of the index found. Raises Unanswered."""
    if not isinstance(told, tuple):
        raise Unanswered
    return told
