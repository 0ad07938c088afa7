"""What Prometheus refuses and in which words, as far as it needs no samples: times, steps, labels and queries.

Texts and their order are those of web/api/v1/api.go (2.42); `tests/sources/test_contract.py` holds them to a real one.
"""

from __future__ import annotations

import json
import re
from datetime import datetime

from lib.core.promql import parse

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "y": 31_536_000}
_DURATION = re.compile(r"(?:[0-9]+(?:ms|[smhdwy]))+")
_MOST_POINTS = 11_000

Refusal = tuple[int, str, str]  # status, body, content type


def instant(text: str) -> float:
    """Unix seconds or RFC 3339 as Unix seconds. Raises ValueError."""
    try:
        return float(text)
    except ValueError:
        return datetime.fromisoformat(text).timestamp()


def duration(text: str) -> float:
    """Seconds, or a duration such as `1h30m`, in seconds. Raises ValueError."""
    if _DURATION.fullmatch(text):
        return sum(int(number) * _SECONDS[unit] for number, unit in re.findall(r"([0-9]+)(ms|[smhdwy])", text))
    return float(text)


def refused(rest: str, form: dict[str, str]) -> Refusal | None:
    """The refusal of a request to the API, or None when there is something to answer."""
    path = rest.removeprefix("api/v1/")
    if label := re.fullmatch(r"label/(.*)/values", path):
        words = _bad_label(label[1]) or _bad_listing(form)
    elif path == "query_range":
        words = _bad_range(form)
    elif path == "query":
        words = _bad_time(form, "time", needed=False) or _bad_query(form)
    elif path in ("labels", "series"):
        words = "no match[] parameter provided" if path == "series" and "match[]" not in form else _bad_listing(form)
    elif path == "metadata":
        words = None
    else:
        return 404, "404 page not found\n", "text/plain; charset=utf-8"
    told = {"status": "error", "errorType": "bad_data", "error": words}
    return (400, json.dumps(told), "application/json") if words else None


def _bad_range(form: dict[str, str]) -> str | None:
    if words := _bad_time(form, "start") or _bad_time(form, "end"):
        return words
    start, end = instant(form["start"]), instant(form["end"])
    if end < start:
        return 'invalid parameter "end": end timestamp must not be before start time'
    try:
        step = duration(form.get("step", ""))
    except ValueError:
        return f'invalid parameter "step": cannot parse "{form.get("step", "")}" to a valid duration'
    if not step > 0:
        kind = "zero or negative query resolution step widths are not accepted. Try a positive integer"
        return f'invalid parameter "step": {kind}'
    if (end - start) // step > _MOST_POINTS:
        words = "exceeded maximum resolution of 11,000 points per timeseries."
        return f"{words} Try decreasing the query resolution (?step=XX)"
    return _bad_query(form)


def _bad_time(form: dict[str, str], name: str, *, needed: bool = True) -> str | None:
    if not needed and not form.get(name):
        return None
    try:
        instant(form.get(name, ""))
    except ValueError:
        more = "" if needed else f"Invalid time value for '{name}': "
        return f'invalid parameter "{name}": {more}cannot parse "{form.get(name, "")}" to a valid timestamp'
    return None


def _bad_query(form: dict[str, str]) -> str | None:
    try:
        if form.get("timeout"):
            duration(form["timeout"])
    except ValueError:
        return f'invalid parameter "timeout": cannot parse "{form["timeout"]}" to a valid duration'
    words = _unreadable(form.get("query", ""))
    return f'invalid parameter "query": {words}' if words else None


def _unreadable(expr: str) -> str | None:
    if not expr.strip():
        return "1:1: parse error: no expression found in input"
    try:
        parse(expr)
    except ValueError:
        return "1:1: parse error: in other words than Prometheus' own"
    return None


def _bad_label(name: str) -> str | None:
    return None if re.fullmatch("[a-zA-Z_][a-zA-Z0-9_]*", name) else f'invalid label name: "{name}"'


def _bad_listing(form: dict[str, str]) -> str | None:
    for name in ("start", "end"):
        if words := _bad_time(form, name, needed=False):
            return words
    words = _unreadable(form["match[]"]) if "match[]" in form else None
    return f'invalid parameter "match[]": {words}' if words else None
