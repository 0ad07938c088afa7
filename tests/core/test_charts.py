"""Charts: what is drawn, in which order and colour, what is left out, and that foreign text stays text."""

from __future__ import annotations

import html
import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import plotly.io
import pytest

from lib.core.charts import CHART_TYPES, Look, chart_type, plain, suits, undrawn
from lib.core.charts.canvas import narrow, prepare
from lib.core.charts.frame import HOVER_ONE, HOVER_TOGETHER, NO_DATA
from lib.core.palette import LIGHT, SCREEN
from lib.core.query import RangeQuery
from lib.core.result import Result, ResultType
from lib.core.time_range import DAY, HOUR, MINUTE, TimeRange

NAN, INF = float("nan"), float("inf")
MIDNIGHT = 1_792_800_000  # 24 October 2026, 00:00 UTC
HOSTILE = (
    "<b>x</b>",
    '<a href="http://192.0.2.1/">k</a>',
    "a<b>c & d",
    "%{y} and %{meta[0]}",
    "$x$",
    "&amp;",
    "#000001",
    "two\nlines\tand <br> more",
    "<span style='font-size:60px'>hub",
    "<extra></extra>",
)
OVER_TIME = ("bars", "grouped", "lines", "steps", "area", "points")  # a mark per value, an axis of time, a legend
kinds = pytest.mark.parametrize("kind", OVER_TIME)
every_kind = pytest.mark.parametrize("kind", list(CHART_TYPES))


def made(*columns: list[float], step: int = DAY, nan: pd.DataFrame | None = None) -> Result:
    values = np.array(columns, dtype=np.float64).T if columns else np.empty((3, 0))
    grid = TimeRange(MIDNIGHT, MIDNIGHT + (len(values) - 1) * step, step)
    series = pd.DataFrame({"cluster": [f"c{number}" for number in range(len(columns))]}, dtype="str")
    return Result(RangeQuery("up", grid), ResultType.MATRIX, pd.DataFrame(values, index=grid.index), series, nan=nan)


def draw(kind: str, result: Result, *names: str, **look: Any) -> go.Figure:
    known = names or tuple(f"hub {number}" for number in range(result.values.shape[1]))
    return CHART_TYPES[kind].draw(result, Look(names=known, **look))


def numbers(trace: Any) -> list[float | None]:
    return [None if value is None or np.isnan(value) else float(value) for value in trace.y]


def many(count: int, points: int = 4, step: int = DAY) -> Result:
    return made(*[[float(100 + count - number)] * points for number in range(count)], step=step)


def test_the_selector_begins_with_what_is_drawn_over_time() -> None:
    others = ["heatmap", "calendar", "histogram", "box", "number"]
    assert list(CHART_TYPES) == ["bars", "grouped", "lines", "steps", "area", "points", *others]


@every_kind
def test_the_help_of_a_chart_type_is_the_docstring_of_its_function(kind: str) -> None:
    found = CHART_TYPES[kind]
    assert found.help and found.help == inspect.getdoc(found.draw)
    assert found.label


def test_two_chart_types_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="bars"):
        chart_type("bars", label="Bars")(lambda result, look: go.Figure())


@kinds
def test_series_are_ranked_by_their_total_and_the_rank_gives_the_colour(kind: str) -> None:
    figure = draw(kind, made([1, 1], [5, 5], [3, NAN]), "small", "large", "middle")
    assert [trace.name for trace in figure.data if trace.showlegend] == ["large", "middle", "small"]
    assert color_of(figure.data[0]) == SCREEN.series[0]


def color_of(trace: Any) -> str:
    if trace.type == "bar" or trace.mode == "markers":
        return str(trace.marker.color)
    return str(trace.fillcolor)[:7] if trace.stackgroup else str(trace.line.color)


@kinds
def test_others_is_grey_and_last_however_large(kind: str) -> None:
    figure = draw(kind, made([900, 900], [5, 5]), "Others (18)", "hub", others=0)
    assert [trace.name for trace in figure.data] == ["hub", "Others (18)"]
    assert color_of(figure.data[1]) == SCREEN.others


@kinds
def test_no_colour_is_used_twice_and_the_series_beyond_ten_share_one_entry(kind: str) -> None:
    figure = draw(kind, many(60))
    colored = [color_of(trace) for trace in figure.data if color_of(trace) != SCREEN.others]
    assert colored == list(SCREEN.series)
    entries = [trace.name for trace in figure.data if trace.showlegend]
    assert len(entries) == 11 and entries[-1] == "50 more"
    assert len({trace.legendgroup for trace in figure.data}) == 11
    assert figure.layout.hovermode == "closest"
    assert {trace.meta[0] for trace in figure.data} == {f"hub {number}" for number in range(60)}


@pytest.mark.parametrize(
    ("count", "legend", "width"), [(1, False, None), (2, True, None), (6, True, None), (7, True, 112)]
)
def test_one_series_has_no_legend_and_seven_have_equal_columns(count: int, legend: bool, width: int | None) -> None:
    figure = draw("bars", many(count))
    assert figure.layout.showlegend is legend
    assert figure.layout.legend.entrywidth == width
    assert figure.layout.hovermode == "x unified"


def test_long_names_are_cut_in_the_legend_told_apart_and_whole_in_the_hover() -> None:
    names = tuple(f"a-very-long-name-of-a-cluster / {number} / production" for number in range(7))
    figure = draw("lines", many(7), *names)
    labels = [trace.name for trace in figure.data]
    assert max(map(len, labels)) <= 18 and len(set(labels)) == 7
    assert tuple(trace.meta[0] for trace in figure.data) == names


def test_lines_six_to_ten_are_dashed_and_others_is_thin_and_solid() -> None:
    figure = draw("lines", many(11), others=10)
    assert [trace.line.dash for trace in figure.data] == ["solid"] * 5 + ["6px,3px"] * 5 + ["solid"]
    assert [trace.line.width for trace in figure.data] == [2] * 10 + [1.25]


@kinds
def test_values_travel_as_one_narrow_array_and_times_as_a_start_and_a_spacing(kind: str) -> None:
    trace = draw(kind, made([1, 2, 300], step=HOUR)).data[0]
    assert (trace.x, trace.x0, trace.dx) == (None, MIDNIGHT * 1000, HOUR * 1000)
    assert trace.y.dtype == np.int16


@pytest.mark.parametrize(
    ("values", "dtype"),
    [([1, 2], "int8"), ([1, 300], "int16"), ([0.5, NAN], "float32"), ([1.7e9, 2], "float64"), ([], "int8")],
)
def test_arrays_are_as_narrow_as_the_eye_allows(values: list[float], dtype: str) -> None:
    assert narrow(np.array(values, dtype=np.float64)).dtype == dtype


def test_months_of_unequal_length_stand_where_they_begin() -> None:
    result = made([1, 2, 3])
    months = pd.DatetimeIndex(["2026-01-01", "2026-02-01", "2026-03-01"], tz="UTC", name="time")
    result.values.index = months
    trace = draw("bars", result).data[0]
    assert list(pd.to_datetime(trace.x, unit="ms", utc=True)) == list(months)


NEW_YORK = "America/New_York"


def there(start: str, end: str, step: int, zone: str = NEW_YORK) -> Result:
    """Three hubs between two moments (ISO 8601), asked in a zone."""
    moments = (pd.Timestamp(text).timestamp() for text in (start, end))
    grid = TimeRange.aligned(*moments, step, zone)
    values = pd.DataFrame(np.ones((grid.points, 3)), index=grid.index)
    series = pd.DataFrame({"cluster": ["a", "b", "c"]}, dtype="str")
    return Result(RangeQuery("up", grid), ResultType.MATRIX, values, series)


def drawn_at(trace: Any, points: int) -> list[str]:
    """Where the points of a trace stand, as a clock that knows no zone shows it."""
    places = trace.x if trace.x is not None else np.arange(points) * trace.dx + trace.x0
    return [f"{moment:%Y-%m-%d %H:%M}" for moment in pd.to_datetime(list(places), unit="ms")]


@kinds
@pytest.mark.parametrize("zone", [NEW_YORK, "Asia/Kolkata", "Europe/Berlin", "Australia/Lord_Howe", "UTC"])
def test_days_of_a_zone_stand_at_its_midnights_evenly_spaced_through_clock_changes(kind: str, zone: str) -> None:
    result = there("2026-03-01T12:00Z", "2026-11-20T12:00Z", DAY, zone)
    trace = draw(kind, result).data[0]
    assert trace.x is None and trace.dx == DAY * 1000
    assert {text[-5:] for text in drawn_at(trace, result.grid.points)} == {"00:00"}


@kinds
def test_a_day_of_23_hours_is_shifted_onto_itself(kind: str) -> None:
    result = there("2026-03-08T05:00Z", "2026-03-10T04:00Z", DAY)
    trace = draw(kind, result, shift=DAY).data[0]
    assert drawn_at(trace, 3) == ["2026-03-07 00:00", "2026-03-08 00:00", "2026-03-09 00:00"]


@kinds
def test_hours_stand_where_the_clocks_of_the_zone_show_them(kind: str) -> None:
    figure = draw(kind, there("2026-07-01T04:00Z", "2026-07-01T08:00Z", HOUR))
    assert drawn_at(figure.data[0], 5) == [f"2026-07-01 {hour:02}:00" for hour in range(5)]
    assert figure.layout.xaxis.hoverformat.endswith(f"%H:%M {NEW_YORK}")


@kinds
def test_where_clocks_skip_an_hour_the_chart_skips_it_too(kind: str) -> None:
    trace = draw(kind, there("2026-03-08T05:00Z", "2026-03-08T09:00Z", HOUR)).data[0]
    assert [text[-5:] for text in drawn_at(trace, 5)] == ["00:00", "01:00", "03:00", "04:00", "05:00"]


@kinds
def test_where_an_hour_comes_twice_no_value_is_drawn_over_another_and_the_axis_names_its_offset(kind: str) -> None:
    figure = draw(kind, there("2026-11-01T04:00Z", "2026-11-01T08:00Z", HOUR))
    assert [text[-5:] for text in drawn_at(figure.data[0], 5)] == ["00:00", "01:00", "02:00", "03:00", "04:00"]
    assert figure.layout.xaxis.hoverformat.endswith("%H:%M UTC-04:00")


def test_the_shift_moves_what_covers_the_day_before_onto_that_day() -> None:
    assert draw("bars", made([1, 2]), shift=DAY).data[0].x0 == (MIDNIGHT - DAY) * 1000


def test_bars_have_half_a_step_at_both_ends_and_lines_none() -> None:
    first, last, half = MIDNIGHT * 1000, (MIDNIGHT + DAY) * 1000, DAY * 500
    assert draw("bars", made([1, 2])).layout.xaxis.range == (first - half, last + half)
    assert draw("lines", made([1, 2])).layout.xaxis.range == (first, last)


@kinds
def test_a_gap_is_a_gap_and_never_a_zero(kind: str) -> None:
    figure = draw(kind, made([1, NAN, NAN, 4, 5], [2, 2, NAN, 2, 2]), "gappy", "whole")
    assert not any(trace.connectgaps for trace in figure.data if trace.type == "scatter")
    gappy = [
        value
        for trace in figure.data
        if trace.meta[0] == "gappy" and trace["hoverinfo"] != "skip"
        for value in numbers(trace)
    ]
    assert 0 not in gappy
    assert [value for value in gappy if value is not None] == [1, 4, 5]


def test_stacks_get_gaps_as_null_because_plotly_would_add_a_nan() -> None:
    for kind in ("bars", "area"):
        assert '"y":[5.0,null,5.0]' in plotly.io.to_json(draw(kind, made([5, NAN, 5], [1, 1, 1])))


def test_an_area_is_interrupted_where_no_series_has_a_sample_and_says_no_data_where_one_has_none() -> None:
    figure = draw("area", made([9, 9, NAN, 9, 9], [1, NAN, NAN, 1, 1]))
    assert [trace.stackgroup for trace in figure.data] == ["0", "0", "1", "1"]
    assert figure.data[2].x0 == (MIDNIGHT + 3 * DAY) * 1000
    assert [trace.showlegend for trace in figure.data] == [True, True, False, False]
    assert figure.data[1].hovertemplate == (HOVER_TOGETHER, NO_DATA)


def test_an_area_with_very_many_interruptions_stays_small() -> None:
    assert len(draw("area", made([1, NAN] * 40)).data) == 1


def test_a_sample_without_a_neighbour_gets_a_marker() -> None:
    stroke, dots = draw("lines", made([1, NAN, 3, NAN, 5, 6])).data
    assert (dots.mode, list(dots.y), dots.hoverinfo, dots.showlegend) == ("markers", [1, 3], "skip", False)
    assert stroke.mode == "lines"


def test_the_unfinished_bar_is_hatched_and_nothing_else_is() -> None:
    assert draw("bars", made([1, 2, 3]), unfinished=(2,)).data[0].marker.pattern.shape == ("", "", "/")
    assert draw("bars", made([1, 2, 3])).data[0].marker.pattern.shape is None


def test_a_line_ends_at_the_last_finished_point_and_goes_on_dotted() -> None:
    stroke, rest, dots = draw("lines", made([1, 2, 3]), unfinished=(2,)).data
    assert (list(stroke.y), list(rest.y), list(dots.y)) == ([1, 2], [2, 3], [3])
    assert (rest.line.dash, rest.hoverinfo) == ("dot", "skip")
    assert rest.x0 == (MIDNIGHT + DAY) * 1000


def test_an_area_goes_on_hatched() -> None:
    finished, growing, dots = draw("area", made([1, 2, 3]), unfinished=(2,)).data
    assert (list(finished.y), list(growing.y), list(dots.y)) == ([1, 2], [2, 3], [3])
    assert (growing.fillpattern.shape, growing.hoverinfo, dots.mode) == ("/", "skip", "markers")


@every_kind
def test_everything_may_be_unfinished(kind: str) -> None:
    assert draw(kind, made([1, 2]), unfinished=(0, 1)).data


@every_kind
def test_no_series_one_point_and_nothing_but_gaps_can_be_drawn(kind: str) -> None:
    for result in (made(), made([3]), made([NAN, NAN]), made([INF, -INF]), made([0, 0])):
        plotly.io.to_json(draw(kind, result))


def test_values_are_divided_by_the_scale_of_their_unit() -> None:
    figure = draw("lines", made([2.0**30, 2.0**31]), unit="bytes")
    assert list(figure.data[0].y) == [1, 2]
    assert figure.layout.yaxis.ticksuffix == " GiB"


def test_the_scale_of_a_stack_suits_its_sum() -> None:
    result = made([600 * 2.0**20], [600 * 2.0**20])
    assert draw("bars", result, unit="bytes").layout.yaxis.ticksuffix == " GiB"
    assert draw("lines", result, unit="bytes").layout.yaxis.ticksuffix == " MiB"


@pytest.mark.parametrize(
    ("values", "hover"),
    [([12480, 3], ",.0f"), ([123.456], ",.1~f"), ([2.5], ",.2~f"), ([0.01234], ".3~g")],
)
def test_the_hover_keeps_whole_numbers_whole_and_three_digits_otherwise(values: list[float], hover: str) -> None:
    assert draw("lines", made(values)).layout.yaxis.hoverformat == hover


def test_there_is_no_half_person_on_the_axis() -> None:
    assert draw("bars", made([1, 2, 0])).layout.yaxis.dtick == 1
    assert draw("bars", made([0.5, 1])).layout.yaxis.dtick is None


def test_bars_and_areas_start_at_zero_and_lines_may_leave_it() -> None:
    modes = {kind: draw(kind, made([5, 6]), zero=False).layout.yaxis.rangemode for kind in OVER_TIME}
    free = {kind for kind, mode in modes.items() if mode == "normal"}
    assert free == {"lines", "steps", "points"}


@pytest.mark.parametrize(
    ("points", "step", "ticks"),
    [(60, MINUTE, "%H:%M\n%-d %b"), (72, HOUR, "%H:%M\n%-d %b"), (30, DAY, "%-d %b"), (365, DAY, "%b\n%Y")],
    ids=["an hour", "three days", "a month", "a year"],
)
def test_instants_are_written_as_the_span_asks(points: int, step: int, ticks: str) -> None:
    axis = draw("lines", many(1, points, step)).layout.xaxis
    assert axis.tickformat == ticks
    assert ("UTC" in axis.hoverformat) == (step < DAY)


def test_very_many_bars_lose_gap_and_border() -> None:
    few, full = draw("bars", many(2, 90)), draw("bars", many(2, 91))
    assert (few.layout.bargap, few.data[0].marker.line.width) == (0.22, 0.75)
    assert (full.layout.bargap, full.data[0].marker.line.width) == (0, 0)


def test_infinities_are_left_out_and_counted() -> None:
    result = made([1, INF, -INF, NAN], [INF, 1, 1, 1])
    sent = pd.DataFrame(np.isnan(result.values.to_numpy()), index=result.values.index)
    counted = undrawn(made([1, INF, -INF, NAN], [INF, 1, 1, 1], nan=sent))
    assert (counted.positive, counted.negative, counted.nan, counted.total) == (2, 1, 1, 4)
    drawn = np.array([series.values for series in prepare(result, Look(("a", "b"))).series])
    assert not np.isinf(drawn).any()


@pytest.mark.parametrize(
    ("count", "points", "kind", "said"),
    [
        (11, 900, "bars", ""),
        (12, 900, "bars", "Area"),
        (12, 900, "area", ""),
        (60, 9, "lines", "60"),
        (3, 1, "bars", "table"),
    ],
)
def test_a_note_says_when_another_chart_serves_better(count: int, points: int, kind: str, said: str) -> None:
    note = suits(many(count, points), kind)
    assert said in note if said else note == ""


@pytest.mark.parametrize(
    ("columns", "noted"),
    [
        ([[1, NAN, 3], [1, NAN, 3]], False),
        ([[1, NAN, 3], [1, 2, 3]], True),
        ([[1, INF, 3]], False),
        ([[1, NAN] * 13], True),
    ],
    ids=["all missing together", "one missing", "infinite", "too many interruptions"],
)
def test_an_area_says_where_it_draws_a_gap_as_a_fall(columns: list[list[float]], noted: bool) -> None:
    assert bool(suits(made(*columns), "area")) is noted
    assert suits(made(*columns), "bars") == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_plain_text_is_what_the_reader_of_a_figure_sees(text: str) -> None:
    assert html.unescape(plain(text)) == " ".join(text.split())
    assert not set(plain(text)) & set("<>%$\n\t")


@kinds
@pytest.mark.parametrize("extra", [0, 10], ids=["few", "crowded"])
def test_no_name_reaches_a_figure_as_markup(kind: str, extra: int) -> None:
    names = (*HOSTILE, *(f"<i>{number}</i>" for number in range(extra)))
    result = made(*[[9, NAN, 9, NAN, NAN, 9, 9]] * len(names))
    figure = draw(kind, result, *names, unfinished=(6,), others=1)
    told = [text for path, text in leaves(figure.to_dict()) if path[-1] in ("name", "meta", "text", "title")]
    assert {plain(name) for name in names} <= set(told)
    for path, text in leaves(figure.to_dict()):
        constant = text in (HOVER_ONE, HOVER_TOGETHER, NO_DATA) or path[-1] in ("tickformat", "hoverformat")
        assert constant or not set(text) & set("<>%$"), (path, text)
    assert not [path for path, _ in leaves(figure.to_dict()) if path[-1] in ("images", "source", "annotations")]


def test_a_name_that_looks_like_a_placeholder_is_no_colour() -> None:
    figure = draw("lines", made([1, 2]), "#000001")
    assert figure.data[0].name == "&#35;000001"


@every_kind
def test_a_figure_for_a_file_has_no_placeholder_left(kind: str) -> None:
    figure = draw(kind, many(13, 5), palette=LIGHT, unfinished=(4,))
    assert "#0000" not in plotly.io.to_json(figure)


@every_kind
def test_input_is_not_changed(kind: str) -> None:
    result = made([1, INF, 3], [4, NAN, 6])
    before = result.values.copy()
    draw(kind, result, unfinished=(2,))
    pd.testing.assert_frame_equal(result.values, before)


def leaves(value: Any, path: tuple[str, ...] = ("",)) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text in a figure with the keys that lead to it; places in a list are not keys."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from leaves(inner, path)
    elif isinstance(value, str):
        yield path, value


@every_kind
def test_the_description_of_a_figure_passes_the_checks_of_plotly_and_gives_the_same_json(kind: str) -> None:
    result = made([1, NAN, 3], [5, 2, NAN])
    described, built = draw(kind, result), draw(kind, result)
    assert built.data and built.layout.height  # asking for them builds the figure, which checks every property
    assert plotly.io.from_json(described.to_json()) == plotly.io.from_json(built.to_json())
