"""What can be asked of the tree of a PromQL query before it is put into words: numbers, groupings, joins, depth."""

from __future__ import annotations

import math
from typing import Any

import promql_parser as tree

COMPARISONS = frozenset({">", ">=", "<", "<=", "==", "!="})
SETS = frozenset({"and", "or", "unless"})
# Metrics whose value is always 1: only their labels say something, so multiplying by them is looking up.
_INFO = ("_info", "_labels", "_annotations")
_PARTS = ("expr", "param", "lhs", "rhs", "args", "vector_selector")
Labels = tuple[str, ...]
# What gives series with more labels than it is asked for by.
_MORE = frozenset({"topk", "bottomk", "limitk", "limit_ratio", "count_values", "label_replace", "label_join"})


def bare(node: Any) -> Any:
    """The node without the brackets around it."""
    while isinstance(node, tree.ParenExpr):
        node = node.expr
    return node


def deeper_than(node: Any, most: int) -> bool:
    """Whether the tree has more than `most` levels; brackets and windows are none of their own. Does not recurse."""
    waiting: list[tuple[Any, int]] = [(node, 1)]
    while waiting:
        here, level = waiting.pop()
        if level > most:
            return True
        own = 0 if isinstance(here, tree.ParenExpr | tree.MatrixSelector) else 1
        waiting += [(part, level + own) for part in _parts(here)]
    return False


def value(node: Any) -> float | None:
    """The number that a part of a query comes to without any data, as `8 * 3600`; None where it needs data."""
    node = bare(node)
    if isinstance(node, tree.NumberLiteral):
        return float(node.val)
    if isinstance(node, tree.UnaryExpr):
        inner = value(node.expr)
        return None if inner is None else -inner
    if not isinstance(node, tree.BinaryExpr):
        return None
    left, right = value(node.lhs), value(node.rhs)
    return None if left is None or right is None else _calculated(left, str(node.op), right)


def scale(node: Any) -> tuple[Any, float]:
    """What stays of `x * 5 / 60` without its factors, and their product."""
    node, factor = bare(node), 1.0
    while isinstance(node, tree.BinaryExpr) and str(node.op) in ("*", "/") and value(node) is None:
        by, rest = value(node.rhs), node.lhs
        if by is None and str(node.op) == "*":
            by, rest = value(node.lhs), node.rhs
        if by is None or not math.isfinite(by) or (by == 0 and str(node.op) == "/"):
            break
        factor = factor * by if str(node.op) == "*" else factor / by
        node = bare(rest)
    return node, factor


def is_now(node: Any) -> bool:
    """Whether this is `time()`."""
    node = bare(node)
    return isinstance(node, tree.Call) and str(node.func.name) == "time"


def is_age(node: Any) -> bool:
    """Whether this is `time() - x`: seconds since a moment."""
    node = bare(node)
    return isinstance(node, tree.BinaryExpr) and str(node.op) == "-" and is_now(node.lhs) and value(node.rhs) is None


def is_comparison(node: Any) -> bool:
    """Whether this is a comparison that leaves series out, and not one that gives 0 or 1."""
    node = bare(node)
    if not isinstance(node, tree.BinaryExpr) or str(node.op) not in COMPARISONS:
        return False
    return not (node.modifier and node.modifier.return_bool)


def is_ones(node: Any) -> bool:
    """Whether all values are 1: a `group`, or a metric that exists for its labels."""
    node = bare(node)
    if isinstance(node, tree.AggregateExpr):
        return str(node.op) == "group"
    if isinstance(node, tree.Call):
        return str(node.func.name) in ("label_replace", "label_join") and is_ones(node.args[0])
    return isinstance(node, tree.VectorSelector) and str(node.name or "").endswith(_INFO)


def is_join(node: Any) -> bool:
    """Whether this multiplies by ones, which only looks up labels."""
    node = bare(node)
    if not isinstance(node, tree.BinaryExpr) or str(node.op) != "*":
        return False
    return any(is_ones(side) for side in (node.lhs, node.rhs)) and value(node.lhs) is None and value(node.rhs) is None


def matching(node: Any) -> tuple[str, Labels] | None:
    """How the sides of an operation find each other: ("Include" for `on`, "Exclude" for `ignoring`, the labels)."""
    found = node.modifier.matching if node.modifier else None
    return None if found is None else (str(found.type).rpartition(".")[2], tuple(found.labels))


def grouping(node: Any, exact: bool = False) -> Labels:
    """The labels of the answer where an aggregation decides them; () where nothing does, or there are none.

    `exact` asks for all labels, which tell the series apart: 5 pods for each hub have more than the hub.
    """
    node = bare(node)
    if isinstance(node, tree.AggregateExpr):
        return () if exact and str(node.op) in _MORE else by(node)
    if isinstance(node, tree.BinaryExpr):
        return _grouping_of_both(node, exact)
    if isinstance(node, tree.UnaryExpr | tree.SubqueryExpr):
        return grouping(node.expr, exact)
    if isinstance(node, tree.Call) and not (exact and str(node.func.name) in _MORE):
        found = next((labels for argument in node.args if (labels := grouping(argument, exact))), ())
        return tuple(name for name in found if name != "le" or str(node.func.name) != "histogram_quantile")
    return ()


def by(node: Any) -> Labels:
    """The labels of `by (...)` of an aggregation."""
    found = node.modifier
    return tuple(found.labels) if found and str(found.type).endswith("By") else ()


def _grouping_of_both(node: Any, exact: bool) -> Labels:
    left, right = grouping(node.lhs, exact), grouping(node.rhs, exact)
    if is_now(node.lhs) or value(node.lhs) is not None:
        return right
    if value(node.rhs) is not None or str(node.op) in ("and", "unless") or set(left) == set(right):
        return left
    side = str(node.modifier.card).rpartition(".")[2] if node.modifier else ""
    return {"ManyToOne": left, "OneToMany": right}.get(side, ()) if str(node.op) != "or" else ()


def _calculated(left: float, operator: str, right: float) -> float | None:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/" if right:
            return left / right
    return None


def _parts(node: Any) -> list[Any]:
    found = [getattr(node, name, None) for name in _PARTS]
    return [part for one in found for part in (one if isinstance(one, list) else [one]) if part is not None]
