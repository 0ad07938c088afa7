"""Excel, Parquet, JSON and the ZIP: what stands in them reads back equal to the result, and no spreadsheet runs it."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from lib.core.errors import AppError
from lib.core.export import EXPORTS, bundle, check_size, csv_long, csv_wide, excel, fingerprint, json_file, parquet
from lib.core.export.columns import label_columns, long_blocks
from lib.core.export.excel import LONGEST_CELL
from lib.core.export.registry import size_in_words
from lib.core.provenance import Fetched, Provenance
from lib.core.query import RangeQuery
from lib.core.result import Result, ResultType
from lib.core.time_range import TimeRange
from tests.answers.made import result_of, results, tiny_result
from tests.prometheus_server import demand_programs

ABOUT = Provenance(
    title="=How many?",
    preset="daily-users",
    unit="short",
    queries=(("", 'sum(up{namespace=~"é|<b>"})'),),
    start=0,
    end=0,
    typed=("now-30d", "now"),
    step=3_600,
    points=1,
    zone="UTC",
    split="hub",
    transforms=(),
    hidden=0,
    answered=(Fetched("leap", 1_790_000_000.0),),
    failed=(("icesat", "No answer."),),
    warnings=(),
    infos=(),
    series=1,
    rows=1,
)
CLOCK_CHANGE = 1_793_509_200  # 1 November 2026, 05:00 UTC, in New York an hour before 01:00 comes again
HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    '"=1',
    '=HYPERLINK("http://x")',
    "＝1",
    "_x0041_",
    "a\x00b\x1f",
    "<&>",
    " é ",
]


def expected(result: Result) -> list[tuple[object, ...]]:
    """What a long file has: the moment, the texts by header, the value."""
    labels = label_columns(result, ["time", "time_utc", "value"])
    rows = [tuple(texts) for texts in zip(*labels.values(), strict=True)]
    found = []
    for place, point, numbers in long_blocks(result):
        for row, at, number in zip(place.tolist(), point.tolist(), numbers.tolist(), strict=True):
            found.append((int(result.grid.instants[at]), *rows[row], float(number)))
    return found


def same(found: list[tuple[object, ...]], result: Result) -> None:
    wanted = expected(result)
    assert [row[:-1] for row in found] == [row[:-1] for row in wanted]
    np.testing.assert_array_equal(np.array([row[-1] for row in found]), np.array([row[-1] for row in wanted]))


def clocks(zone: str) -> Result:
    """Three hours around the one that comes twice in New York."""
    grid = TimeRange(CLOCK_CHANGE, CLOCK_CHANGE + 2 * 3_600, 3_600, zone)
    values = pd.DataFrame([[1.0], [2.0], [3.0]], index=grid.index)
    return Result(RangeQuery("up", grid), ResultType.MATRIX, values, pd.DataFrame({"cluster": ["a"]}, dtype="str"))


# Excel


def unescaped(text: object) -> str:
    """A text of a cell as Excel shows it; openpyxl leaves `_x0001_` as it is (ECMA-376, 22.9.2.19)."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), str(text or ""))


def sheet(content: bytes) -> list[list[object]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [list(row) for row in book["Values"].iter_rows(values_only=True)]


def read_excel(content: bytes) -> list[tuple[object, ...]]:
    _, *rows = sheet(content)
    return [
        (
            round((row[0] - datetime(1970, 1, 1)).total_seconds()),  # type: ignore[operator]  # noqa: DTZ001
            *map(unescaped, row[1:-1]),
            float(str(row[-1])),
        )
        for row in rows
    ]


@settings(max_examples=40)
@given(results())
def test_excel_reads_back_exactly(result):
    same(read_excel(excel(result)), result)


def test_excel_has_real_dates_and_numbers_under_the_headers_of_the_csv():
    header, first, *_ = sheet(excel(tiny_result()))
    assert header == ["time", "cluster", "namespace", "value"]
    assert first == [datetime(2026, 7, 1), "utoronto", "prod", 3]  # noqa: DTZ001
    days = [date(2026, 6, 30), date(2026, 7, 1)]
    assert [row[1] for row in sheet(excel(tiny_result(), days=days))][:2] == ["day", datetime(2026, 6, 30)]  # noqa: DTZ001


def test_in_excel_an_hour_that_comes_twice_can_be_told_apart():
    header, *rows = sheet(excel(clocks("America/New_York")))
    assert header[:2] == ["time", "time_utc"]
    utc = datetime.fromtimestamp(CLOCK_CHANGE, UTC).replace(tzinfo=None)
    assert [row[0].hour for row in rows] == [1, 1, 2]  # type: ignore[attr-defined]
    assert [row[1] for row in rows] == [utc + timedelta(hours=n) for n in range(3)]


def test_hostile_texts_stay_themselves_in_excel_and_are_no_formulas():
    result = result_of({"c": [({"namespace": text, "=label": "x"}, [1.0]) for text in HOSTILE]}, 1)
    content = excel(result, about=ABOUT)
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    marked = [
        unescaped(cell.value) for cell in cells if cell.style and cell.quotePrefix and cell.parent.title == "Values"
    ]
    assert marked == HOSTILE[:9]
    same(read_excel(content), result)


def test_the_second_sheet_says_where_the_numbers_come_from():
    book = openpyxl.load_workbook(io.BytesIO(excel(tiny_result(), about=ABOUT)))
    assert [(row[0].value, row[1].value) for row in book["About"].iter_rows()] == ABOUT.as_lines()


def test_a_label_that_no_cell_can_hold_is_refused():
    with pytest.raises(AppError, match="longer than 32,767"):
        excel(result_of({"c": [({"namespace": "x" * (LONGEST_CELL + 1)}, [1.0])]}, 1))


# Parquet


def read_parquet(content: bytes) -> list[tuple[object, ...]]:
    rows = pq.read_table(io.BytesIO(content)).to_pylist()
    return [(int(row["time"].timestamp()), *list(row.values())[1:]) for row in rows]


@settings(max_examples=60)
@given(results())
def test_parquet_reads_back_exactly(result):
    same(read_parquet(parquet(result)), result)


def test_parquet_has_types_the_zone_and_the_provenance():
    content = parquet(clocks("America/New_York"), about=ABOUT)
    schema = pq.read_schema(io.BytesIO(content))
    assert (
        str(schema.field("time").type) == "timestamp[ms, tz=America/New_York]"
        and str(schema.field("value").type) == "double"
    )
    assert json.loads(schema.metadata[b"hubscope"]) == ABOUT.as_dict()
    frame = pd.read_parquet(io.BytesIO(content))
    assert frame["time"].dt.hour.tolist() == [1, 1, 2] and frame["time"].is_unique


# JSON


def read_json(content: bytes) -> list[tuple[object, ...]]:
    body = json.loads(content)
    headers = list(dict.fromkeys(name for series in body["series"] for name in series["labels"]))
    return [
        (
            int(datetime.fromisoformat(time).timestamp()),
            {name: series["labels"][name] for name in headers if name in series["labels"]},
            float(value),
        )
        for series in body["series"]
        for time, value in series["values"]
    ]


@settings(max_examples=60)
@given(results())
def test_json_reads_back_exactly(result):
    headers = list(label_columns(result, ["time", "value"]))
    wanted = [
        (row[0], {name: text for name, text in zip(headers, row[1:-1], strict=True) if text}, row[-1])
        for row in expected(result)
    ]
    found = read_json(json_file(result))
    renamed = [
        (time, {name.removeprefix("exported_"): text for name, text in labels.items()})
        for time, labels, _ in found  # type: ignore[attr-defined]
    ]
    assert renamed == [(row[0], {n.removeprefix("exported_"): t for n, t in row[1].items()}) for row in wanted]
    np.testing.assert_array_equal(np.array([row[-1] for row in found]), np.array([row[-1] for row in wanted]))


def test_json_has_each_series_once_with_its_labels_and_where_it_comes_from():
    body = json.loads(json_file(tiny_result(), about=ABOUT))
    assert body["provenance"] == ABOUT.as_dict() and body["columns"] == ["time", "value"]
    assert body["series"][1] == {
        "labels": {"cluster": "utoronto", "namespace": "staging"},
        "values": [["2026-07-01T00:00:00+00:00", "NaN"], ["2026-07-01T01:00:00+00:00", 1.0]],
    }
    days = [date(2026, 6, 30), date(2026, 7, 1)]
    assert json.loads(json_file(tiny_result(), days=days))["series"][0]["values"][0][1] == "2026-06-30"


# All of them


def test_the_zip_has_every_file_byte_for_byte_and_says_what_is_what():
    with zipfile.ZipFile(io.BytesIO(bundle(tiny_result(), about=ABOUT))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files == {
        "values-long.csv": csv_long(tiny_result()),
        "values-wide.csv": csv_wide(tiny_result()),
        "values.xlsx": excel(tiny_result(), about=ABOUT),
        "values.json": json_file(tiny_result(), about=ABOUT),
        "values.parquet": parquet(tiny_result(), about=ABOUT),
        "provenance.json": ABOUT.as_json().encode(),
        "README.txt": files["README.txt"],
    }
    readme = files["README.txt"].decode()
    assert (
        "values-long.csv: CSV, one row per value; 5 rows" in readme
        and "Cluster that failed: icesat: No answer." in readme
    )


def test_a_format_that_cannot_hold_the_result_is_left_out_of_the_zip_with_a_word():
    result = result_of({"c": [({"namespace": "x" * (LONGEST_CELL + 1)}, [1.0])]}, 1)
    with zipfile.ZipFile(io.BytesIO(bundle(result, about=ABOUT))) as archive:
        assert (
            "values.xlsx" not in archive.namelist() and "values.xlsx: left out." in archive.read("README.txt").decode()
        )


@pytest.mark.parametrize("name", EXPORTS)
def test_the_same_result_gives_the_same_bytes(name):
    assert EXPORTS[name].write(tiny_result(), about=ABOUT) == EXPORTS[name].write(tiny_result(), about=ABOUT)


@pytest.mark.parametrize("name", EXPORTS)
def test_an_empty_result_is_a_file_too(name):
    assert EXPORTS[name].write(result_of({}, 2))


def test_what_is_too_large_is_refused_with_an_estimate_before_anything_is_written():
    result = result_of({"c": [({"namespace": "prod"}, [1.0] * 100)]}, 100)
    with pytest.raises(AppError, match=r"100 rows, about 0 MB of text; the most is 99 rows\."):
        check_size(EXPORTS["csv_long"], result, most=99)
    check_size(EXPORTS["csv_long"], result, most=100)
    assert EXPORTS["excel"].most_rows == 1_048_575


@pytest.mark.parametrize(
    ("name", "words"), [("csv_long", "5 rows"), ("csv_wide", "2 rows, 3 columns"), ("excel", "5 rows")]
)
def test_a_file_says_how_large_it_is_in_rows(name, words):
    assert size_in_words(EXPORTS[name], tiny_result()) == words


def test_a_fingerprint_tells_results_apart_that_differ_anywhere():
    one = tiny_result()
    other = result_of({"c": [({"namespace": "prod"}, [3.0, 1.0])]}, 2)
    days = [date(2026, 6, 30), date(2026, 7, 1)]
    variants = [fingerprint(one), fingerprint(other), fingerprint(one, days), fingerprint(one, about="x")]
    variants += [fingerprint(clocks("UTC")), fingerprint(clocks("America/New_York"))]
    assert len(set(variants)) == 6 and fingerprint(one) == fingerprint(tiny_result())


# LibreOffice


FLAT = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> Callable[[str], list[ElementTree.Element]]:
    """The cells of a file of hostile texts, by name, as LibreOffice has them once it has opened the file."""
    demand_programs("soffice", package="libreoffice-calc-nogui")
    folder = tmp_path_factory.mktemp("office")
    result = result_of({"=c": [({"namespace": text, "x": f" {text}"}, [1.0, float("inf")]) for text in HOSTILE]}, 2)
    (folder / "long.csv").write_bytes(csv_long(result))
    (folder / "wide.csv").write_bytes(csv_wide(result))
    (folder / "excel.xlsx").write_bytes(excel(result, about=ABOUT))
    (folder / "control.csv").write_text("a,b\n=1+1,x\n", encoding="utf-8")
    program = shutil.which("soffice")
    assert program
    # Its CSV filter: comma, quotation mark, UTF-8; the last but four: formulas are read as such, as in the dialog.
    convert = [program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "fods"]
    options = "--infilter=CSV:44,34,76,1,,0,false,true,false,false,false,-1,true"
    names = [str(folder / name) for name in ("long.csv", "wide.csv", "control.csv")]
    for command in ([*convert, options, *names], [*convert, str(folder / "excel.xlsx")]):
        subprocess.run([*command, "--outdir", str(folder)], check=True, capture_output=True, timeout=120)

    def cells(name: str) -> list[ElementTree.Element]:
        return list(ElementTree.parse(_only(folder, name)).iter(f"{{{FLAT}}}table-cell"))

    return cells


def _only(folder: Path, name: str) -> Path:
    [found] = folder.glob(f"{name}*.fods")
    return found


@pytest.mark.parametrize("name", ["long", "wide", "excel"])
def test_libreoffice_finds_no_formula_in(opened, name):
    cells = opened(name)
    assert len(cells) > 10 and [cell for cell in cells if f"{{{FLAT}}}formula" in cell.attrib] == []


def test_libreoffice_would_have_found_one(opened):
    assert [cell for cell in opened("control") if f"{{{FLAT}}}formula" in cell.attrib]


def test_libreoffice_reads_the_moments_of_excel_as_dates(opened):
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    found = [cell.get(f"{{{office}}}date-value") for cell in opened("excel") if cell.get(f"{{{office}}}date-value")]
    assert "2026-07-01T01:00:00" in found or "2026-07-01T01:00:00.000000000" in found
