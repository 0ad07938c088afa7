"""PromQL over a storage: `evaluate_range` and `evaluate_instant`, to the letter of Prometheus 2.42."""

from __future__ import annotations

import numpy as np
import promql_parser as tree

from lib.promql import expression_type
from lib.sample.promql.errors import PromQLError, refuse
from lib.sample.promql.expressions import evaluate
from lib.sample.promql.parse import parse
from lib.sample.promql.selectors import Grid, Scope
from lib.sample.promql.storage import SeriesSamples, Storage
from lib.sample.promql.values import (
    InstantResult,
    InstantVector,
    Matrix,
    RangeSamples,
    RangeVector,
    Scalar,
    Scalars,
    String,
    Text,
    Value,
    Vector,
    in_order,
)

LOOKBACK_MS = 300_000
MOST_STEPS = 11_000
_TYPE_NAMES = {"vector": "instant vector", "matrix": "range vector"}


def evaluate_range(
    expr: str, storage: Storage, start_ms: int, end_ms: int, step_ms: int, lookback_ms: int = LOOKBACK_MS
) -> Matrix:
    """The answer to a range query at `start_ms`, `+ step_ms`, ... up to `end_ms` (Unix ms).

    Raises `PromQLError`: `bad_data` for text that is no PromQL, for expressions that are neither vector nor scalar and
    for grids that are too long; `execution` for what these samples have no answer to, and for what is not supported.
    """
    _demand_grid(start_ms, end_ms, step_ms)
    node = parse(expr)
    kind = expression_type(node)
    if kind not in ("vector", "scalar"):
        wrong = f'invalid expression type "{_TYPE_NAMES.get(kind, kind)}" for range query'
        raise PromQLError("bad_data", f"{wrong}, must be Scalar or instant Vector")
    scope = Scope(storage, Grid(start_ms, end_ms, step_ms), start_ms, end_ms, lookback_ms)
    return _matrix(_evaluated(node, scope), scope.grid)


def evaluate_instant(expr: str, storage: Storage, time_ms: int, lookback_ms: int = LOOKBACK_MS) -> InstantResult:
    """The answer to an instant query at `time_ms` (Unix ms), of the type the expression has. Raises `PromQLError`."""
    try:
        node = parse(expr)
    except PromQLError as error:
        # Prometheus 2.42 names the parameter in an instant query only.
        prefix = 'invalid parameter "query": ' if error.kind == "bad_data" else ""
        raise PromQLError(error.kind, prefix + error.message) from None
    scope = Scope(storage, Grid(time_ms, time_ms, 1), time_ms, time_ms, lookback_ms)
    value = _evaluated(node, scope)
    if isinstance(value, Scalars):
        return Scalar(time_ms, float(value.values[0]))
    if isinstance(value, Text):
        return String(time_ms, value.text)
    if isinstance(value, RangeVector):
        return _samples(value)
    vector = value.pruned()
    return InstantVector(vector.labels, time_ms, vector.values[:, 0])


def _demand_grid(start: int, end: int, step: int) -> None:
    """As `query_range` of Prometheus' web/api/v1/api.go does before it reads the query."""
    if end < start:
        raise PromQLError("bad_data", 'invalid parameter "end": end timestamp must not be before start time')
    if step <= 0:
        message = "zero or negative query resolution step widths are not accepted. Try a positive integer"
        raise PromQLError("bad_data", f'invalid parameter "step": {message}')
    if (end - start) / step > MOST_STEPS:
        message = "exceeded maximum resolution of 11,000 points per timeseries."
        raise PromQLError("bad_data", f"{message} Try decreasing the query resolution (?step=XX)")


def _evaluated(node: tree.Expr, scope: Scope) -> Value:
    try:
        # Division by zero, overflow and NaN are results in PromQL, not mishaps.
        with np.errstate(all="ignore"):
            return evaluate(node, scope)
    except RecursionError:
        refuse("the query is nested too deeply")


def _matrix(value: Value, grid: Grid) -> Matrix:
    if isinstance(value, Scalars):
        values = value.values[np.newaxis, :]
        return Matrix(({},), grid.moments, values, np.ones(values.shape, bool))
    assert isinstance(value, Vector)
    vector = value.pruned()
    order = sorted(range(len(vector.labels)), key=lambda row: in_order(vector.labels[row]))
    labels = tuple(vector.labels[row] for row in order)
    return Matrix(labels, grid.moments, vector.values[order], vector.present[order])


def _samples(ranges: RangeVector) -> RangeSamples:
    series = [
        SeriesSamples(one.labels, one.times[one.first[0] : one.last[0]], one.values[one.first[0] : one.last[0]])
        for one in ranges.series
    ]
    return RangeSamples(tuple(sorted(series, key=lambda one: in_order(one.labels))))
