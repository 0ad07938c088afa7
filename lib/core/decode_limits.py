"""How large an answer may be: what is larger is refused before memory is taken for it."""

from __future__ import annotations

from lib.core.errors import Kind, SourceError
from lib.core.time_range import TimeRange

MAX_SERIES = 20_000
# Sparse series are cheap to send and dear to hold: 20,000 lone samples on 10,000 points would take 1.6 GB.
MAX_CELLS = 20_000_000
MAX_LABEL_CELLS = 2_000_000
MAX_NAMES = 1_000  # of labels; each is a column of the label table, and 10,000 of them take seconds
# What one question may take is 64 MB. Bytes of JSON are held while they are read, and its values may be thirty times as
# large: `[],` has three bytes and takes 100.
MAX_JSON = 8 * 2**20
MAX_VALUES = 56 * 2**20
# About what Python values take, by a byte that stands in the JSON of each (measured on CPython 3.11 with orjson 3.13).
_TAKEN = ((b"{", 200), (b"[", 96), (b",", 60), (b'":', 90))


def check_points(series: int, grid: TimeRange) -> None:
    """Raises SourceError (TOO_LARGE) for more series, or more points in all, than an answer may have."""
    _check(series, grid.points, MAX_CELLS, "points")


def check_json(size: int) -> None:
    """Raises SourceError (TOO_LARGE) for more bytes than are read as JSON."""
    if size > MAX_JSON:
        raise _too_large(f"{size / 2**20:,.1f} MiB that are not plain numbers; the most is {MAX_JSON // 2**20} MiB")


def check_values(body: bytes) -> None:
    """Raises SourceError (TOO_LARGE) for JSON that is too long, or whose values would take too much memory."""
    check_json(len(body))
    taken = sum(body.count(sign) * size for sign, size in _TAKEN)
    if taken > MAX_VALUES:
        most = MAX_VALUES // 2**20
        raise _too_large(
            f"so many labels or odd values that they take {taken / 2**20:,.0f} MiB; the most is {most} MiB"
        )


def check_labels(series: int, names: int) -> None:
    """Raises SourceError (TOO_LARGE) for a larger table of labels than an answer may have."""
    if names > MAX_NAMES:
        raise _too_large(f"{names:,} different labels; the most is {MAX_NAMES:,}")
    _check(series, names, MAX_LABEL_CELLS, "labels")


def _check(series: int, width: int, most: int, what: str) -> None:
    if series > MAX_SERIES:
        raise _too_large(f"{series:,} series; the most is {MAX_SERIES:,}")
    if series * width > most:
        raise _too_large(f"{series:,} series with {width:,} {what}; the most is {most:,} in all")


def _too_large(what: str) -> SourceError:
    hint = "Add series up in the query, as in sum by (namespace) (...), or choose a longer step."
    return SourceError(Kind.TOO_LARGE, f"The answer has {what}.", hint)
