"""Headlines: mean, peak, latest and change, and what they say when values are missing."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given

from lib.core.headline import Combine, Headlines, headline
from tests.answers.made import result_of, results

INF, NAN = float("inf"), float("nan")


def over_time(*values: float | None) -> Headlines:
    return headline(result_of({"c": [({}, values)]}, len(values)))


def at(hour: int) -> datetime:
    return datetime(2026, 7, 1, hour, tzinfo=UTC)


def test_the_four_numbers_are_of_the_total_over_all_series():
    rows = [({"n": "a"}, [1.0, 4.0, None, 2.0]), ({"n": "b"}, [1.0, 6.0, None, None])]
    found = headline(result_of({"c": rows}, 4))
    assert found == Headlines(mean=14 / 3, peak=10.0, peak_at=at(1), latest=2.0, latest_at=at(3), change=None, points=3)


def test_latest_is_the_last_value_there_is():
    found = over_time(1.0, 2.0, None, NAN)
    assert (found.latest, found.latest_at) == (2.0, at(1))


def test_of_equal_peaks_the_first_counts():
    assert over_time(1.0, 5.0, 5.0).peak_at == at(1)


@pytest.mark.parametrize(
    ("values", "change"),
    [
        pytest.param([1.0, 1.0, 2.0, 2.0], 1.0, id="twice as many"),
        pytest.param([4.0, 4.0, 99.0, 3.0, 3.0], -0.25, id="the middle of an odd number belongs to neither half"),
        pytest.param([4.0, None, 4.0, NAN, 3.0, 3.0], -0.25, id="gaps are left out"),
        pytest.param([1.0, 2.0, 3.0], None, id="three values are too few"),
        pytest.param([1.0, None, 2.0, 3.0], None, id="three values and a gap are too few"),
        pytest.param([0.0, 0.0, 1.0, 1.0], None, id="nothing compares with zero"),
        pytest.param([-2.0, -2.0, -1.0, -1.0], 0.5, id="less of a loss is a gain"),
        pytest.param([INF, 1.0, 1.0, 1.0], None, id="nothing compares with infinity"),
    ],
)
def test_the_change_is_of_the_later_half_against_the_earlier(values, change):
    assert over_time(*values).change == change


def test_without_any_value_there_is_no_number():
    assert over_time(None, NAN) == Headlines()
    assert headline(result_of({}, 3)) == Headlines()


@pytest.mark.parametrize(("combine", "mean"), [(Combine.SUM, 3.0), (Combine.MEAN, 1.5), (Combine.MAX, 4.0)])
def test_series_are_combined_as_asked(combine, mean):
    rows = [({"n": "a"}, [4.0]), ({"n": "b"}, [-1.0]), ({"n": "c"}, [None])]
    assert headline(result_of({"c": rows}, 1), combine).mean == mean


def test_infinities_of_both_signs_have_no_total():
    assert headline(result_of({"c": [({"n": "a"}, [INF]), ({"n": "b"}, [-INF])]}, 1)) == Headlines()
    assert over_time(INF, -INF).mean is None


@given(results())
def test_any_result_has_headlines_without_nan(result):
    for combine in Combine:
        found = headline(result, combine)
        assert found.points <= result.grid.points
        for number in (found.mean, found.peak, found.latest, found.change):
            assert number is None or not math.isnan(number)
        assert found.peak is None or (found.latest is not None and found.peak >= found.latest)
