"""What the samples of a window come to: `avg_over_time` and its kin, `changes`, `resets`."""

from __future__ import annotations

import numpy as np

from lib.sample.promql.quantiles import sorted_quantile
from lib.sample.promql.signatures import range_function
from lib.sample.promql.values import Bools, Floats, Windowed
from lib.sample.promql.windows import Piece, by_window, counted, reduced

Result = tuple[Floats, Bools]


@range_function("sum_over_time")
def sum_over_time(series: Windowed, *parameters: Floats) -> Result:
    """The sum of the values."""
    return reduced(np.add, series.values, series.first, series.last, 0.0), series.counts > 0


@range_function("avg_over_time")
def avg_over_time(series: Windowed, *parameters: Floats) -> Result:
    """The mean of the values; it does not overflow where only the sum would."""
    counts = np.maximum(series.counts, 1)
    means = sum_over_time(series)[0] / counts
    if not np.isfinite(means).all() and np.isfinite(series.values).all():
        means = by_window(series, lambda piece: piece.sums(piece.values / piece.spread(piece.counts)))
    return means, series.counts > 0


@range_function("max_over_time")
def max_over_time(series: Windowed, *parameters: Floats) -> Result:
    """The greatest value; NaN only if there is nothing else."""
    return reduced(np.fmax, series.values, series.first, series.last, np.nan), series.counts > 0


@range_function("min_over_time")
def min_over_time(series: Windowed, *parameters: Floats) -> Result:
    """The least value; NaN only if there is nothing else."""
    return reduced(np.fmin, series.values, series.first, series.last, np.nan), series.counts > 0


@range_function("count_over_time")
def count_over_time(series: Windowed, *parameters: Floats) -> Result:
    """The number of samples."""
    return series.counts.astype(float), series.counts > 0


@range_function("present_over_time", "absent_over_time")
def present_over_time(series: Windowed, *parameters: Floats) -> Result:
    """1 where there is a sample. (`evaluate` turns it round for `absent_over_time`.)"""
    return np.ones(len(series.first)), series.counts > 0


@range_function("last_over_time")
def last_over_time(series: Windowed, *parameters: Floats) -> Result:
    """The newest value."""
    return series.values[np.maximum(series.last - 1, 0)], series.counts > 0


@range_function("stdvar_over_time")
def stdvar_over_time(series: Windowed, *parameters: Floats) -> Result:
    """The variance of the values as a population."""
    return by_window(series, _variance), series.counts > 0


@range_function("stddev_over_time")
def stddev_over_time(series: Windowed, *parameters: Floats) -> Result:
    """The standard deviation of the values as a population."""
    return np.sqrt(by_window(series, _variance)), series.counts > 0


def _variance(piece: Piece) -> Floats:
    """The variance of each window, taken around its first value: equal values then have none at all."""
    above = piece.values - piece.spread(piece.values[piece.starts])
    above = above - piece.spread(piece.sums(above) / piece.counts)
    return piece.sums(above * above) / piece.counts


@range_function("quantile_over_time")
def quantile_over_time(series: Windowed, *parameters: Floats) -> Result:
    """The quantile of the values; the first parameter is which one, (T,)."""

    def fold(piece: Piece) -> Floats:
        owner = np.repeat(np.arange(len(piece.counts)), piece.counts)
        ordered = piece.values[np.lexsort((piece.values, ~np.isnan(piece.values), owner))]
        wanted = parameters[0][piece.windows]
        return sorted_quantile(wanted, piece.counts, lambda rank: ordered[piece.starts + rank])

    return by_window(series, fold), series.counts > 0


@range_function("changes")
def changes(series: Windowed, *parameters: Floats) -> Result:
    """How often the value changed; NaN after NaN is no change."""
    old, new = series.values[:-1], series.values[1:]
    return _pairs((new != old) & ~(np.isnan(new) & np.isnan(old)), series)


@range_function("resets")
def resets(series: Windowed, *parameters: Floats) -> Result:
    """How often the value fell."""
    return _pairs(series.values[1:] < series.values[:-1], series)


def _pairs(marks: Bools, series: Windowed) -> Result:
    return counted(marks, series.first, series.last - 1).astype(float), series.counts > 0
