"""Lets alone what fails again and again: a breaker for each cluster, and one for each credential that was refused.

Who hangs costs everybody a whole time limit at every look, and who is overloaded needs anything but more questions. So
after five failures in a row that speak of the server, and not of the query, a cluster rests for 20 s: whoever asks is
told at once until when, and why. Then one request tries it (for whoever sent it, the others wait for what comes of
that); an answer ends the rest, another failure begins a new one. A cluster that refuses the token rests at once, and
when a second one does, or the Grafana itself, everything that the token opens.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

from lib.core.errors import Kind, SourceError
from lib.sources import failures
from lib.sources.deadline import Clock, Deadline

IN_A_ROW = 5
REST = 20.0  # seconds; with the next question all is well again within half a minute of the last failure

# What speaks of the server, and costs it or whoever waits something. A web page in place of an answer costs nobody.
OF_THE_SERVER = frozenset(
    {
        *(Kind.NETWORK, Kind.DNS, Kind.TLS, Kind.TIMEOUT, Kind.RATE_LIMITED),
        *(Kind.UPSTREAM, Kind.UPSTREAM_AUTH, Kind.UPSTREAM_TIMEOUT),
    }
)
# What happened on our side of the wire, and says nothing about the other.
OF_OURS = frozenset({Kind.CANCELLED, Kind.REPLACED, Kind.BUSY, Kind.RESTING, Kind.CONFIG})


class Verdict(Enum):
    """What one request says about whom it asked."""

    GOOD = "it answered, whatever it said"
    BAD = "it failed"
    REFUSED = "it will fail until somebody changes something"
    NONE = "nothing: it did not come that far"


# How a request says what came of it: the verdict, and the failure if it was one.
Note = Callable[[Verdict, SourceError | None], None]


@dataclass
class _Trial:
    """The one request that tries whether the rest is over, for whom, and who waits for what comes of it."""

    asker: str
    waiting: list[threading.Event] = field(default_factory=list)


@dataclass
class _Circuit:
    failed: int = 0  # in a row
    until: float = 0.0  # by the clock; 0 while nothing rests
    shown_until: float = 0.0  # the same in Unix seconds
    last: SourceError | None = None
    trial: _Trial | None = None


class Breaker:
    """The breakers of one sort, by what they stand for. They open after `in_a_row` failures, for `seconds`.

    `clock` gives monotonic seconds, `now` Unix seconds. Any number of threads may use it.
    """

    def __init__(
        self,
        in_a_row: float = IN_A_ROW,
        seconds: float = REST,
        *,
        clock: Clock = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._in_a_row, self._seconds, self._clock, self._now = in_a_row, seconds, clock, now
        self._circuits: dict[str, _Circuit] = {}
        self._lock = threading.Lock()

    @contextmanager
    def passed(self, what: str, deadline: Deadline) -> Iterator[Note]:
        """Lets one request through, which says what came of it by calling what it is given.

        Raises RestingError where `what` rests, and the SourceError that ended the deadline while another was tried.
        """
        mine = self._admit(what, deadline)
        try:
            yield lambda verdict, failure: self._note(what, verdict, failure, mine)
        finally:
            if mine:
                self._end_trial(what, mine)

    def check(self, what: str, deadline: Deadline) -> None:
        """Raises RestingError where a rest began while a request that was let through waited for its place."""
        with self._lock:
            circuit = self._circuits.get(what)
            trial = circuit.trial if circuit else None
            if circuit and self._clock() < circuit.until and (trial is None or trial.asker != deadline.asker):
                raise self._resting(circuit, what)

    def wake(self, what: str) -> None:
        """Ends a rest, and those of what belongs to it (`what`, a blank and more): somebody wants it tried now."""
        with self._lock:
            for each in [each for each in self._circuits if f"{each} ".startswith(f"{what} ")]:
                self._close(each)

    def _admit(self, what: str, deadline: Deadline) -> _Trial | None:
        """The trial that this request is, None for one like any other; waits while another of the same asker tries."""
        while True:
            with self._lock:
                circuit = self._circuits.get(what)
                if circuit is None or not circuit.until:
                    return None
                if self._clock() < circuit.until:
                    raise self._resting(circuit, what)
                if circuit.trial is None:
                    circuit.trial = _Trial(deadline.asker)
                    return circuit.trial
                if circuit.trial.asker != deadline.asker:
                    raise self._resting(circuit, what)
                circuit.trial.waiting.append(over := threading.Event())
            if deadline.wait(over):
                raise failures.ended(deadline.ended or Kind.TIMEOUT, deadline.seconds)

    def _note(self, what: str, verdict: Verdict, failure: SourceError | None, mine: _Trial | None) -> None:
        with self._lock:
            if verdict is Verdict.GOOD:
                self._close(what)
            elif verdict in (Verdict.BAD, Verdict.REFUSED):
                circuit = self._circuits.setdefault(what, _Circuit())
                circuit.failed += 1
                circuit.last = failure
                enough = 1 if verdict is Verdict.REFUSED else self._in_a_row
                if mine or (not circuit.until and circuit.failed >= enough):
                    circuit.until = self._clock() + self._seconds
                    circuit.shown_until = self._now() + self._seconds

    def _close(self, what: str) -> None:
        circuit = self._circuits.pop(what, None)
        for event in circuit.trial.waiting if circuit and circuit.trial else ():
            event.set()

    def _end_trial(self, what: str, mine: _Trial) -> None:
        with self._lock:
            circuit = self._circuits.get(what)
            if circuit and circuit.trial is mine:
                circuit.trial = None
            for event in mine.waiting:
                event.set()

    def _resting(self, circuit: _Circuit, what: str) -> SourceError:
        assert circuit.last
        until = max(circuit.shown_until, self._now())
        failed = 1 if circuit.last.kind is Kind.AUTH else circuit.failed
        return failures.resting(circuit.last, failed, until, what)
