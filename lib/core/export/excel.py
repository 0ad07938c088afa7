"""Excel: one row per value with real dates and numbers, and a second sheet that says where they come from.

XlsxWriter makes the workbook: sheets, formats, widths. It needs some 20 s of processor time for a million rows, so the
rows themselves are put together by Arrow, in the form of a sample row that XlsxWriter has written.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape as xml_escape

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter

from lib.core.errors import AppError
from lib.core.export.cells import is_formula, readable
from lib.core.export.columns import iso_times, label_columns, long_blocks, present, time_headers
from lib.core.export.registry import entry, export
from lib.core.number_text import TEXT, number_texts
from lib.core.provenance import Provenance
from lib.core.result import Floats, Result
from lib.core.time_range import DAY
from lib.core.zones import UTC_NAME, wall

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 1_048_575, 16_380, 32_767  # of a sheet, its header and our columns aside
EPOCH = 25_569  # the day 1 January 1970, as Excel counts days
VALUES, ABOUT = "Values", "About"
_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHEET = "xl/worksheets/sheet1.xml"
_STYLE = re.compile(r'<c r="([A-C])2" s="(\d+)"')
_ODD = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")  # what XML cannot hold, and CR, which it would make LF
_LOOKS_ESCAPED = re.compile(r"_(x[0-9A-Fa-f]{4}_)")
_ROW, _END, _NOTHING = (pa.scalar(text, TEXT) for text in ("<row>", "</row>", ""))


@export("excel", label="Excel", suffix="xlsx", mime=_MIME, most_rows=MOST_ROWS, most_columns=MOST_COLUMNS)
def excel(result: Result, *, unit: str = "", days: Sequence[date] = (), about: Provenance | None = None) -> bytes:
    """The rows of the long CSV on the sheet Values, `about` on the sheet About.

    `time` is a date as the clocks of the grid's zone show it. As Excel knows no zones, `time_utc` stands beside it
    where that is another, so that an hour that comes twice can be told apart. Numbers are numbers; NaN, +Inf and -Inf
    are texts. A text that would be a formula once somebody edits its cell is marked as a text (`quotePrefix`), and
    stays as it is. Raises AppError for a label longer than a cell holds.
    """
    value = f"value_{unit}" if unit else "value"
    iso_times(result, days)
    headers = _time_columns(result, days)
    labels = label_columns(result, [*headers, value])
    _check_lengths(labels)
    skeleton = _skeleton([*headers, *labels, value], int(present(result).sum()), about)
    return _filled(skeleton, lambda style: _rows(result, days, labels, style))


def _filled(skeleton: bytes, rows: Callable[[dict[str, str]], Iterator[memoryview]]) -> bytes:
    """The workbook with the rows in place of the sample row, given the styles of that one by column."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(skeleton)) as made, zipfile.ZipFile(file, "w") as archive:
        for name in made.namelist():
            with archive.open(entry(name), "w") as part:
                if name != _SHEET:
                    part.write(made.read(name))
                    continue
                sheet = made.read(name).decode()
                start, _, rest = sheet.partition('<row r="2"')
                part.write(re.sub("<dimension [^>]*/>", "", start).encode())
                for block in rows(dict(_STYLE.findall(sheet))):
                    part.write(block)
                part.write(rest[rest.index("</sheetData>") :].encode())
    return file.getvalue()


def _time_columns(result: Result, days: Sequence[date]) -> list[str]:
    return [*time_headers(days), *(["time_utc"] if result.grid.zone != UTC_NAME else [])]


def _check_lengths(labels: dict[str, list[str]]) -> None:
    if any(len(text) > LONGEST_CELL for texts in labels.values() for text in texts):
        raise AppError(
            f"A label is longer than {LONGEST_CELL:,} characters, the most of a cell.", "Take Parquet or CSV."
        )


def _skeleton(headers: Sequence[str], rows: int, about: Provenance | None) -> bytes:
    """The workbook with a sample row: a moment, a day, a text to be marked. Only their styles are needed.

    A filter spans all the `rows` that will be there.
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime.fromtimestamp(about.fetched_at if about else 0, UTC).replace(tzinfo=None)})
    bold, quoted = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
    moment, day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"}), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet(VALUES)
    for column, header in enumerate(headers):
        sheet.write_string(0, column, readable(header)[:LONGEST_CELL], bold)
    sheet.write_number(1, 0, 0, moment)
    sheet.write_number(1, 1, 0, day)
    sheet.write_string(1, 2, "", quoted)
    sheet.set_column(0, len(headers) - 1, 18)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, rows), len(headers) - 1)
    if about:
        _about(book.add_worksheet(ABOUT), about, bold, quoted)
    book.close()
    return file.getvalue()


def _about(sheet: xlsxwriter.worksheet.Worksheet, about: Provenance, bold: object, quoted: object) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    for row, (what, which) in enumerate(about.as_lines()):
        sheet.write_string(row, 0, what, bold)
        sheet.write_string(row, 1, readable(which)[:LONGEST_CELL], quoted)


def _rows(
    result: Result, days: Sequence[date], labels: dict[str, list[str]], style: dict[str, str]
) -> Iterator[memoryview]:
    times = _time_cells(result, days, style)
    cells = pa.array(
        ["".join(_text_cell(text, style["C"]) for text in row) for row in zip(*labels.values(), strict=True)], TEXT
    )
    for place, point, numbers in long_blocks(result):
        texts = number_texts(numbers)
        finite = pa.array(np.isfinite(numbers))
        before = pc.if_else(finite, "<c><v>", '<c t="inlineStr"><is><t>').cast(TEXT)
        after = pc.if_else(finite, "</v></c>", "</t></is></c>").cast(TEXT)
        lines = pc.binary_join_element_wise(
            _ROW, times.take(point), cells.take(place), before, texts, after, _END, _NOTHING
        )
        size = pc.sum(pc.binary_length(lines)).as_py() or 0
        yield memoryview(lines.buffers()[2] or b"")[:size]


def _time_cells(result: Result, days: Sequence[date], style: dict[str, str]) -> pa.LargeStringArray:
    """The cells that a row begins with, one text per point of the grid."""
    instants, zone = result.instants, result.grid.zone
    moments = [wall(instants, zone), *([instants] if zone != UTC_NAME else [])]
    columns = [_number_cells(seconds / DAY + EPOCH, style["A"]) for seconds in moments]
    if days:
        ordinals = np.array([day.toordinal() for day in days], np.float64) - date(1970, 1, 1).toordinal()
        columns.insert(1, _number_cells(ordinals + EPOCH, style["B"]))
    return pc.binary_join_element_wise(*columns, _NOTHING)


def _number_cells(numbers: Floats, style: str) -> pa.LargeStringArray:
    before, after = pa.scalar(f'<c s="{style}"><v>', TEXT), pa.scalar("</v></c>", TEXT)
    return pc.binary_join_element_wise(before, number_texts(numbers), after, _NOTHING)


def _text_cell(text: str, quoted: str) -> str:
    """A cell of text in the sheet itself, with what XML cannot hold written as `_x0001_` (ECMA-376, 22.9.2.19)."""
    plain = _ODD.sub(lambda odd: f"_x{ord(odd[0]):04X}_", _LOOKS_ESCAPED.sub(r"_x005F_\1", readable(text)))
    if not plain:
        return "<c/>"
    mark = f' s="{quoted}"' if is_formula(text) else ""
    return f'<c{mark} t="inlineStr"><is><t xml:space="preserve">{xml_escape(plain)}</t></is></c>'
