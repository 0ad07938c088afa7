"""One look at an answer: splits, staging hubs, Others, names and headlines; looking changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.charts import CHART_TYPES
from lib.core.drawing import on_canvas, unfit
from lib.core.merging import combine
from lib.core.naming import OTHERS
from lib.core.preset_files import read_catalogue
from lib.core.presets import Covers
from lib.core.question import Question
from lib.core.result import Result
from lib.core.view import SPLITS, TOP, Choices, possible_splits, usual_chart, view
from tests.answers.made import result_of, results, tiny_result

PRESET = read_catalogue()["daily-users"]
ADDS = Question.of_preset(PRESET)
TYPED = Question.of_expr("up")
APART = replace(ADDS, adds=False)
ALL = Choices(hide_staging=False)


def hubs(*clusters: tuple[str, dict[str, list[float | None]]], points: int = 2) -> Result:
    rows = {name: [({"namespace": hub}, values) for hub, values in found.items()] for name, found in clusters}
    return result_of(rows, points)


TWO_BY_TWO = hubs(("a", {"prod": [1.0, 2.0], "staging": [3.0, 4.0]}), ("b", {"prod": [10.0, 20.0]}))
ONE_CLUSTER = hubs(("a", {"prod": [1.0, 2.0], "lab": [3.0, 4.0]}))
ONE_EACH = hubs(("a", {"prod": [1.0, 2.0]}), ("b", {"prod": [3.0, 4.0]}))
ONE = hubs(("a", {"prod": [1.0, 2.0]}))
PODS = result_of({"a": [({"namespace": "prod", "pod": pod}, [1.0, 1.0]) for pod in ("x", "y")]}, 2)
WIDE = result_of({"a": [({f"l{n}": str(m) for n in range(5)}, [1.0, 1.0]) for m in range(2)]}, 2)
EMPTY = hubs(("a", {}))

POSSIBLE = {
    "hubs on two clusters": (TWO_BY_TWO, ADDS, ("total", "cluster", "hub")),
    "hubs on one cluster": (ONE_CLUSTER, ADDS, ("total", "hub")),
    "one hub on each cluster": (ONE_EACH, ADDS, ("total", "cluster")),
    "a single series": (ONE, ADDS, ("series",)),
    "nothing": (EMPTY, ADDS, ("series",)),
    "pods of one hub": (PODS, ADDS, ("total", "pod", "series")),
    "many labels": (WIDE, ADDS, ("total", "series")),
    "values that may not be added up": (TWO_BY_TWO, APART, ("series",)),
    "a typed query": (TWO_BY_TWO, TYPED, ("total", "cluster", "hub")),
}


@pytest.mark.parametrize(("result", "question", "expected"), POSSIBLE.values(), ids=POSSIBLE)
def test_only_splits_that_tell_something_apart_are_offered(result, question, expected):
    assert possible_splits(result, question) == expected


SUMS = {
    "total": [([11.0 + 3.0, 22.0 + 4.0], "Total")],
    "cluster": [([10.0, 20.0], "b"), ([4.0, 6.0], "a")],
    "hub": [([10.0, 20.0], "b / prod"), ([3.0, 4.0], "a / staging"), ([1.0, 2.0], "a / prod")],
}


@pytest.mark.parametrize(("by", "expected"), SUMS.items(), ids=SUMS)
def test_a_split_adds_up_at_each_instant_and_puts_the_largest_first(by, expected):
    shown = view(TWO_BY_TWO, ADDS, replace(ALL, by=by))
    assert shown.by == by
    found = [shown.whole.values[column].tolist() for column in shown.whole.values]
    assert list(zip(found, shown.names, strict=True)) == expected


def test_a_preset_opens_by_hub_and_a_typed_query_with_every_series():
    assert view(TWO_BY_TWO, ADDS, ALL).by == "hub"
    assert view(PODS, TYPED, ALL).by == "series"


def test_a_preset_may_open_with_a_split_of_its_own():
    question = replace(ADDS, preset=replace(PRESET, by="total"))
    assert view(TWO_BY_TWO, question, ALL).by == "total"


@pytest.mark.parametrize("by", ["pod", "nonsense", "__class__", "", "cluster) or (up"], ids=lambda by: by or "none")
def test_a_split_that_makes_no_sense_here_falls_back_to_the_usual_one(by):
    assert view(TWO_BY_TWO, ADDS, replace(ALL, by=by)).by == "hub"


def test_staging_hubs_are_left_out_and_counted():
    shown = view(TWO_BY_TWO, ADDS, Choices())
    assert shown.hidden == 1
    assert [shown.whole.values[column].tolist() for column in shown.whole.values] == [[10.0, 20.0], [1.0, 2.0]]
    assert view(TWO_BY_TWO, ADDS, ALL).hidden == 0


def test_when_only_staging_hubs_answered_nothing_is_left_to_show():
    shown = view(hubs(("a", {"staging": [1.0, 2.0]})), ADDS, Choices())
    assert shown.whole.empty and shown.hidden == 1 and shown.headlines.mean is None


def many(count: int) -> Result:
    return hubs(("a", {f"hub-{n:02d}": [float(count - n), 0.0] for n in range(count)}))


OTHERS_AT = {
    "as many as are drawn": (TOP, None, TOP),
    "one more, which Others would stand for alone": (TOP + 1, None, TOP + 1),
    "two more": (TOP + 2, TOP, TOP + 1),
    "many": (40, TOP, TOP + 1),
}


@pytest.mark.parametrize(("count", "place", "drawn"), OTHERS_AT.values(), ids=OTHERS_AT)
def test_what_is_not_drawn_by_itself_becomes_others_at_the_end(count, place, drawn):
    shown = view(many(count), ADDS, ALL)
    assert shown.look.others == place
    assert len(shown.look.names) == len(shown.drawn.series) == shown.drawn.values.shape[1] == drawn
    assert len(shown.names) == len(shown.whole.series) == count
    if place is not None:
        assert shown.look.names[place] == f"Others ({count - TOP})"
        assert shown.drawn.series[OTHERS].tolist()[place] == str(count - TOP)


def test_a_series_has_one_name_in_the_chart_and_in_the_table():
    shown = view(many(40), ADDS, ALL)
    assert shown.look.names[:TOP] == shown.names[:TOP]


def test_others_keeps_the_sum():
    shown = view(many(40), ADDS, ALL)
    assert shown.drawn.values.sum(axis=1).tolist() == shown.whole.values.sum(axis=1).tolist()


def test_a_legend_names_single_series_and_nothing_else():
    question = replace(TYPED, legend="pod {{ pod }}")
    assert view(PODS, question, replace(ALL, by="series")).names == ("pod x", "pod y")
    assert view(PODS, question, replace(ALL, by="total")).names == ("Total",)


def test_headlines_are_of_the_sum_where_values_add_up_and_of_the_largest_where_not():
    added, apart = view(TWO_BY_TWO, ADDS, ALL), view(TWO_BY_TWO, APART, ALL)
    assert (added.headlines.peak, added.headlines.latest, added.summed) == (26.0, 26.0, True)
    assert (apart.headlines.peak, apart.headlines.latest, apart.summed) == (20.0, 20.0, False)


@pytest.mark.parametrize("by", ["total", "cluster", "hub"])
def test_headlines_of_a_sum_do_not_depend_on_the_split(by):
    assert view(TWO_BY_TWO, ADDS, replace(ALL, by=by)).headlines == view(TWO_BY_TWO, ADDS, ALL).headlines


@pytest.mark.parametrize("by", ["total", "cluster", "hub"])
def test_a_limit_and_what_is_used_of_it_are_never_added_up(by):
    both = combine([("used", TWO_BY_TWO), ("limit", TWO_BY_TWO)])
    question = replace(ADDS, queries=ADDS.queries * 2)
    shown = view(both, question, replace(ALL, by=by))
    assert set(shown.whole.series["query"]) == {"used", "limit"}
    assert not shown.summed and len(set(shown.names)) == len(shown.names)
    assert shown.whole.values.to_numpy().max() <= 26.0


CHARTS = {
    "the one chosen": ("area", "bars", "area"),
    "else the question's": ("", "bars", "bars"),
    "an unknown one": ("pie", "bars", "bars"),
    "a table is no chart": ("", "table", "lines"),
}


@pytest.mark.parametrize(("chosen", "own", "expected"), CHARTS.values(), ids=CHARTS)
def test_the_chart_is_the_one_chosen_else_the_questions(chosen, own, expected):
    assert view(ONE, replace(ADDS, chart=own), replace(ALL, chart=chosen)).chart == expected
    assert expected in CHART_TYPES


SUITS = {
    "counts by the day": ([3.0, 4.0], 86_400, {}, "bars"),
    "counts by the hour": ([3.0, 4.0], 3_600, {}, "steps"),
    "counts every six hours": ([3.0, 4.0], 21_600, {}, "lines"),
    "measures by the day": ([3.5, 4.0], 86_400, {}, "lines"),
    "buckets of a histogram": ([3.0, 4.0], 60, {"le": "0.5"}, "heatmap"),
}


@pytest.mark.parametrize(("values", "step", "labels", "expected"), SUITS.values(), ids=SUITS)
def test_what_somebody_typed_opens_with_a_chart_that_suits_it(values, step, labels, expected):
    made = result_of({"a": [(labels, values), (dict.fromkeys(labels, "+Inf"), values)]}, 2)
    grid = replace(made.grid, start=0, end=step, step=step)
    result = replace(made, query=replace(made.query, time_range=grid))
    assert usual_chart(TYPED, result) == view(result, TYPED, ALL).chart == expected
    assert view(result, TYPED, replace(ALL, chart="area")).chart == "area"


def test_a_chart_that_does_not_fit_is_opened_only_where_somebody_chose_it():
    calendar = replace(ADDS, chart="calendar")  # the answer is by the minute
    assert view(ONE, calendar, ALL).chart == "lines"
    chosen = view(ONE, ADDS, replace(ALL, chart="calendar"))
    assert chosen.chart == "calendar" and "day" in unfit(chosen) and not unfit(view(ONE, ADDS, ALL))


def test_a_distribution_draws_every_series_and_bars_the_largest_and_others():
    shown = view(many(TOP + 5), ADDS, replace(ALL, chart="histogram"))
    result, look = on_canvas(shown)
    assert result is shown.whole and look.names == shown.names and look.others is None
    assert on_canvas(replace(shown, chart="bars")) == (shown.drawn, shown.look)


@given(results(), st.integers(1, 12))
def test_what_is_drawn_adds_up_to_the_whole_at_every_point(result, most):
    shown = view(result, ADDS, replace(ALL, top=most))
    finite = ~(shown.whole.values.abs() > 1e300).any(axis=1)  # larger ones have no sum
    whole, drawn = shown.whole.values[finite].sum(axis=1), shown.drawn.values[finite].sum(axis=1)
    sizes = shown.whole.values[finite].abs().sum(axis=1)
    assert ((whole - drawn).abs() <= 1e-9 * sizes.clip(lower=1)).all()


def test_a_value_of_a_day_is_drawn_on_that_day():
    daily = replace(
        ONE, query=replace(ONE.query, time_range=replace(ONE.grid, end=ONE.grid.start + 86_400, step=86_400))
    )
    assert view(daily, replace(ADDS, covers=Covers.WINDOW), ALL).look.shift == 86_400
    assert view(daily, replace(ADDS, covers=Covers.INSTANT), ALL).look.shift == 0
    assert view(ONE, replace(ADDS, covers=Covers.WINDOW), ALL).look.shift == 0


CHOICES = st.builds(
    Choices,
    by=st.sampled_from(["", *SPLITS, "pod", "no such label"]),
    chart=st.sampled_from(["", *CHART_TYPES, "table"]),
    top=st.integers(1, 12),
    hide_staging=st.booleans(),
)


@given(results(), CHOICES, st.sampled_from([ADDS, APART, TYPED]))
def test_looking_never_changes_the_answer_and_always_gives_a_name_to_each_series(result, choices, question):
    values, series = result.values.copy(deep=True), result.series.copy(deep=True)
    nan = None if result.nan is None else result.nan.copy(deep=True)
    shown = view(result, question, choices)
    assert result.values.equals(values) and result.series.equals(series)
    assert nan is None or result.nan.equals(nan)
    assert shown.by in shown.splits and shown.chart in CHART_TYPES
    assert len(shown.names) == shown.whole.values.shape[1] == len(set(shown.names))
    assert len(shown.look.names) == shown.drawn.values.shape[1]
    assert shown.whole.reports == shown.drawn.reports == result.reports


def test_a_sample_answer_has_its_numbers():
    shown = view(tiny_result(), ADDS, ALL)
    assert shown.names == ("leap / prod", "utoronto / prod", "utoronto / staging")
    assert (shown.headlines.peak, shown.headlines.points) == (21.5, 2)


def test_what_may_not_be_added_up_has_no_others():
    shown = view(many(TOP + 5), APART, ALL)
    assert len(shown.drawn.series) == len(shown.look.names) == TOP
    assert shown.look.others is None and not shown.summed
    assert len(shown.names) == TOP + 5
    assert list(shown.look.names) == list(shown.names[:TOP])


@pytest.mark.parametrize("chosen", ["", "bars"])
def test_bars_that_would_hang_a_browser_are_drawn_as_an_area(chosen):
    many = hubs(("a", {"prod": [1.0] * 10_001}), points=10_001)
    some = hubs(("a", {"prod": [1.0] * 10_000}), points=10_000)
    bars = replace(ADDS, chart="bars")
    assert [view(result, bars, Choices(chart=chosen)).chart for result in (some, many)] == ["bars", "area"]
    assert view(many, bars, Choices(chart="lines")).chart == "lines"
