"""Transforms: what is added up, what is left out, and that nothing else is lost or changed."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import AppError
from lib.core.naming import OTHERS, names, others_at
from lib.core.result import Result
from lib.core.transform import (
    GROUPS,
    TRANSFORMS,
    Chosen,
    apply,
    group,
    hide_staging,
    read_count,
    read_labels,
    sort_by_total,
    top,
    transform,
)
from tests.answers.made import result_of, results, tiny_result

INF, NAN = float("inf"), float("nan")
SMALL = st.none() | st.floats(-1e6, 1e6)  # no infinities, whose sum may be no number


def columns(result: Result) -> list[list[float]]:
    return [result.values[column].tolist() for column in result.values]


def same(found: list[list[float]], expected: list[list[float]]) -> None:
    np.testing.assert_array_equal(np.array(found), np.array(expected))


def sizes(*totals: float | None) -> Result:
    """One series per total, called h0, h1, ..., at one instant."""
    return result_of({"c": [({"namespace": f"h{place}"}, [total]) for place, total in enumerate(totals)]}, 1)


def test_a_total_adds_what_is_there_and_keeps_gaps():
    rows = [({"namespace": "a"}, [1.0, None, None]), ({"namespace": "b"}, [2.0, 5.0, None])]
    found = group(result_of({"c": rows}, 3), ())
    same(columns(found), [[3.0, 5.0, NAN]])
    assert found.series.to_dict("records") == [{"cluster": ""}] and found.nan is None


def test_groups_stand_in_the_order_in_which_they_first_occur():
    found = group(tiny_result(), GROUPS["cluster"])
    assert found.series["cluster"].tolist() == ["utoronto", "leap"]
    same(columns(found), [[3.0, 1.0], [10.0, 20.5]])


@pytest.mark.parametrize(
    ("by", "series"),
    [("total", 1), ("cluster", 2), ("hub", 3), ("namespace", 2), (("pod",), 1), ("cluster, namespace", 3)],
)
def test_groups_can_be_named(by, series):
    assert group(tiny_result(), by).values.shape == (2, series)


def test_one_hub_name_on_two_clusters_stays_two_hubs():
    found = group(result_of({"a": [({"namespace": "prod"}, [1.0])], "b": [({"namespace": "prod"}, [2.0])]}, 1), "hub")
    same(columns(found), [[1.0], [2.0]])
    assert names(found) == ["a", "b"]


def test_a_label_that_nobody_has_makes_one_group_without_it():
    found = group(tiny_result(), ("pod",))
    assert found.series.to_dict("records") == [{"cluster": "", "pod": ""}]


def test_nan_beside_a_number_does_not_spoil_the_sum_and_alone_stays_nan():
    rows = [({"n": "a"}, [NAN, NAN, None]), ({"n": "b"}, [1.0, None, None])]
    found = group(result_of({"c": rows}, 3), "total")
    same(columns(found), [[1.0, NAN, NAN]])
    assert found.nan is not None and found.nan[0].tolist() == [False, True, False]


def test_infinities_of_both_signs_add_up_to_nan_and_not_to_a_gap():
    found = group(result_of({"c": [({"n": "a"}, [INF]), ({"n": "b"}, [-INF])]}, 1), "total")
    assert found.nan is not None and found.nan[0].tolist() == [True]


def test_staging_hubs_are_hidden_and_counted():
    found, hidden = hide_staging(tiny_result())
    assert hidden == 1 and found.series["namespace"].tolist() == ["prod", "prod"]
    same(columns(found), [[3.0, NAN], [10.0, 20.5]])


@pytest.mark.parametrize("space", ["staging", "prod-staging-eu", "Staging"])
def test_a_staging_hub_is_known_by_its_name(space):
    assert hide_staging(result_of({"c": [({"namespace": space}, [1.0]), ({"namespace": "stage"}, [1.0])]}, 1))[1] == 1


def test_without_a_namespace_nothing_is_staging():
    result = result_of({"staging": [({"pod": "staging"}, [1.0])]}, 1)
    assert hide_staging(result)[1] == 0


def test_the_largest_are_kept_and_the_rest_added_up_last():
    found = top(sizes(1.0, 7.0, 3.0, None, 5.0), 2)
    same(columns(found), [[7.0], [5.0], [4.0]])
    assert names(found) == ["h1", "h4", "Others (3)"] and others_at(found.series) == 2
    assert found.series[OTHERS].tolist() == ["", "", "3"]


def test_no_others_are_made_when_there_are_none():
    found = top(sizes(1.0, 7.0), 2)
    same(columns(found), [[7.0], [1.0]])
    assert OTHERS not in found.series


def test_the_largest_of_the_largest_add_to_the_same_others():
    once, twice = top(sizes(1.0, 7.0, 3.0, 4.0, 5.0), 2), top(top(sizes(1.0, 7.0, 3.0, 4.0, 5.0), 3), 2)
    same(columns(once), columns(twice))
    assert names(once) == names(twice) == ["h1", "h4", "Others (3)"]


def test_others_stay_last_when_sorted_and_apart_when_grouped():
    found = top(sizes(1.0, 7.0, 9.0, 9.0), 1)
    assert names(sort_by_total(found)) == ["c / h2", "Others (3)"]
    assert names(group(found, "hub")) == ["c / h2", "Others (3)"]
    same(columns(group(found, "total")), [[26.0]])


def test_equal_totals_stay_in_their_order_and_gaps_come_last():
    assert names(sort_by_total(sizes(None, 2.0, INF, 2.0, -INF))) == ["h2", "h1", "h3", "h0", "h4"]


@pytest.mark.parametrize("n", [0, -1])
def test_fewer_than_one_series_cannot_be_kept(n):
    with pytest.raises(AppError):
        top(sizes(1.0), n)


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "x", "٣", "9" * 5000], ids=lambda text: text[:9] or "nothing")
def test_a_number_of_series_is_a_whole_number(text):
    with pytest.raises(AppError):
        read_count(text)


@pytest.mark.parametrize(
    ("text", "labels"),
    [("total", ()), ("", ()), ("hub", ("cluster", "namespace")), (" pod ,, job", ("pod", "job")), ("pod", ("pod",))],
)
def test_labels_are_read_from_text(text, labels):
    assert read_labels(text) == labels


def test_steps_are_applied_in_their_order():
    steps = [Chosen("hide_staging"), Chosen("group", "cluster"), Chosen("sort"), Chosen("top", "1")]
    found = apply(tiny_result(), steps)
    assert names(found) == ["leap", "Others (1)"]
    same(columns(found), [[10.0, 20.5], [3.0, NAN]])
    assert apply(tiny_result(), []).series.equals(tiny_result().series)


def test_an_unknown_transform_is_an_error_that_lists_the_known_ones():
    with pytest.raises(AppError) as caught:
        apply(tiny_result(), [Chosen("shrink")])
    assert "shrink" in caught.value.message and all(name in caught.value.hint for name in TRANSFORMS)


def test_every_transform_has_help_and_a_name_of_its_own():
    assert [name for name, entry in TRANSFORMS.items() if not entry.offered] == [
        "group",
        "hide_staging",
        "top",
        "largest",
        "sort",
    ]
    assert all(entry.label and entry.help.endswith(".") for entry in TRANSFORMS.values())
    with pytest.raises(ValueError, match="top"):
        transform("top", label="Again")(sort_by_total)


ALL = {
    "group by total": Chosen("group", "total"),
    "group by hub": Chosen("group", "hub"),
    "group by a label": Chosen("group", "pod"),
    "hide staging": Chosen("hide_staging"),
    "top": Chosen("top", "2"),
    "largest": Chosen("largest", "2"),
    "sort": Chosen("sort"),
}


@pytest.mark.parametrize("step", ALL.values(), ids=ALL)
@given(result=results())
def test_a_transform_keeps_the_reports_and_the_shape_and_changes_no_input(step, result):
    values, series = result.values.copy(deep=True), result.series.copy(deep=True)
    nan = None if result.nan is None else result.nan.copy(deep=True)
    found = apply(result, [step])
    pd.testing.assert_frame_equal(result.values, values)
    pd.testing.assert_frame_equal(result.series, series)
    assert nan is None if result.nan is None else nan is not None and result.nan.equals(nan)
    assert found.reports == result.reports and found.query == result.query and found.values.index.equals(values.index)
    assert list(found.values.columns) == list(range(len(found.series))) and found.series.columns[0] == "cluster"
    assert found.series.dtypes.nunique() <= 1 and not found.series.isna().to_numpy().any()
    if found.nan is not None:
        assert found.nan.shape == found.values.shape and not (found.nan & found.values.notna()).to_numpy().any()


LEAVE_OUT = ("hide staging", "largest")


@pytest.mark.parametrize("step", [ALL[name] for name in ALL if name not in LEAVE_OUT], ids=lambda step: step.name)
@given(result=results(SMALL))
def test_the_sum_over_all_series_stays_what_it_was(step, result):
    before, after = result.values.sum(axis=1, min_count=1), apply(result, [step]).values.sum(axis=1, min_count=1)
    size = float(np.nansum(np.abs(result.values.to_numpy()))) or 1.0
    assert before.isna().tolist() == after.isna().tolist()
    assert all(math.isclose(a, b, abs_tol=1e-9 * size) for a, b in zip(before.dropna(), after.dropna(), strict=True))


@given(results(), st.integers(1, 4))
def test_the_kept_series_are_untouched_and_the_largest(result, n):
    found = top(result, n)
    plain = [place for place in range(len(found.series)) if place != others_at(found.series)]
    assert len(plain) == min(n, len(result.series))
    whole = sort_by_total(result)
    np.testing.assert_array_equal(found.values[plain].to_numpy(), whole.values[list(range(len(plain)))].to_numpy())


@given(results())
def test_hidden_and_kept_samples_are_all_samples(result):
    found, hidden = hide_staging(result)
    spaces = result.series["namespace"] if "namespace" in result.series else pd.Series([], dtype="str")
    staging = [place for place, space in enumerate(spaces) if "staging" in space.lower()]
    lost = int(result.values[staging].notna().to_numpy().sum())
    lost += 0 if result.nan is None else int(result.nan[staging].to_numpy().sum())
    assert hidden == len(staging) and found.rows + lost == result.rows


@given(results(), st.sampled_from([Chosen("sort"), Chosen("top", "3")]))
def test_applying_it_twice_changes_nothing_more(result, step):
    once = apply(result, [step])
    twice = apply(once, [step])
    np.testing.assert_array_equal(once.values.to_numpy(), twice.values.to_numpy())
    assert once.series.equals(twice.series)
