"""The parameters of a request to Prometheus' HTTP API: read as it reads them, refused in its words."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

Parameters = Mapping[str, Sequence[str]]

MOST_POINTS = 11_000
_UNITS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_FARTHEST = 2**53  # milliseconds from 1970


class BadParameter(Exception):
    """A parameter Prometheus answers with `bad_data`; its text is Prometheus' own."""


def first(parameters: Parameters, name: str) -> str:
    """Return the first value of a parameter, or the empty string."""
    return (parameters.get(name) or ("",))[0]


def time_of(parameters: Parameters, name: str, default: int | None = None) -> int:
    """Return a time in milliseconds since 1970: from seconds, RFC 3339, or the default where nothing is given."""
    text = first(parameters, name)
    if not text and default is not None:
        return default
    moment = _moment(text)
    if moment is None or abs(moment) > _FARTHEST:
        optional = "" if default is None else f"Invalid time value for '{name}': "
        raise BadParameter(f'invalid parameter "{name}": {optional}cannot parse "{text}" to a valid timestamp')
    return moment


def duration_of(parameters: Parameters, name: str) -> int:
    """Return a duration in milliseconds: from seconds, or such as `1h30m`."""
    text = first(parameters, name)
    length = _duration(text)
    if length is None or abs(length) > _FARTHEST:
        raise BadParameter(f'invalid parameter "{name}": cannot parse "{text}" to a valid duration')
    return length


def range_of(parameters: Parameters) -> tuple[int, int, int]:
    """Return (start, end, step) of a range query in milliseconds, refusing what Prometheus refuses."""
    start = time_of(parameters, "start")
    end = time_of(parameters, "end")
    if end < start:
        raise BadParameter('invalid parameter "end": end timestamp must not be before start time')
    step = duration_of(parameters, "step")
    if step <= 0:
        text = "zero or negative query resolution step widths are not accepted. Try a positive integer"
        raise BadParameter(f'invalid parameter "step": {text}')
    if (end - start) // step > MOST_POINTS:
        text = "exceeded maximum resolution of 11,000 points per timeseries"
        raise BadParameter(f"{text}. Try decreasing the query resolution (?step=XX)")
    return start, end, step


def limit_of(parameters: Parameters) -> int | None:
    """Return how many entries are wanted at most; None, and 0 as well, is all."""
    text = first(parameters, "limit")
    if not text:
        return None
    if not text.isdecimal():
        raise BadParameter(f'invalid parameter "limit": cannot parse "{text}" to a valid limit')
    return int(text) or None


def _moment(text: str) -> int | None:
    if _NUMBER.fullmatch(text):
        return _milliseconds(text)
    if not _RFC3339.fullmatch(text):
        return None
    try:
        return round(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        return None


def _duration(text: str) -> int | None:
    if _NUMBER.fullmatch(text):
        return _milliseconds(text)
    if text == "0":
        return 0
    parts = _DURATION.fullmatch(text)
    if not text or parts is None:
        return None
    return sum(int(count or 0) * unit for count, unit in zip(parts.groups(), _UNITS.values(), strict=True))


def _milliseconds(text: str) -> int | None:
    seconds = float(text)
    return round(seconds * 1000) if abs(seconds) < _FARTHEST else None
