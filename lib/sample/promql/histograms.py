"""`histogram_quantile`: quantiles estimated from the cumulative buckets of classic histograms."""

from __future__ import annotations

import re

import numpy as np

from lib.sample.promql.functions import number
from lib.sample.promql.signatures import Call, function
from lib.sample.promql.values import NAME, Bools, Floats, Labels, Value, Vector, no_series, without

_FLOAT = re.compile(r"[+-]?(?:inf(?:inity)?|nan|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)", re.IGNORECASE)


@function("histogram_quantile")
def histogram_quantile(call: Call) -> Value:
    """The quantile of each histogram, linear inside of its bucket. Series without a number as `le` do not take part."""
    vector, quantile = call.vector(1), number(call, 0)
    histograms: dict[frozenset[tuple[str, str]], list[int]] = {}
    for row, labels in enumerate(vector.labels):
        if _FLOAT.fullmatch(labels.get("le", "")):
            histograms.setdefault(frozenset(_identity(labels).items()), []).append(row)
    if not histograms:
        return no_series(len(quantile))
    rows = list(histograms.values())
    values = np.array([_quantiles(vector, group, quantile) for group in rows])
    present = np.array([vector.present[group].any(axis=0) for group in rows])
    return Vector(tuple(_identity(vector.labels[group[0]]) for group in rows), values, present)


def _identity(labels: Labels) -> Labels:
    return without(labels, (NAME, "le"))


def _quantiles(vector: Vector, rows: list[int], quantile: Floats) -> Floats:
    """The quantiles of one histogram, (T,). Which buckets exist may change: each selection is computed at once."""
    bounds = np.array([float(vector.labels[row]["le"]) for row in rows])
    order = np.argsort(bounds, kind="stable")
    bounds = bounds[order]
    counts, present = vector.values[rows][order], vector.present[rows][order]
    result = np.full(len(quantile), np.nan)
    selections, which = np.unique(present, axis=1, return_inverse=True)
    for number_, selection in enumerate(selections.T):
        steps = np.flatnonzero(which.ravel() == number_)
        if selection.any():
            result[steps] = _estimates(bounds[selection], counts[selection][:, steps], quantile[steps])
    return result


def _estimates(bounds: Floats, counts: Floats, quantile: Floats) -> Floats:
    """As `bucketQuantile` in Prometheus' promql/quantile.go: `bounds` (B,) ascending, `counts` (B, T) cumulative.

    NaN without a bucket up to +Inf, with fewer than two buckets or without observations; above the last finite bound
    the answer is that bound.
    """
    bounds, starts = np.unique(bounds, return_index=True)
    counts = _monotonic(np.add.reduceat(counts, starts, axis=0))
    if len(bounds) < 2 or bounds[-1] != np.inf:
        estimates = np.full(len(quantile), np.nan)
    else:
        estimates = np.where(counts[-1] == 0, np.nan, _interpolated(bounds, counts, quantile))
    estimates = np.where(quantile < 0, -np.inf, np.where(quantile > 1, np.inf, estimates))
    return np.where(np.isnan(quantile), np.nan, estimates)


def _monotonic(counts: Floats) -> Floats:
    """Counts that never fall from bucket to bucket. NaN stays, and after a first bucket that is NaN all do."""
    risen = np.where(np.isnan(counts), counts, np.fmax.accumulate(counts, axis=0))
    return np.where(np.isnan(counts[0]), counts, risen)


def _interpolated(bounds: Floats, counts: Floats, quantile: Floats) -> Floats:
    steps = np.arange(counts.shape[1])
    rank = quantile * counts[-1]
    bucket = _search(counts[:-1], rank)
    below = np.maximum(bucket - 1, 0)
    lowest = bucket == 0
    start = np.where(lowest, 0.0, bounds[below])
    before = np.where(lowest, 0.0, counts[below, steps])
    inside = (rank - before) / (counts[bucket, steps] - before)
    values = start + (bounds[bucket] - start) * inside
    values = np.where(lowest & (bounds[0] <= 0), bounds[0], values)
    return np.asarray(np.where(bucket == len(bounds) - 1, bounds[-2], values))


def _search(counts: Floats, rank: Floats) -> np.typing.NDArray[np.int64]:
    """The first bucket that reaches the rank, by Go's `sort.Search`, whose steps matter where a count is NaN."""
    steps = np.arange(counts.shape[1])
    low = np.zeros(len(steps), np.int64)
    high = np.full(len(steps), len(counts), np.int64)
    while (open_ := low < high).any():
        middle = np.minimum((low + high) // 2, len(counts) - 1)
        reached: Bools = counts[middle, steps] >= rank
        low, high = np.where(open_ & ~reached, middle + 1, low), np.where(open_ & reached, middle, high)
    return low
