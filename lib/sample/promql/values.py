"""What an expression is worth: vectors, scalars, strings and range vectors inside, and the results handed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lib.sample.promql.errors import SAME_LABELSET, refuse
from lib.sample.promql.storage import SeriesSamples

Labels = Mapping[str, str]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

NAME = "__name__"


def series_that_exist(present: Bools) -> Bools:
    """Which of the series exist at any moment, (S,)."""
    return np.asarray(present.any(axis=1))


def moments_that_exist(present: Bools) -> Bools:
    """At which moments any of the series exists, (T,)."""
    return np.asarray(present.any(axis=0))


@dataclass(frozen=True, eq=False)
class Vector:
    """Instant vectors on a grid: S series at T moments.

    `values` and `present` have shape (S, T). NaN is a value like any other; only `present` says what exists.
    Labels never hold empty values.
    """

    labels: tuple[Labels, ...]
    values: Floats
    present: Bools

    def pruned(self) -> Vector:
        """The same without the series that exist nowhere."""
        kept = series_that_exist(self.present)
        if kept.all():
            return self
        labels = tuple(one for one, keep in zip(self.labels, kept, strict=True) if keep)
        return Vector(labels, self.values[kept], self.present[kept])

    def where(self, present: Bools) -> Vector:
        """The samples that exist here and in `present` (S, T)."""
        return replace(self, present=self.present & present).pruned()

    def nameless(self) -> Vector:
        """The same without metric names; see `merged` for what has to follow."""
        return replace(self, labels=tuple(without(one, (NAME,)) for one in self.labels))

    def missing(self, labels: Labels) -> Vector:
        """1, with the labels given, at the moments where no series exists."""
        nowhere = ~moments_that_exist(self.present)[np.newaxis, :]
        return Vector((labels,), np.ones(nowhere.shape), nowhere).pruned()

    def merged(self) -> Vector:
        """Series of one label set made one. Raises `execution` where two of them exist at the same moment."""
        rows: dict[frozenset[tuple[str, str]], list[int]] = {}
        for row, labels in enumerate(self.labels):
            rows.setdefault(frozenset(labels.items()), []).append(row)
        if len(rows) == len(self.labels):
            return self
        for group in rows.values():
            if (self.present[group].sum(axis=0) > 1).any():
                refuse(SAME_LABELSET)
        values = [np.where(self.present[group], self.values[group], 0.0).sum(axis=0) for group in rows.values()]
        present = [self.present[group].any(axis=0) for group in rows.values()]
        kept = tuple(self.labels[group[0]] for group in rows.values())
        return Vector(kept, np.array(values), np.array(present))

    def unique(self) -> Vector:
        """The same. Raises `execution` if two series have one label set, at whatever moments they exist."""
        if len({frozenset(labels.items()) for labels in self.labels}) < len(self.labels):
            refuse(SAME_LABELSET)
        return self


@dataclass(frozen=True, eq=False)
class Scalars:
    """A scalar at each of T moments: `values` has shape (T,)."""

    values: Floats


@dataclass(frozen=True)
class Text:
    """A string, the same at every moment."""

    text: str


@dataclass(frozen=True, eq=False)
class Windowed:
    """The samples of one series, and which of them lie in the window of each of T moments.

    `times` (n,) ms and `values` (n,) are the samples; `first` and `last` (T,) delimit the half-open index range of
    each window; `ends` (T,) ms are the ends of the windows and `moments` (T,) ms the times they are evaluated for
    (they differ by `offset` and `@`); `width` is the length of a window in ms.
    """

    labels: Labels
    times: Ints
    values: Floats
    first: Ints
    last: Ints
    ends: Ints
    moments: Ints
    width: int

    @property
    def counts(self) -> Ints:
        """How many samples each window holds, (T,)."""
        return self.last - self.first


@dataclass(frozen=True, eq=False)
class RangeVector:
    """The series of a range selector or subquery over T moments. `absent` are the labels its absence would have."""

    series: tuple[Windowed, ...]
    moments: Ints
    absent: Labels


Value = Vector | Scalars | Text | RangeVector


@dataclass(frozen=True, eq=False)
class Matrix:
    """The result of a range query: S series, sorted by labels, at `times` (T,) ms; see `Vector` for the rest."""

    labels: tuple[Labels, ...]
    times: Ints
    values: Floats
    present: Bools


@dataclass(frozen=True, eq=False)
class InstantVector:
    """S series at the moment `time` (ms): `values` has shape (S,). The order is the expression's (`sort`, `topk`)."""

    labels: tuple[Labels, ...]
    time: int
    values: Floats


@dataclass(frozen=True)
class Scalar:
    """A number at the moment `time` (ms)."""

    time: int
    value: float


@dataclass(frozen=True)
class String:
    """A string at the moment `time` (ms)."""

    time: int
    value: str


@dataclass(frozen=True, eq=False)
class RangeSamples:
    """The result of an instant query for a range vector: the samples of each series, sorted by labels."""

    series: tuple[SeriesSamples, ...]


InstantResult = InstantVector | Scalar | String | RangeSamples


def without(labels: Labels, names: tuple[str, ...]) -> Labels:
    """The labels but those."""
    return {name: value for name, value in labels.items() if name not in names}


def only(labels: Labels, names: tuple[str, ...]) -> Labels:
    """Those labels only."""
    return {name: value for name, value in labels.items() if name in names}


def with_label(labels: Labels, name: str, value: str) -> Labels:
    """The labels with one set; an empty value removes it, because absent and empty are the same."""
    changed = dict(labels)
    changed.pop(name, None)
    return {**changed, name: value} if value else changed


def no_series(moments: int) -> Vector:
    """The vector without series."""
    return Vector((), np.empty((0, moments)), np.empty((0, moments), bool))


def in_order(labels: Labels) -> list[tuple[str, str]]:
    """The key that sorts label sets as Prometheus does: by names and values, in the order of the names."""
    return sorted(labels.items())
