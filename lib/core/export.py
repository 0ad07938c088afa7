"""Exports: a result becomes a file, by name in `EXPORTS`.

To add one, write a function `(result, *, unit, days) -> bytes` under `@export("name", label="...", suffix="...",
mime="...")`; the download button then offers it.

CSV files follow RFC 4180, as UTF-8 with a byte-order mark, without which Excel reads é as two letters. Cells of text
that a spreadsheet would run as a formula get a leading apostrophe (OWASP, CSV injection); `unescape` takes it off.
The same result gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lib.core.errors import AppError
from lib.core.naming import OTHERS, names
from lib.core.number_text import TEXT, number_texts
from lib.core.result import CLUSTER, NAME, Result
from lib.core.time_range import TimeRange
from lib.core.zones import iso, local

LONGEST_FILE_NAME = 120
# What starts a formula, also in its full-width form, after spaces, quotes or what has no width.
_FORMULA = re.compile("[\\s'\"\u200b\ufeff]*[=+@＝＋－＠-]|(?:[^\\S\t\r\n]|['\"\u200b\ufeff])*[\t\r\n\0]")
_CSV = "text/csv"
_COMMA, _END, _NOTHING = (pa.scalar(text, TEXT) for text in (",", "\r\n", ""))
ROWS = 1 << 18  # values that are written at once


class Writer(Protocol):
    """Writes a file. `unit` asks for it in the header; `days` labels each point by the day that it covers."""

    def __call__(self, result: Result, *, unit: str = "", days: Sequence[date] = ()) -> bytes: ...


@dataclass(frozen=True)
class Export:
    """One entry of the download menu: its name in links, its words, and what makes the file."""

    name: str
    label: str
    suffix: str
    mime: str
    write: Writer


EXPORTS: dict[str, Export] = {}


def export(name: str, *, label: str, suffix: str, mime: str) -> Callable[[Writer], Writer]:
    """Registers a function that writes a file. The first one registered is the one that people get by default."""

    def register(write: Writer) -> Writer:
        if name in EXPORTS:
            raise ValueError(f"Two exports are called {name}.")
        EXPORTS[name] = Export(name, label, suffix, mime, write)
        return write

    return register


@export("csv_long", label="CSV, one row per value", suffix="csv", mime=_CSV)
def csv_long(result: Result, *, unit: str = "", days: Sequence[date] = ()) -> bytes:
    """One row per sample: `time`, `cluster`, one column per label, `value`; by series, then by time.

    Times are ISO 8601 with the offset of the grid's zone, so that an hour that comes twice can be told apart. Values
    have full precision; NaN, +Inf and -Inf are written so, gaps have no row. The
    metric's name is the column `metric`, if there is one. A label that is called as a column of ours is `exported_...`.
    With `days` there is a column `day` after `time`, one plain date per point of the grid.
    """
    value_header = f"value_{unit}" if unit else "value"
    labels = _labels(result, [*_time_headers(days), value_header])
    times = pa.array(_times(result, days), TEXT)
    cells = pa.array(_rows([escape(cell) for cell in row] for row in zip(*labels.values(), strict=True)), TEXT)
    values, present = result.values.to_numpy(dtype=np.float64), _present(result)

    def lines(first: int) -> pa.LargeStringArray:
        some = slice(first, first + 1 + ROWS // max(1, len(values)))
        place, point = np.nonzero(present[:, some].T)
        numbers = number_texts(values[:, some].T[place, point])
        return pc.binary_join_element_wise(
            times.take(point), _COMMA, cells.take(place + first), numbers, _END, _NOTHING
        )

    blocks = range(0, values.shape[1], 1 + ROWS // max(1, len(values)))
    return _csv([*_time_headers(days), *labels, value_header], map(lines, blocks))


@export("csv_wide", label="CSV, one column per series", suffix="csv", mime=_CSV)
def csv_wide(result: Result, *, unit: str = "", days: Sequence[date] = ()) -> bytes:
    """One row per point of the grid: `time` and one column per series, under its short name; a gap is an empty cell.

    With a unit it stands after each name. Times, values and `days` as in the long file.
    """
    headers = _time_headers(days)
    named = [f"{name} [{unit}]" if unit else name for name in names(result)]
    times = pa.array(_times(result, days), TEXT)
    values, present = result.values.to_numpy(dtype=np.float64), _present(result)
    width, height = values.shape[1], 1 + ROWS // max(1, values.shape[1])

    def lines(first: int) -> pa.LargeStringArray:
        some = slice(first, first + height)
        if not width:
            return pc.binary_join_element_wise(times.slice(first, height), _END, _NOTHING)
        numbers = number_texts(values[some].ravel(), present[some].ravel())
        ends = np.arange(0, len(numbers) + 1, width, dtype=np.int32)
        rows = pc.binary_join(pa.ListArray.from_arrays(ends, numbers), _COMMA)
        return pc.binary_join_element_wise(times.slice(first, height), _COMMA, rows, _END, _NOTHING)

    blocks = range(0, len(values), height)
    return _csv([*headers, *_free(named, taken=headers)], map(lines, blocks))


def escape(text: str) -> str:
    """A cell of text that no spreadsheet runs: with a leading apostrophe if it would start a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape(cell: str) -> str:
    """The text that `escape` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def file_name(
    title: str, scope: Sequence[str], time_range: TimeRange, content: bytes, suffix: str, days: Sequence[date] = ()
) -> str:
    """A name that says what is inside: `daily-users_all-clusters_2026-10-23_2026-11-21_UTC_3fa9c1d27b60e4d5.csv`.

    Dates are the first and last of `days`, else those of the range in its zone, both included. Only ASCII letters,
    digits, `-`, `_` and one dot, at most 120 characters. It ends in the first 16 hex digits of the content's SHA-256: a
    checksum, and what keeps Streamlit from serving one large file in place of another of equal length, as it derives
    a file's address from its name and samples of its content.
    """
    zone = re.sub("[^A-Za-z0-9_-]", "-", time_range.zone.replace("+", "plus"))
    dates = days or tuple(local(moment, time_range.zone).date() for moment in (time_range.start, time_range.end))
    end = f"{dates[0]}_{dates[-1]}_{zone}_{sha256(content).hexdigest()[:16]}.{_slug(suffix)[:10]}"
    room = LONGEST_FILE_NAME - len(end) - 2
    words = _slug("-".join(scope))[: room // 2].strip("-")
    return f"{_slug(title)[: room - len(words)].strip('-') or 'data'}_{words or 'all'}_{end}"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _labels(result: Result, ours: Sequence[str]) -> dict[str, list[str]]:
    """The text columns by header, clash-free: cluster, the metric if any has one, labels, what a transform added up."""
    columns = {str(name): result.series[name].tolist() for name in result.series.columns}
    cluster, metric, others = columns.pop(CLUSTER), columns.pop(NAME, []), columns.pop(OTHERS, [])
    first = {CLUSTER: cluster} | ({"metric": metric} if any(metric) else {})
    last = {"series": names(result)} if any(others) else {}
    free = _free(columns, taken=[*ours, *first, *last])
    return first | dict(zip(free, columns.values(), strict=True)) | last


def _free(wanted: Iterable[str], taken: Iterable[str]) -> list[str]:
    """The same names, those that are taken with `exported_` before them, as Prometheus renames labels that clash."""
    used, free = set(taken), []
    for name in wanted:
        while name in used:
            name = f"exported_{name}"
        used.add(name)
        free.append(name)
    return free


def _present(result: Result) -> npt.NDArray[np.bool_]:
    there: npt.NDArray[np.bool_] = ~np.isnan(result.values.to_numpy(dtype=np.float64))
    if result.nan is not None:
        there |= result.nan.to_numpy(dtype=np.bool_)
    return there


def _time_headers(days: Sequence[date]) -> list[str]:
    return ["time", "day"] if days else ["time"]


def _times(result: Result, days: Sequence[date]) -> list[str]:
    """What each line begins with: the time, and the day if asked."""
    times = iso(result.instants, result.grid.zone)
    if days and len(days) != len(times):
        raise AppError(f"There are {len(days)} days for {len(times)} points in time.")
    return [f"{time},{day.isoformat()}" for time, day in zip(times, days, strict=True)] if days else times


def _rows(rows: Iterable[Sequence[str]]) -> list[bytes]:
    """Cells of text as they stand in a line, each with a comma behind it."""
    text = io.StringIO(newline="")
    writer, lines = csv.writer(text, lineterminator="\r\n"), []
    for row in rows:
        writer.writerow([*row, ""])
        lines.append(text.getvalue().removesuffix("\r\n").encode("utf-8", "replace"))
        text.seek(0)
        text.truncate()
    return lines


def _csv(header: Sequence[str], blocks: Iterable[pa.LargeStringArray]) -> bytes:
    """The file: mark, header, and lines that end in themselves, so that Arrow's own bytes of them are the file's."""
    [first] = _rows([[escape(name) for name in header]])
    parts = [b"\xef\xbb\xbf", first.removesuffix(b","), b"\r\n"]
    return b"".join([*parts, *map(_bytes, blocks)])


def _bytes(lines: pa.LargeStringArray) -> memoryview:
    size = pc.sum(pc.binary_length(lines)).as_py() or 0
    return memoryview(lines.buffers()[2] or b"")[:size]
