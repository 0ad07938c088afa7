"""Numbers in files: many at once are written as each alone."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from lib.core.number_text import number_text, number_texts

EDGES = [0.0, -0.0, 1e-4, 9.999999999999999e-05, 9999999999.999998, 1e10, 1.5e10, 1e15, 999999999999999.9, 1e16, 5e-324]
FLOATS = st.floats() | st.floats(1e9, 1e17) | st.integers(-(10**17), 10**17).map(float) | st.sampled_from(EDGES)


@given(st.lists(FLOATS, max_size=20))
@example([*EDGES, *(-edge for edge in EDGES), float("nan"), float("inf"), float("-inf")])
def test_many_numbers_are_written_as_each_alone_and_read_back_exactly(numbers):
    texts = number_texts(np.array(numbers, np.float64)).to_pylist()
    assert texts == [number_text(number) for number in numbers]
    np.testing.assert_array_equal([float(text) for text in texts], numbers)


def test_a_gap_is_an_empty_text_and_a_nan_that_was_sent_is_not():
    values = np.array([1.5, np.nan, np.nan])
    assert number_texts(values, np.array([True, False, True])).to_pylist() == ["1.5", "", "NaN"]
