"""Answers that are kept: in memory up to so many bytes, least recently used first out, and on disk where there is one.

Not `st.cache_data`, which pickles on the way in and copies on the way out: an answer here is handed out as it is. That
is safe because it cannot be changed: its arrays are read-only, its labels are proxies.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

from lib.core.errors import Kind, SourceError
from lib.core.result import Answer
from lib.sources import Cancel, failures
from lib.sources.deadline import Clock

_LABELS_BYTES = 500  # what the labels of one series take, about
# Seconds that a clock may go back, as clocks do that are kept right; after more, nobody knows how old an answer is.
_ADJUSTED = 60
# How the one who asks for all may fail for reasons of its own; whoever waited then asks itself.
_OWN_REASONS = (Kind.CANCELLED, Kind.REPLACED, Kind.TIMEOUT, Kind.BUSY)


def _unnoted(where: str) -> None:
    """Nobody wants to know."""


class Shelf(Protocol):
    """Where answers outlive the process. See `lib.cache.disk.Folder`."""

    def read(self, key: Hashable) -> Answer | None: ...

    def write(self, key: Hashable, answer: Answer) -> None: ...


@dataclass(frozen=True)
class Terms:
    """How long an answer may be kept: `seconds` in memory, none for not at all; and whether on disk too."""

    seconds: float
    on_disk: bool = False


@dataclass
class _Kept:
    answer: Answer
    size: int
    since: float
    until: float


class _Flight:
    """Somebody is asking; others wait for what comes of it."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.answer: Answer | SourceError | None = None


class Store:
    """A bounded store of answers for any number of threads. `limit` is in bytes, `clock` gives Unix seconds.

    Nothing with a warning is kept. Two who want the same at the same time send one request. `found` is told where each
    answer came from: "memory", "disk", "cluster", or "another", who had asked just before.
    """

    def __init__(
        self, limit: int, shelf: Shelf | None = None, clock: Clock = time.time, found: Callable[[str], None] = _unnoted
    ) -> None:
        self._limit, self._shelf, self._clock, self._found = limit, shelf, clock, found
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._flights: dict[Hashable, _Flight] = {}
        self._lock = threading.Lock()
        self.size = 0

    def get(
        self,
        key: Hashable,
        terms: Terms,
        fetch: Callable[[], Answer],
        stop: Cancel | None = None,
        *,
        anew: bool = False,
    ) -> Answer:
        """The answer that is kept under a key, or what `fetch` returns, which is then kept on these terms.

        `anew` fetches whatever is kept. Raises the SourceError that `fetch` raises, and CANCELLED when `stop` is thrown
        while another one fetches.
        """
        while True:
            with self._lock:
                found = None if anew else self._fresh(key)
                flight = self._flights.get(key)
                if not found and flight is None:
                    mine = self._flights[key] = _Flight()
                    break
            answer = found or (_landed(flight, stop) if flight else None)
            if isinstance(answer, Answer):
                self._found("memory" if found else "another")
                return answer
            if answer is not None and answer.kind not in _OWN_REASONS:
                raise answer
        return self._fetch(key, mine, terms, fetch, anew)

    def _fetch(self, key: Hashable, mine: _Flight, terms: Terms, fetch: Callable[[], Answer], anew: bool) -> Answer:
        try:
            found = None if anew else self._from_shelf(key, terms)
            mine.answer = answer = frozen(found or fetch())
            self._found("disk" if found else "cluster")
            age = self._clock() - answer.fetched_at if found else 0.0
            self._keep(key, answer, terms.seconds - age)
            if self._shelf and terms.on_disk and not found and not answer.warnings:
                self._shelf.write(key, answer)
        except SourceError as failure:
            mine.answer = failure
            raise
        finally:
            with self._lock:
                del self._flights[key]
            mine.over.set()
        return answer

    def _fresh(self, key: Hashable) -> Answer | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        if not kept.since - _ADJUSTED <= self._clock() < kept.until:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept.answer

    def _from_shelf(self, key: Hashable, terms: Terms) -> Answer | None:
        found = self._shelf.read(key) if self._shelf and terms.on_disk else None
        fresh = found and 0 <= self._clock() - found.fetched_at < terms.seconds  # below 0 when a clock was set back
        return found if fresh else None

    def _keep(self, key: Hashable, answer: Answer, seconds: float) -> None:
        size = size_of(answer)
        if seconds <= 0 or answer.warnings or size > self._limit:
            return
        with self._lock:
            self._drop(key)
            now = self._clock()
            self._kept[key] = _Kept(answer, size, now, now + seconds)
            self.size += size
            while self.size > self._limit:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        self.size -= kept.size if kept else 0


def _landed(flight: _Flight, stop: Cancel | None) -> Answer | SourceError | None:
    while not flight.over.wait(0.1):  # in slices, so that a cancel is noticed
        if stop and stop.reason:
            raise failures.ended(stop.reason, 0)
    return flight.answer


def size_of(answer: Answer) -> int:
    """About how many bytes an answer takes in memory."""
    arrays = answer.values.nbytes + (0 if answer.nan is None else answer.nan.nbytes)
    return arrays + _LABELS_BYTES * (1 + len(answer.labels))


def frozen(answer: Answer) -> Answer:
    """The same answer in a form that nobody can change."""
    for array in (answer.values, answer.nan):
        if array is not None:
            array.setflags(write=False)
    return replace(answer, labels=tuple(MappingProxyType(dict(labels)) for labels in answer.labels))
