"""Replies and results made by hand and at random, for the tests of `lib.core`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from lib.core.errors import Kind, SourceError
from lib.core.merging import merge
from lib.core.query import RangeQuery
from lib.core.result import Answer, Outcome, Result, ResultType
from lib.core.time_range import TimeRange

START, STEP = 1_782_864_000, 3_600  # 1 July 2026, 00:00 UTC

# Anything a label may hold in UTF-8, with a liking for what breaks programs.
TEXTS = st.one_of(
    st.sampled_from(["", "a", "b", "prod", "staging", "=1+1", "a\nb", "<b>", "\u202egro", " ", "'", '"x"', "٣", "-1"]),
    st.text(max_size=8),
)
LABELS = st.dictionaries(st.sampled_from(["namespace", "pod", "__name__", "time", "value", "größe"]), TEXTS, max_size=4)
FLOATS = st.one_of(st.floats(allow_nan=True), st.integers(-1000, 1000).map(float))
GAP = None
CELLS = st.one_of(st.just(GAP), FLOATS)


def grid_of(points: int) -> TimeRange:
    """So many hours from 1 July 2026 on."""
    return TimeRange(START, START + (points - 1) * STEP, STEP)


def reply(result: object, result_type: str = "matrix", **extra: object) -> bytes:
    """A successful reply with this result, as bytes."""
    body = {"status": "success", "data": {"resultType": result_type, "result": result}} | extra
    return json.dumps(body, ensure_ascii=False).encode()


def written(value: float) -> str:
    """A sample value as Prometheus writes it."""
    if value != value:
        return "NaN"
    return repr(value) if abs(value) != float("inf") else ("+Inf" if value > 0 else "-Inf")


def matrix(rows: Sequence[tuple[Mapping[str, str], Sequence[float | None]]]) -> list[dict[str, Any]]:
    """Series as a matrix has them; None is a gap."""
    return [
        {
            "metric": dict(labels),
            "values": [[START + i * STEP, written(cell)] for i, cell in enumerate(cells) if cell is not None],
        }
        for labels, cells in rows
    ]


def answer_of(rows: Sequence[tuple[Mapping[str, str], Sequence[float | None]]], points: int) -> Answer:
    """The same series as an answer on a grid of so many hours."""
    values = np.array([[np.nan if cell is None else cell for cell in cells] for _, cells in rows], np.float64)
    sent = np.array([[cell is not None for cell in cells] for _, cells in rows], np.bool_)
    values, sent = values.reshape(len(rows), points), sent.reshape(len(rows), points)
    nan = np.isnan(values) & sent
    return Answer(
        ResultType.MATRIX, grid_of(points), tuple(labels for labels, _ in rows), values, nan if nan.any() else None
    )


def result_of(
    clusters: Mapping[str, Sequence[tuple[Mapping[str, str], Sequence[float | None]]]], points: int
) -> Result:
    """What several clusters answered together; the last data source gave no answer, so that its report can be lost."""
    outcomes = [Outcome(name, name, answer_of(rows, points)) for name, rows in clusters.items()]
    failed = Outcome("silent", "silent", SourceError(Kind.TIMEOUT, "No answer."))
    return merge(RangeQuery("up", grid_of(points)), [*outcomes, failed])


@st.composite
def results(draw: st.DrawFn, cells: st.SearchStrategy[float | None] = CELLS, max_series: int = 5) -> Result:
    """Any result: up to three clusters with up to `max_series` series each, gaps, NaN and infinities."""
    points = draw(st.integers(1, 5))
    row = st.tuples(LABELS, st.lists(cells, min_size=points, max_size=points))
    names = draw(st.lists(st.sampled_from(["utoronto", "leap", "=evil"]), max_size=3, unique=True))
    return result_of({name: draw(st.lists(row, max_size=max_series)) for name in names}, points)


def tiny_result() -> Result:
    """Three hubs on two clusters, two hours: one gap, one NaN that was sent."""
    rows = {
        "utoronto": [({"namespace": "prod"}, [3.0, None]), ({"namespace": "staging"}, [float("nan"), 1.0])],
        "leap": [({"namespace": "prod"}, [10.0, 20.5])],
    }
    return result_of(rows, 2)
