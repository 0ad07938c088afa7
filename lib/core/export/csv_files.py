"""CSV: one row per value, or one column per series.

They follow RFC 4180, as UTF-8 with a byte-order mark, without which Excel reads é as two letters. Cells of text that
a spreadsheet would run as a formula get a leading apostrophe (OWASP, CSV injection); `unescape` takes it off. There are
no comments in them: what is to be known beside the numbers lies beside them in the ZIP.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.core.export.cells import escape
from lib.core.export.columns import ROWS, free_names, iso_times, label_columns, long_blocks, present, time_headers
from lib.core.export.registry import export
from lib.core.naming import names
from lib.core.number_text import TEXT, number_texts
from lib.core.provenance import Provenance
from lib.core.result import Result

_CSV = "text/csv"
_COMMA, _END, _NOTHING = (pa.scalar(text, TEXT) for text in (",", "\r\n", ""))


@export("csv_long", label="CSV, one row per value", suffix="csv", mime=_CSV)
def csv_long(result: Result, *, unit: str = "", days: Sequence[date] = (), about: Provenance | None = None) -> bytes:
    """One row per sample: `time`, `cluster`, one column per label, `value`; by series, then by time.

    Times are ISO 8601 with the offset of the grid's zone, so that an hour that comes twice can be told apart. Values
    have full precision; NaN, +Inf and -Inf are written so, gaps have no row. The
    metric's name is the column `metric`, if there is one. A label that is called as a column of ours is `exported_...`.
    With `days` there is a column `day` after `time`, one plain date per point of the grid.
    """
    value_header = f"value_{unit}" if unit else "value"
    labels = label_columns(result, [*time_headers(days), value_header])
    times = pa.array(_times(result, days), TEXT)
    cells = pa.array(_rows([escape(cell) for cell in row] for row in zip(*labels.values(), strict=True)), TEXT)
    lines = (
        pc.binary_join_element_wise(times.take(point), _COMMA, cells.take(place), number_texts(numbers), _END, _NOTHING)
        for place, point, numbers in long_blocks(result)
    )
    return _csv([*time_headers(days), *labels, value_header], lines)


@export("csv_wide", label="CSV, one column per series", suffix="csv", mime=_CSV, wide=True)
def csv_wide(result: Result, *, unit: str = "", days: Sequence[date] = (), about: Provenance | None = None) -> bytes:
    """One row per point of the grid: `time` and one column per series, under its short name; a gap is an empty cell.

    With a unit it stands after each name. Times, values and `days` as in the long file.
    """
    headers = time_headers(days)
    named = [f"{name} [{unit}]" if unit else name for name in names(result)]
    times = pa.array(_times(result, days), TEXT)
    values, there = result.values.to_numpy(dtype=np.float64), present(result)
    width, height = values.shape[1], 1 + ROWS // max(1, values.shape[1])

    def lines(first: int) -> pa.LargeStringArray:
        some = slice(first, first + height)
        if not width:
            return pc.binary_join_element_wise(times.slice(first, height), _END, _NOTHING)
        numbers = number_texts(values[some].ravel(), there[some].ravel())
        ends = np.arange(0, len(numbers) + 1, width, dtype=np.int32)
        rows = pc.binary_join(pa.ListArray.from_arrays(ends, numbers), _COMMA)
        return pc.binary_join_element_wise(times.slice(first, height), _COMMA, rows, _END, _NOTHING)

    blocks = range(0, len(values), height)
    return _csv([*headers, *free_names(named, taken=headers)], map(lines, blocks))


def _times(result: Result, days: Sequence[date]) -> list[str]:
    """What each line begins with: the time, and the day if asked."""
    times = iso_times(result, days)
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
