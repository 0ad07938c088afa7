"""What a metric is made of: stretches of time in which one label set exists and its value can be asked.

To add a metric: write a function that yields its stretches, and list it in its module's `METRICS`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from lib.sample.history import ClusterHistory
from lib.sample.noise import Floats, Ints

Values = Callable[[Ints], Floats]


@dataclass(frozen=True)
class Span:
    """The seconds from `first` to `last`, both included, within what is kept of history."""

    first: int
    last: int
    pods_from: int  # single pods are remembered from here on


@dataclass(frozen=True)
class Stretch:
    """One label set (without the metric's name) that has samples at start <= time < end, one every `every` seconds.

    `values` takes whole seconds since 1970-01-01 and returns as many values.
    """

    labels: Mapping[str, str]
    start: int
    end: int
    values: Values
    every: int = 60


@dataclass(frozen=True)
class Metric:
    """A metric's name, what `metadata` says of its family, and what yields its stretches that touch a span."""

    name: str
    type: str
    help: str
    stretches: Callable[[ClusterHistory, Span], Iterable[Stretch]]
    family: str = ""  # for the parts of a histogram


def constant(value: float) -> Values:
    """Return a function of times that is always this value."""

    return lambda times: np.full(len(times), float(value))
