"""The same code against a real Prometheus behind the double: its answers, its refusals, its positions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lib.core.errors import Kind, QueryError, SourceError
from lib.core.query import InstantQuery, RangeQuery
from lib.core.result import Answer, ResultType
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.core.time_range import TimeRange
from lib.sources import Source, connect
from lib.sources.exchange import origin_of
from tests.double import grafana_double
from tests.prometheus_server import running_prometheus

pytestmark = pytest.mark.prometheus

START = 1_770_000_000
GRID = TimeRange(START, START + 3_600, 60)


def samples() -> str:
    """Two hubs, a sample a minute for an hour: prod counts up from 0, staging stays at 7."""
    lines = ["# TYPE users gauge"]
    for hub, value in (("prod", lambda minute: minute), ("staging", lambda minute: 7)):
        lines += [f'users{{namespace="{hub}"}} {value(minute)} {START + 60 * minute}' for minute in range(61)]
    return "\n".join([*lines, "# EOF", ""])


@pytest.fixture(scope="module")
def prometheus() -> Iterator[str]:
    with running_prometheus(samples()) as base:
        yield base


@pytest.fixture
def source(prometheus: str, connected) -> Iterator[Source]:
    with grafana_double({"good": "real"}, upstream=prometheus) as double:
        yield connected(double).sources[0]


def test_a_range_query_brings_every_sample(source: Source) -> None:
    answer = source.ask(RangeQuery("users", GRID))
    assert answer.type is ResultType.MATRIX
    assert [labels["namespace"] for labels in answer.labels] == ["prod", "staging"]
    assert answer.values.tolist() == [list(map(float, range(61))), [7.0] * 61]


def test_an_instant_query_and_a_scalar_are_answered(source: Source) -> None:
    assert source.ask(InstantQuery("sum(users)", START + 600)).values.tolist() == [[17.0]]
    assert source.ask(InstantQuery("scalar(vector(3))", START)).values.tolist() == [[3.0]]


def test_label_values_are_those_of_the_series(source: Source) -> None:
    assert source.label_values("namespace", "users", START, START + 3_600) == ("prod", "staging")
    assert source.label_values("namespace", "nothing", START, START + 3_600) == ()


def test_a_prometheus_without_a_grafana_says_the_same(prometheus: str, source: Source) -> None:
    direct = connect(Settings(prometheuses=(PrometheusSettings("direct", prometheus),))).sources[0]
    answers = [each.ask(RangeQuery("users", GRID)) for each in (direct, source)]
    direct.api.transport.close()
    assert direct.origin == origin_of(prometheus)
    assert answers[0].values.tolist() == answers[1].values.tolist()


@pytest.mark.parametrize(
    ("expr", "place"),
    [
        ("users{)", (1, 7)),
        ("users\n+ * 2", (2, 3)),
        ('users{a="x"} )', (1, 15)),  # Prometheus points behind a parenthesis too many
        ('users{a="🗝"} )', (1, 15)),  # and counts the key as four, we as one
        ("rtae(users[5m])", (1, 1)),
        ("sum(users", (1, 10)),
    ],
)
def test_a_position_is_where_the_mistake_is(source: Source, expr: str, place: tuple[int, int]) -> None:
    with pytest.raises(QueryError) as caught:
        source.ask(InstantQuery(expr, START))
    assert caught.value.kind is Kind.QUERY
    assert (caught.value.line, caught.value.column) == place


@pytest.mark.parametrize(
    "expr",
    ["users[5m]", '"text"', '{__name__=""}', 'users{a=~"("}', "users * on() users", "label_replace(users)"],
)
def test_what_prometheus_refuses_is_a_refused_query(source: Source, expr: str) -> None:
    with pytest.raises(QueryError) as caught:
        source.ask(RangeQuery(expr, GRID))
    assert caught.value.kind is Kind.QUERY
    assert caught.value.detail


def test_an_unreachable_prometheus_is_the_upstreams_failure(connected) -> None:
    with grafana_double({"good": "dead"}, upstream="http://127.0.0.1:9") as double:
        with pytest.raises(SourceError) as caught:
            connected(double).sources[0].ask(InstantQuery("up", START))
        assert caught.value.kind is Kind.UPSTREAM


def test_the_double_frames_its_answers_as_prometheus_does(source: Source, connected) -> None:
    with grafana_double({"good": "made up"}) as double:
        made_up = connected(double).sources[0].ask(RangeQuery("users", GRID))
    real = source.ask(RangeQuery("users", GRID))
    assert isinstance(made_up, Answer)
    assert (made_up.type, made_up.values.shape, made_up.nan) == (real.type, real.values.shape, real.nan)
