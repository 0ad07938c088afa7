"""How fast a series changes: `rate`, `increase`, `delta`, `irate`, `idelta`, `deriv`, `predict_linear`."""

from __future__ import annotations

import numpy as np

from lib.sample.promql.signatures import range_function
from lib.sample.promql.values import Bools, Floats, Ints, Windowed
from lib.sample.promql.windows import Piece, by_window, reduced

# A gap at the border of a window up to this many sample distances is filled by extrapolation.
_THRESHOLD = 1.1


@range_function("rate")
def rate(series: Windowed, *parameters: Floats) -> tuple[Floats, Bools]:
    """Increase of a counter per second, extrapolated to the window."""
    return _extrapolated(series, counter=True, per=series.width / 1000)


@range_function("increase")
def increase(series: Windowed, *parameters: Floats) -> tuple[Floats, Bools]:
    """Increase of a counter, extrapolated to the window."""
    return _extrapolated(series, counter=True)


@range_function("delta")
def delta(series: Windowed, *parameters: Floats) -> tuple[Floats, Bools]:
    """Change of a gauge, extrapolated to the window."""
    return _extrapolated(series, counter=False)


def _extrapolated(series: Windowed, counter: bool, per: float = 1.0) -> tuple[Floats, Bools]:
    """Last minus first, with counter resets made good, times how much longer the window is than its samples.

    As `extrapolatedRate` in Prometheus' promql/functions.go: half a sample distance is added where a series seems to
    begin or end in the window, and a counter is not extended below zero. Exists from two samples on.
    """
    present = series.counts >= 2
    first, last = _inside(series.first, present), _inside(series.last - 1, present)
    times, values = series.times, series.values
    change = values[last] - values[first] + (_resets(series) if counter else 0.0)
    sampled = (times[last] - times[first]) / 1000
    between = sampled / np.maximum(last - first, 1)
    to_start = (times[first] - (series.ends - series.width)) / 1000
    to_end = (series.ends - times[last]) / 1000
    if counter:
        to_zero = sampled * (values[first] / change)
        limited = (change > 0) & (values[first] >= 0) & (to_zero < to_start)
        to_start = np.where(limited, to_zero, to_start)
    covered = sampled
    for gap in (to_start, to_end):
        covered = covered + np.where(gap < between * _THRESHOLD, gap, between / 2)
    return change * (covered / sampled / per), present


def _inside(index: Ints, present: Bools) -> Ints:
    """The index where there is a result to compute, and some valid index elsewhere."""
    return np.where(present, index, 0)


def _resets(series: Windowed) -> Floats | float:
    """The sum of the values that each window's counter resets fell from."""
    dropped = series.values[1:] < series.values[:-1]
    if not dropped.any():
        return 0.0
    fallen = np.where(dropped, series.values[:-1], 0.0)
    return reduced(np.add, fallen, series.first, np.maximum(series.last - 1, series.first), 0.0)


@range_function("irate")
def irate(series: Windowed, *parameters: Floats) -> tuple[Floats, Bools]:
    """Increase per second between the last two samples of the window."""
    present = series.counts >= 2
    last = _inside(series.last - 1, present)
    before = _inside(series.last - 2, present)
    new, old = series.values[last], series.values[before]
    change = np.where(new < old, new, new - old)
    return change / ((series.times[last] - series.times[before]) / 1000), present


@range_function("idelta")
def idelta(series: Windowed, *parameters: Floats) -> tuple[Floats, Bools]:
    """Change between the last two samples of the window."""
    present = series.counts >= 2
    last = _inside(series.last - 1, present)
    return series.values[last] - series.values[_inside(series.last - 2, present)], present


@range_function("deriv")
def deriv(series: Windowed, *parameters: Floats) -> tuple[Floats, Bools]:
    """Slope per second of the straight line through the samples of the window (least squares)."""
    return _line(series, series.times[_inside(series.first, series.counts > 0)])[0], series.counts >= 2


@range_function("predict_linear")
def predict_linear(series: Windowed, *parameters: Floats) -> tuple[Floats, Bools]:
    """Where that line is so many seconds after the moment of evaluation; the first parameter is the seconds, (T,)."""
    slope, intercept = _line(series, series.moments)
    return slope * parameters[0] + intercept, series.counts >= 2


def _line(series: Windowed, zero: Ints) -> tuple[Floats, Floats]:
    """Slope per second and value at the times `zero` (T,) of the line through each window.

    As `linearRegression` in Prometheus' promql/functions.go, but around the means, which loses fewer digits. A window
    of equal values has the slope 0.
    """

    def seconds(piece: Piece) -> Floats:
        return (series.times[piece.index] - np.repeat(series.times[piece.index[piece.starts]], piece.counts)) / 1000

    def mean_time(piece: Piece) -> Floats:
        return piece.sums(seconds(piece)) / piece.counts

    def slope(piece: Piece) -> Floats:
        across = seconds(piece) - piece.spread(mean_time(piece))
        above = piece.values - piece.spread(piece.sums(piece.values) / piece.counts)
        found = piece.sums(across * above) / piece.sums(across * across)
        return np.where(_constant(piece), _flat(piece), found)

    def mean_value(piece: Piece) -> Floats:
        means = piece.sums(piece.values) / piece.counts
        return np.where(_constant(piece), piece.values[piece.starts] + _flat(piece), means)

    slopes = by_window(series, slope)
    begin = series.times[_inside(series.first, series.counts > 0)]
    ahead = (zero - begin) / 1000 - by_window(series, mean_time)
    return slopes, by_window(series, mean_value) + slopes * ahead


def _constant(piece: Piece) -> Bools:
    """Whether all values of a window but the first equal the first (NaN is equal to nothing)."""
    unequal = piece.values != piece.spread(piece.values[piece.starts])
    unequal[piece.starts] = False
    constant: Bools = np.add.reduceat(unequal, piece.starts, dtype=np.int64) == 0
    return constant


def _flat(piece: Piece) -> Floats:
    return np.where(np.isinf(piece.values[piece.starts]), np.nan, 0.0)
