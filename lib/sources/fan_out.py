"""Asks all at once: every source its question, every Grafana its list, side by side and bounded by one deadline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from lib.core.errors import Kind, SourceError
from lib.core.query import Query
from lib.core.result import Answer, Outcome
from lib.sources import failures
from lib.sources.base import Source
from lib.sources.deadline import Cancel

MOST_THREADS = 64
_GRACE = 0.5  # seconds; the last answers are decoded after their exchange has ended

Job = TypeVar("Job")
Done = TypeVar("Done")
Ask = Callable[[Source, Query], Answer]


def ask_all(
    sources: Sequence[Source],
    query: Query,
    *,
    ask: Ask | None = None,
    seconds: float | None = None,
    cancel: Cancel | None = None,
) -> tuple[Outcome, ...]:
    """What every source says to one query, in the order of the sources.

    A source that fails gives an outcome with its error and leaves the others alone. After `seconds` (by default the
    longest time limit of the sources) whoever has not answered gets TIMEOUT. `ask` takes the place of `Source.ask`,
    so that a cache can stand in front; it runs in threads, and only what it sends through `Source.ask` itself can be
    cut short. `cancel` stops everything at once.
    """
    stop = Cancel(cancel)
    limit = seconds if seconds is not None else max((source.timeout for source in sources), default=0.0) + _GRACE
    answers = side_by_side(sources, lambda source: ask(source, query) if ask else source.ask(query, stop), limit, stop)
    return tuple(Outcome(source.name, source.id, answer) for source, answer in zip(sources, answers, strict=True))


def side_by_side(
    jobs: Sequence[Job], work: Callable[[Job], Done], seconds: float, stop: Cancel | None = None
) -> list[Done | SourceError]:
    """`work` done for every job in threads of its own: what it returned, or the SourceError it raised, in order.

    Jobs that are not done after `seconds` give TIMEOUT; `stop` is thrown for them, so that their sockets are shut. Any
    other exception of `work` is a mistake in this program and is raised here.
    """
    if not jobs:
        return []

    def attempt(job: Job) -> Done | SourceError:
        try:
            return work(job)
        except SourceError as failure:
            return failure

    pool = ThreadPoolExecutor(min(len(jobs), MOST_THREADS), thread_name_prefix="ask")
    futures = [pool.submit(attempt, job) for job in jobs]
    _, late = wait(futures, timeout=seconds)
    if late and stop:
        stop.end(Kind.TIMEOUT)
    pool.shutdown(wait=False, cancel_futures=True)
    return [failures.ended(Kind.TIMEOUT, seconds) if future in late else future.result() for future in futures]
