"""Numbers about the app itself, in Prometheus' own format, and one line of log for every request: nothing of what was
asked or answered, only where, what for, how it ended, how long it took.

They are served on a port of their own, on this machine only: names of clusters and how much is asked are nobody's
business but the operator's.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, start_http_server

from lib.core.errors import Kind, SourceError

ADDRESS = "127.0.0.1"
ANSWERED = "answered"
_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)  # seconds; 120 is the longest time limit
_QUIET = (Kind.CANCELLED, Kind.QUERY, Kind.BUSY)  # nothing that somebody who runs the app has to look at

T = TypeVar("T")


class Numbers:
    """Counts and times requests, and logs each: at INFO, or at WARNING where it failed. Any thread may use it."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self.registry = CollectorRegistry()
        self._log, self._clock = log, clock
        self._requests = self._counter("requests", "Requests to clusters by how they ended.", "cluster what outcome")
        self._bytes = self._counter("received_bytes", "Decoded bytes of the answers to queries.", "cluster")
        self._answers = self._counter("answers", "Answers by where they came from: a cluster, memory, disk.", "origin")
        self._open = Gauge("hubscope_requests_in_flight", "Requests under way.", ["cluster"], registry=self.registry)
        self._seconds = Histogram(
            "hubscope_request_seconds",
            "How long requests took, failed ones too.",
            ["cluster", "what"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)

    def _counter(self, name: str, help_: str, labels: str) -> Counter:
        return Counter(f"hubscope_{name}", help_, labels.split(), registry=self.registry)

    def around(self, cluster: str, what: str, work: Callable[[], T]) -> T:
        """What `work` returns, or the SourceError that it raises: counted, timed and logged."""
        started, outcome, size = self._clock(), "mistake", 0
        self._open.labels(cluster).inc()
        try:
            answer = work()
            outcome, size = ANSWERED, int(getattr(answer, "size", 0))
        except SourceError as failure:
            outcome = failure.kind.value
            raise
        finally:
            self._open.labels(cluster).dec()
            self._note(cluster, what, outcome, self._clock() - started, size)
        return answer

    def found(self, where: str) -> None:
        """An answer came from `where`: "memory", "disk" or "cluster"."""
        self._answers.labels(where).inc()

    def serve(self, port: int) -> int:
        """Serves the numbers under /metrics on this machine's own address, for as long as the process lives.

        Returns the port; with port 0 a free one is taken. Raises OSError when it is taken already.
        """
        server, _ = start_http_server(port, addr=ADDRESS, registry=self.registry)
        return int(server.server_port)

    def _note(self, cluster: str, what: str, outcome: str, seconds: float, size: int) -> None:
        self._requests.labels(cluster, what, outcome).inc()
        self._seconds.labels(cluster, what).observe(seconds)
        self._bytes.labels(cluster).inc(size)
        calm = outcome == ANSWERED or outcome in _QUIET
        told = {"cluster": cluster, "what": what, "outcome": outcome, "ms": round(seconds * 1_000), "bytes": size}
        words = "request cluster=%(cluster)r what=%(what)s outcome=%(outcome)s ms=%(ms)d bytes=%(bytes)d"
        self._log.log(logging.INFO if calm else logging.WARNING, words, told)
