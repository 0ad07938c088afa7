"""Finding a metric among many thousands by its name or its help text, and counting what its labels have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lib.core.metadata import KnownMetric, MetricCatalogue
from lib.core.promql import MAX_LENGTH
from lib.core.result import Answer, Outcome
from lib.core.selector_text import selector_of

MOST_LABELS = 40  # of one metric that are counted
MOST_VALUES = 10  # of one label, from each cluster
_PLAIN = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_LABEL = "label"  # what tells the labels apart in the answer to `values_query`


def search_metrics(catalogue: MetricCatalogue, typed: str) -> list[KnownMetric]:
    """The metrics that have every typed word in their name or their help, in any case; names come first.

    First a name that is just what was typed, then those that begin with it, then the rest in the order of the alphabet,
    then those that only their help text tells. All of them, by name, where nothing was typed.
    """
    words = typed.lower().replace("_", " ").split()
    if not words:
        return list(catalogue.metrics)
    ranked = [(_rank(metric, words, typed.strip().lower()), metric) for metric in catalogue.metrics]
    return [metric for rank, metric in sorted(((r, m) for r, m in ranked if r), key=lambda each: -each[0])]


def _rank(metric: KnownMetric, words: Sequence[str], typed: str) -> int:
    """0 for none, more for a better match."""
    name = metric.name.lower()
    if all(word in name for word in words):
        return 4 if name == typed else 3 if name.startswith(typed) else 2
    told = f"{name} {metric.info.help.lower()}"
    return 1 if all(word in told for word in words) else 0


def series_query(metric: str) -> str:
    """How many series a metric has."""
    return f"count({selector_of(metric).text})"


def values_query(metric: str, labels: Sequence[str]) -> str:
    """How many values each label of a metric has, in one query: a series per label, told apart by `label`.

    Labels with other letters than Prometheus 2 knows are left out, as are those for which the query has no room.
    """
    selector, text = selector_of(metric).text, ""
    for label in filter(_PLAIN.fullmatch, labels):
        part = f'label_replace(count(count by ({label}) ({selector})), "{_LABEL}", "{label}", "", "")'
        if len(text) + len(part) + 4 < MAX_LENGTH:
            text += f" or {part}" if text else part
    return text


def top_query(metric: str, label: str) -> str:
    """The values of a label that most series have, at most ten."""
    return f"topk({MOST_VALUES}, count by ({label}) ({selector_of(metric).text}))"


def by_cluster(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """By cluster, the one number it answered; 0 where it has no series. A cluster that failed is left out."""
    answers = [(each.cluster, each.answer) for each in outcomes if isinstance(each.answer, Answer)]
    return {cluster: _number(answer, 0) if len(answer.labels) else 0 for cluster, answer in answers}


def by_label(outcomes: Sequence[Outcome]) -> dict[str, tuple[int, int]]:
    """By label, the smallest and the largest number of values that a cluster with any has."""
    found: dict[str, list[int]] = {}
    for answer in (each.answer for each in outcomes if isinstance(each.answer, Answer)):
        for place, labels in enumerate(answer.labels):
            found.setdefault(labels.get(_LABEL, ""), []).append(_number(answer, place))
    return {label: (min(counts), max(counts)) for label, counts in found.items()}


@dataclass(frozen=True)
class Value:
    """A value of a label, how many series have it, and on how many clusters."""

    value: str
    series: int
    clusters: int


def top_values(outcomes: Sequence[Outcome], label: str) -> list[Value]:
    """The values of all clusters put together, those with the most series first; "" stands for series without it."""
    found: dict[str, list[int]] = {}
    for answer in (each.answer for each in outcomes if isinstance(each.answer, Answer)):
        for place, labels in enumerate(answer.labels):
            found.setdefault(_text(labels, label), []).append(_number(answer, place))
    values = [Value(text, sum(counts), len(counts)) for text, counts in found.items()]
    return sorted(values, key=lambda each: (-each.series, each.value))[: 2 * MOST_VALUES]


def _text(labels: Mapping[str, str], label: str) -> str:
    return labels.get(label, "")


def _number(answer: Answer, place: int) -> int:
    value = answer.values[place][-1]
    return int(value) if np.isfinite(value) else 0
