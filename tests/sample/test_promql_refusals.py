"""What the evaluator refuses by itself, without a Prometheus at hand to compare with."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from lib.promql import FUNCTIONS
from lib.sample.promql import MemoryStorage, PromQLError, SeriesSamples, evaluate_instant, evaluate_range
from lib.sample.promql.parse import UNSUPPORTED
from lib.sample.promql.signatures import FUNCTIONS as EVALUATED
from lib.sample.promql.signatures import RANGE_FUNCTIONS

DAY = 86_400_000
MINUTE = 60_000
TIMES = np.arange(0, 40 * DAY, MINUTE)
STORAGE = MemoryStorage(
    [SeriesSamples({"__name__": "up", "pod": str(pod)}, TIMES, np.full(len(TIMES), np.nan)) for pod in range(30)]
)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("holt_winters(up[5m], 0.5, 0.5)", "function holt_winters is not supported by the sample"),
        ("histogram_count(up)", "function histogram_count is not supported by the sample"),
        ("010", "numbers with leading zeros are not supported: 010"),
        ("up @ -1", "signed timestamps after @ are not supported"),
        ("up @ 1e12", "timestamp out of bounds for @ modifier: 1e12"),
        ("year(up)", "year() of a value that is no date is not supported"),
        ("(" * 200 + "up" + ")" * 200, "the query is nested too deeply"),
        ("-" * 2000 + "up", "the query is nested too deeply"),
        ("1" + " + 1" * 2000, "the query is nested too deeply"),
    ],
)
def test_what_would_be_guessed_is_refused(query: str, message: str) -> None:
    with pytest.raises(PromQLError) as refused:
        evaluate_instant(query, STORAGE, DAY)
    assert (refused.value.kind, refused.value.message[:60]) == ("execution", message[:60])


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [("sum(up", 1, 7), ("a +\n  foo(b)", 2, 3), ('up{a="b', 1, 6), ("up $", 1, 4), ("up + rate(up)", 1, 11)],
)
def test_an_error_says_line_and_column(query: str, line: int, column: int) -> None:
    with pytest.raises(PromQLError, match=f'^invalid parameter "query": {line}:{column}: parse error: ') as refused:
        evaluate_instant(query, STORAGE, 0)
    assert refused.value.kind == "bad_data"
    with pytest.raises(PromQLError, match=f"^{line}:{column}: parse error: "):
        evaluate_range(query, STORAGE, 0, MINUTE, MINUTE)


@pytest.mark.parametrize(
    "query",
    [
        "sum_over_time(up[40d]) + max_over_time(up[40d])",
        "max_over_time(up[40d:1s])",
        "max_over_time(vector(1)[100y:1ms])",
        "max_over_time(max_over_time(up[20d:1m])[20d:1m])",
    ],
)
def test_too_much_work_is_refused(query: str) -> None:
    with pytest.raises(PromQLError, match="too many samples") as refused:
        evaluate_range(query, STORAGE, 20 * DAY, 40 * DAY, DAY // 24)
    assert refused.value.kind == "execution"


def test_an_error_survives_pickling() -> None:
    again = pickle.loads(pickle.dumps(PromQLError("execution", "no")))  # noqa: S301  (our own bytes)
    assert (again.kind, again.message, str(again)) == ("execution", "no", "no")


@pytest.mark.parametrize("expr", ["a+" * 4990 + "a", "-" * 9000 + "a", "a" + "[1m:1m]" * 1200, "a" + " and a" * 1600])
def test_a_query_that_would_end_the_process_is_refused(expr):
    with pytest.raises(PromQLError):
        evaluate_instant(expr, MemoryStorage([]), 0)


def test_every_function_of_the_language_is_evaluated_or_refused_by_name():
    assert set(EVALUATED) | set(RANGE_FUNCTIONS) | UNSUPPORTED | {"timestamp"} == FUNCTIONS
