"""Work done side by side in threads: within a number of threads and one time limit, watched while it goes on."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from lib.core.errors import Kind, SourceError
from lib.sources import failures
from lib.sources.crew import CREW
from lib.sources.deadline import Cancel, Clock

MOST_THREADS = 64

Job = TypeVar("Job")
Done = TypeVar("Done")


class Work(Generic[Job, Done]):
    """`work` under way for every job, each in a thread of its own as far as `threads` go. Any thread may look at it.

    Jobs that are not done after `seconds` count as TIMEOUT, those that `end` finds unfinished as CANCELLED: at once,
    while `stop` is thrown for what they have sent. With `together`, the first failure ends all others too.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        work: Callable[[Job], Done],
        seconds: float,
        stop: Cancel | None = None,
        *,
        threads: int = MOST_THREADS,
        together: bool = False,
        clock: Clock = time.monotonic,
    ) -> None:
        self._work, self._seconds, self._stop, self._together, self._clock = work, seconds, stop, together, clock
        self._results: list[Done | SourceError | None] = [None] * len(jobs)
        self._changed = threading.Condition()
        self._started, self._ended = clock(), 0.0
        self.failure: BaseException | None = None  # the first; of a kind that is no SourceError, our own mistake
        if not jobs:
            return
        self._timer = threading.Timer(seconds, self.end, (Kind.TIMEOUT,))
        self._timer.daemon = True
        self._queue = deque(enumerate(jobs))
        try:
            self._timer.start()
            self._begin(min(len(jobs), threads))
        except RuntimeError:  # the system has no thread left
            self._end_with(failures.exhausted(), Kind.BUSY)

    def _begin(self, threads: int) -> None:
        """Lets so many threads take jobs. Raises RuntimeError where the system has not even one for them."""
        for number in range(threads):
            try:
                CREW.run(self._take_turns)
            except RuntimeError:  # no thread more: those that there are will do it all
                if not number:
                    raise
                return

    @property
    def results(self) -> tuple[Done | SourceError | None, ...]:
        """What each job has returned, or the SourceError it raised, in order; None while it is under way."""
        with self._changed:
            return tuple(self._results)

    @property
    def running(self) -> bool:
        """True while a job is under way."""
        return self._unfinished() > 0 and not self._mistaken()

    @property
    def elapsed(self) -> float:
        """Seconds since the start, up to the end."""
        return (self._ended or self._clock()) - self._started

    def wait(self, seconds: float | None = None, more_than: int | None = None) -> None:
        """Waits until all is done, or more than so many jobs are, or `seconds` have gone by.

        Raises what a job raised that is no SourceError: a mistake in this program.
        """
        with self._changed:
            enough = len(self._results) if more_than is None else min(len(self._results), more_than + 1)
            self._changed.wait_for(
                lambda: len(self._results) - self._unfinished() >= enough or self._mistaken(), seconds
            )
        if self.failure and self._mistaken():
            raise self.failure

    def end(self, reason: Kind = Kind.CANCELLED) -> None:
        """Ends what is unfinished, now. May come from any thread; does nothing when all is done."""
        self._end_with(failures.ended(reason, self._seconds), reason)

    def _end_with(self, late: SourceError, reason: Kind) -> None:
        with self._changed:
            if not self._unfinished():
                return
            self.failure = self.failure or late
            self._results = [late if result is None else result for result in self._results]
            self._note()
        self._queue.clear()
        if self._stop:
            self._stop.end(reason)

    def _take_turns(self) -> None:
        """One thread's part: the next job as long as there is one."""
        while True:
            try:
                place, job = self._queue.popleft()
            except IndexError:
                return
            self._attempt(place, job)

    def _attempt(self, place: int, job: Job) -> None:
        result: Done | SourceError | None = None
        try:
            result = self._work(job)
        except SourceError as failure:
            result = failure
        except BaseException as mistake:  # noqa: BLE001  raised again where somebody waits
            with self._changed:
                self.failure = mistake
        with self._changed:
            if self._results[place] is None:
                self._results[place] = result
                self.failure = self.failure or (result if isinstance(result, SourceError) else None)
            self._note()
        if isinstance(result, SourceError) and self._together:
            self.end()

    def _note(self) -> None:
        if not self._unfinished():
            self._timer.cancel()
            self._ended = self._ended or self._clock()
        self._changed.notify_all()

    def _unfinished(self) -> int:
        return sum(result is None for result in self._results)

    def _mistaken(self) -> bool:
        return self.failure is not None and not isinstance(self.failure, SourceError)


def side_by_side(
    jobs: Sequence[Job], work: Callable[[Job], Done], seconds: float, stop: Cancel | None = None
) -> list[Done | SourceError]:
    """`work` done for every job in threads of its own: what it returned, or the SourceError it raised, in order.

    Jobs that are not done after `seconds` give TIMEOUT; `stop` is thrown for them, so that their sockets are shut. Any
    other exception of `work` is a mistake in this program and is raised here.
    """
    under_way = Work(jobs, work, seconds, stop)
    under_way.wait()
    return [result for result in under_way.results if result is not None]
