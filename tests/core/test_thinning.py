"""Long lines on a screen: the outline is the same, a gap stays a gap, and nothing is thinned that need not be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lib.core.charts.thinning import MOST_POINTS, highest, outline
from tests.core.test_charts import draw, made, many

SHORT, LONG = MOST_POINTS, 35_040  # a year every 15 minutes
VALUES = arrays(
    np.float64, st.integers(MOST_POINTS + 1, 9_000), elements=st.sampled_from([0.0, 1.0, 5.0, -2.0, np.nan])
)


def test_what_a_screen_can_show_is_drawn_whole() -> None:
    assert list(outline(np.arange(SHORT, dtype=np.float64))) == list(range(SHORT))


@given(VALUES)
def test_the_lowest_the_highest_and_a_gap_of_every_stretch_are_kept(values: np.ndarray) -> None:
    places = outline(values)
    length = -(-len(values) // 1_000)
    assert len(places) <= 5_000 and bool((np.diff(places) > 0).all())
    for start in range(0, len(values), length):
        whole = values[start : start + length]
        kept = values[places[(places >= start) & (places < start + length)]]
        assert np.isnan(whole).any() == np.isnan(kept).any()
        assert np.array_equal(
            [np.fmin.reduce(whole), np.fmax.reduce(whole)], [np.fmin.reduce(kept), np.fmax.reduce(kept)], equal_nan=True
        )


def test_a_heatmap_shows_the_highest_of_every_stretch() -> None:
    values = np.arange(20_000, dtype=np.float64).reshape(2, 10_000)
    starts, shown = highest(values)
    assert shown.shape == (2, 1_000) and shown[1, -1] == 19_999 and starts[1] == 10


@pytest.mark.parametrize("kind", ["lines", "steps", "area", "points", "heatmap"])
def test_a_long_range_is_drawn_with_few_points_and_keeps_its_peak(kind: str) -> None:
    spiky = [float(number % 7) for number in range(LONG)]
    spiky[20_001] = 900.0
    figure = draw(kind, made(spiky, [1.0] * LONG, step=900))
    for trace in figure.data:
        assert len(trace.x) <= 5_000
    values = figure.data[0].z if kind == "heatmap" else figure.data[0].y
    assert np.nanmax(np.asarray(values, dtype=np.float64)) == 900


def test_layers_of_a_thinned_area_stand_on_the_same_moments() -> None:
    first, second = draw("area", many(2, LONG, 900)).data
    np.testing.assert_array_equal(first.x, second.x)


def test_what_still_grows_stays_so_in_a_thinned_area() -> None:
    figure = draw("area", many(1, LONG, 900), unfinished=(LONG - 1,))
    assert [trace.fillpattern.shape for trace in figure.data][:2] == [None, "/"]
