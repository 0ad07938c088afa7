"""The registries of what the evaluator can compute: functions of range vectors, and all others.

To add one, decorate it in the module it belongs to; `evaluate` imports these modules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from lib.sample.promql.selectors import Scope
from lib.sample.promql.values import Bools, Floats, Labels, Text, Value, Vector, Windowed


@dataclass(frozen=True, eq=False)
class Call:
    """A call of a function: its evaluated arguments, the scope, and what `absent` would call the first argument."""

    name: str
    arguments: tuple[Value, ...]
    scope: Scope
    absent: Labels = field(default_factory=dict)

    def vector(self, index: int = 0) -> Vector:
        """The argument at `index`, which the parser has made sure is an instant vector."""
        argument = self.arguments[index]
        assert isinstance(argument, Vector)
        return argument

    def text(self, index: int) -> str:
        """The argument at `index`, which the parser has made sure is a string."""
        argument = self.arguments[index]
        assert isinstance(argument, Text)
        return argument.text


class RangeFunction(Protocol):
    """One series in, a number for each window out: values (T,) and which of them exist (T,)."""

    def __call__(self, series: Windowed, *parameters: Floats) -> tuple[Floats, Bools]: ...


RANGE_FUNCTIONS: dict[str, RangeFunction] = {}
FUNCTIONS: dict[str, Callable[[Call], Value]] = {}


def range_function(*names: str) -> Callable[[RangeFunction], RangeFunction]:
    """Register a function of range vectors under its PromQL name."""

    def register(function: RangeFunction) -> RangeFunction:
        RANGE_FUNCTIONS.update(dict.fromkeys(names, function))
        return function

    return register


def function(*names: str) -> Callable[[Callable[[Call], Value]], Callable[[Call], Value]]:
    """Register any other function under its PromQL name."""

    def register(body: Callable[[Call], Value]) -> Callable[[Call], Value]:
        FUNCTIONS.update(dict.fromkeys(names, body))
        return body

    return register
