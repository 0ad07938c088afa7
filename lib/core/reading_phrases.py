"""The tree of a PromQL query as a phrase. `lib.core.reading` makes the sentence.

`given` are the labels that the sentence has named already ("For each hub, ..."): an aggregation by the same ones does
not repeat them. Others follow what they belong to: "the sum per hub and pod of ...".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import promql_parser as tree

from lib.core.reading_functions import call, window
from lib.core.reading_shape import (
    COMPARISONS,
    SETS,
    Labels,
    bare,
    by,
    grouping,
    is_age,
    is_comparison,
    is_join,
    is_now,
    is_ones,
    matching,
    scale,
    value,
)
from lib.core.reading_words import different, duration, labels, number, percentile, selection, things

_AGGREGATIONS = {
    "sum": "the sum",
    "avg": "the average",
    "min": "the smallest",
    "max": "the largest",
    "count": "the number of series",
    "stddev": "the standard deviation",
    "stdvar": "the variance",
}
_RANKS = {"topk": "the {} largest", "bottomk": "the {} smallest", "limitk": "any {}", "limit_ratio": "a share {}"}
_ARITHMETIC = {
    "+": "plus",
    "-": "minus",
    "*": "times",
    "/": "divided by",
    "%": "as the remainder after dividing by",
    "^": "to the power of",
    "atan2": "as the angle (atan2) with",
}
_COMPARED = {">": "above", ">=": "at least", "<": "below", "<=": "at most", "==": "equal to", "!=": "other than"}
_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!="}


def phrase(node: Any, given: Labels = ()) -> str:
    """What a part of a query is, as a noun with clauses. Raises ValueError or OverflowError for impossible moments."""
    node = bare(node)
    constant = value(node)
    if constant is not None:
        return number(constant)
    if isinstance(node, tree.Call):
        return call(node, given, inside)
    return _SAID[type(node)](node, given)


def inside(node: Any, given: Labels = ()) -> str:
    """The same where something stands before it: in brackets if it has clauses that could be taken for others."""
    told = phrase(node, given)
    node = bare(node)
    whole = not isinstance(node, tree.BinaryExpr) or value(node) is not None or is_age(node) or is_join(node)
    return told if whole else f"({told})"


def _aggregate(node: Any, given: Labels) -> str:
    operator = str(node.op)
    per = _per(node, given)
    if operator == "group":
        inner = inside(node.expr)
        return f"1{per} in {inner}" if per else f"1 if there is {inner}"
    if operator == "count":
        return _count(node, per)
    if operator == "count_values":
        return f"the number of series{per} for each value of {inside(node.expr)}"
    if operator == "quantile":
        share = value(node.param)
        what = f"the quantile at {inside(node.param)}" if share is None else percentile(share)
    elif operator in _RANKS:
        what = _RANKS[operator].format(inside(node.param)).replace("the 1 ", "the single ")
    else:
        what = _AGGREGATIONS.get(operator, f"{operator}(...)")
    return f"{what}{per} of {inside(node.expr)}"


def _count(node: Any, per: str) -> str:
    """How many series: where one aggregation feeds another, how many pods, people or what else tells them apart."""
    inner, outer = bare(node.expr), by(node)
    found = grouping(inner, exact=True)
    apart = [name for name in found if name not in outer]
    if apart and is_comparison(inner):
        return f"the number of {things(apart)}{per} for which {_condition(inner, found)}"
    if apart and isinstance(inner, tree.AggregateExpr):
        return f"the number of {different(apart)}{per} in {inside(inner.expr)}"
    return f"the number of {things(apart) if apart else 'series'}{per} {'in' if apart else 'of'} {inside(inner)}"


def _per(node: Any, given: Labels) -> str:
    names = by(node)
    if not names and node.modifier and node.modifier.labels:
        return f" across every {labels(node.modifier.labels)}"
    return f" per {labels(names)}" if set(names) != set(given) and names else ""


def _unary(node: Any, given: Labels) -> str:
    return f"minus {inside(node.expr, given)}"


def _samples(node: Any, given: Labels) -> str:
    length, inner = window(node, given, inside)
    return f"the samples within {length} of {inner}"


def _binary(node: Any, given: Labels) -> str:
    operator = str(node.op)
    if operator in SETS:
        return _set(node, operator, given)
    if operator in COMPARISONS:
        return _comparison(node, operator, given)
    rest, factor = scale(node)
    if rest is not node:
        return _scaled(rest, factor, given)
    if is_age(node):
        return f"the time since {inside(node.rhs, given)}"
    if is_join(node):
        return _join(node, given)
    left, right = phrase(node.lhs, given), inside(node.rhs, given)
    if value(node.lhs) is not None or is_now(node.lhs):
        return f"{left} {_ARITHMETIC[operator]} {right}"
    return _then(left, f"{_ARITHMETIC[operator]} {right}{_matched(node, ' (matched{})')}")


def _scaled(rest: Any, factor: float, given: Labels) -> str:
    told = phrase(rest, given)
    turned = 1 / factor if factor else 0.0
    if factor == 1:
        return told
    if abs(factor) < 1 and turned and abs(turned - round(turned)) < 1e-9 * abs(turned):
        return _then(told, f"divided by {number(round(turned))}")
    return _then(told, f"times {number(factor)}")


def _join(node: Any, given: Labels) -> str:
    main, info = (node.lhs, bare(node.rhs)) if is_ones(node.rhs) else (node.rhs, bare(node.lhs))
    group = isinstance(info, tree.AggregateExpr)
    told = inside(info.expr if group else info)
    if is_now(main):
        return f"now{_per(info, given) if group else ''} where there is {told}"
    return _then(phrase(main, given), f"matched{_matched(node, '{}')} with {told}")


def _matched(node: Any, words: str) -> str:
    found = matching(node)
    if found is None or not (found[1] or found[0] == "Include"):
        return ""
    if found[0] == "Include":
        return words.format(f" by {labels(found[1])}" if found[1] else " whatever the labels")
    return words.format(f" by all labels but {labels(found[1])}")


def _comparison(node: Any, operator: str, given: Labels) -> str:
    node, operator, left, right = _sides(node, operator)
    limit = f"{_COMPARED[operator]} {_limit(left, right, given)}{_matched(node, ' (matched{})')}"
    told = phrase(left, given)
    if node.modifier and node.modifier.return_bool:
        return _then(told, f"as 1 where {limit} and 0 elsewhere")
    return _then(told, f"only where {limit}")


def _sides(node: Any, operator: str) -> tuple[Any, str, Any, Any]:
    """A comparison with what stays on the left: `8 < x` keeps the values of x."""
    if value(node.lhs) is not None and value(node.rhs) is None:
        return node, _TURNED[operator], node.rhs, node.lhs
    return node, operator, node.lhs, node.rhs


def _limit(left: Any, right: Any, given: Labels) -> str:
    limit = value(right)
    if limit is not None and is_age(left) and 0 <= limit < 1e11:
        return duration(timedelta(seconds=limit))
    return inside(right, given)


def _condition(node: Any, given: Labels) -> str:
    """A part of a query as something that holds or does not: `the sum of x is above 8`, `there is x`."""
    node = bare(node)
    if isinstance(node, tree.BinaryExpr) and str(node.op) == "or":
        return f"{_condition(node.lhs, given)} or {_condition(node.rhs, given)}"
    if not is_comparison(node):
        return f"there is {inside(node, given)}"
    _, operator, left, right = _sides(node, str(node.op))
    words = {"==": "is", "!=": "is not"}.get(operator, f"is {_COMPARED[operator]}")
    return f"{inside(left, given)} {words} {_limit(left, right, given)}"


def _set(node: Any, operator: str, given: Labels) -> str:
    told, found = phrase(node.lhs, given), matching(node)
    if operator == "or":
        return _then(told, f"or else {inside(node.rhs, given)}")
    start = "only" if operator == "and" else "except"
    if found is None or not (found[1] or found[0] == "Include"):
        return _then(told, f"{start} where {_condition(node.rhs, given)}")
    if not found[1]:
        return _then(told, f"{start} when {_condition(node.rhs, given)}")
    same = f"the same {labels(found[1])}" if found[0] == "Include" else f"the same labels but {labels(found[1])}"
    known = found[1] if found[0] == "Include" else given
    return _then(told, f"{start} where, for {same}, {_condition(node.rhs, known)}")


def _then(told: str, clause: str) -> str:
    """One clause after another; a semicolon where a comma could be taken for one inside."""
    return f"{told}{';' if ', ' in told else ','} {clause}"


def _selector(node: Any, given: Labels) -> str:
    return selection(node)


def _text(node: Any, given: Labels) -> str:
    return f"“{node.val}”"


_SAID: dict[type, Callable[[Any, Labels], str]] = {
    tree.VectorSelector: _selector,
    tree.AggregateExpr: _aggregate,
    tree.BinaryExpr: _binary,
    tree.UnaryExpr: _unary,
    tree.MatrixSelector: _samples,
    tree.SubqueryExpr: _samples,
    tree.StringLiteral: _text,
}
