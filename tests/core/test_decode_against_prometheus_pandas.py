"""The decoder against prometheus-pandas: on plain replies both give the same values."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from prometheus_pandas.query import to_pandas

from lib.core.decode import decode
from lib.core.naming import verbose
from lib.core.query import InstantQuery, RangeQuery
from tests.answers.made import FLOATS, START, grid_of, matrix, reply, written

# Plain: no two equal label sets, ASCII labels in the order of their names, some sample at every series.
VALUES = st.sampled_from(["a", "b", 'c"d', "e\\f"])
LABELS = st.fixed_dictionaries(
    {}, optional={"__name__": st.sampled_from(["up", "job:up:sum"]), "job": VALUES, "pod": VALUES}
).map(lambda labels: dict(sorted(labels.items())))


def rows(points: int) -> st.SearchStrategy[list[tuple[dict[str, str], list[float | None]]]]:
    cells = st.lists(st.none() | FLOATS, min_size=points, max_size=points).filter(
        lambda row: any(c is not None for c in row)
    )
    return st.lists(st.tuples(LABELS, cells), min_size=1, max_size=4, unique_by=lambda row: frozenset(row[0].items()))


@given(st.integers(1, 5).flatmap(lambda points: st.tuples(st.just(points), rows(points))))
def test_a_plain_matrix_has_the_values_that_prometheus_pandas_reads(made):
    points, series = made
    body = reply(matrix(series))
    ours = decode(body, RangeQuery("up", grid_of(points)))
    # Its index leaves out instants that no series has, so it is laid over ours before the two are compared.
    theirs = to_pandas(json.loads(body)["data"]).reindex(grid_of(points).index.tz_localize(None))
    assert list(theirs.columns) == [verbose(labels) for labels in ours.labels]
    np.testing.assert_array_equal(theirs.to_numpy().T, ours.values)


@given(rows(1))
def test_a_plain_vector_has_the_values_that_prometheus_pandas_reads(series):
    body = reply([{"metric": labels, "value": [START, written(cell)]} for labels, (cell,) in series], "vector")
    theirs = to_pandas(json.loads(body)["data"])
    ours = decode(body, InstantQuery("up", START))
    expected = pd.Series(ours.values[:, 0], index=[verbose(labels) for labels in ours.labels])
    pd.testing.assert_series_equal(theirs, expected, check_exact=True)
