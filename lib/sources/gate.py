"""What every request has to pass before it leaves: the breakers of its credential and its cluster, then a place.

One gate serves all transports of a process, so that a Grafana that is listed anew, or asked with another token, still
gets no more requests at once, and what rests goes on resting.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack

from lib.core.errors import Kind, RestingError, SourceError
from lib.sources.breaker import IN_A_ROW, OF_OURS, OF_THE_SERVER, Breaker, Note, Verdict
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
        self._credentials = Breaker(clock=clock, now=now)
        self._refused: dict[str, set[str]] = {}  # by credential, who refused it since it last opened something

    def through(self, request: Request, deadline: Deadline, send: Callable[[], Reply]) -> Reply:
        """What `send` returns, once there is a place for it.

        Raises SourceError: RESTING at once, as RestingError; BUSY; what ends the deadline; and what `send` raises.
        """
        label, cluster = request.credential.secret.label, request.cluster or request.credential.origin
        here = f"{label} {cluster}"  # a token that is refused here rests here: others may have a better one
        circuits = ((self._credentials, label), (self._credentials, here), (self._clusters, cluster))
        with ExitStack() as stack:
            notes = [stack.enter_context(breaker.passed(what, deadline)) for breaker, what in circuits]
            reply = self._placed(request, deadline, send, circuits, notes[-1])
            refusal = _refusal(reply, request.peer)
            refused = refusal is not None and refusal.kind is Kind.AUTH
            down = refusal is not None and refusal.kind in OF_THE_SERVER
            of_token = self._of_token(label, request.cluster, refused=refused)
            verdicts = (of_token, Verdict.REFUSED if refused else Verdict.GOOD, Verdict.BAD if down else Verdict.GOOD)
            for note, verdict in zip(notes, verdicts, strict=True):
                note(verdict, refusal)
        return reply

    def wake(self, resting: RestingError) -> None:
        """Ends the rest that an error speaks of."""
        for breaker in (self._clusters, self._credentials):
            breaker.wake(resting.what)

    def _placed(
        self,
        request: Request,
        deadline: Deadline,
        send: Callable[[], Reply],
        circuits: Iterable[tuple[Breaker, str]],
        note: Note,
    ) -> Reply:
        """What `send` returns once there is a place; a failure is noted for the cluster."""
        placed_at: float | None = None
        try:
            with self._of(request.credential.origin).place(request.cluster, deadline):
                for breaker, what in circuits:
                    breaker.check(what, deadline)
                placed_at = deadline.elapsed
                return send()
        except SourceError as failure:
            note(_verdict(failure, deadline, placed_at), failure)
            raise

    def _of_token(self, label: str, cluster: str, *, refused: bool) -> Verdict:
        """What an answer says of the token: one cluster may have a mistake of its own, two or a Grafana have not."""
        with self._lock:
            if not refused:
                self._refused.pop(label, None)
                return Verdict.GOOD
            known = self._refused.setdefault(label, set())
            known.add(cluster)
            return Verdict.REFUSED if "" in known or len(known) > 1 else Verdict.NONE

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
