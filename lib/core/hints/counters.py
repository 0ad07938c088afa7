"""Hints on counters and gauges: which of them need a rate, and where."""

from __future__ import annotations

from lib.core.hints.registry import INTERVAL, RATES, Change, Hint, Query, hint, is_plain, takes_ranges
from lib.core.outline import Call, Selector

_OF_GAUGES = {"rate": "deriv", "increase": "delta", "irate": "idelta"}
# What tells something of a counter that is true whatever its value is.
_WHATEVER_VALUE = frozenset({"count", "group", "count_values", "absent", "timestamp"})
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


@hint("rate of a gauge")
def rate_of_gauge(query: Query) -> Hint | None:
    """`rate`, `increase` or `irate` of a metric whose type is known to be gauge."""
    changes: list[Change] = []
    names: list[str] = []
    for selector in query.outline.selectors:
        call = query.outline.argument_of(selector)
        if call and call.name in _OF_GAUGES and query.is_gauge(selector.name):
            changes.append((call.first, call.first + 1, _OF_GAUGES[call.name]))
            names.append(f"{selector.name} is a gauge, and {call.name}() is for counters.")
    if not changes:
        return None
    why = f"{changes[0][2]}() is for gauges; rate() and its like take every fall for a restart and add it on top."
    return query.hint(names[0], why, *changes)


@hint("counter without rate")
def counter_without_rate(query: Query) -> Hint | None:
    """A counter that is shown, added up or calculated with as it is.

    Silent where only its being there counts, where it is compared, and where it is set against itself at another time.
    """
    moved = {selector.name for selector in query.outline.selectors if selector.offset}
    found = [
        selector
        for selector in query.outline.selectors
        if is_plain(selector) and selector.name not in moved and query.is_counter(selector.name)
    ]
    raw = [selector for selector in found if not _is_excused(query, selector)]
    changes: list[Change] = []
    for selector in raw:
        text = query.text(selector.first, selector.last)
        changes.append((selector.first, selector.last, f"rate({text}[{INTERVAL}])"))
    if not changes:
        return None
    why = "A counter grows until its program restarts; what it says is how fast it grows."
    return query.hint(f"{raw[0].name} is a counter: look at its rate().", why, *changes)


def _is_excused(query: Query, selector: Selector) -> bool:
    outline = query.outline
    calls = list(outline.around(selector.first, selector.last))
    if any(call.name in _WHATEVER_VALUE or takes_ranges(call.name) for call in calls):
        return True
    first, last = outline.unwrapped_outwards(selector.first, selector.last)
    return outline.is_word(last, *_COMPARISONS) or (first > 0 and outline.is_word(first - 1, *_COMPARISONS))


@hint("rate over sum")
def rate_over_sum(query: Query) -> Hint | None:
    """`rate`, `increase` or `irate` around an aggregation of one selector, whether or not Prometheus would take it."""
    for call in query.outline.calls:
        if call.name not in RATES or len(call.arguments) != 1:
            continue
        inner = query.outline.call_at(_first_word(query, call.arguments[0][0]))
        if inner and inner.aggregation and inner.name.lower() in ("sum", "avg") and len(inner.arguments) == 1:
            selector = _only_selector(query, inner)
            if selector and _is_all(query, call, inner):
                return _turned(query, call, inner, selector)
    return None


def _first_word(query: Query, index: int) -> int:
    while query.outline.is_word(index, "("):
        index += 1
    return index


def _only_selector(query: Query, call: Call) -> Selector | None:
    first, last = call.arguments[0]
    found = [each for each in query.outline.selectors if first <= each.first and each.last <= last]
    return found[0] if len(found) == 1 and (found[0].first, found[0].last) == (first, last) else None


def _is_all(query: Query, call: Call, inner: Call) -> bool:
    """Whether the argument of the rate is that aggregation, brackets and a range around it, and nothing more."""
    first, last = call.arguments[0]
    outside = [*range(first, inner.first), *range(inner.last, last)]
    inside_range = [
        each
        for opening, closing in query.outline.pairs.items()
        if query.outline.is_word(opening, "[") and inner.last <= opening
        for each in range(opening, closing + 1)
    ]
    return all(query.outline.is_word(each, "(", ")") for each in outside if each not in inside_range)


def _turned(query: Query, call: Call, inner: Call, selector: Selector) -> Hint:
    text = query.text(selector.first, selector.last)
    if selector.window is None:
        text += f"[{_window(query, call, inner) or INTERVAL}]"
    grouping = query.text(inner.grouping.first, inner.grouping.last) + " " if inner.grouping else ""
    new = f"{inner.name} {grouping}({call.name}({text}))" if grouping else f"{inner.name}({call.name}({text}))"
    return query.hint(
        f"{call.name}() goes inside: {inner.name}({call.name}(...)).",
        "A sum falls when one of its counters restarts, and rate() takes that for a restart of everything.",
        (call.first, call.last, new),
    )


def _window(query: Query, call: Call, inner: Call) -> str:
    """The range that stands behind the aggregation."""
    for index in range(inner.last, call.closing):
        if query.outline.is_word(index, "["):
            return query.text(index + 1, index + 2)
    return ""
