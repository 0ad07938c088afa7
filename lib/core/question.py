"""A question as a page asks it: PromQL with what it takes to show the answer, before a grid in time is laid over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lib.core.diagnosis import check_typed
from lib.core.errors import QueryError
from lib.core.fence import within
from lib.core.presets import Covers, NamedQuery, Preset
from lib.core.promql import SCRAPE_INTERVAL, Filled, check, fill
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.time_range import DAY, MAX_POINTS, TimeRange, auto_step, smallest_step
from lib.core.variables import Choice, put_in
from lib.core.zones import UTC_NAME, local


@dataclass(frozen=True)
class Question:
    """What is asked and how its answer is shown.

    `title` is the question in words; `queries` what is sent for it, usually one. `step` is the step it asks for in
    seconds, 0 to let the range decide; `chart` its chart type, "" to let the answer decide. `adds` is None where nobody
    has said whether values may be added up: a query that somebody typed. `ours` is a question of the app itself, such
    as whether a cluster answers.
    """

    title: str
    queries: tuple[NamedQuery, ...]
    slug: str
    unit: str = "short"
    chart: str = "lines"
    legend: str = ""
    covers: Covers = Covers.INSTANT
    adds: bool | None = None
    step: int = 0
    instant: bool = False
    preset: Preset | None = None
    ours: bool = False

    @property
    def ready_made(self) -> bool:
        """True when nobody wrote its PromQL here: it is a preset's, with values chosen for its variables, or ours."""
        return self.preset is not None or self.ours

    @property
    def expr(self) -> str:
        """The first query, or the only one."""
        return self.queries[0].expr

    @classmethod
    def of_preset(cls, preset: Preset, choices: Mapping[str, Choice] | None = None) -> Question:
        """The question that a preset asks, with its variables as chosen; without a choice, of everything."""
        variables = preset.variables
        return cls(
            title=preset.question,
            queries=tuple(
                NamedQuery(query.name, put_in(query.expr, variables, choices or {})) for query in preset.queries
            ),
            slug=preset.id,
            unit=preset.unit,
            chart=preset.chart,
            legend=preset.legend,
            covers=preset.covers,
            adds=preset.adds,
            step=preset.step,
            instant=preset.instant,
            preset=preset,
        )

    @classmethod
    def of_queries(cls, queries: Sequence[NamedQuery], *, instant: bool = False) -> Question:
        """Queries that somebody typed, over time or at one moment."""
        return cls(title="Answer", queries=tuple(queries), slug="promql", chart="", instant=instant)

    @classmethod
    def of_expr(cls, expr: str, *, instant: bool = False) -> Question:
        """A query that somebody typed, over time or at one moment."""
        return cls.of_queries([NamedQuery("", expr)], instant=instant)


@dataclass(frozen=True)
class Put:
    """One query of a question as it is put to the data sources: its name, the query, and how its text was filled.

    `hubs` are the only ones that are asked for, None for all.
    """

    name: str
    query: Query
    filled: Filled
    hubs: tuple[str, ...] | None = None

    @property
    def sent(self) -> Query:
        """The query as servers get it, limited to the hubs."""
        return within(self.query, self.hubs)


@dataclass(frozen=True)
class Moments:
    """The time that a page is about: `start` to `end`, seen at `now`, in Unix seconds, as the clocks of `zone` have it.

    `step` is the one chosen, in seconds; 0 means automatic, and then at least `scrape`: how often values are collected.
    `hubs` are the only ones that the data sources show, None for all.
    """

    start: float
    end: float
    now: float
    step: int = 0
    zone: str = UTC_NAME
    scrape: int = SCRAPE_INTERVAL
    hubs: tuple[str, ...] | None = None

    def grid(self, question: Question) -> TimeRange:
        """The instants at which a question is asked. Raises TimeError.

        Where a value speaks of the time before its instant, only values whose time lies in the range belong to it: from
        1 to 31 October, in days, are the midnights of 2 October to 1 November. Nothing is asked of the future, save the
        one value of that kind that is still growing.
        """
        if question.covers is Covers.INSTANT:
            end = max(min(self.end, self.now), self.start)
            return TimeRange.aligned(self.start, end, self.step_of(question), self.zone)
        millisecond = 0.001  # an end such as 23:59:59.999 means the midnight after it
        grid = TimeRange.aligned(self.start, self.end + millisecond, self.step_of(question), self.zone)
        return _one_unfinished(grid.without_first(), self.now)

    def frozen(self) -> tuple[str, str]:
        """The same start and end as texts that do not move with the clock: whole days as dates, else instants in UTC.

        `2026-10-01` and `2026-10-31`, or `2026-11-25T17:28:20.250Z`; to the millisecond.
        """
        start, end = (round(moment * 1000) for moment in (self.start, self.end))
        first, last = (local(moment / 1000, self.zone) for moment in (start, end + 1))
        if f"{first:%T.%f}" == f"{last:%T.%f}" == "00:00:00.000000":
            return f"{first:%Y-%m-%d}", f"{local(end / 1000, self.zone):%Y-%m-%d}"
        return _instant(start), _instant(end)

    def wanted(self, question: Question) -> int:
        """The step in seconds that was chosen, else the question's own, else the one that suits the range."""
        return self.step or question.step or max(auto_step(self.end - self.start), self.scrape)

    def step_of(self, question: Question) -> int:
        """The step in seconds that is used: the one wanted, or a longer one where that would give too many points."""
        wanted, seconds = self.wanted(question), self.end - self.start
        return wanted if seconds / wanted < MAX_POINTS - 1 else max(wanted, smallest_step(int(seconds)))

    def put(self, question: Question) -> tuple[Put, ...]:
        """The question as it is sent, `$__interval` and its like filled in. Raises QueryError and TimeError.

        What cannot be limited to the hubs is refused here, before any data source refuses it.
        """
        grid = self.grid(question)
        return tuple(self._put_one(named, question, grid) for named in question.queries)

    def _put_one(self, named: NamedQuery, question: Question, grid: TimeRange) -> Put:
        (check if named.as_is else check_typed)(named.expr)
        filled = fill(named.expr, grid, self.scrape)
        instant = InstantQuery(filled.text, int(min(self.end, self.now)), self.zone)
        put = Put(named.name, instant if question.instant else RangeQuery(filled.text, grid), filled, self.hubs)
        try:
            within(put.query, self.hubs)
        except QueryError as error:
            raise error.at(*filled.position_in_typed(error.line, error.column)) if error.line else error from None
        return put


def _instant(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{local(seconds, UTC_NAME):%Y-%m-%dT%H:%M:%S}.{rest:03}Z"


def _one_unfinished(grid: TimeRange, now: float) -> TimeRange:
    """The grid up to the first instant that is not over yet."""
    instants = grid.instants
    last = int(np.searchsorted(instants, now))
    return replace(grid, end=int(instants[last])) if last < len(instants) else grid


def shown_earlier(question: Question, grid: TimeRange) -> int:
    """By how many seconds a point is drawn before its instant, so that a day's value stands on that day.

    A value at midnight that covers the time before it is shown on the day that ended then; one that covers a whole step
    of a week, on the day that step began. 0 for steps under a day, and for values that speak of their own instant.

    Seconds are those of the clocks of the grid's zone: a day back from midnight is midnight, however long the day was.
    """
    if grid.step < DAY or question.covers is Covers.INSTANT:
        return 0
    return grid.step if question.covers is Covers.STEP else DAY


def unfinished(question: Question, grid: TimeRange, now: float) -> tuple[int, ...]:
    """Which points of a grid still grow at `now` (Unix seconds): those that cover a time which is not over."""
    if question.covers is Covers.INSTANT or question.instant:
        return ()
    return tuple(np.flatnonzero(grid.instants > now).tolist())
