"""Selectors: samples from the storage, looked up for every moment of a grid (look-back) or cut into windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
import promql_parser as tree

from lib.sample.promql.errors import TOO_MANY_SAMPLES, refuse
from lib.sample.promql.storage import Matcher, MatchOp, SeriesSamples, Storage, Windows
from lib.sample.promql.values import (
    NAME,
    Bools,
    Floats,
    Ints,
    Labels,
    RangeVector,
    Vector,
    Windowed,
    no_series,
    series_that_exist,
)

MOST_SAMPLES = 50_000_000
# A window that overlaps its neighbours is read again for each of them; reading is cheaper than loading.
_READS_PER_LOAD = 20
_STALE_NAN = np.uint64(0x7FF0000000000002)
_OPS: dict[str, MatchOp] = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}


@dataclass(frozen=True)
class Grid:
    """The moments `start`, `start + step`, ... up to `end`, in ms."""

    start: int
    end: int
    step: int

    @property
    def moments(self) -> Ints:
        """The moments, int64 ms, (T,)."""
        return np.arange(self.start, self.end + 1, self.step, dtype=np.int64)


@dataclass
class Budget:
    """How many samples may still be loaded. Spending more raises `execution`, as Prometheus' own limit does."""

    left: float = MOST_SAMPLES

    def spend(self, samples: float) -> None:
        """Count samples that were loaded, or results that were made."""
        self.left -= samples
        if self.left < 0:
            refuse(TOO_MANY_SAMPLES)


@dataclass(frozen=True)
class Scope:
    """What an expression is evaluated in. `start` and `end` (ms) are the query's own, for `@ start()`, `@ end()`."""

    storage: Storage
    grid: Grid
    start: int
    end: int
    lookback: int
    budget: Budget = field(default_factory=Budget)

    def on(self, grid: Grid) -> Scope:
        """The same on another grid."""
        return replace(self, grid=grid)


Shifted = tree.VectorSelector | tree.SubqueryExpr


def shifted(node: Shifted, scope: Scope) -> Grid:
    """The grid that a selector looks at: moved by `offset`, and a single moment with `@`."""
    offset = milliseconds(node.offset) if node.offset is not None else 0
    if node.at is None:
        grid = scope.grid
        return Grid(grid.start - offset, grid.end - offset, grid.step)
    kind = str(node.at.type).rpartition(".")[2]
    fixed = {"Start": scope.start, "End": scope.end}.get(kind)
    if fixed is None:
        assert node.at.at is not None
        fixed = round(node.at.at.timestamp() * 1000)
    return Grid(fixed - offset, fixed - offset, scope.grid.step)


def milliseconds(duration: timedelta) -> int:
    """A duration of the tree in ms."""
    return duration // timedelta(milliseconds=1)


def ends_of(grid: Grid, scope: Scope) -> Ints:
    """Where each moment of the scope looks at, int64 ms, (T,): one moment stands for all."""
    moments = grid.moments
    return np.broadcast_to(moments, scope.grid.moments.shape) if len(moments) == 1 else moments


def matchers_of(node: tree.VectorSelector) -> list[Matcher]:
    """The conditions of a selector, its name among them."""
    named = [Matcher(NAME, "=", node.name)] if node.name else []
    found = node.matchers.matchers
    return named + [Matcher(one.name, _OPS[str(one.op).rpartition(".")[2]], one.value) for one in found]


def absent_labels(matchers: Sequence[Matcher]) -> Labels:
    """The labels `absent` gives to what is not there: those a selector demands, once, by equality.

    As `createLabelsForAbsentFunction` in Prometheus' promql/functions.go.
    """
    labels: dict[str, str] = {}
    seen: set[str] = set()
    for one in matchers:
        if one.op == "=" and one.name not in seen:
            labels[one.name] = one.value
            seen.add(one.name)
        else:
            labels.pop(one.name, None)
    return {name: value for name, value in labels.items() if value and name != NAME}


def instant(node: tree.VectorSelector, scope: Scope) -> tuple[Vector, Floats]:
    """The newest sample of each series at each moment, at most the look-back old, and the samples' own times.

    The times have shape (S, T) and are Unix seconds. As `vectorSelectorSingle` in Prometheus' promql/engine.go.
    """
    grid = shifted(node, scope)
    ends = ends_of(grid, scope)
    series = scope.storage.select(matchers_of(node), Windows(grid.start, grid.end, grid.step, scope.lookback))
    scope.budget.spend(len(series) * len(ends))
    if not series:
        return no_series(len(ends)), np.empty((0, len(ends)))
    looked = [_newest(one, ends, scope.lookback) for one in series]
    values, present, times = (np.array(column) for column in zip(*looked, strict=True))
    kept = series_that_exist(present)
    labels = tuple(_clean(one.labels) for one, keep in zip(series, kept, strict=True) if keep)
    return Vector(labels, values[kept], present[kept]), times[kept] / 1000


def _newest(series: SeriesSamples, ends: Ints, lookback: int) -> tuple[Floats, Bools, Ints]:
    if not len(series.times):
        return np.zeros(len(ends)), np.zeros(len(ends), bool), np.zeros(len(ends), np.int64)
    index = np.searchsorted(series.times, ends, side="right") - 1
    found = index >= 0
    index = np.maximum(index, 0)
    times, values = series.times[index], series.values[index]
    return values, found & (times >= ends - lookback) & ~_stale(values), times


def _stale(values: Floats) -> Bools:
    stale: Bools = np.ascontiguousarray(values).view(np.uint64) == _STALE_NAN
    return stale


def ranged(node: tree.MatrixSelector, scope: Scope) -> RangeVector:
    """The samples of each series in the closed window [t - range, t] of each moment, as Prometheus 2.42 has it."""
    selector = node.vector_selector
    grid, width = shifted(selector, scope), milliseconds(node.range)
    matchers = matchers_of(selector)
    series = scope.storage.select(matchers, Windows(grid.start, grid.end, grid.step, width))
    within = [_without_stale(_between(one, grid.start - width, grid.end)) for one in series]
    cut = windowed(within, ends_of(grid, scope), width, scope)
    return RangeVector(cut, scope.grid.moments, absent_labels(matchers))


def _between(series: SeriesSamples, begin: int, end: int) -> SeriesSamples:
    """The samples in a closed stretch of time (ms), so that nothing is computed over those outside of it."""
    part = slice(*np.searchsorted(series.times, [begin, end + 1]).tolist())
    return SeriesSamples(series.labels, series.times[part], series.values[part])


def _without_stale(series: SeriesSamples) -> SeriesSamples:
    stale = _stale(series.values)
    if not stale.any():
        return series
    return SeriesSamples(series.labels, series.times[~stale], series.values[~stale])


def windowed(series: Sequence[SeriesSamples], ends: Ints, width: int, scope: Scope) -> tuple[Windowed, ...]:
    """Cut series into windows; those without a sample in any window are left out."""
    moments = scope.grid.moments
    cut: list[Windowed] = []
    for one in series:
        first = np.searchsorted(one.times, ends - width, side="left")
        last = np.searchsorted(one.times, ends, side="right")
        if (last > first).any():
            _spend(scope.budget, first, last)
            cut.append(Windowed(_clean(one.labels), one.times, one.values, first, last, ends, moments, width))
    return tuple(cut)


def _spend(budget: Budget, first: Ints, last: Ints) -> None:
    loaded = last - first
    new = last[1:] - np.maximum(first[1:], last[:-1])
    budget.spend(int(loaded[0]) + int(np.maximum(new, 0).sum()) + int(loaded.sum()) / _READS_PER_LOAD)


def _clean(labels: Labels) -> Labels:
    return {name: value for name, value in labels.items() if value}
