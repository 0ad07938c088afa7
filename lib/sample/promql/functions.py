"""Functions of numbers: each sample by itself (`abs`, `round`, `clamp`), and whole vectors (`absent`, `sort`)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lib.sample.promql.signatures import Call, function
from lib.sample.promql.values import Floats, Scalars, Value, Vector

_PLAIN: dict[str, Callable[[Floats], Floats]] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "floor": np.floor,
    "exp": np.exp,
    "ln": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "sqrt": np.sqrt,
    "sgn": np.sign,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "deg": np.degrees,
    "rad": np.radians,
}


def mapped(vector: Vector, values: Floats) -> Vector:
    """Other values (S, T) for the same samples: what was measured is gone, so the metric name is too."""
    return Vector(vector.labels, values, vector.present).nameless().merged()


def number(call: Call, index: int) -> Floats:
    """The scalar argument at `index`, (T,)."""
    argument = call.arguments[index]
    assert isinstance(argument, Scalars)
    return argument.values


@function(*_PLAIN)
def plain(call: Call) -> Value:
    """The functions of one number."""
    return mapped(call.vector(), _PLAIN[call.name](call.vector().values))


@function("round")
def round_(call: Call) -> Value:
    """To the nearest multiple, halves upwards; of 1 unless said otherwise."""
    inverse = 1 / (number(call, 1) if len(call.arguments) > 1 else np.array(1.0))
    return mapped(call.vector(), np.floor(call.vector().values * inverse + 0.5) / inverse)


@function("clamp")
def clamp(call: Call) -> Value:
    """Between two bounds; no samples where the lower is above the upper."""
    low, high = number(call, 1), number(call, 2)
    vector = call.vector().where(np.broadcast_to(~(high < low), call.vector().present.shape))
    return mapped(vector, _greater(low, _lesser(high, vector.values)))


@function("clamp_min")
def clamp_min(call: Call) -> Value:
    """At least a bound."""
    return mapped(call.vector(), _greater(number(call, 1), call.vector().values))


@function("clamp_max")
def clamp_max(call: Call) -> Value:
    """At most a bound."""
    return mapped(call.vector(), _lesser(number(call, 1), call.vector().values))


def _lesser(one: Floats, other: Floats) -> Floats:
    """As Go's `math.Min`: -Inf is less even than NaN."""
    lowest = np.isneginf(one) | np.isneginf(other)
    return np.where(lowest, -np.inf, np.minimum(one, other))


def _greater(one: Floats, other: Floats) -> Floats:
    """As Go's `math.Max`: +Inf is greater even than NaN."""
    return -_lesser(-one, -other)


@function("vector")
def vector_(call: Call) -> Value:
    """A scalar as the one sample of a vector, without labels."""
    values = number(call, 0)[np.newaxis, :]
    return Vector(({},), values, np.ones(values.shape, bool))


@function("scalar")
def scalar(call: Call) -> Value:
    """The value of the only sample; NaN where there are none or several."""
    vector = call.vector()
    alone = vector.present.sum(axis=0) == 1
    total = np.where(vector.present, vector.values, 0.0).sum(axis=0)
    return Scalars(np.where(alone, total, np.nan))


@function("absent")
def absent(call: Call) -> Value:
    """1, with the labels a selector demands, where the vector has no samples."""
    return call.vector().missing(call.absent)


@function("sort")
def sort(call: Call) -> Value:
    """Ascending, NaN last. Only an instant query has an order."""
    return ordered(call.vector(), descending=False)


@function("sort_desc")
def sort_desc(call: Call) -> Value:
    """Descending, NaN last. Only an instant query has an order."""
    return ordered(call.vector(), descending=True)


def ordered(vector: Vector, descending: bool) -> Vector:
    """The series sorted by their first values, NaN last; a grid of many moments is left as it is."""
    if vector.values.shape[1] != 1:
        return vector
    values = vector.values[:, 0]
    order = np.lexsort((-values if descending else values, np.isnan(values)))
    return Vector(tuple(vector.labels[row] for row in order), vector.values[order], vector.present[order])


@function("time")
def time(call: Call) -> Value:
    """The moment of evaluation, in Unix seconds."""
    return Scalars(call.scope.grid.moments / 1000)


@function("pi")
def pi(call: Call) -> Value:
    """The number pi."""
    return Scalars(np.full(len(call.scope.grid.moments), math.pi))
