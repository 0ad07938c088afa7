"""A source limited to hubs: whoever asks is told the same as if no other hub existed, whatever the query tries.

Two servers answer: one holds every hub, the other the allowed ones only. A limited source over the first has to say
exactly what one over the second says. It is shown on Prometheus, on VictoriaMetrics, and with the sample's evaluator.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import pytest

from lib.core.errors import QueryError, SourceError
from lib.core.fence import fenced
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.result import Answer
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.core.time_range import TimeRange
from lib.sample.promql import MemoryStorage, PromQLError, evaluate_range
from lib.sources import Source, connect, hubs_of, narrowed
from tests.prometheus_server import running_prometheus, running_victoria_metrics
from tests.promql.get_around import ALLOWED, END, FORBIDDEN, GET_AROUND, START, STEP, series
from tests.sample.promql_samples import openmetrics

pytestmark = pytest.mark.prometheus

Server = Callable[[str], AbstractContextManager[str]]
SERVERS: dict[str, Server] = {"Prometheus": running_prometheus, "VictoriaMetrics": running_victoria_metrics}
GRID = TimeRange(START, END, STEP)
Rows = dict[tuple[tuple[str, str], ...], list[float]]


@dataclass(frozen=True)
class Sides:
    """The limited source over every hub, the same over the allowed ones, and that one without a limit."""

    walled: Source
    alone: Source
    free: Source


def source(url: str, hubs: tuple[str, ...] | None) -> Source:
    return connect(Settings(prometheuses=(PrometheusSettings("server", url),), hubs=hubs)).sources[0]


@pytest.fixture(scope="module", params=SERVERS)
def sides(request: pytest.FixtureRequest) -> Iterator[Sides]:
    start = SERVERS[request.param]
    with contextlib.ExitStack() as stack:
        everybody, allowed = (
            stack.enter_context(start(openmetrics(list(series(hubs))))) for hubs in (ALLOWED + FORBIDDEN, ALLOWED)
        )
        yield Sides(source(everybody, ALLOWED), source(allowed, ALLOWED), source(allowed, None))


def asked(text: str) -> list[Query]:
    return [RangeQuery(text, GRID), InstantQuery(text, END)]


def answer_of(source: Source, query: Query) -> Answer | SourceError:
    try:
        return source.ask(query)
    except SourceError as error:
        return error


def rows(answer: Answer) -> Rows:
    return {
        tuple(sorted(labels.items())): values.tolist()
        for labels, values in zip(answer.labels, answer.values, strict=True)
    }


def same(found: Answer, expected: Answer) -> None:
    ours, theirs = rows(found), rows(expected)
    assert ours.keys() == theirs.keys()
    for labels, values in ours.items():
        np.testing.assert_allclose(values, theirs[labels], rtol=1e-12, equal_nan=True)


@pytest.mark.parametrize("text", GET_AROUND.values(), ids=GET_AROUND)
def test_no_query_gets_around_the_fence(sides: Sides, text: str) -> None:
    for query in asked(text):
        found, expected = answer_of(sides.walled, query), answer_of(sides.alone, query)
        if isinstance(found, SourceError) or isinstance(expected, SourceError):
            assert isinstance(found, QueryError)
            assert isinstance(expected, QueryError)
            assert found.message.endswith(".")
            assert found.hint
            assert "-of-" not in found.message + found.hint + found.detail or "-of-" in text
            continue
        same(found, expected)
        assert not any("-of-" in value for labels in found.labels for value in labels.values() if value not in text)
        unlimited = answer_of(sides.free, query)
        if isinstance(unlimited, Answer) and "absent" not in text:  # absent() makes its labels of the matchers
            same(found, unlimited)


def test_most_of_these_queries_are_answered_and_with_something() -> None:
    """Else the comparison would say nothing. What is refused is no PromQL of Prometheus 2.42, or is made to be odd."""
    answered = [text for text in GET_AROUND.values() if fences(text)]
    assert len(GET_AROUND) >= 200
    assert len(answered) >= 150


def fences(text: str) -> bool:
    try:
        return bool(fenced(text, ALLOWED).text)
    except QueryError:
        return False


def test_the_samples_of_the_others_would_show(sides: Sides) -> None:
    free = Source(**{**vars(sides.walled), "hubs": None})
    total = free.ask(InstantQuery("sum(m)", END)).values.max()
    limited = sides.walled.ask(InstantQuery("sum(m)", END)).values.max()
    assert total > 1e9 > limited > 0
    assert any("-of-" in each for each in free.label_values("pod", "", START, END))


@pytest.mark.parametrize(
    "match", ["", "m", '{__name__=~".+"}', '{pod=~".*-of-.*"}', 'm{namespace="secret"}', "user_info # {"]
)
def test_lists_of_names_and_values_have_nothing_of_other_hubs(sides: Sides, match: str) -> None:
    for name in ("namespace", "pod", "user", "Namespace", "le", "__name__"):
        found = sides.walled.label_values(name, match, START, END)
        assert found == sides.alone.label_values(name, match, START, END)
        assert not any("-of-" in value for value in found)
    assert sides.walled.label_names(match, START, END) == sides.alone.label_names(match, START, END)
    assert set(sides.walled.label_values("namespace", "", START, END)) == set(ALLOWED)


@pytest.mark.parametrize("match", ["m or m", 'm{namespace="north" or namespace="secret"}', '{"m"}', "m} or {"])
def test_a_list_for_a_selector_that_cannot_be_limited_is_refused(sides: Sides, match: str) -> None:
    with pytest.raises(QueryError):
        sides.walled.label_values("pod", match, START, END)


def test_one_hub_and_none(sides: Sides) -> None:
    north = narrowed(sides.walled, ["north", "secret"])
    assert north.hubs == ("north",)
    assert set(north.label_values("namespace", "", START, END)) == {"north"}
    assert {labels["namespace"] for labels in north.ask(InstantQuery("m", END)).labels} == {"north"}
    nobody = narrowed(sides.walled, ["secret"])
    assert nobody.hubs == ()
    for ask in (
        lambda: nobody.ask(InstantQuery("vector(1)", END)),
        lambda: nobody.label_values("namespace", "", START, END),
        lambda: nobody.label_names("", START, END),
    ):
        with pytest.raises(QueryError, match="no hub"):
            ask()
    assert hubs_of([north, sides.walled]) == ALLOWED
    assert hubs_of([north, sides.free]) is None
    assert hubs_of([]) is None
    assert hubs_of([nobody]) == ()


@pytest.mark.parametrize("text", GET_AROUND.values(), ids=GET_AROUND)
def test_nor_does_one_with_the_evaluator_of_the_sample(text: str) -> None:
    try:
        walled = fenced(text, ALLOWED).text
    except QueryError:
        return
    assert evaluated(walled, EVERYBODY) == evaluated(walled, ALONE)
    if "absent" not in text:
        assert evaluated(walled, EVERYBODY) == evaluated(text, ALONE)


EVERYBODY, ALONE = (MemoryStorage(series(hubs)) for hubs in (ALLOWED + FORBIDDEN, ALLOWED))


def evaluated(text: str, storage: MemoryStorage) -> object:
    try:
        found = evaluate_range(text, storage, START * 1_000, END * 1_000, STEP * 1_000)
    except PromQLError as error:
        return error.kind
    return repr(found)
