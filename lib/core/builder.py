"""A query put together from choices, for those who do not write PromQL: a metric, which of it, per what, and how.

To add a way of putting values together, add a member to `How`, its words to `WORDS` and its form to `_FORMS`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lib.core.metadata import KnownMetric, MetricCatalogue
from lib.core.naming import NAMESPACE
from lib.core.promql import parse
from lib.core.result import NAME
from lib.core.variables import escape, quote

MOST_FOUND = 100  # metrics of a search that are offered; a better word finds the others
_PLAIN_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class Kind(StrEnum):
    """What a metric counts: a COUNTER only grows, a GAUGE goes up and down, BUCKETS count how many stayed below."""

    COUNTER = "counter"
    GAUGE = "gauge"
    BUCKETS = "buckets"


class How(StrEnum):
    """How the series that belong together become one."""

    AVERAGE = "average"
    LARGEST = "largest"
    SUM = "sum"
    RATE = "rate"
    INCREASE = "increase"
    COUNT = "count"
    MEDIAN = "median"
    P95 = "p95"


class Per(StrEnum):
    """What gets a line of its own. A data source is one cluster, so per cluster and in total it is asked the same."""

    HUB = "hub"
    CLUSTER = "cluster"
    TOTAL = "total"
    LABEL = "label"


WORDS: dict[How, str] = {
    How.AVERAGE: "Average",
    How.LARGEST: "Largest",
    How.SUM: "Sum",
    How.RATE: "Rate per second",
    How.INCREASE: "Increase per step",
    How.COUNT: "Number of series",
    How.MEDIAN: "Median",
    How.P95: "95 % are below",
}
_OFFERED = {
    Kind.COUNTER: (How.INCREASE, How.RATE, How.COUNT),
    Kind.GAUGE: (How.SUM, How.LARGEST, How.AVERAGE, How.COUNT),
    Kind.BUCKETS: (How.MEDIAN, How.P95),
}
_ADDS_UP = frozenset((How.SUM, How.RATE, How.INCREASE, How.COUNT))
# The form of each: what surrounds all, the aggregation, and what surrounds the selector.
_FORMS = {
    How.AVERAGE: ("{}", "avg", "{}"),
    How.LARGEST: ("{}", "max", "{}"),
    How.SUM: ("{}", "sum", "{}"),
    How.RATE: ("{}", "sum", "rate({}[$__rate_interval])"),
    How.INCREASE: ("{}", "sum", "increase({}[$__interval])"),
    How.COUNT: ("{}", "count", "{}"),
    How.MEDIAN: ("histogram_quantile(0.5, {})", "sum", "rate({}[$__rate_interval])"),
    How.P95: ("histogram_quantile(0.95, {})", "sum", "rate({}[$__rate_interval])"),
}


@dataclass(frozen=True)
class Spec:
    """What was chosen: series of `metric` whose labels have one of the values in `only`, one line `per` what, `how`.

    `label` is the one that Per.LABEL means.
    """

    metric: str
    how: How
    per: Per = Per.CLUSTER
    label: str = ""
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()


def kind_of(metric: KnownMetric) -> Kind:
    """What a metric is, from what its target says, else from its name (prometheus.io/docs: metric and label naming)."""
    name, told = metric.name, metric.info.type
    if name.endswith("_bucket"):
        return Kind.BUCKETS
    if told in ("histogram", "summary"):
        return Kind.COUNTER if name.endswith(("_sum", "_count")) else Kind.GAUGE
    if told in ("counter", "gauge"):
        return Kind(told)
    return Kind.COUNTER if name.endswith(("_total", "_sum", "_count")) else Kind.GAUGE


def ways(kind: Kind) -> tuple[How, ...]:
    """What may be asked of a metric of a kind, the usual first."""
    return _OFFERED[kind]


def splits(how: How, labels: Sequence[str]) -> tuple[Per, ...]:
    """What may get a line of its own, by the labels there are. A total is offered only of what adds up."""
    others = [label for label in labels if label not in (NAMESPACE, NAME, "le")]
    fits = {Per.HUB: NAMESPACE in labels, Per.CLUSTER: True, Per.TOTAL: how in _ADDS_UP, Per.LABEL: bool(others)}
    return tuple(per for per, fit in fits.items() if fit)


def selector(metric: str, only: Sequence[tuple[str, tuple[str, ...]]] = ()) -> str:
    """The series of a metric whose labels have one of some values; a label without values says nothing."""
    plain = _is_plain(metric)
    matchers = [_matcher(label, values) for label, values in only if values]
    named = [] if plain else [_matcher(NAME, (metric,))]
    inside = ", ".join([*named, *matchers])
    return f"{metric if plain else ''}{{{inside}}}" if inside else metric


def build(spec: Spec) -> str:
    """The PromQL of a choice, on lines of its own, with `$__rate_interval` and `$__interval` left for the step."""
    around, aggregation, inside = _FORMS[spec.how]
    by = [] if spec.per in (Per.CLUSTER, Per.TOTAL) else [NAMESPACE if spec.per is Per.HUB else spec.label]
    if around != "{}":
        by = ["le", *by]
    grouping = f" by ({', '.join(map(_label, by))}) " if by else ""
    body = inside.format(selector(spec.metric, spec.only))
    return around.format(f"{aggregation}{grouping}(\n  {body}\n)")


def find(catalogue: MetricCatalogue, words: str) -> tuple[KnownMetric, ...]:
    """The metrics that have every word in their name or help, those with it in the name first; at most 100."""
    wanted = words.lower().split()
    in_name, in_help = [], []
    for metric in catalogue.metrics:
        name = metric.name.lower()
        if all(word in name for word in wanted):
            in_name.append(metric)
        elif all(word in name or word in metric.info.help.lower() for word in wanted):
            in_help.append(metric)
    return tuple((in_name + in_help)[:MOST_FOUND])


def _is_plain(metric: str) -> bool:
    """Whether a metric may stand as it is: not one that is called as a keyword, or has other letters."""
    try:
        return getattr(parse(metric), "name", None) == metric and "$" not in metric
    except ValueError:
        return False


def _matcher(label: str, values: tuple[str, ...]) -> str:
    if len(values) == 1:
        text = escape(values[0]).replace("$", "\\x24").replace("[", "\\x5b")
        return f'{_label(label)}="{text}"'
    return f'{_label(label)}=~"{quote(values)}"'


def _label(name: str) -> str:
    return name if _PLAIN_LABEL.fullmatch(name) else json.dumps(name, ensure_ascii=False)
