"""Arithmetic over the windows of one series: one number for each window, without a loop over samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lib.sample.promql.values import Bools, Floats, Ints, Windowed

# Windows may overlap, so that all of them laid side by side can be far longer than the series: they go in pieces.
_PIECE = 2_000_000


@dataclass(frozen=True, eq=False)
class Piece:
    """Some non-empty windows of a series laid side by side.

    `values` and `index` (n,) are the samples and their places in the series; `starts` and `counts` (W,) say where each
    window begins in them and how long it is; `windows` (W,) which windows of the series these are.
    """

    values: Floats
    index: Ints
    starts: Ints
    counts: Ints
    windows: Ints

    def sums(self, values: Floats) -> Floats:
        """The sum of each window over numbers given for each sample, (W,)."""
        sums: Floats = np.add.reduceat(values, self.starts)
        return sums

    def spread(self, numbers: Floats | Ints) -> Floats:
        """A number of each window (W,) for each of its samples, (n,)."""
        return np.repeat(np.asarray(numbers, float), self.counts)


def reduced(ufunc: np.ufunc, values: Floats, first: Ints, last: Ints, empty: float) -> Floats:
    """`ufunc.reduce(values[first:last])` for each window, (T,); `empty` where a window has no samples."""
    result = np.full(len(first), empty)
    filled = last > first
    if not filled.any():
        return result
    borders = np.stack([first[filled], last[filled]], axis=1).ravel()
    if borders.max() >= len(values):
        values = np.append(values, empty)
    result[filled] = ufunc.reduceat(values, borders)[::2]
    return result


def counted(marks: Bools, first: Ints, last: Ints) -> Ints:
    """How many marks are set in each window, (T,). Exact, because whole numbers are."""
    total = np.concatenate([[0], np.cumsum(marks)])
    begin = np.minimum(first, len(marks))
    counts: Ints = total[np.maximum(last, begin)] - total[begin]
    return counts


def by_window(series: Windowed, fold: Callable[[Piece], Floats]) -> Floats:
    """One number for each window, (T,), NaN for empty ones. `fold` gives the numbers of one piece, (W,)."""
    result = np.full(len(series.first), np.nan)
    for piece in _pieces(series):
        result[piece.windows] = fold(piece)
    return result


def _pieces(series: Windowed) -> Iterator[Piece]:
    filled = np.flatnonzero(series.counts > 0)
    number = np.cumsum(series.counts[filled]) // _PIECE
    for windows in np.split(filled, np.flatnonzero(np.diff(number)) + 1):
        counts = series.counts[windows]
        starts = np.cumsum(counts) - counts
        index = np.arange(int(counts.sum())) + np.repeat(series.first[windows] - starts, counts)
        yield Piece(series.values[index], index, starts, counts, windows)
