"""The evaluator of the sample against a real Prometheus 2.42 over the same samples."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from lib.sample.promql import (
    InstantResult,
    InstantVector,
    MemoryStorage,
    PromQLError,
    Scalar,
    String,
    evaluate_instant,
    evaluate_range,
)
from tests.prometheus_server import running_prometheus
from tests.sample.promql_jupyterhub_queries import JUPYTERHUB_QUERIES
from tests.sample.promql_queries import ANSWERED, INSTANT_ONLY, UNANSWERABLE, UNREADABLE
from tests.sample.promql_samples import HOUR, MINUTE, START, openmetrics, samples

pytestmark = pytest.mark.prometheus

QUERIES = ANSWERED | JUPYTERHUB_QUERIES
# On the minute and not; the second grid begins before the first sample.
GRIDS = {
    "every 10 minutes": (START + HOUR, START + 7 * HOUR, 10 * MINUTE),
    "odd steps": (START - 3 * MINUTE + 123, START + 7 * HOUR + 1, 17 * MINUTE + 7_013),
}
MOMENTS = {"on the hour": START + 3 * HOUR, "between": START + 5 * HOUR + 12_345}

Labels = tuple[tuple[str, str], ...]
Points = dict[int, float]


@dataclass(frozen=True)
class Both:
    """One set of samples, in Prometheus and in memory."""

    url: str
    storage: MemoryStorage

    def get(self, path: str, **parameters: str) -> Any:
        """The body of Prometheus' reply, of whatever status."""
        return requests.get(f"{self.url}/api/v1/{path}", params=parameters, timeout=30).json()


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    """The two that must agree."""
    series = samples()
    with running_prometheus(openmetrics(series)) as url:
        yield Both(url, MemoryStorage(series))


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS.keys())
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_a_range_query_gives_what_prometheus_gives(both: Both, query: str, grid: tuple[int, int, int]) -> None:
    start, end, step = grid
    reply = both.get("query_range", query=query, start=_seconds(start), end=_seconds(end), step=f"{step}ms")
    if reply["status"] == "error":
        _assert_refused_alike(reply, lambda: evaluate_range(query, both.storage, start, end, step))
        return
    answer = evaluate_range(query, both.storage, start, end, step)
    ours = {}
    for labels, values, present in zip(answer.labels, answer.values, answer.present, strict=True):
        ours[_key(labels)] = dict(zip(answer.times[present].tolist(), values[present].tolist(), strict=True))
    theirs = {_key(one["metric"]): _points(one["values"]) for one in reply["data"]["result"]}
    _assert_same(ours, theirs)
    assert list(ours) == list(theirs)


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
@pytest.mark.parametrize("query", (QUERIES | INSTANT_ONLY).values(), ids=(QUERIES | INSTANT_ONLY).keys())
def test_an_instant_query_gives_what_prometheus_gives(both: Both, query: str, moment: int) -> None:
    reply = both.get("query", query=query, time=_seconds(moment))
    if reply["status"] == "error":
        _assert_refused_alike(reply, lambda: evaluate_instant(query, both.storage, moment))
        return
    kind, ours = _instant(evaluate_instant(query, both.storage, moment))
    data = reply["data"]
    assert kind == data["resultType"]
    if kind == "string":
        assert ours == data["result"][1]
        return
    theirs = _theirs(kind, data["result"])
    _assert_same(ours, theirs)
    if re.match("sort|topk|bottomk", query):
        assert list(ours) == list(theirs)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_refused_in_the_same_words_at_the_same_place(both: Both, name: str) -> None:
    query = UNREADABLE[name]
    reply = both.get("query", query=query, time=_seconds(START))
    assert reply["errorType"] == "bad_data"
    with pytest.raises(PromQLError) as refused:
        evaluate_instant(query, both.storage, START)
    assert (refused.value.kind, refused.value.message) == ("bad_data", reply["error"])
    _assert_same_refusal(both, query, START, START + HOUR, MINUTE)


@pytest.mark.parametrize("query", UNANSWERABLE.values(), ids=UNANSWERABLE.keys())
def test_what_has_no_answer_is_refused_in_the_same_words(both: Both, query: str) -> None:
    start, end = START + HOUR, START + 7 * HOUR
    reply = both.get("query_range", query=query, start=_seconds(start), end=_seconds(end), step="600")
    assert reply["errorType"] == "execution"
    _assert_refused_alike(reply, lambda: evaluate_range(query, both.storage, start, end, 10 * MINUTE))


@pytest.mark.parametrize("query", ["g[5m]", '"text"', "g[5m:1m]", "(g[5m])"])
def test_a_range_query_needs_a_vector_or_a_scalar(both: Both, query: str) -> None:
    _assert_same_refusal(both, query, START, START + HOUR, MINUTE)


@pytest.mark.parametrize(
    ("start", "end", "step"),
    [(START, START + 11_001 * 1000, 1000), (START, START - 1000, 1000), (START, START + HOUR, 0)],
    ids=["too many points", "the end before the start", "no step"],
)
def test_a_grid_that_cannot_be_is_refused(both: Both, start: int, end: int, step: int) -> None:
    _assert_same_refusal(both, "g", start, end, step)


def test_the_longest_grid_is_answered(both: Both) -> None:
    end = START + 11_000 * 1000
    reply = both.get("query_range", query="time()", start=_seconds(START), end=_seconds(end), step="1")
    assert len(reply["data"]["result"][0]["values"]) == len(
        evaluate_range("time()", both.storage, START, end, 1000).times
    )


def _assert_same_refusal(both: Both, query: str, start: int, end: int, step: int) -> None:
    reply = both.get("query_range", query=query, start=_seconds(start), end=_seconds(end), step=f"{step}ms")
    assert reply["errorType"] == "bad_data"
    with pytest.raises(PromQLError) as refused:
        evaluate_range(query, both.storage, start, end, step)
    assert (refused.value.kind, refused.value.message) == ("bad_data", reply["error"])


def _assert_refused_alike(reply: Any, ask: Any) -> None:
    with pytest.raises(PromQLError) as refused:
        ask()
    assert refused.value.kind == reply["errorType"]
    # Prometheus names the two series it happened to meet; which two is up to chance.
    shown = re.sub(r"group .*\];|Scalar value \S+", "", refused.value.message)
    assert shown == re.sub(r"group .*\];|Scalar value \S+", "", reply["error"])


def _instant(answer: InstantResult) -> tuple[str, Any]:
    if isinstance(answer, Scalar):
        return "scalar", {(): {answer.time: answer.value}}
    if isinstance(answer, String):
        return "string", answer.value
    if isinstance(answer, InstantVector):
        pairs = zip(answer.labels, answer.values.tolist(), strict=True)
        return "vector", {_key(labels): {answer.time: value} for labels, value in pairs}
    rows = {_key(one.labels): dict(zip(one.times.tolist(), one.values.tolist(), strict=True)) for one in answer.series}
    return "matrix", rows


def _theirs(kind: str, result: Any) -> dict[Labels, Points]:
    if kind == "scalar":
        return {(): _points([result])}
    if kind == "vector":
        return {_key(one["metric"]): _points([one["value"]]) for one in result}
    return {_key(one["metric"]): _points(one["values"]) for one in result}


def _assert_same(ours: dict[Labels, Points], theirs: dict[Labels, Points]) -> None:
    assert set(ours) == set(theirs)
    for labels, points in theirs.items():
        assert list(ours[labels]) == list(points), labels
        for time, value in points.items():
            assert _equal(ours[labels][time], value), (labels, time, ours[labels][time], value)


def _equal(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) or (math.isnan(one) and math.isnan(other))


def _points(pairs: Any) -> Points:
    return {round(time * 1000): float(value) for time, value in pairs}


def _key(labels: Any) -> Labels:
    return tuple(sorted(labels.items()))


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}"
