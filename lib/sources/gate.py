"""What every request has to pass before it leaves: the breakers of its credential and its cluster, then a place.

One gate serves all transports of a process, so that a Grafana that is listed anew, or asked with another token, still
gets no more requests at once, and what rests goes on resting.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from lib.core.errors import Kind, RestingError, SourceError
from lib.sources.breaker import IN_A_ROW, OF_OURS, OF_THE_SERVER, Breaker, Verdict
from lib.sources.deadline import Clock, Deadline
from lib.sources.exchange import Reply, Request
from lib.sources.places import WAITING, Places
from lib.sources.refusals import read_refusal
from lib.sources.statuses import of_status


class Gate:
    """Places and breakers of every origin. `most` requests at once for each origin, `per_cluster` for each cluster.

    `waiting`: how many may wait at one origin; `in_a_row`: how many failures send a cluster to rest. `clock` gives
    monotonic seconds, `now` Unix seconds. Any number of threads may use it.
    """

    def __init__(
        self,
        most: int = 8,
        per_cluster: int = 4,
        *,
        waiting: int = WAITING,
        in_a_row: float = IN_A_ROW,
        clock: Clock = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._most, self._per_cluster, self._waiting = most, per_cluster, waiting
        self._places: dict[str, Places] = {}
        self._lock = threading.Lock()
        self._clusters = Breaker(in_a_row, clock=clock, now=now)
        self._credentials = Breaker(1, clock=clock, now=now)

    def through(self, request: Request, deadline: Deadline, send: Callable[[], Reply]) -> Reply:
        """What `send` returns, once there is a place for it.

        Raises SourceError: RESTING at once, as RestingError; BUSY; what ends the deadline; and what `send` raises.
        """
        origin, label = request.credential.origin, request.credential.secret.label
        cluster = request.cluster or origin  # what belongs to no cluster asks the Grafana itself
        with self._credentials.passed(label, deadline) as note_token, self._clusters.passed(cluster, deadline) as note:
            placed_at: float | None = None
            try:
                with self._of(origin).place(request.cluster, deadline):
                    self._credentials.check(label, deadline)
                    self._clusters.check(cluster, deadline)
                    placed_at = deadline.elapsed
                    reply = send()
            except SourceError as failure:
                note(_verdict(failure, deadline, placed_at), failure)
                raise
            refusal = _refusal(reply, request.peer)
            if refusal and refusal.kind is Kind.AUTH:
                note_token(Verdict.BAD, refusal)
            else:
                note_token(Verdict.GOOD, None)
                note(Verdict.BAD if refusal and refusal.kind in OF_THE_SERVER else Verdict.GOOD, refusal)
        return reply

    def wake(self, resting: RestingError) -> None:
        """Ends the rest that an error speaks of."""
        for breaker in (self._clusters, self._credentials):
            breaker.wake(resting.what)

    def _of(self, origin: str) -> Places:
        with self._lock:
            if origin not in self._places:
                self._places[origin] = Places(self._most, self._per_cluster, self._waiting)
            return self._places[origin]


def _refusal(reply: Reply, peer: str) -> SourceError | None:
    """What a status other than 2xx means."""
    if 200 <= reply.status < 300:
        return None
    return read_refusal(reply, "") or of_status(reply, peer)


def _verdict(failure: SourceError, deadline: Deadline, placed_at: float | None) -> Verdict:
    """What a failure says about the server: nothing where the time went by in front of our own door."""
    if placed_at is None or failure.kind in OF_OURS:
        return Verdict.NONE
    late = failure.kind is Kind.TIMEOUT and not deadline.remaining
    if late and deadline.elapsed - placed_at < deadline.seconds / 2:
        return Verdict.NONE
    return Verdict.BAD if failure.kind in OF_THE_SERVER else Verdict.GOOD
