"""What the data sources know of: names of metrics with their meaning, names of labels and their values.

Each list has two caches: one for all, and one for the visit alone, for sources that a visitor's own token asks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from lib.cache.configured import source_named
from lib.cache.own_sources import own_source_named
from lib.core.errors import QueryError, SourceError
from lib.core.metadata import MetricCatalogue, MetricInfo, Told, merge
from lib.core.time_range import DAY
from lib.sources import Source, side_by_side

NAMES_SECONDS = 600  # a metric that is new today can wait for minutes
REST_SECONDS = 60  # how long one that failed is not waited for by those who are in a hurry
CATALOGUE_PATIENCE = 10.0  # seconds; the lists of a large Prometheus take one or two

Found = TypeVar("Found")
Key = tuple[str, str, str, tuple[str, ...] | None]  # as `source_named` takes it


def label_values(
    sources: Sequence[Source], name: str, match: str, start: int, end: int, *, patience: float | None = None
) -> dict[str, tuple[str, ...]]:
    """By cluster, the values of label `name` on the series of `match` from `start` to `end` (Unix seconds).

    A cluster that cannot say is left out; it takes only its own values away. With `patience` (seconds) nobody is waited
    for any longer than that, and one that failed in the last minute is not asked.
    """
    return _by_cluster(sources, lambda source: _values_of(source, name, match, start, end), patience)


def label_names(
    sources: Sequence[Source], match: str, start: int, end: int, *, patience: float | None = None
) -> dict[str, tuple[str, ...]]:
    """By cluster, the names of the labels on the series of `match` (all series for ""); otherwise as `label_values`."""

    def names_of(source: Source) -> tuple[str, ...]:
        return (_own_label_names if source.own else _label_names)(_key(source), match, start, end)

    return _by_cluster(sources, names_of, patience)


def _values_of(source: Source, name: str, match: str, start: int, end: int) -> tuple[str, ...]:
    return (_own_label_values if source.own else _label_values)(_key(source), name, match, start, end)


def metric_catalogue(
    sources: Sequence[Source], start: int, end: int, *, patience: float = CATALOGUE_PATIENCE
) -> MetricCatalogue:
    """Every metric that a source has between `start` and `end` (Unix seconds, whole days are best), with its meaning.

    The union over the sources, each asked at the same time. One that cannot say is named in `silent`, and the catalogue
    is then made anew next time. A source that has names but no meanings gives its names. Raises SourceError when one of
    the sources is not connected any more.
    """
    keep = _own_catalogue if any(source.own for source in sources) else _catalogue
    try:
        return keep(tuple(map(_key, sources)), start, end, patience)
    except _Incomplete as incomplete:
        return incomplete.catalogue


def metric_names(sources: Sequence[Source], now: float) -> frozenset[str]:
    """The metrics that at least one of the sources has collected in the last day; none when no source can say."""
    end = int(now // DAY * DAY) + DAY
    return frozenset(
        name for names in label_values(sources, "__name__", "", end - 2 * DAY, end).values() for name in names
    )


class _Incomplete(Exception):
    """Carries the catalogue of some sources past the cache, which forgets what is raised."""

    def __init__(self, catalogue: MetricCatalogue) -> None:
        super().__init__()
        self.catalogue = catalogue


@st.cache_resource(ttl=NAMES_SECONDS, max_entries=8, show_spinner=False)
def _catalogue(keys: tuple[Key, ...], start: int, end: int, patience: float) -> MetricCatalogue:
    return _merged([source_named(*key) for key in keys], start, end, patience)


@st.cache_resource(scope="session", ttl=NAMES_SECONDS, max_entries=2, show_spinner=False)
def _own_catalogue(keys: tuple[Key, ...], start: int, end: int, patience: float) -> MetricCatalogue:
    return _merged([own_source_named(*key) for key in keys], start, end, patience)


def _merged(sources: Sequence[Source], start: int, end: int, patience: float) -> MetricCatalogue:
    def tell(source: Source) -> Told:
        return _values_of(source, "__name__", "", start, end), _meanings(source)

    told = _by_cluster(sources, tell, patience)
    silent = tuple(source.name for source in sources if source.name not in told)
    catalogue = merge(told, silent)
    if silent:
        raise _Incomplete(catalogue)
    return catalogue


def _meanings(source: Source) -> dict[str, MetricInfo]:
    """What a source says of its metrics; nothing where it may not be asked that, since names alone are worth having."""
    try:
        return (_own_metadata if source.own else _metadata)(_key(source))
    except SourceError:
        return {}


def _by_cluster(sources: Sequence[Source], work: Callable[[Source], Found], patience: float | None) -> dict[str, Found]:
    """`work` for every source side by side, by cluster; without those that fail."""
    context = get_script_run_ctx()
    resting = _own_resting() if any(source.own for source in sources) else _resting()
    hurry = patience is not None
    asked = [each for each in sources if not (hurry and time.monotonic() < resting.get(_key(each), 0.0))]

    def ask_one(source: Source) -> Found:
        add_script_run_ctx(ctx=context)
        return work(source)

    limit = max((source.timeout for source in asked), default=0.0) if patience is None else patience
    found = dict(zip(asked, side_by_side(asked, ask_one, limit), strict=True))
    for source, told in found.items():
        if isinstance(told, SourceError) and not isinstance(told, QueryError):
            resting[_key(source)] = time.monotonic() + REST_SECONDS
    return {source.name: told for source, told in found.items() if not isinstance(told, SourceError)}


@st.cache_resource(show_spinner=False)
def _resting() -> dict[Key, float]:
    """Until when (by the monotonic clock) a source that failed is left alone by those in a hurry."""
    return {}


@st.cache_resource(scope="session", show_spinner=False)
def _own_resting() -> dict[Key, float]:
    return {}


def _key(source: Source) -> Key:
    return source.id, source.origin, source.credential_id, source.hubs


@st.cache_data(ttl=NAMES_SECONDS, max_entries=1_000, show_spinner=False)
def _label_values(key: Key, name: str, match: str, start: int, end: int) -> tuple[str, ...]:
    return source_named(*key).label_values(name, match, start, end)


@st.cache_data(scope="session", ttl=NAMES_SECONDS, max_entries=100, show_spinner=False)
def _own_label_values(key: Key, name: str, match: str, start: int, end: int) -> tuple[str, ...]:
    return own_source_named(*key).label_values(name, match, start, end)


@st.cache_data(ttl=NAMES_SECONDS, max_entries=1_000, show_spinner=False)
def _label_names(key: Key, match: str, start: int, end: int) -> tuple[str, ...]:
    return source_named(*key).label_names(match, start, end)


@st.cache_data(scope="session", ttl=NAMES_SECONDS, max_entries=100, show_spinner=False)
def _own_label_names(key: Key, match: str, start: int, end: int) -> tuple[str, ...]:
    return own_source_named(*key).label_names(match, start, end)


@st.cache_data(ttl=NAMES_SECONDS, max_entries=100, show_spinner=False)
def _metadata(key: Key) -> dict[str, MetricInfo]:
    return source_named(*key).metadata()


@st.cache_data(scope="session", ttl=NAMES_SECONDS, max_entries=20, show_spinner=False)
def _own_metadata(key: Key) -> dict[str, MetricInfo]:
    return own_source_named(*key).metadata()


def forget_own() -> None:
    """Drops what this visitor's own tokens were told."""
    for kept in (_own_label_values, _own_label_names, _own_metadata, _own_catalogue, _own_resting):
        kept.clear()
