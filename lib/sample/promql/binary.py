"""Operators between numbers, and between a vector and a scalar."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.sample.promql.values import Bools, Floats, Scalars, Vector

ARITHMETIC: dict[str, Callable[[Floats, Floats], Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.power,
    "atan2": np.arctan2,
}
# An oversight of Prometheus (`shouldDropMetricName` in promql/engine.go) that answers must share.
_KEEP_NAME = frozenset({"atan2"})
COMPARISONS: dict[str, Callable[[Floats, Floats], Bools]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def applied(op: str, left: Floats, right: Floats, as_bool: bool) -> tuple[Floats, Bools]:
    """The values of an operator and which of them stay: a comparison without `bool` filters, and keeps the left."""
    if op in ARITHMETIC:
        values = ARITHMETIC[op](left, right)
        return values, np.ones(values.shape, bool)
    holds = COMPARISONS[op](left, right)
    if as_bool:
        return holds.astype(float), np.ones(holds.shape, bool)
    return np.broadcast_to(left, holds.shape), holds


def drops_name(op: str, as_bool: bool) -> bool:
    """Whether the result of an operator is another quantity, so that the metric name would be wrong."""
    return (op in ARITHMETIC and op not in _KEEP_NAME) or as_bool


def scalars(op: str, left: Scalars, right: Scalars, as_bool: bool) -> Scalars:
    """An operator between two scalars."""
    return Scalars(applied(op, left.values, right.values, as_bool)[0])


def vector_and_scalar(op: str, vector: Vector, scalar: Scalars, as_bool: bool, swapped: bool) -> Vector:
    """An operator between each sample and a scalar, which is on the left if `swapped`; a filter keeps the sample."""
    left, right = (scalar.values, vector.values) if swapped else (vector.values, scalar.values)
    values, kept = applied(op, left, right, as_bool)
    if not drops_name(op, as_bool):
        return Vector(vector.labels, vector.values, vector.present & kept).pruned()
    return Vector(vector.labels, values, vector.present & kept).nameless().merged()
