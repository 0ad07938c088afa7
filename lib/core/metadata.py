"""What is known of a metric before it is asked: its type, its help text, its unit, and which clusters have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

MOST_METRICS = 50_000  # names in a catalogue; a cluster of JupyterHubs has two thousand
LONGEST_HELP = 1_000  # characters; exporters write a sentence or two
_MEMBERS = ("_bucket", "_count", "_sum", "_total", "_created", "_info")


@dataclass(frozen=True)
class MetricInfo:
    """What a target said of a metric: a type such as "gauge" or "counter", a help text, a unit; "" for what it left
    out. Foreign text."""

    type: str = ""
    help: str = ""
    unit: str = ""


UNKNOWN = MetricInfo()


@dataclass(frozen=True)
class KnownMetric:
    """A metric that somebody collects, and the names of the clusters that do, in their order."""

    name: str
    info: MetricInfo
    clusters: tuple[str, ...]


def read_metadata(data: Mapping[object, object]) -> dict[str, MetricInfo]:
    """The `data` of `GET /api/v1/metadata` by metric family; of several targets' words the first.

    The form is that of Prometheus' documentation (docs/querying/api.md, "Querying metric metadata"); what does not
    have it is left out, since a help text is never worth an error.
    """
    found: dict[str, MetricInfo] = {}
    for name, entries in data.items():
        entry = entries[0] if isinstance(entries, list) and entries else None
        if isinstance(name, str) and isinstance(entry, Mapping):
            texts = (entry.get(key) for key in ("type", "help", "unit"))
            kind, words, unit = (text if isinstance(text, str) else "" for text in texts)
            found[name] = MetricInfo("" if kind == "unknown" else kind, words[:LONGEST_HELP], unit)
    return found


def info_of(name: str, families: Mapping[str, MetricInfo]) -> MetricInfo:
    """What the families say of a metric. A histogram's `_bucket` and a counter's `_total` are told by their family."""
    if name in families:
        return families[name]
    for ending in _MEMBERS:
        if name.endswith(ending) and (family := name.removesuffix(ending)) in families:
            return families[family]
    return UNKNOWN


def of_names(families: Mapping[str, MetricInfo], names: Iterable[str]) -> dict[str, MetricInfo]:
    """The families that one of these metrics belongs to."""
    known = set(names)
    return {
        family: info
        for family, info in families.items()
        if family in known or any(family + ending in known for ending in _MEMBERS)
    }


@dataclass(frozen=True)
class MetricCatalogue:
    """Every metric that the clusters know, by name; `silent` are the clusters that could not say.

    `more` counts the names that were left out because there were too many. `version` is the same for the same content.
    """

    metrics: tuple[KnownMetric, ...] = ()
    silent: tuple[str, ...] = ()
    more: int = 0

    @cached_property
    def version(self) -> str:
        """A short text that differs where names, infos or clusters do, in every process the same."""
        digest = sha256()
        for metric in self.metrics:
            digest.update(repr(metric).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()[:16]

    @cached_property
    def by_name(self) -> Mapping[str, KnownMetric]:
        """The metrics by their names."""
        return {metric.name: metric for metric in self.metrics}


Told = tuple[tuple[str, ...], Mapping[str, MetricInfo]]


def merge(told: Mapping[str, Told], silent: tuple[str, ...] = (), most: int = MOST_METRICS) -> MetricCatalogue:
    """One catalogue of what several clusters told: by cluster, its metrics' names and what its families say.

    Of several clusters' words about a metric the first that has any counts. At most `most` names are kept, the first in
    the alphabet.
    """
    clusters: dict[str, list[str]] = {}
    for cluster, (names, _) in told.items():
        for name in names:
            clusters.setdefault(name, []).append(cluster)
    kept = sorted(clusters)[:most]
    metrics = tuple(KnownMetric(name, _first_info(name, clusters[name], told), tuple(clusters[name])) for name in kept)
    return MetricCatalogue(metrics, silent, len(clusters) - len(kept))


def _first_info(name: str, clusters: Sequence[str], told: Mapping[str, Told]) -> MetricInfo:
    infos = (info_of(name, told[cluster][1]) for cluster in clusters)
    return next((info for info in infos if info != UNKNOWN), UNKNOWN)
