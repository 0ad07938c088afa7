"""Heatmap, calendar, distribution, box, number and points: which cell, box or text says what; and what does not fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.charts import CHART_TYPES, Look, frame
from lib.core.charts.heatmap import MOST_ROWS
from lib.core.result import Result
from lib.core.time_range import DAY, HOUR
from lib.core.units import NOTHING
from tests.core.test_charts import HOSTILE, INF, NAN, draw, leaves, made, many, there

TEMPLATES = {value for name, value in vars(frame).items() if name.startswith("HOVER") or name == "NO_DATA"}


def buckets(values: dict[tuple[str, str], list[float]]) -> Result:
    """Cumulative buckets: the values of each pair of hub and `le`."""
    result = made(*values.values(), step=HOUR)
    pairs = list(values)
    series = pd.DataFrame(
        {"cluster": ["c"] * len(pairs), "hub": [hub for hub, _ in pairs], "le": [le for _, le in pairs]}, dtype="str"
    )
    return replace(result, series=series)


def rows(trace: Any) -> dict[str, list[float]]:
    return dict(zip(trace.y, np.asarray(trace.z, dtype=np.float64).tolist(), strict=True))


def test_a_heatmap_has_a_row_per_series_the_largest_on_top_and_gaps_stay_empty() -> None:
    (trace,) = draw("heatmap", made([1, 1, 1], [5, NAN, 7]), "small", "large").data
    assert list(trace.y) == ["small", "large"]  # Plotly begins at the bottom
    np.testing.assert_array_equal(rows(trace)["large"], [5, NAN, 7])
    assert trace.zmin == 0 and trace.zmax == 7 and trace.hoverongaps is False


def test_a_heatmap_draws_the_largest_forty_series() -> None:
    (trace,) = draw("heatmap", many(60)).data
    assert len(trace.y) == MOST_ROWS and trace.y[-1] == "hub 0"


def test_buckets_show_what_each_has_more_than_the_one_below_lowest_first_of_all_hubs() -> None:
    told = {("a", "+Inf"): [9, 9], ("a", "0.1"): [1, 4], ("a", "2"): [5, 5], ("b", "0.1"): [1, 0]}
    result = buckets(told | {("b", "2"): [1, 2], ("b", "+Inf"): [3, 2]})
    (trace,) = CHART_TYPES["heatmap"].draw(result, plain_look(result)).data
    assert rows(trace) == {"≤ 0.1": [2, 4], "≤ 2": [4, 3], "more": [6, 4]}


def test_buckets_of_different_bounds_are_added_up_at_those_they_share() -> None:
    told = {("a", "1"): [1, 1], ("a", "2"): [2, 2], ("a", "+Inf"): [4, 4], ("b", "2"): [1, 1], ("b", "+Inf"): [1, 1]}
    (trace,) = CHART_TYPES["heatmap"].draw(buckets(told), plain_look(buckets(told))).data
    assert rows(trace) == {"≤ 2": [3, 3], "more": [2, 2]}


def plain_look(result: Result) -> Look:
    """A look that calls series by their places."""
    return Look(names=tuple(str(place) for place in range(result.values.shape[1])))


def cells(trace: Any) -> dict[str, float]:
    """The value of each day of a calendar, by the date that the pointer is told."""
    values, moments = np.asarray(trace.z, dtype=np.float64), np.asarray(trace.customdata, dtype=np.float64)
    known = ~np.isnan(values)
    days = pd.to_datetime(moments[known], unit="ms").strftime("%Y-%m-%d")
    return dict(zip(days, values[known].tolist(), strict=True))


@given(st.lists(st.sampled_from([0.0, 3.0, 7.0, NAN]), min_size=2, max_size=40), st.booleans())
def test_a_calendar_has_every_day_once_at_its_weekday_in_its_week(values: list[float], gap: bool) -> None:
    result = made(values, [NAN] + [1.0] * (len(values) - 1))
    (trace,) = draw("calendar", result).data
    table = np.asarray(trace.z, dtype=np.float64)
    for place, day in enumerate(result.values.index):
        week = list(pd.to_datetime(trace.x, unit="ms")).index(
            (day - pd.Timedelta(days=day.weekday())).tz_localize(None)
        )
        sum_of_known = np.nansum([values[place], NAN if place == 0 else 1.0])
        known = not (np.isnan(values[place]) and place == 0)
        assert np.isnan(table[day.weekday(), week]) is not known or table[day.weekday(), week] == sum_of_known
    assert trace.y[0] == "Mon" and len(cells(trace)) <= len(values)


def test_days_of_23_and_25_hours_have_a_cell_each() -> None:
    for start, end in (("2026-03-01T05:00Z", "2026-03-20T04:00Z"), ("2026-10-25T04:00Z", "2026-11-10T05:00Z")):
        result = there(start, end, DAY)
        assert CHART_TYPES["calendar"].unfit(result) == ""
        assert len(cells(draw("calendar", result).data[0])) == result.grid.points


def test_a_calendar_of_what_may_not_be_added_up_shows_the_largest_series() -> None:
    (trace,) = draw("calendar", made([1, 2], [5, 6]), summed=False).data
    assert list(cells(trace).values()) == [5, 6]


def test_every_series_with_a_value_is_in_one_bar_of_a_distribution() -> None:
    result = made(*[[float(number), NAN] for number in range(50)], [NAN, NAN])
    (trace,) = draw("histogram", result).data
    assert sum(trace.y) == 50
    low, high = np.asarray(trace.customdata)[[0, -1], [0, 1]]
    assert low <= 0 and high > 49 and len(trace.y) <= 30


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60))
def test_a_distribution_loses_no_series(values: list[float]) -> None:
    (trace,) = draw("histogram", made(*[[value] for value in values])).data
    assert sum(trace.y) == len(values)


def test_a_box_has_the_quartiles_and_the_ends() -> None:
    (trace,) = draw("box", made([1, 2, 3, 4, 100, NAN])).data
    assert [trace[name][0] for name in ("lowerfence", "q1", "median", "q3", "upperfence")] == [1, 2, 3, 4, 100]


def test_the_number_is_the_latest_total_and_its_parts_in_their_unit() -> None:
    gib = 2.0**30
    numbers, names = draw("number", made([gib, 3 * gib], [gib, NAN], [gib, gib / 2]), unit="bytes").data
    assert list(zip(names.text, numbers.text, strict=True)) == [
        ("Total", "3.5 GiB"),
        ("hub 0", "3 GiB"),
        ("hub 2", "512 MiB"),
        ("hub 1", NOTHING),
    ]


def test_the_number_of_what_may_not_be_added_up_has_no_total() -> None:
    _, names = draw("number", made([1], [2]), summed=False).data
    assert list(names.text) == ["hub 1", "hub 0"]


def test_points_that_still_grow_are_hollow_and_the_second_five_have_another_shape() -> None:
    assert list(draw("points", made([1, 2, 3]), unfinished=(2,)).data[0].marker.symbol)[1:] == ["circle", "circle-open"]
    assert [trace.marker.symbol for trace in draw("points", many(10)).data] == ["circle"] * 5 + ["diamond"] * 5


@pytest.mark.parametrize("kind", ["lines", "points"])
def test_ten_series_and_others_look_different_also_without_colour(kind: str) -> None:
    traces = draw(kind, many(11), others=10).data
    looks = [(str(trace.line.color or trace.marker.color), trace.line.dash, trace.marker.symbol) for trace in traces]
    assert len(set(looks)) == 11


UNFIT = {
    "hours in a calendar": ("calendar", made([1, 2, 3], step=HOUR), "day"),
    "one day in a calendar": ("calendar", made([1]), "day"),
    "one moment in a heatmap": ("heatmap", made([1], [2]), "moment"),
    "few series in a distribution": ("histogram", many(4), "4 series"),
    "few points in a box": ("box", made([1, 2]), "2 points"),
}


@pytest.mark.parametrize(("kind", "result", "said"), UNFIT.values(), ids=UNFIT)
def test_what_does_not_fit_says_why(kind: str, result: Result, said: str) -> None:
    assert said in CHART_TYPES[kind].unfit(result)


@pytest.mark.parametrize("kind", list(CHART_TYPES))
def test_a_month_of_days_of_many_hubs_fits_everything(kind: str) -> None:
    assert CHART_TYPES[kind].unfit(many(12, 30)) == ""


@pytest.mark.parametrize("kind", list(CHART_TYPES))
def test_no_name_is_markup_in_any_chart(kind: str) -> None:
    result = made(*[[9, NAN, 9, INF, NAN, 9, 9]] * len(HOSTILE))
    for _, text in leaves(draw(kind, result, *HOSTILE, unfinished=(6,)).to_dict()):
        formats = text.startswith(("%", "&#", ",")) and "<" not in text
        assert text in TEMPLATES or formats or not set(text) & set("<>%$"), text
