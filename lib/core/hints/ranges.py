"""Hints on range vectors: those that are drawn as they are, and those too short to hold two samples."""

from __future__ import annotations

from lib.core.errors import TimeError
from lib.core.hints.registry import RATES, Change, Hint, Query, hint, takes_ranges
from lib.core.outline import Selector
from lib.core.time_range import format_duration, parse_duration
from lib.promql import FUNCTIONS

_NEED_TWO = frozenset({"rate", "increase", "irate", "delta", "idelta", "deriv", "predict_linear"})


@hint("range vector graphed")
def range_vector_graphed(query: Query) -> Hint | None:
    """A range vector that is no argument of a function for it: on its own, in an aggregation, beside an operator.

    Silent on one alone in a query about one moment, which shows its samples.
    """
    for selector in query.outline.selectors:
        if selector.window is None or selector.subquery or not selector.name or not _is_loose(query, selector):
            continue
        function = "rate" if query.is_counter(selector.name) else "avg_over_time"
        new = f"{function}({query.text(selector.first, selector.last)})"
        sentence = f"A range such as {query.text(selector.bare, selector.last)} has many values for each moment."
        why = f"A chart needs one value for each moment: {function}() makes one of them."
        return query.hint(sentence, why, (selector.first, selector.last, new))
    return None


def _is_loose(query: Query, selector: Selector) -> bool:
    call = query.outline.argument_of(selector)
    if any(each.name in RATES for each in query.outline.around(selector.first, selector.last)):
        return False  # see rate_over_sum
    if call:
        return call.aggregation or (call.name in FUNCTIONS and not takes_ranges(call.name))
    alone = query.outline.unwrapped_outwards(selector.first, selector.last) == (0, len(query.outline.tokens) - 1)
    return not (alone and query.instant)


@hint("range shorter than two scrapes")
def range_shorter_than_two_scrapes(query: Query) -> Hint | None:
    """`rate(x[1m])` where a sample comes every 60 seconds: the range mostly holds one, and gives nothing."""
    changes: list[Change] = []
    wanted = format_duration(4 * query.scrape)
    short = ""
    for selector in query.outline.selectors:
        call = query.outline.argument_of(selector)
        if selector.window is None or selector.subquery or not call or call.name not in _NEED_TWO:
            continue
        if not query.is_variable(selector.window) and _seconds(query, selector.window) < 2 * query.scrape:
            changes.append((selector.window, selector.window + 1, wanted))
            short = (
                short or f"{call.name}() over {query.text(selector.window, selector.window + 1)} finds too few samples."
            )
    if not changes:
        return None
    why = (
        f"A sample comes every {format_duration(query.scrape)}, and it takes two: {wanted} has them even if some fail."
    )
    return query.hint(short, why, *changes)


def _seconds(query: Query, token: int) -> float:
    try:
        return parse_duration(query.outline.tokens[token].text)
    except TimeError:
        return float("inf")
