"""Aggregations: `sum by (x) (...)` and its kin. Register a new one with `@aggregation`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.sample.promql.quantiles import sorted_quantile
from lib.sample.promql.values import NAME, Bools, Floats, Ints, Labels, Vector, no_series, only, without


@dataclass(frozen=True, eq=False)
class Groups:
    """The rows of a vector in groups: sorted by group, `starts` (G,) says where each of the G groups begins.

    `values` and `present` (S, T) are the rows; `counts` (G, T) how many of each group exist.
    """

    values: Floats
    present: Bools
    starts: Ints
    labels: tuple[Labels, ...]

    @property
    def counts(self) -> Ints:
        """How many rows of each group exist at each moment, (G, T)."""
        counts: Ints = np.add.reduceat(self.present, self.starts, axis=0, dtype=np.int64)
        return counts

    def total(self, values: Floats) -> Floats:
        """The sums of values (S, T) over each group, (G, T)."""
        totals: Floats = np.add.reduceat(np.where(self.present, values, 0.0), self.starts, axis=0)
        return totals

    def spread(self, numbers: Floats) -> Floats:
        """Numbers of the groups (G, T) for each of their rows, (S, T)."""
        sizes = np.diff(np.append(self.starts, len(self.values)))
        return np.repeat(numbers, sizes, axis=0)


Aggregation = Callable[[Groups, Floats], Floats]
AGGREGATIONS: dict[str, Aggregation] = {}


def aggregation(name: str) -> Callable[[Aggregation], Aggregation]:
    """Register an aggregation: groups and the parameter (T,) in, values (G, T) out, moot where none exist."""

    def register(body: Aggregation) -> Aggregation:
        AGGREGATIONS[name] = body
        return body

    return register


Key = Callable[[Labels], Labels]


def grouping(names: tuple[str, ...], is_without: bool) -> Key:
    """What is left of a label set by `by (names)` or `without (names)`; the latter drops the metric name as well."""
    if is_without:
        return lambda labels: without(labels, (*names, NAME))
    return lambda labels: only(labels, names)


def aggregated(name: str, vector: Vector, key: Key, parameter: Floats) -> Vector:
    """One series for each group, existing where any of its members does."""
    if not vector.labels:
        return no_series(vector.values.shape[1])
    groups = grouped(vector, key)[0]
    return Vector(groups.labels, AGGREGATIONS[name](groups, parameter), groups.counts > 0)


def grouped(vector: Vector, key: Key) -> tuple[Groups, Ints]:
    """The groups of a vector that has series, and the order its rows were put in."""
    members: dict[frozenset[tuple[str, str]], list[int]] = {}
    labels: list[Labels] = []
    for row, one in enumerate(vector.labels):
        left = key(one)
        rows = members.setdefault(frozenset(left.items()), [])
        if not rows:
            labels.append(left)
        rows.append(row)
    order = np.array([row for rows in members.values() for row in rows])
    sizes = np.array([len(rows) for rows in members.values()])
    groups = Groups(vector.values[order], vector.present[order], np.cumsum(sizes) - sizes, tuple(labels))
    return groups, order


@aggregation("sum")
def sum_(groups: Groups, parameter: Floats) -> Floats:
    """The sum."""
    return groups.total(groups.values)


@aggregation("count")
def count(groups: Groups, parameter: Floats) -> Floats:
    """The number of series."""
    return groups.counts.astype(float)


@aggregation("group")
def group(groups: Groups, parameter: Floats) -> Floats:
    """1."""
    return np.ones(groups.counts.shape)


@aggregation("max")
def max_(groups: Groups, parameter: Floats) -> Floats:
    """The greatest value; NaN only if there is nothing else."""
    values: Floats = np.fmax.reduceat(np.where(groups.present, groups.values, np.nan), groups.starts, axis=0)
    return values


@aggregation("min")
def min_(groups: Groups, parameter: Floats) -> Floats:
    """The least value; NaN only if there is nothing else."""
    values: Floats = np.fmin.reduceat(np.where(groups.present, groups.values, np.nan), groups.starts, axis=0)
    return values


@aggregation("avg")
def avg(groups: Groups, parameter: Floats) -> Floats:
    """The mean; it does not overflow where only the sum would."""
    counts = groups.counts
    means = groups.total(groups.values) / counts
    infinite = groups.total(np.isinf(groups.values).astype(float)) > 0
    overflown = np.isinf(means) & ~infinite
    return np.where(overflown, groups.total(groups.values / groups.spread(counts.astype(float))), means)


@aggregation("stdvar")
def stdvar(groups: Groups, parameter: Floats) -> Floats:
    """The variance as a population. A single member has none, be it infinite or NaN (as in Prometheus 2.42)."""
    counts = groups.counts
    base = groups.spread(max_(groups, parameter))
    above = groups.values - np.where(np.isfinite(base), base, 0.0)
    above = above - groups.spread(groups.total(above) / counts)
    return np.where(counts == 1, 0.0, groups.total(above * above) / counts)


@aggregation("stddev")
def stddev(groups: Groups, parameter: Floats) -> Floats:
    """The standard deviation as a population."""
    return np.sqrt(stdvar(groups, parameter))


@aggregation("quantile")
def quantile(groups: Groups, parameter: Floats) -> Floats:
    """The quantile that the parameter names."""
    owner = groups.spread(np.arange(len(groups.starts), dtype=float)[:, np.newaxis])
    kind = np.where(groups.present, np.where(np.isnan(groups.values), 0, 1), 2)
    order = np.lexsort((groups.values, kind, np.broadcast_to(owner, kind.shape)), axis=0)
    ordered = np.take_along_axis(groups.values, order, axis=0)
    starts = groups.starts[:, np.newaxis]
    counts = np.maximum(groups.counts, 1)
    wanted = np.broadcast_to(parameter, counts.shape)
    return sorted_quantile(wanted, counts, lambda rank: np.take_along_axis(ordered, starts + rank, axis=0))
