"""Why an answer is empty: what to ask a cluster about it, one question after another, and what the answers mean.

`investigate` is a generator. It yields a probe, is sent what the cluster said to it (None where that failed), and
returns a reason, or None where it found none. It sends nothing itself, so whoever drives it may do so for many clusters
side by side. It asks at most `MOST_PROBES` things, most of them of the index only.
"""

from __future__ import annotations

from collections.abc import Generator

import promql_parser as tree

from lib.core.emptiness_probes import Look, Probe, Probing, Reason, Told, Unanswered, Values, Why, count_each, extent
from lib.core.emptiness_selectors import selector_reason, too_few
from lib.core.explain import needs_data, unwrapped
from lib.core.explain_spans import Placed, placed
from lib.core.fence import named
from lib.core.reading_shape import is_comparison, matching
from lib.core.reading_words import listed, number
from lib.promql import expression_type

MOST_PROBES = 8
_MOST_PARTS = 10  # parts of a query that are counted in one probe
_NEED_TWO = frozenset({"rate", "irate", "increase", "delta", "idelta", "deriv", "predict_linear"})
_ABSENT = frozenset({"absent", "absent_over_time"})
_MAY_BE_HIDDEN = frozenset({Why.UNKNOWN, Why.NO_MATCH, Why.OUTSIDE})
_LONGEST_LABEL = 50  # characters on a button


def investigate(look: Look) -> Probing:
    """Why a query has no series on one cluster. Never raises."""
    if look.grid.start > look.now:
        return Reason(Why.FUTURE, "This time lies in the future.", "Choose one that has begun.")
    try:
        root = placed(look.expr)
        empty = yield from _empty_parts(look, root)
        return (yield from _why(look, root, empty))
    except (ValueError, Unanswered):
        return None


def of_hubs(reason: Reason | None, hubs: tuple[str, ...] | None) -> Reason | None:
    """The reason for those who see only some hubs, None for all: what others collect is not missing, but not shown."""
    if hubs is None or (reason is not None and reason.why not in _MAY_BE_HIDDEN):
        return reason
    message = f"You see {named(hubs)}; this question has no rows for {'it' if len(hubs) == 1 else 'them'}."
    return Reason(Why.HUBS, message, "What belongs to no hub, such as the load of machines, is not shown.")


class _Empty:
    """Which parts of a query have no series, by their text."""

    def __init__(self, counted: dict[str, bool]) -> None:
        self.counted = counted

    def __call__(self, here: Placed) -> bool:
        here = unwrapped(here)
        if isinstance(here.node, tree.AggregateExpr | tree.UnaryExpr):
            return self(here.parts[-1])
        if here.text not in self.counted:
            raise Unanswered
        return self.counted[here.text]


def _empty_parts(look: Look, root: Placed) -> Generator[Probe, Told, _Empty]:
    """One probe that counts the series of every part at once."""
    exprs = dict(list(_watched(root).items())[:_MOST_PARTS])
    if not exprs:
        return _Empty({})
    found = yield from count_each(look, list(exprs.values()))
    return _Empty({text: not there for text, there in zip(exprs, found, strict=True)})


def _watched(root: Placed) -> dict[str, str]:
    """The parts that may be where the series end, by text, each with what counts it; the outer ones first.

    The whole is known to be empty, and an aggregation is empty where what it is given is.
    """
    waiting, found = [*root.parts], dict[str, str]()
    while waiting:
        here = waiting.pop(0)
        matrix = expression_type(here.node) == "matrix"
        waiting += () if isinstance(here.node, tree.MatrixSelector) else here.parts
        passes = isinstance(here.node, tree.ParenExpr | tree.AggregateExpr | tree.UnaryExpr)
        if not passes and needs_data(here) and expression_type(here.node) in ("vector", "matrix"):
            found[here.text] = f"last_over_time({here.text})" if matrix else here.text
    return found


def _why(look: Look, here: Placed, empty: _Empty) -> Probing:
    """Why a part that has no series has none."""
    here = unwrapped(here)
    if isinstance(here.node, tree.VectorSelector):
        return (yield from selector_reason(look, here))
    if isinstance(here.node, tree.AggregateExpr | tree.UnaryExpr):
        return (yield from _why(look, here.parts[-1], empty))
    if isinstance(here.node, tree.Call):
        return (yield from _why_call(look, here, empty))
    if isinstance(here.node, tree.BinaryExpr):
        return (yield from _why_binary(look, here, empty))
    return None


def _why_call(look: Look, here: Placed, empty: _Empty) -> Probing:
    name, given = str(here.node.func.name), [unwrapped(each) for each in here.parts if needs_data(each)]
    if not given:
        return None
    if name in _ABSENT:
        return Reason(Why.PRESENT, f"There is data, and then {name}() gives nothing.", "So nothing is missing.")
    window = next((each for each in given if expression_type(each.node) == "matrix"), None)
    if window is None:
        return (yield from _why(look, next((each for each in given if empty(each)), given[0]), empty))
    if not empty(window):
        return too_few(look, name, window) if name in _NEED_TWO else None
    if isinstance(window.node, tree.SubqueryExpr):
        length, step = (each.total_seconds() if each else 0 for each in (window.node.range, window.node.step))
        return (yield from _why(look.inside(length, step), window.parts[0], empty))
    return (yield from selector_reason(look, window.parts[0], window))


def _why_binary(look: Look, here: Placed, empty: _Empty) -> Probing:
    operator = str(here.node.op)
    vectors = [each for each in here.parts if expression_type(each.node) == "vector"]
    for side in vectors[:1] if operator == "unless" else vectors:
        if needs_data(side) and empty(side):
            return (yield from _why(look, side, empty))
    if is_comparison(here.node):
        return (yield from _filtered(look, here, vectors))
    if len(vectors) < 2 or operator == "or":
        return None
    left, right = (each.text for each in here.parts)
    fixes = look.fix("Left side only", here, left)
    if operator == "unless":
        message = "Both sides of unless have series, and each of the left has a partner on the right."
        return Reason(Why.EXCLUDED, message, "So unless takes all of them out.", fixes)
    message = f"Both sides of {operator} have series, but no two of them are a pair: that takes {_pairing(here)}."
    hint = "Look at each side alone, and name the labels that they share after on."
    return Reason(Why.NO_PAIR, message, hint, (*fixes, *look.fix("Right side only", here, right)))


def _pairing(here: Placed) -> str:
    """What two series need to be a pair (Prometheus: querying/operators.md, vector matching)."""
    found = matching(here.node)
    if found is None or not (found[1] or found[0] == "Include"):
        return "the same labels with the same values on both sides"
    if found[0] == "Include":
        return f"the same {listed(found[1])}" if found[1] else "a series on each side at one moment"
    return f"the same labels but for {listed(found[1])}"


def _filtered(look: Look, here: Placed, vectors: list[Placed]) -> Probing:
    operator = str(here.node.op)
    if len(vectors) == 2:
        message = f"Both sides of {operator} have series, but it holds for no pair of them."
        return Reason(Why.FILTERED, message, "", look.fix("Left side only", here, vectors[0].text))
    kept, other = here.parts if vectors == [here.parts[0]] else here.parts[::-1]
    condition = f"{operator} {other.text}" if kept is here.parts[0] else f"{other.text} {operator}"
    low, high = yield from extent(look, kept.text)
    values = f"all values are {number(low)}" if low == high else f"values go from {number(low)} to {number(high)}"
    message = f"The comparison {condition} leaves everything out; without it, {values}."
    short = condition if len(condition) <= _LONGEST_LABEL else f"{condition[:_LONGEST_LABEL]}…"
    return Reason(Why.FILTERED, message, "", look.fix(f"Without {short}", here, kept.text))


__all__ = ["MOST_PROBES", "Look", "Probe", "Probing", "Reason", "Told", "Values", "Why", "investigate", "of_hubs"]
