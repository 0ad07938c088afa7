"""What a data source is to the rest of the app, the registry of the kinds of them, and the names they get on screen."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from lib.core.errors import QueryError, SourceError
from lib.core.fence import LABEL, fenced, fenced_match, narrower
from lib.core.metadata import MetricInfo, of_names
from lib.core.query import Query
from lib.core.result import Answer
from lib.core.settings import Settings
from lib.core.time_range import DAY
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
    - `hubs`: the only ones that may be seen, None for all. Every request says so, whatever is asked: see
      `lib.core.fence`. It raises QueryError, and sends nothing, where that cannot be put into a query.
    - `own`: whether a visitor's own token asks it, so that nobody else may see what it answers.
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
    hubs: tuple[str, ...] | None = None
    own: bool = False

    @property
    def timeout(self) -> float:
        """The time limit of one question in seconds."""
        return self.api.transport.timeout

    def ask(self, query: Query, cancel: Cancel | None = None, through: Through | None = None) -> Answer:
        """The answer to a query, asked for in parts where it is long. Raises QueryError or SourceError, nothing else.

        `through` stands in front of every request, so that a cache can answer it. It sees the query with the hubs in
        it, so that nobody is given what others may see.
        """
        if self.hubs is None:
            return self._ask(query, cancel, through)
        walled = fenced(query.expr, self.hubs)
        try:
            return self._ask(replace(query, expr=walled.text), cancel, through)
        except QueryError as error:
            raise error.at(*walled.position_in_typed(error.line, error.column)) if error.line else error from None

    def _ask(self, query: Query, cancel: Cancel | None, through: Through | None) -> Answer:

        def fetch(asked: Query, lasting: bool, stop: Cancel) -> Answer:
            def send() -> Answer:
                return self.watch.around(self.name, "query", lambda: self.api.ask(asked, stop))

            return send() if through is None else through(asked, lasting, send, stop)

        return ask_in_parts(query, fetch, now=time.time(), seconds=self.timeout, cancel=cancel)

    def label_values(
        self, name: str, match: str, start: int, end: int, cancel: Cancel | None = None
    ) -> tuple[str, ...]:
        """The values of label `name` on the series of selector `match` from `start` to `end` (Unix seconds)."""
        within = self._match(match)
        found = self._list("label values", lambda: self.api.label_values(name, within, start, end, cancel))
        # A server that is too old for selectors here, such as Prometheus before 2.24, lists the hubs of everybody.
        return tuple(each for each in found if self.hubs is None or name != LABEL or each in self.hubs)

    def label_names(self, match: str, start: int, end: int, cancel: Cancel | None = None) -> tuple[str, ...]:
        """The names of the labels on the series of selector `match` from `start` to `end` (Unix seconds)."""
        within = self._match(match)
        return self._list("label names", lambda: self.api.label_names(within, start, end, cancel))

    def metadata(self, cancel: Cancel | None = None) -> dict[str, MetricInfo]:
        """What the targets say of their metrics, by family; empty where the server does not know or tell.

        Where hubs are limited, only of metrics that these hubs had in the last day.
        """
        found = self._list("metadata", lambda: self.api.metadata(cancel))
        if self.hubs is None:
            return found
        end = int(time.time())
        return of_names(found, self.label_values("__name__", "", end - DAY, end, cancel))

    def _match(self, match: str) -> str:
        return match if self.hubs is None else fenced_match(match, self.hubs)

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


def narrowed(source: Source, hubs: Iterable[str] | None) -> Source:
    """The source for those who may see only these hubs, of those that it shows at all; None leaves it as it is."""
    return replace(source, hubs=narrower(source.hubs, hubs))


def hubs_of(sources: Iterable[Source]) -> tuple[str, ...] | None:
    """The only hubs that the sources show, in one order; None where one of them shows all, or there is none."""
    lists = [source.hubs for source in sources]
    limited = [hubs for hubs in lists if hubs is not None]
    if not lists or len(limited) < len(lists):
        return None
    return tuple(sorted({hub for hubs in limited for hub in hubs}))


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
