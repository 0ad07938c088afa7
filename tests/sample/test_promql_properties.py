"""What holds for PromQL over any samples."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.sample.promql import Matrix, MemoryStorage, PromQLError, SeriesSamples, evaluate_instant, evaluate_range

MINUTE = 60_000
END = 60 * MINUTE

numbers = st.integers(-1000, 1000).map(float) | st.sampled_from([0.5, 1e9, -1e9])


@st.composite
def storages(draw: st.DrawFn, values: st.SearchStrategy[float] = numbers) -> MemoryStorage:
    """Up to six series of three colors, with samples at whole minutes here and there."""
    series = []
    for number in range(draw(st.integers(1, 6))):
        minutes = sorted(draw(st.sets(st.integers(0, 60), max_size=30)))
        column = draw(st.lists(values, min_size=len(minutes), max_size=len(minutes)))
        labels = {"__name__": "m", "color": draw(st.sampled_from(["red", "blue", ""])), "n": str(number)}
        series.append(SeriesSamples(labels, np.array(minutes, np.int64) * MINUTE, np.array(column, float)))
    return MemoryStorage(series)


def _ask(storage: MemoryStorage, query: str) -> Matrix:
    return evaluate_range(query, storage, 0, END, 3 * MINUTE)


def _rows(matrix: Matrix) -> dict[str, npt.NDArray[np.float64]]:
    """Each series by its labels, NaN where it does not exist."""
    rows = zip(matrix.labels, matrix.values, matrix.present, strict=True)
    return {str(sorted(labels.items())): np.where(present, values, np.nan) for labels, values, present in rows}


def _same(one: Matrix, other: Matrix) -> bool:
    ours, theirs = _rows(one), _rows(other)
    close = [np.allclose(ours[key], theirs[key], rtol=1e-9, atol=1e-6, equal_nan=True) for key in ours.keys() & theirs]
    return ours.keys() == theirs.keys() and all(close)


@settings(max_examples=40, deadline=None)
@given(storages())
def test_a_sum_is_the_sum_of_its_parts(storage: MemoryStorage) -> None:
    assert _same(_ask(storage, "sum(m)"), _ask(storage, "sum(sum by (color) (m))"))
    assert _same(_ask(storage, "count(m)"), _ask(storage, "sum(count by (color) (m))"))
    assert _same(_ask(storage, "max(m)"), _ask(storage, "max(max without (n) (m))"))


@settings(max_examples=40, deadline=None)
@given(storages())
def test_and_and_unless_divide_a_vector(storage: MemoryStorage) -> None:
    halves = "m and on (n) (m > 0) or (m unless on (n) (m > 0))"
    assert _same(_ask(storage, halves), _ask(storage, "m"))


@settings(max_examples=40, deadline=None)
@given(storages())
def test_a_range_query_is_many_instant_queries(storage: MemoryStorage) -> None:
    for query in ("sum by (color) (increase(m[10m]))", "quantile(0.7, m)", "stddev_over_time(m[9m])", "topk(1, m)"):
        matrix = _ask(storage, query)
        for column, time in enumerate(matrix.times.tolist()):
            answer = evaluate_instant(query, storage, time)
            found = {
                str(sorted(labels.items())): value for labels, value in zip(answer.labels, answer.values, strict=True)
            }
            present = matrix.present[:, column]
            rows = {str(sorted(labels.items())): row for row, labels in enumerate(matrix.labels) if present[row]}
            assert rows.keys() == found.keys()
            assert all(np.isclose(matrix.values[row, column], found[key], equal_nan=True) for key, row in rows.items())


@settings(max_examples=40, deadline=None)
@given(storages(values=st.integers(0, 1000).map(float)))
def test_a_counter_never_falls(storage: MemoryStorage) -> None:
    matrix = _ask(storage, "increase(m[15m])")
    assert (matrix.values[matrix.present] >= 0).all()


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='ab{}()[]"=~!,.:+-*/%^<>@#\\ \n`015msumbyorandoffset', max_size=25))
def test_any_text_is_answered_or_refused(text: str) -> None:
    try:
        evaluate_range(text, MemoryStorage([]), 0, MINUTE, MINUTE)
    except PromQLError as refused:
        assert refused.kind in ("bad_data", "execution")
