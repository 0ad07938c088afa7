"""Subqueries: an expression evaluated on a grid of its own, and its results cut into windows like samples."""

from __future__ import annotations

from collections.abc import Callable

import promql_parser as tree

from lib.sample.promql.selectors import Grid, Scope, ends_of, milliseconds, shifted, windowed
from lib.sample.promql.storage import SeriesSamples
from lib.sample.promql.values import RangeVector, Value, Vector

# The step of `[1h:]`: Prometheus takes its `global.evaluation_interval`, and one minute if none is set.
DEFAULT_STEP = 60_000


def subquery(node: tree.SubqueryExpr, scope: Scope, evaluate: Callable[[tree.Expr, Scope], Value]) -> RangeVector:
    """The results of the inner expression in the closed window [t - range, t] of each moment.

    The inner moments are the multiples of the step, whatever the query's start. As `evalSubquery` in Prometheus'
    promql/engine.go.
    """
    assert node.range is not None
    outer, width = shifted(node, scope), milliseconds(node.range)
    step = milliseconds(node.step) if node.step else DEFAULT_STEP
    begin = -((width - outer.start) // step) * step
    if begin > outer.end:
        return RangeVector((), scope.grid.moments, {})
    grid = Grid(begin, outer.end, step)
    scope.budget.spend((outer.end - begin) // step + 1)
    vector = evaluate(node.expr, scope.on(grid))
    assert isinstance(vector, Vector)
    scope.budget.spend(vector.values.size)
    moments = grid.moments
    rows = zip(vector.labels, vector.values, vector.present, strict=True)
    series = [SeriesSamples(labels, moments[present], values[present]) for labels, values, present in rows]
    return RangeVector(windowed(series, ends_of(outer, scope), width, scope), scope.grid.moments, {})
