"""What a data source is to the rest of the app, the registry of the kinds of them, and the names they get on screen."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from lib.core.errors import SourceError
from lib.core.metadata import MetricInfo
from lib.core.query import Query
from lib.core.result import Answer
from lib.core.settings import Settings
from lib.sources.deadline import Cancel
from lib.sources.exchange import Credential
from lib.sources.parts import ask_in_parts
from lib.sources.transport import Transport
from lib.sources.watch import Unwatched, Watch

T = TypeVar("T")


class Api(Protocol):
    """What answers a source's questions, each with one request. See `lib.sources.prometheus.PrometheusApi`."""

    @property
    def transport(self) -> Transport: ...

    @property
    def base(self) -> str: ...

    @property
    def credential(self) -> Credential: ...

    def ask(self, query: Query, cancel: Cancel | None = None) -> Answer: ...

    def label_values(
        self, name: str, match: str, start: int, end: int, cancel: Cancel | None = None
    ) -> tuple[str, ...]: ...

    def label_names(self, match: str, start: int, end: int, cancel: Cancel | None = None) -> tuple[str, ...]: ...

    def metadata(self, cancel: Cancel | None = None) -> dict[str, MetricInfo]: ...


# Answers one request itself or through the function it is given. Its arguments: the query that the request asks,
# whether the values of its answer can no longer change, what sends it, and the switch that ends it.
Through = Callable[[Query, bool, Callable[[], Answer], Cancel], Answer]


@dataclass(frozen=True)
class Source:
    """One data source: one cluster. Usable from many threads at once.

    - `id`: the same in every process for the same settings, and safe in an address: `<grafana>/<uid>`.
    - `name`: the cluster's name on screen, different for every source.
    - `kind`: a key of `SOURCE_KINDS`; `origin`: `scheme://host[:port]`, the only place it talks to.
    - `credential_id`: a random label that tells who asks, for the keys of caches; says nothing about the token.
    - `group`: the Grafana it was found in, or its own name.
    - `scrape`: how often it collects values, in seconds; 0 where nobody says.
    - `watch`: who looks on while it is asked.
    """

    id: str
    name: str
    kind: str
    origin: str
    credential_id: str
    group: str
    api: Api = field(repr=False, compare=False)
    scrape: int = 0
    watch: Watch = field(default=Unwatched(), repr=False, compare=False)

    @property
    def timeout(self) -> float:
        """The time limit of one question in seconds."""
        return self.api.transport.timeout

    def ask(self, query: Query, cancel: Cancel | None = None, through: Through | None = None) -> Answer:
        """The answer to a query, asked for in parts where it is long. Raises QueryError or SourceError, nothing else.

        `through` stands in front of every request, so that a cache can answer it.
        """

        def fetch(asked: Query, lasting: bool, stop: Cancel) -> Answer:
            def send() -> Answer:
                return self.watch.around(self.name, "query", lambda: self.api.ask(asked, stop))

            return send() if through is None else through(asked, lasting, send, stop)

        return ask_in_parts(query, fetch, now=time.time(), seconds=self.timeout, cancel=cancel)

    def label_values(
        self, name: str, match: str, start: int, end: int, cancel: Cancel | None = None
    ) -> tuple[str, ...]:
        """The values of label `name` on the series of selector `match` from `start` to `end` (Unix seconds)."""
        return self._list("label values", lambda: self.api.label_values(name, match, start, end, cancel))

    def label_names(self, match: str, start: int, end: int, cancel: Cancel | None = None) -> tuple[str, ...]:
        """The names of the labels on the series of selector `match` from `start` to `end` (Unix seconds)."""
        return self._list("label names", lambda: self.api.label_names(match, start, end, cancel))

    def metadata(self, cancel: Cancel | None = None) -> dict[str, MetricInfo]:
        """What the targets say of their metrics, by family; empty where the server does not know or tell."""
        return self._list("metadata", lambda: self.api.metadata(cancel))

    def _list(self, what: str, work: Callable[[], T]) -> T:
        return self.watch.around(self.name, what, work)


@dataclass(frozen=True)
class Discovery:
    """What can be asked, and what could not be listed: (name of the Grafana or data source, why)."""

    sources: tuple[Source, ...] = ()
    failures: tuple[tuple[str, SourceError], ...] = ()

    def __add__(self, other: Discovery) -> Discovery:
        return Discovery(self.sources + other.sources, self.failures + other.failures)


Discoverer = Callable[[Settings, Transport], Discovery]
SOURCE_KINDS: dict[str, Discoverer] = {}


def source_kind(name: str) -> Callable[[Discoverer], Discoverer]:
    """Registers how the data sources of one kind are found in the settings."""

    def register(discover: Discoverer) -> Discoverer:
        SOURCE_KINDS[name] = discover
        return discover

    return register


def scrape_of(sources: Sequence[Source], usual: int) -> int:
    """How often the slowest of the sources collects values, in seconds; `usual` stands for each that does not say."""
    return max((source.scrape or usual for source in sources), default=usual)


def with_distinct_names(sources: Sequence[Source]) -> tuple[Source, ...]:
    """The sources under different names: the Grafana's name is added where two clusters have the same, then the id."""
    named = _distinguished(sources, lambda source: f"{source.name} ({source.group})")
    return _distinguished(named, lambda source: f"{source.name} [{source.id}]")


def _distinguished(sources: Sequence[Source], longer: Callable[[Source], str]) -> tuple[Source, ...]:
    counts = Counter(source.name for source in sources)
    return tuple(replace(source, name=longer(source)) if counts[source.name] > 1 else source for source in sources)
