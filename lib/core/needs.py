"""Which metrics a query needs, read from its tree, so that a page can say up front where one is not collected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import promql_parser

from lib.core.presets import Preset
from lib.core.promql import fill, parse
from lib.core.time_range import DAY, TimeRange
from lib.core.variables import put_in

_ANY_DAY = TimeRange(0, DAY, DAY)


def metrics_of(preset: Preset) -> frozenset[str]:
    """The names of the metrics that the queries of a preset select. Raises QueryError for one that cannot be filled."""
    texts = (put_in(query.expr, preset.variables, {}) for query in preset.queries)
    return frozenset(name for text in texts for name in metrics_in(fill(text, _ANY_DAY).text))


def missing(preset: Preset, collected: Iterable[str]) -> tuple[str, ...]:
    """The metrics that a preset needs and that are not among those collected, in the order of their names."""
    return tuple(sorted(metrics_of(preset) - set(collected)))


def metrics_in(expr: str) -> frozenset[str]:
    """The names of the metrics that PromQL selects; none where it cannot be read here, though a server may."""
    try:
        return frozenset(_selected(expr))
    except ValueError:
        return frozenset()


def _selected(text: str) -> Iterator[str]:
    """The metric names of all selectors. One without a name, or with a pattern for it, needs no metric of its own."""
    waiting: list[Any] = [parse(text)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, promql_parser.VectorSelector):
            if node.name:
                yield str(node.name)
        else:
            waiting += parts_of(node)


def parts_of(node: Any) -> list[Any]:
    """The expressions directly inside a node of a query's tree."""
    return [part for name in _PARTS for part in _listed(getattr(node, name, None))]


# What the nodes of promql-parser call the expressions inside them.
_PARTS = ("expr", "param", "lhs", "rhs", "args", "vector_selector")


def _listed(part: Any) -> list[Any]:
    return part if isinstance(part, list) else [] if part is None else [part]
