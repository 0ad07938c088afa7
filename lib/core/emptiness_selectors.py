"""Why a selector finds nothing: no such metric, a matcher without a match, another time, or between the steps."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import promql_parser as tree

from lib.core.emptiness_probes import (
    Fix,
    Look,
    Probe,
    Probing,
    Reason,
    Told,
    Unanswered,
    Values,
    Why,
    count_each,
    listed_values,
)
from lib.core.explain_spans import Placed
from lib.core.query import RangeQuery
from lib.core.reading_words import listed
from lib.core.result import NAME, Answer
from lib.core.selector_text import SelectorText, matcher, read_text, selector_of
from lib.core.similar import similar
from lib.core.time_range import DAY, HOUR, TimeRange, format_duration
from lib.core.zones import local

_MOST_MATCHERS = 3  # that are looked at one by one
_MOST_SHOWN = 5
_OPERATORS = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}
_NEWER = "It may need a newer JupyterHub, or an exporter that does not run here."


def selector_reason(look: Look, here: Placed, window: Placed | None = None) -> Probing:
    """Why a selector, or its window, holds no samples at the points of the grid. Raises Unanswered and ValueError."""
    name, matchers = _read(here.node)
    start, end = look.years
    if not listed_values((yield Values(NAME, _selector(name, matchers), start, end))):
        return (yield from _no_series(look, here, name, matchers))
    (between,) = yield from count_each(look, [f"last_over_time({_over(here, look.reach)})"])
    if between:
        return _between(look, here, window, name or "This selector")
    return (yield from _outside(look, here, name or "This selector"))


def too_few(look: Look, function: str, window: Placed) -> Reason:
    """A window holds samples, but not the two that a function like rate() needs."""
    if not isinstance(window.node, tree.MatrixSelector):
        return Reason(Why.TOO_FEW, f"{function}() needs two samples in its window, and finds fewer.")
    length = max(round(window.node.range.total_seconds()), 1)
    wider = max(4 * length, look.spacing)
    message = f"{function}() needs two samples in its window of {format_duration(length)}, and finds fewer."
    fixes = look.fix(f"Window of {format_duration(wider)}", window, _over(window.parts[0], wider))
    return Reason(Why.TOO_FEW, message, "A window should hold at least four scrapes.", fixes)


def _no_series(look: Look, here: Placed, name: str, matchers: list[Any]) -> Probing:
    """No series of the last years fits: is it the metric, one of the matchers, or only all of them together?"""
    start, end = look.years
    if not name:
        return Reason(Why.NO_MATCH, "No series fits these matchers.", "Leave one out to see which it is.")
    names = listed_values((yield Values(NAME, "", end - 2 * DAY, end)))
    if name not in names and not (matchers and listed_values((yield Values(NAME, name, start, end)))):
        fixes = [fix for near in similar(name, names) for fix in look.fix(near, here, _typed(here).named(near).text)]
        return Reason(Why.UNKNOWN, f"There is no metric {name}.", _NEWER, tuple(fixes))
    for one in matchers[:_MOST_MATCHERS] if len(matchers) > 1 else ():
        if not listed_values((yield Values(NAME, _selector(name, [one]), start, end))):
            return (yield from _no_value(look, here, name, one))
    if len(matchers) == 1:
        return (yield from _no_value(look, here, name, matchers[0]))
    told = listed([_matcher(one) for one in matchers])
    message = f"{name} is there, but no series has {told} at once."
    return Reason(Why.NO_MATCH, message, "Each may have a match of its own; leave one out.")


def _no_value(look: Look, here: Placed, name: str, one: Any) -> Probing:
    """One matcher has no match: which values its label has, and which of them are like the wanted one."""
    start, end = look.years
    values = listed_values((yield Values(one.name, name, start, end)))
    message = f"{name} is there, but none of its series has {_matcher(one)}."
    if not values:
        fixes = look.fix(f"Without {one.name}", here, _typed(here).without(one.name).text)
        return Reason(Why.NO_MATCH, message, f"They have no label {one.name}.", fixes)
    rest = f" and {len(values) - _MOST_SHOWN:,} more" if len(values) > _MOST_SHOWN else ""
    hint = f"Values of {one.name}: {', '.join(values[:_MOST_SHOWN])}{rest}."
    return Reason(Why.NO_MATCH, message, hint, tuple(_with_values(look, here, one, values)))


def _with_values(look: Look, here: Placed, one: Any, values: Sequence[str]) -> list[Fix]:
    likest = similar(one.value, values) or (values if len(values) <= _MOST_SHOWN else ())
    texts = [(matcher(one.name, value), _typed(here).with_matcher(one.name, value).text) for value in likest]
    return [fix for label, text in texts for fix in look.fix(label, here, text)]


def _between(look: Look, here: Placed, window: Placed | None, name: str) -> Reason:
    step = format_duration(look.spacing)
    if look.moment:
        message = f"{name} has no sample in the minutes before this moment, but in the {step} before it has."
        hint = "A sample is used for 5 minutes. Take the last one of the day."
    elif window is None:
        message = f"{name} has samples in this time, but they fall between the steps."
        hint = f"A sample is used for 5 minutes, and the steps are {step} apart. Take the last one of each step."
    else:
        message = f"{name} has samples in this time, but they fall between the windows."
        hint = f"The steps are {step} apart. Make the window as long as a step."
    over = _over(here, look.spacing)
    if window is None:
        return Reason(Why.BETWEEN, message, hint, look.fix("Use the last sample", here, f"last_over_time({over})"))
    return Reason(Why.BETWEEN, message, hint, look.fix(f"Window of {step}", window, over))


def _outside(look: Look, here: Placed, name: str) -> Probing:
    """When the data begins or ends: first to some days, over all the years, then to the hour."""
    start, end = look.years
    step = -(-(end - start) // 350 // DAY) * DAY
    years = TimeRange.aligned(start, end + step, step)
    # Windows that leave gaps cost a fraction of the samples; where they meet none there are few, so all can be read.
    found = (yield from _points(here, years, 6 * HOUR)) or (yield from _points(here, years, step))
    if found and found[0] > look.grid.start:
        exact = yield from _points(here, TimeRange(found[0] - step, found[0], HOUR), HOUR - 1)
        if (begins := (exact or found)[0]) > look.grid.end:
            return Reason(
                Why.OUTSIDE, f"The data of {name} begins {_around(begins, look.grid.zone)}.", "Choose a later time."
            )
    if found and found[-1] - step < look.grid.start:
        exact = yield from _points(here, TimeRange(found[-1] - step, found[-1] + step, HOUR), HOUR - 1)
        if (ends := (exact or found)[-1]) < look.grid.start + 2 * HOUR:
            return Reason(
                Why.OUTSIDE, f"The data of {name} ends {_around(ends, look.grid.zone)}.", "Choose an earlier time."
            )
    hint = "It has some before and after it." if found else "It was collected once."
    return Reason(Why.OUTSIDE, f"{name} has no data in this time.", hint)


def _points(here: Placed, grid: TimeRange, window: int) -> Generator[Probe, Told, list[int]]:
    """The points of a grid, in Unix seconds, that have a sample in the window before them."""
    told = yield RangeQuery(f"count(last_over_time({_over(here, window)}))", grid)
    if not isinstance(told, Answer):
        raise Unanswered
    counts = told.values[0] if len(told.values) else []
    return [grid.start + place * grid.step for place, count in enumerate(counts) if count > 0]


def _read(node: Any) -> tuple[str, list[Any]]:
    """The name of the metric, "" for a pattern, and the other matchers, the likeliest to be wrong first."""
    matchers = list(node.matchers.matchers)
    named = [each for each in matchers if each.name == NAME and _operator(each) == "="]
    rest = [each for each in matchers if each not in named]
    name = str(node.name or (named[0].value if named else ""))
    return name, sorted(rest, key=lambda each: _operator(each) in ("!=", "!~"))


def _selector(name: str, matchers: Sequence[Any]) -> str:
    selector = selector_of(name) if name else SelectorText("")
    return SelectorText(selector.name, (*selector.matchers, *map(_matcher, matchers))).text


def _matcher(one: Any) -> str:
    return matcher(one.name, one.value, _operator(one))


def _operator(one: Any) -> str:
    return _OPERATORS[str(one.op).rpartition(".")[2]]


def _typed(here: Placed) -> SelectorText:
    """The selector as it was typed, or as the parser writes it."""
    try:
        return read_text(here.text)
    except ValueError:
        return read_text(str(here.node.prettify()))


def _over(here: Placed, seconds: int) -> str:
    return _typed(here).over(format_duration(seconds))


def _around(seconds: int, zone: str) -> str:
    moment = local(seconds, zone)
    return f"on {moment.day} {moment:%b %Y}, around {moment:%H:%M} {zone}"
