"""The functions of PromQL in words, for `lib.core.reading_phrases`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import promql_parser as tree

from lib.core.reading_shape import Labels, bare, by, value
from lib.core.reading_words import duration, labels, listed, percentile, shift

Inside = Callable[[Any, Labels], str]

# What is said before "1 hour of x".
_OVER = {
    "rate": "the increase per second over",
    "increase": "the increase over",
    "irate": "the latest increase per second within",
    "delta": "the change over",
    "idelta": "the latest change within",
    "deriv": "the slope per second over",
    "changes": "the number of changes within",
    "resets": "the number of resets within",
    "last_over_time": "the last value within",
    "first_over_time": "the first value within",
    "max_over_time": "the largest value within",
    "min_over_time": "the smallest value within",
    "avg_over_time": "the average over",
    "sum_over_time": "the sum over",
    "count_over_time": "the number of samples within",
    "present_over_time": "any value within",
    "absent_over_time": "1 if there is no value within",
    "stddev_over_time": "the standard deviation over",
    "stdvar_over_time": "the variance over",
    "mad_over_time": "the median absolute deviation over",
}
# By name and number of arguments.
_SENTENCES = {
    ("time", 0): "now",
    ("pi", 0): "pi",
    ("abs", 1): "the absolute value of {0}",
    ("ceil", 1): "{0} rounded up",
    ("floor", 1): "{0} rounded down",
    ("round", 1): "{0} rounded",
    ("round", 2): "{0} rounded to a multiple of {1}",
    ("sqrt", 1): "the square root of {0}",
    ("exp", 1): "e to the power of {0}",
    ("ln", 1): "the natural logarithm of {0}",
    ("log2", 1): "the binary logarithm of {0}",
    ("log10", 1): "the decimal logarithm of {0}",
    ("sgn", 1): "the sign of {0}",
    ("clamp", 3): "{0} held between {1} and {2}",
    ("clamp_min", 2): "{0} held at {1} or more",
    ("clamp_max", 2): "{0} held at {1} or less",
    ("sort", 1): "{0} in rising order",
    ("sort_desc", 1): "{0} in falling order",
    ("scalar", 1): "{0}",
    ("vector", 1): "{0}",
    ("absent", 1): "1 if there is no {0}",
    ("timestamp", 1): "the time of the last sample of {0}",
}
_CALENDAR = {
    "minute": "the minute of the hour",
    "hour": "the hour of the day",
    "day_of_week": "the day of the week",
    "day_of_month": "the day of the month",
    "day_of_year": "the day of the year",
    "days_in_month": "the number of days in the month",
    "month": "the month",
    "year": "the year",
}


def call(node: Any, given: Labels, inside: Inside) -> str:
    """A function and what it is given; `inside` says its arguments."""
    name, args = str(node.func.name), list(node.args)
    if name in _OVER:
        length, inner = window(args[0], given, inside)
        return f"{_OVER[name]} {length} of {inner}"
    if name in _SPECIAL:
        return _SPECIAL[name](args, given, inside)
    if name in _CALENDAR:
        return _CALENDAR[name] + (f" of {inside(args[0], given)}" if args else "")
    told = [inside(argument, given) for argument in args]
    if (name, len(args)) in _SENTENCES:
        return _SENTENCES[name, len(args)].format(*told)
    data = [text for text, argument in zip(told, args, strict=True) if _is_data(argument)]
    return f"{name}(...) of {listed(data)}" if data else f"{name}({'...' if args else ''})"


def window(node: Any, given: Labels, inside: Inside) -> tuple[str, str]:
    """How long a window is, and what is in it."""
    node = bare(node)
    if isinstance(node, tree.MatrixSelector):
        return duration(node.range), inside(node.vector_selector, given)
    if not isinstance(node, tree.SubqueryExpr):
        return "a time", inside(node, given)
    every = f" (every {duration(node.step)})" if node.step else ""
    return f"{duration(node.range or timedelta(0))}{every}", f"{inside(node.expr, given)}{shift(node)}"


def _histogram_quantile(args: list[Any], given: Labels, inside: Inside) -> str:
    """The limits of the buckets (`le`) are a step on the way, so the sum by them is not said."""
    inner = bare(args[1])
    if not isinstance(inner, tree.AggregateExpr) or str(inner.op) != "sum" or "le" not in by(inner):
        return f"{_quantile(args[0], inside)} of {inside(inner, given)}"
    rest = tuple(name for name in by(inner) if name != "le")
    per = f" per {labels(rest)}" if rest and set(rest) != set(given) else ""
    return f"{_quantile(args[0], inside)}{per} of {inside(inner.expr, ())}"


def _quantile_over_time(args: list[Any], given: Labels, inside: Inside) -> str:
    length, inner = window(args[1], given, inside)
    return f"{_quantile(args[0], inside)} over {length} of {inner}"


def _predict_linear(args: list[Any], given: Labels, inside: Inside) -> str:
    length, inner = window(args[0], given, inside)
    ahead = value(args[1])
    known = ahead is not None and 0 <= ahead < 1e11
    words = duration(timedelta(seconds=ahead or 0)) if known else f"{inside(args[1], given)} seconds"
    return f"the value expected in {words} by the trend over {length} of {inner}"


def _label_replace(args: list[Any], given: Labels, inside: Inside) -> str:
    target, source = (_text(args[place]) for place in (1, 3))
    return f"{inside(args[0], given)} with {target} taken from {source}"


def _label_join(args: list[Any], given: Labels, inside: Inside) -> str:
    sources = listed([_text(argument) for argument in args[3:]])
    return f"{inside(args[0], given)} with {_text(args[1])} taken from {sources or 'nothing'}"


def _quantile(share: Any, inside: Inside) -> str:
    known = value(share)
    return f"the quantile at {inside(share, ())}" if known is None else percentile(known)


def _text(node: Any) -> str:
    node = bare(node)
    return str(node.val) if isinstance(node, tree.StringLiteral) else "a text"


def _is_data(node: Any) -> bool:
    return value(node) is None and not isinstance(bare(node), tree.StringLiteral)


_SPECIAL: dict[str, Callable[[list[Any], Labels, Inside], str]] = {
    "histogram_quantile": _histogram_quantile,
    "quantile_over_time": _quantile_over_time,
    "predict_linear": _predict_linear,
    "label_replace": _label_replace,
    "label_join": _label_join,
}
