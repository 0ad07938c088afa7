"""The aggregations whose results are not one number per group: `topk`, `bottomk` and `count_values`."""

from __future__ import annotations

import re

import numpy as np

from lib.sample.promql.aggregations import Groups, Key, grouped
from lib.sample.promql.errors import refuse
from lib.sample.promql.values import Bools, Floats, Ints, Labels, Vector, no_series, with_label

_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_INT64 = 2.0**63


def ranked(vector: Vector, key: Key, parameter: Floats, top: bool) -> Vector:
    """The k greatest (`top`) or least samples of each group at each moment, with all of their labels.

    NaN counts as the last in either direction. Among equal values the first series wins; which one wins in Prometheus
    depends on its heap and, in a range query, on chance. An instant query has each group in order of rank.
    """
    for one in parameter:
        if not -_INT64 <= one <= _INT64:
            refuse(f"Scalar value {_go_float(one)} overflows int64")
    if not vector.labels:
        return vector
    groups, order = grouped(vector, key)
    by_rank = _by_rank(groups, top)
    rank = np.arange(len(by_rank))[:, np.newaxis] - groups.spread(groups.starts[:, np.newaxis].astype(float))
    chosen = np.zeros(groups.present.shape, bool)
    np.put_along_axis(chosen, by_rank, rank < np.trunc(parameter), axis=0)
    chosen &= groups.present
    if len(parameter) == 1:
        order, chosen = order[by_rank[:, 0]], chosen[by_rank[:, 0]]
    labels = tuple(vector.labels[row] for row in order)
    return Vector(labels, vector.values[order], chosen).pruned()


def _by_rank(groups: Groups, top: bool) -> Ints:
    """The rows of the groups at each moment, (S, T): group by group, the best first, NaN behind, absent ones last."""
    values = -groups.values if top else groups.values
    kind = np.where(groups.present, np.where(np.isnan(values), 1, 0), 2)
    owner = groups.spread(np.arange(len(groups.starts), dtype=float)[:, np.newaxis])
    return np.lexsort((values, kind, np.broadcast_to(owner, kind.shape)), axis=0)


def _go_float(value: float) -> str:
    return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(str(float(value)), str(float(value)))


def count_values(vector: Vector, key: Key, label: str) -> Vector:
    """How many series of each group have each value; the value becomes a label."""
    if not _LABEL_NAME.fullmatch(label):
        refuse(f'invalid label name "{label}"')
    counts: dict[frozenset[tuple[str, str]], Floats] = {}
    labels: dict[frozenset[tuple[str, str]], Labels] = {}
    for one, values, present in zip(vector.labels, vector.values, vector.present, strict=True):
        for text, where in _values(values, present).items():
            left = key(with_label(one, label, text))
            identity = frozenset(left.items())
            labels.setdefault(identity, left)
            counts[identity] = counts.get(identity, np.zeros(len(values))) + where
    if not counts:
        return no_series(vector.values.shape[1])
    rows = np.array(list(counts.values()))
    return Vector(tuple(labels.values()), rows, rows > 0)


def _values(values: Floats, present: Bools) -> dict[str, Bools]:
    """Where a series has which value, by the value's decimal text."""
    found: dict[str, Bools] = {}
    for value in np.unique(values[present]):
        same = np.isnan(values) if np.isnan(value) else values == value
        found[decimal_text(float(value))] = same & present
    return found


def decimal_text(value: float) -> str:
    """A number as Go's `strconv.FormatFloat(value, 'f', -1, 64)`: shortest, never with an exponent."""
    if not np.isfinite(value):
        return _go_float(value)
    text = np.format_float_positional(value, trim="-")
    return str(text)
