"""Exports: what stands in the files, that it can be read back exactly, and that no spreadsheet runs it."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib.core.errors import AppError
from lib.core.export import EXPORTS, csv_long, csv_wide, escape, export, file_name, unescape
from lib.core.naming import names
from lib.core.query import RangeQuery
from lib.core.result import Result, ResultType
from lib.core.time_range import TimeRange
from lib.core.transform import hide_staging, top
from tests.answers.made import START, TEXTS, grid_of, result_of, results, tiny_result

CSV = ("csv_long", "csv_wide")
INF, NAN = float("inf"), float("nan")
# What a spreadsheet may run, as OWASP lists it; the same sign behind spaces or an opening quote included.
TRIGGER = re.compile('[ "\u3000\xa0]*[=+@＝＋－＠\t\r\n\0-]')


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_long_file_has_one_row_per_sample():
    assert csv_long(tiny_result()).decode("utf-8-sig") == (
        "time,cluster,namespace,value\r\n"
        "2026-07-01T00:00:00+00:00,utoronto,prod,3\r\n"
        "2026-07-01T00:00:00+00:00,utoronto,staging,NaN\r\n"
        "2026-07-01T01:00:00+00:00,utoronto,staging,1\r\n"
        "2026-07-01T00:00:00+00:00,leap,prod,10\r\n"
        "2026-07-01T01:00:00+00:00,leap,prod,20.5\r\n"
    )


def test_the_wide_file_has_one_column_per_series():
    assert csv_wide(tiny_result()).decode("utf-8-sig") == (
        "time,utoronto / prod,utoronto / staging,leap / prod\r\n"
        "2026-07-01T00:00:00+00:00,3,NaN,10\r\n"
        "2026-07-01T01:00:00+00:00,,1,20.5\r\n"
    )


@pytest.mark.parametrize("name", CSV)
def test_a_file_begins_with_the_mark_that_excel_needs(name):
    assert EXPORTS[name].write(tiny_result()).startswith(b"\xef\xbb\xbftime,")


@pytest.mark.parametrize(
    ("value", "text"),
    [(12.0, "12"), (-0.0, "-0"), (0.1, "0.1"), (1e21, "1e+21"), (1e16, "1e+16"), (5e-324, "5e-324"),
     (1 / 3, "0.3333333333333333"), (INF, "+Inf"), (-INF, "-Inf"), (NAN, "NaN"), (-3.0, "-3")],
    ids=str,
)  # fmt: skip
def test_a_value_has_its_full_precision_and_stays_a_number(value, text):
    assert table(csv_long(result_of({"c": [({}, [value])]}, 1)))[1][-1] == text


def test_the_metric_is_a_column_only_if_there_is_one():
    result = result_of({"c": [({"__name__": "up"}, [1.0]), ({"__name__": ""}, [2.0])]}, 1)
    assert [row[1:] for row in table(csv_long(result))] == [
        ["cluster", "metric", "value"],
        ["c", "up", "1"],
        ["c", "", "2"],
    ]
    assert table(csv_long(result_of({"c": [({"__name__": ""}, [1.0])]}, 1)))[0] == ["time", "cluster", "value"]


def test_labels_called_as_our_columns_are_renamed():
    labels = {
        "time": "1",
        "value": "2",
        "metric": "3",
        "exported_value": "4",
        "cluster": "5",
        "__name__": "up",
        "day": "6",
    }
    found = table(csv_long(result_of({"c": [(labels, [7.0])]}, 1), days=[date(2026, 7, 1)]))
    assert dict(zip(*found, strict=True)) == {
        "time": "2026-07-01T00:00:00+00:00", "day": "2026-07-01", "cluster": "c", "metric": "up", "exported_day": "6",
        "exported_cluster": "5", "exported_metric": "3", "exported_time": "1", "exported_value": "4",
        "exported_exported_value": "2", "value": "7",
    }  # fmt: skip


def test_a_label_called_metric_keeps_its_name_where_no_series_has_a_metric():
    assert table(csv_long(result_of({"c": [({"metric": "x"}, [1.0])]}, 1)))[0] == ["time", "cluster", "metric", "value"]


def test_the_unit_stands_in_the_header_if_asked():
    assert table(csv_long(tiny_result(), unit="people"))[0][-1] == "value_people"
    assert table(csv_wide(tiny_result(), unit="people"))[0][1] == "utoronto / prod [people]"


@pytest.mark.parametrize("name", CSV)
def test_points_can_be_labelled_by_the_day_they_cover(name):
    days = [date(2026, 6, 30), date(2026, 7, 1)]
    found = table(EXPORTS[name].write(tiny_result(), days=days))
    assert found[0][:2] == ["time", "day"] and found[1][:2] == ["2026-07-01T00:00:00+00:00", "2026-06-30"]
    with pytest.raises(AppError):
        EXPORTS[name].write(tiny_result(), days=days[:1])


def test_others_are_named_in_the_long_file():
    found = table(csv_long(top(tiny_result(), 1)))
    assert found[0] == ["time", "cluster", "namespace", "series", "value"] and found[-1][1:4] == ["", "", "Others (2)"]


def test_an_empty_result_is_a_header():
    assert table(csv_long(result_of({}, 2))) == [["time", "cluster", "value"]]
    assert len(table(csv_wide(result_of({}, 2)))) == 3


def test_a_result_whose_series_are_all_hidden_is_a_header():
    hidden, _ = hide_staging(result_of({"c": [({"namespace": "staging"}, [NAN])]}, 1))
    assert table(csv_long(hidden)) == [["time", "cluster", "namespace", "value"]] and hidden.rows == 0


def test_pandas_reads_the_same_numbers():
    frame = pd.read_csv(io.BytesIO(csv_long(tiny_result())), parse_dates=["time"])
    assert frame["value"].dropna().tolist() == [3.0, 1.0, 10.0, 20.5] and str(frame["time"].dt.tz) == "UTC"


def test_every_export_has_words_and_a_name_of_its_own():
    assert list(EXPORTS) == ["csv_long", "csv_wide", "excel", "json", "parquet", "zip"]
    assert all(entry.label and entry.suffix.isalpha() and "/" in entry.mime for entry in EXPORTS.values())
    with pytest.raises(ValueError, match="csv_long"):
        export("csv_long", label="x", suffix="csv", mime="x")(csv_long)


# Round trip and safety


@settings(max_examples=150)
@given(results())
def test_the_long_file_reads_back_exactly(result):
    header, *lines = table(csv_long(result))
    assert len(lines) == result.rows and len(set(header)) == len(header)
    values = result.values.to_numpy()
    there = ~np.isnan(values) if result.nan is None else ~np.isnan(values) | result.nan.to_numpy()
    places = [(place, point) for place in range(values.shape[1]) for point in np.flatnonzero(there[:, place])]
    columns = [name for name in result.series.columns if name != "__name__" or result.series[name].any()]
    columns.sort(key=lambda name: (name != "cluster", name != "__name__"))
    for line, (place, point) in zip(lines, places, strict=True):
        assert line[0] == result.values.index[point].isoformat()
        assert [unescape(cell) for cell in line[1:-1]] == [result.series[name][place] for name in columns]
        np.testing.assert_array_equal(float(line[-1]), values[point, place])


@given(results())
def test_the_wide_file_reads_back_exactly(result):
    header, *lines = table(csv_wide(result))
    assert len(set(header)) == len(header) and len(lines) == result.grid.points
    found = [[float(cell) if cell else NAN for cell in line[1:]] for line in lines]
    np.testing.assert_array_equal(np.array(found).reshape(result.values.shape), result.values.to_numpy())
    assert [unescape(name).removeprefix("exported_") for name in header[1:]] == [
        name.removeprefix("exported_") for name in names(result)
    ]


@pytest.mark.parametrize("name", CSV)
@given(result=results())
def test_no_cell_of_text_begins_as_a_formula(name, result):
    content = EXPORTS[name].write(result)
    header, *lines = table(content)
    texts = [*header, *(cell for line in lines for cell in (line[1:-1] if name == "csv_long" else line[:1]))]
    assert not [cell for cell in texts if TRIGGER.match(cell)]
    assert content == EXPORTS[name].write(result)


FORMULA_TEXTS = TEXTS | st.text(alphabet="=+-@\t\r\n\0'\" ＝＋－＠\u3000\ufeffa1", max_size=6)


@given(FORMULA_TEXTS)
@example("'=1")
@example("''=1")
@example("' =1")
@example("\u3000\n")
def test_an_escaped_text_is_safe_and_comes_back(text):
    cell = escape(text)
    assert unescape(cell) == text and not TRIGGER.match(cell)


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@A", "\t=1", "\r", "\n", "\0", "＝1", "－1", " =1", '"=1', "'=1", "\u3000=1"], ids=repr
)
def test_what_starts_a_formula_gets_an_apostrophe(text):
    assert escape(text) == "'" + text


@pytest.mark.parametrize("text", ["prod", "a=b", "", "'", "1", "é", "a-b", " x"], ids=repr)
def test_harmless_text_is_left_alone(text):
    assert escape(text) == text


@given(FORMULA_TEXTS, FORMULA_TEXTS)
def test_two_texts_never_become_one_cell(one, other):
    assert (escape(one) == escape(other)) == (one == other)


# The file's name

RANGE = TimeRange(START, START + 30 * 86_400, 86_400)


def test_a_file_name_says_what_is_inside():
    digest = sha256(b"x").hexdigest()[:16]
    assert file_name("Daily users", ["all clusters"], RANGE, b"x", "csv") == (
        f"daily-users_all-clusters_2026-07-01_2026-07-31_UTC_{digest}.csv"
    )
    assert "_2026-06-30_2026-07-30_UTC_" in file_name(
        "x", ["y"], RANGE, b"x", "csv", days=[date(2026, 6, 30), date(2026, 7, 15), date(2026, 7, 30)]
    )


def test_a_file_name_says_the_zone_and_has_its_days():
    there = TimeRange.aligned(START, START + 30 * 86_400, 86_400, "America/New_York")
    assert "_2026-06-30_2026-07-30_America-New_York_" in file_name("x", ["y"], there, b"x", "csv")
    behind, ahead = (TimeRange(0, 0, 1, f"Etc/GMT{sign}5") for sign in "+-")
    assert file_name("x", ["y"], behind, b"x", "csv") != file_name("x", ["y"], ahead, b"x", "csv")


@pytest.mark.parametrize("write", [csv_long, csv_wide])
def test_times_carry_the_offset_of_the_zone_so_that_no_hour_is_in_doubt(write):
    clock_change = 1_793_509_200  # 1 November 2026, 05:00 UTC, in New York an hour before 01:00 comes again
    grid = TimeRange(clock_change, clock_change + 2 * 3_600, 3_600, "America/New_York")
    labels = pd.DataFrame({"cluster": ["a"]}, dtype="str")
    values = pd.DataFrame([[1.0], [2.0], [3.0]], index=grid.index)
    rows = write(Result(RangeQuery("up", grid), ResultType.MATRIX, values, labels)).decode("utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == [
        "2026-11-01T01:00:00-04:00",
        "2026-11-01T01:00:00-05:00",
        "2026-11-01T02:00:00-05:00",
    ]


def test_contents_that_differ_have_names_that_differ():
    one, other = b"a" * 2_000_000, b"a" * 700_000 + b"b" + b"a" * 1_299_999
    assert file_name("t", [], RANGE, one, "csv") != file_name("t", [], RANGE, other, "csv")


def test_a_title_without_letters_still_makes_a_name():
    assert file_name("数据", [], RANGE, b"", "csv").startswith("data_all_2026")


@given(st.text(max_size=200), st.lists(st.text(max_size=80), max_size=5), st.sampled_from(["csv", ".html", "p n g"]))
def test_any_file_name_is_safe_on_windows_and_short(title, scope, suffix):
    name = file_name(title, scope, grid_of(5), b"content", suffix)
    assert len(name) <= 120 and re.fullmatch(
        r"[a-z0-9-]+_[a-z0-9-]+_[0-9-]{10}_[0-9-]{10}_UTC_[0-9a-f]{16}\.[a-z0-9-]+", name
    )
