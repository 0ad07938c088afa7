"""The walk over the tree of a query: each kind of node becomes a value on the grid of its scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import promql_parser as tree

from lib.sample.promql import dates, functions, histograms, label_functions, over_time, rates
from lib.sample.promql.aggregations import AGGREGATIONS, aggregated, grouping
from lib.sample.promql.binary import scalars, vector_and_scalar
from lib.sample.promql.errors import refuse
from lib.sample.promql.matching import Cardinality, Matching, combined, joined
from lib.sample.promql.rankings import count_values, ranked
from lib.sample.promql.selectors import Scope, absent_labels, instant, matchers_of, ranged
from lib.sample.promql.signatures import FUNCTIONS, RANGE_FUNCTIONS, Call
from lib.sample.promql.subqueries import subquery
from lib.sample.promql.values import (
    Floats,
    RangeVector,
    Scalars,
    Text,
    Value,
    Vector,
    no_series,
)

# Importing these modules registers what they hold.
REGISTERED = (dates, functions, histograms, label_functions, over_time, rates)

_SET_OPERATORS = frozenset({"and", "or", "unless"})
_CARDINALITIES: dict[str, Cardinality] = {
    "OneToOne": "one-to-one",
    "ManyToOne": "many-to-one",
    "OneToMany": "one-to-many",
    "ManyToMany": "many-to-many",
}


def evaluate(node: tree.Expr, scope: Scope) -> Value:
    """The value of an expression at every moment of the scope's grid. Raises `PromQLError` for what has none."""
    return _NODES[type(node)](node, scope)


def _vector(node: tree.Expr, scope: Scope) -> Vector:
    value = evaluate(node, scope)
    assert isinstance(value, Vector)
    return value


def _number(node: tree.NumberLiteral, scope: Scope) -> Value:
    return Scalars(np.full(len(scope.grid.moments), float(node.val)))


def _string(node: tree.StringLiteral, scope: Scope) -> Value:
    return Text(node.val)


def _paren(node: tree.ParenExpr, scope: Scope) -> Value:
    return evaluate(node.expr, scope)


def _selector(node: tree.VectorSelector, scope: Scope) -> Value:
    return instant(node, scope)[0]


def _range(node: tree.MatrixSelector, scope: Scope) -> Value:
    return ranged(node, scope)


def _subquery(node: tree.SubqueryExpr, scope: Scope) -> Value:
    return subquery(node, scope, evaluate)


def _negated(node: tree.UnaryExpr, scope: Scope) -> Value:
    value = evaluate(node.expr, scope)
    if isinstance(value, Scalars):
        return Scalars(-value.values)
    assert isinstance(value, Vector)
    return Vector(value.labels, -value.values, value.present).nameless().unique()


def _unwrapped(node: Any) -> Any:
    while isinstance(node, tree.ParenExpr):
        node = node.expr
    return node


def _call(node: tree.Call, scope: Scope) -> Value:
    name = node.func.name
    first = _unwrapped(node.args[0]) if node.args else None
    if name == "timestamp":
        return _timestamp(_unwrapped(node.args[0]), scope)
    arguments = tuple(evaluate(argument, scope) for argument in node.args)
    for index, argument in enumerate(arguments):
        if isinstance(argument, RangeVector):
            others = arguments[:index] + arguments[index + 1 :]
            return _over_ranges(name, argument, tuple(one.values for one in others if isinstance(one, Scalars)))
    absent = absent_labels(matchers_of(first)) if isinstance(first, tree.VectorSelector) else {}
    return FUNCTIONS[name](Call(name, arguments, scope, absent))


def _timestamp(argument: tree.Expr, scope: Scope) -> Value:
    """The times of the samples a selector finds; everything else happens at the moment of evaluation."""
    if isinstance(argument, tree.VectorSelector):
        vector, times = instant(argument, scope)
        return functions.mapped(vector, times)
    vector = _vector(argument, scope)
    return functions.mapped(vector, np.broadcast_to(scope.grid.moments / 1000, vector.values.shape))


def _over_ranges(name: str, ranges: RangeVector, parameters: tuple[Floats, ...]) -> Value:
    """A function of each window of each series. All but `last_over_time` drop the metric name."""
    if not ranges.series:
        vector = no_series(len(ranges.moments))
    else:
        columns = [RANGE_FUNCTIONS[name](series, *parameters) for series in ranges.series]
        values, present = (np.array(column) for column in zip(*columns, strict=True))
        vector = Vector(tuple(series.labels for series in ranges.series), values, present).pruned()
    if name == "absent_over_time":
        return vector.missing(ranges.absent)
    return vector if name == "last_over_time" else vector.nameless().unique()


def _aggregate(node: tree.AggregateExpr, scope: Scope) -> Value:
    name = str(node.op)
    vector = _vector(node.expr, scope)
    modifier = node.modifier
    is_without = modifier is not None and str(modifier.type).endswith("Without")
    names = tuple(modifier.labels) if modifier is not None else ()
    parameter = evaluate(node.param, scope) if node.param is not None else Scalars(np.zeros(1))
    if isinstance(parameter, Text):
        names = names if is_without else (*names, parameter.text)
        return count_values(vector, grouping(names, is_without), parameter.text)
    assert isinstance(parameter, Scalars)
    key = grouping(names, is_without)
    if name in ("topk", "bottomk"):
        return ranked(vector, key, parameter.values, top=name == "topk")
    if name not in AGGREGATIONS:
        refuse(f"aggregation {name} is not supported by the sample")
    return aggregated(name, vector, key, parameter.values)


def _binary(node: tree.BinaryExpr, scope: Scope) -> Value:
    op, modifier = str(node.op), node.modifier
    left, right = evaluate(node.lhs, scope), evaluate(node.rhs, scope)
    as_bool = modifier is not None and modifier.return_bool
    if isinstance(left, Scalars) and isinstance(right, Scalars):
        return scalars(op, left, right, as_bool)
    if isinstance(left, Vector) and isinstance(right, Scalars):
        return vector_and_scalar(op, left, right, as_bool, swapped=False)
    if isinstance(left, Scalars) and isinstance(right, Vector):
        return vector_and_scalar(op, right, left, as_bool, swapped=True)
    assert isinstance(left, Vector)
    assert isinstance(right, Vector)
    matching = _matching(modifier)
    if op in _SET_OPERATORS:
        return combined(op, left, right, matching)
    return joined(op, left, right, matching, as_bool)


def _matching(modifier: tree.BinModifier | None) -> Matching:
    if modifier is None:
        return Matching("one-to-one", on=False, names=())
    labels = modifier.matching
    return Matching(
        _CARDINALITIES[str(modifier.card).rpartition(".")[2]],
        on=labels is not None and str(labels.type).endswith("Include"),
        names=tuple(labels.labels) if labels is not None else (),
        included=tuple(modifier.group_labels or ()),
    )


_NODES: dict[type, Callable[[Any, Scope], Value]] = {
    tree.NumberLiteral: _number,
    tree.StringLiteral: _string,
    tree.ParenExpr: _paren,
    tree.VectorSelector: _selector,
    tree.MatrixSelector: _range,
    tree.SubqueryExpr: _subquery,
    tree.UnaryExpr: _negated,
    tree.Call: _call,
    tree.AggregateExpr: _aggregate,
    tree.BinaryExpr: _binary,
}
