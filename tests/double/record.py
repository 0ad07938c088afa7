"""What a test sees of a running double: where it is, and a record of every request."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field

from tests.double.wire import Asked


@dataclass
class Logged:
    """One request that came in. Times are monotonic seconds; `ended` is 0 while it is under way."""

    asked: Asked
    uid: str
    started: float
    ended: float = 0.0

    @property
    def method(self) -> str:
        return self.asked.method

    @property
    def path(self) -> str:
        return self.asked.path

    @property
    def authorization(self) -> str:
        return self.asked.authorization


@dataclass
class Double:
    """A running double. `url` is its address; `log` every request, in order; `sink_log` must stay empty.

    `sink` is the address of a second server that nobody may talk to: redirects and the data sources' own `url` lead
    there. `connections` counts accepted connections.
    """

    url: str
    sink: str
    token: str
    log: list[Logged] = field(default_factory=list)
    sink_log: list[str] = field(default_factory=list)
    connections: int = 0

    def asked(self, uid: str) -> list[Logged]:
        """The requests to one data source, in order."""
        return [entry for entry in self.log if entry.uid == uid]

    @property
    def most_at_once(self) -> int:
        """The largest number of requests to data sources that were under way at the same time."""
        entries = [entry for entry in self.log if entry.uid]
        steps = [(entry.started, 1) for entry in entries] + [(entry.ended or time.monotonic(), -1) for entry in entries]
        return max(itertools.accumulate(step for _, step in sorted(steps)), default=0)
