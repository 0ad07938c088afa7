"""Where the evaluator gets its samples: the `Storage` protocol, its questions, and a storage in memory for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from lib.promql.regex import compile_re2

MatchOp = Literal["=", "!=", "=~", "!~"]


@dataclass(frozen=True)
class Matcher:
    """One condition on a label, such as `job=~"hub|proxy"`. The name of the metric is the label `__name__`."""

    name: str
    op: MatchOp
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether a label set meets the condition. An absent label is the empty string; a pattern covers it whole."""
        value = labels.get(self.name, "")
        if self.op == "=":
            return value == self.value
        if self.op == "!=":
            return value != self.value
        return (compile_re2(self.value).fullmatch(value) is not None) == (self.op == "=~")


def matches(labels: Mapping[str, str], matchers: Iterable[Matcher]) -> bool:
    """Whether a label set meets every condition. Raises `RegexError` for a pattern that RE2 would refuse."""
    return all(matcher.matches(labels) for matcher in matchers)


@dataclass(frozen=True)
class Windows:
    """The closed stretches of time [t - width, t] for t = start, start + step, ..., end; all in milliseconds.

    A hint: samples outside of every stretch are not looked at. Single moments have `start == end`.
    """

    start: int
    end: int
    step: int
    width: int


@dataclass(frozen=True, eq=False)
class SeriesSamples:
    """One series: its labels with `__name__`, sample times (int64, ms, ascending) and values (float64), both (n,)."""

    labels: Mapping[str, str]
    times: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]


class Storage(Protocol):
    """What holds samples."""

    def select(self, matchers: Sequence[Matcher], windows: Windows) -> list[SeriesSamples]:
        """Every series that meets all matchers, with at least its samples inside of the windows; more do no harm."""
        ...


class MemoryStorage:
    """A storage over given series. It answers in the order of the labels and ignores the windows."""

    def __init__(self, series: Iterable[SeriesSamples]) -> None:
        self._series = sorted(series, key=lambda one: sorted(one.labels.items()))

    def select(self, matchers: Sequence[Matcher], windows: Windows) -> list[SeriesSamples]:
        """Every series that meets all matchers, whole."""
        return [one for one in self._series if matches(one.labels, matchers)]
