"""How many requests one origin, and one cluster behind it, get at the same time, and who is next where others wait.

Whoever asks has one line, however many requests stand in it, and the lines take turns: 54 parts of one person's long
question hold up nobody else's single request for longer than one of them takes. Within a line the cluster that has the
fewest requests under way comes first, so that one that hangs does not keep the others from their first.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lib.core.errors import Kind
from lib.sources import failures
from lib.sources.deadline import Deadline

WAITING = 32  # lines at one origin; whoever comes on top is told at once that it is busy


@dataclass(eq=False)
class _Request:
    """One that waits for a place; `woken` is set when it has got one, or when its time is up."""

    cluster: str
    woken: threading.Event = field(default_factory=threading.Event)
    placed: bool = False


class Places:
    """The places of one origin: `most` together, `per_cluster` for each cluster, `waiting` lines at the most.

    Any number of threads may use it.
    """

    def __init__(self, most: int, per_cluster: int, waiting: int = WAITING) -> None:
        self.most, self._per_cluster, self._waiting = most, per_cluster, waiting
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()  # by cluster; "" is for what belongs to none, such as a list of them
        self._lines: OrderedDict[str, list[_Request]] = OrderedDict()  # by who asks, in the order of their turns

    @contextmanager
    def place(self, cluster: str, deadline: Deadline) -> Iterator[None]:
        """A place for one request, waited for until the deadline.

        Raises SourceError: BUSY, at once where too many wait, or when none came free in time; and what ended the
        deadline.
        """
        request = _Request(cluster)
        self._enter(request, deadline.asker)
        try:
            if not request.placed and deadline.wait(request.woken):
                reason = deadline.ended or Kind.TIMEOUT
                raise failures.busy(self.most) if reason is Kind.TIMEOUT else failures.ended(reason, 0)
            yield
        finally:
            self._leave(request, deadline.asker)

    def _enter(self, request: _Request, asker: str) -> None:
        with self._lock:
            self._lines.setdefault(asker, []).append(request)
            self._serve()
            if not request.placed and len(self._lines) > self._waiting and len(self._lines[asker]) == 1:
                del self._lines[asker]
                raise failures.queue_full(self._waiting)

    def _leave(self, request: _Request, asker: str) -> None:
        with self._lock:
            if request.placed:
                self._taken[request.cluster] -= 1
            else:
                self._lines[asker].remove(request)
                if not self._lines[asker]:
                    del self._lines[asker]
            self._serve()

    def _serve(self) -> None:
        """Gives away what is free, one place for each line in turn."""
        while self._taken.total() < self.most:
            found = next(((asker, each) for asker, line in self._lines.items() if (each := self._next(line))), None)
            if found is None:
                return
            asker, request = found
            self._lines[asker].remove(request)
            self._lines.move_to_end(asker)
            if not self._lines[asker]:
                del self._lines[asker]
            self._taken[request.cluster] += 1
            request.placed = True
            request.woken.set()

    def _next(self, line: list[_Request]) -> _Request | None:
        """The request of a line that is to have the next place; None where all their clusters have enough."""
        fitting = [each for each in line if not each.cluster or self._taken[each.cluster] < self._per_cluster]
        return min(fitting, key=lambda each: self._taken[each.cluster], default=None)
