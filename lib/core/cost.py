"""What a query costs those who answer it, where that can be seen from its text: what reads everything is asked about.

Nobody needs every series of a server, or a subquery of half a million steps, as often as somebody types them by
mistake; and servers differ in whether they protect themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import promql_parser as tree

from lib.core.errors import CostlyError
from lib.core.explain_spans import parts
from lib.core.promql import parse
from lib.core.time_range import MINUTE

MOST_STEPS = 500_000  # of a subquery: nearly a year by the minute
_STANDING = MINUTE  # seconds; `global.evaluation_interval` of Prometheus, the step of a subquery that names none
# A pattern that takes both takes every value. Short, since a pattern may be one that goes wrong with long texts.
_ANYTHING = ("q7_z", "Xé")


def check_cost(expr: str, span: float, clusters: int) -> None:
    """Raises CostlyError for a query that reads every series, or has a subquery of very many steps.

    `span` are the seconds of the range, 0 for one moment; `clusters` are how many are asked. A query that cannot be
    read here is let pass: those who answer it will say so.
    """
    try:
        nodes = list(_nodes(parse(expr)))
    except ValueError:
        return
    whom = f"all {clusters} clusters" if clusters > 1 else "the cluster"
    if any(isinstance(node, tree.VectorSelector) and _takes_all(node) for node in nodes):
        message = f"This reads every series of {whom}."
        raise CostlyError(message, "Name a metric, or give a label a value. Or run it anyway.")
    steps = max((_steps(node, span) for node in nodes if isinstance(node, tree.SubqueryExpr)), default=0)
    if steps > MOST_STEPS:
        message = f"This evaluates a subquery {steps:,} times on {whom}."
        raise CostlyError(message, "Give it a shorter range or a longer step, as in [30d:1h]. Or run it anyway.")


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for part in parts(node):
        yield from _nodes(part)


def _takes_all(selector: Any) -> bool:
    """Whether no matcher leaves anything out but what lacks a label or has one value of it."""
    if selector.name:
        return False
    return not any(_narrows(each) for each in selector.matchers.matchers)


def _narrows(matcher: Any) -> bool:
    operator = str(matcher.op).rpartition(".")[2]
    if operator == "Equal":
        return bool(matcher.value)
    if operator != "Re":
        return False
    try:
        return not all(re.fullmatch(matcher.value, text) for text in _ANYTHING)
    except re.error:
        return True  # the server will say what it thinks of it


def _steps(subquery: Any, span: float) -> int:
    step = subquery.step.total_seconds() if subquery.step else _STANDING
    return int((subquery.range.total_seconds() + span) / max(step, 0.001))
