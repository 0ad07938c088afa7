"""Asks all at once: queries under way at every source, bounded by one deadline, watched as they answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lib.core.errors import Kind, SourceError
from lib.core.query import Query
from lib.core.result import Answer, Outcome
from lib.sources import failures
from lib.sources.base import Source
from lib.sources.deadline import Cancel, Clock
from lib.sources.side_by_side import Work

MAX_TOGETHER = 40_000_000  # values of all answers to a question; they take 320 MB, and as much while they are merged
_GRACE = 0.5  # seconds; the last answers are decoded after their exchange has ended

# What one source answers to one query; the switch ends what it has sent.
Ask = Callable[[Source, Query, Cancel], Answer]


@dataclass(frozen=True)
class Progress:
    """How far a fan-out has come. A source counts as done when it has answered every query, or failed at one."""

    sources: int
    answered: int
    failed: int
    seconds: float
    running: bool

    @property
    def done(self) -> int:
        """How many sources nobody waits for any more."""
        return self.answered + self.failed


class FanOut:
    """Queries, put to every source, under way until all have answered, the time is up, or somebody stops it.

    By default the time limit in seconds is the longest of the sources'. `ask` takes the place of `Source.ask`, so that
    a cache can stand in front. `known` are earlier outcomes, one tuple per query: what was answered is not asked again.
    All answers together have at most `most` values; what comes after is refused.
    Any thread may look at it.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        queries: Sequence[Query],
        *,
        ask: Ask | None = None,
        seconds: float | None = None,
        cancel: Cancel | None = None,
        known: Sequence[Sequence[Outcome]] = (),
        most: int = MAX_TOGETHER,
        clock: Clock = time.monotonic,
    ) -> None:
        self._sources, self._queries = tuple(sources), tuple(queries)
        limit = seconds if seconds is not None else max((each.timeout for each in sources), default=0.0) + _GRACE
        self._known = {
            (row, outcome.source_id): outcome.answer
            for row, outcomes in enumerate(known)
            for outcome in outcomes
            if isinstance(outcome.answer, Answer)
        }
        self._jobs = [
            (row, source)
            for row in range(len(queries))
            for source in self._sources
            if (row, source.id) not in self._known
        ]
        self._send, self._stop, self._ended_with = ask or _directly, Cancel(cancel), cancel
        self._values = sum(answer.values.size for answer in self._known.values())
        self._most, self._counting = most, threading.Lock()
        self._work = Work(self._jobs, self._ask, limit, self._stop, clock=clock)
        if cancel:
            cancel.add(self._work)

    def _ask(self, job: tuple[int, Source]) -> Answer:
        """One answer, unless it is more than all together may be: those that came before it stay."""
        row, source = job
        answer = self._send(source, self._queries[row], self._stop)
        with self._counting:
            if self._values + answer.values.size > self._most:
                raise failures.too_many_together(self._values, answer.values.size, self._most)
            self._values += answer.values.size
        return answer

    def outcomes(self) -> tuple[tuple[Outcome, ...], ...]:
        """What every source says to each query, in the order of the sources; PENDING where it is still being asked."""
        found: dict[tuple[int, str], Answer | SourceError] = dict(self._known)
        for (row, source), result in zip(self._jobs, self._work.results, strict=True):
            found[row, source.id] = result if result is not None else failures.pending()
        return tuple(
            tuple(Outcome(source.name, source.id, found[row, source.id]) for source in self._sources)
            for row in range(len(self._queries))
        )

    def progress(self) -> Progress:
        """How many sources have answered or failed, after how many seconds."""
        open_, bad = set(), set()
        for (_, source), result in zip(self._jobs, self._work.results, strict=True):
            if isinstance(result, SourceError):
                bad.add(source.id)
            elif result is None:
                open_.add(source.id)
        answered = len(self._sources) - len(open_ | bad)
        return Progress(len(self._sources), answered, len(bad), self._work.elapsed, self._work.running)

    def wait(self, seconds: float | None = None) -> None:
        """Waits until all is done, or `seconds` have gone by."""
        self._work.wait(seconds)

    def wait_for_more(self, seconds: float) -> None:
        """Waits until one more answer or failure has come, or `seconds` have gone by."""
        self._work.wait(seconds, more_than=sum(result is not None for result in self._work.results))

    def stop(self, reason: Kind = Kind.CANCELLED) -> None:
        """Ends what is under way: those who have not answered count as stopped, and their sockets are shut."""
        self._work.end(reason)


def ask_all(
    sources: Sequence[Source],
    query: Query,
    *,
    ask: Ask | None = None,
    seconds: float | None = None,
    cancel: Cancel | None = None,
) -> tuple[Outcome, ...]:
    """What every source says to one query, in the order of the sources, once all have said it.

    A source that fails gives an outcome with its error and leaves the others alone. After `seconds` (by default the
    longest time limit of the sources) whoever has not answered gets TIMEOUT. For `ask` see `FanOut`; `cancel` stops
    everything at once.
    """
    under_way = FanOut(sources, [query], ask=ask, seconds=seconds, cancel=cancel)
    under_way.wait()
    return under_way.outcomes()[0]


def _directly(source: Source, query: Query, stop: Cancel) -> Answer:
    return source.ask(query, stop)
