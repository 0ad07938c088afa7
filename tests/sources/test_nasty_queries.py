"""Sixty nasty queries and a real Prometheus with small limits: each ends in time, in an answer or in a typed error."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from lib.core.errors import Kind, QueryError, SourceError
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.result import Answer
from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from lib.core.time_range import DAY, HOUR, TimeRange
from lib.sources import Gate, Source, connect
from lib.sources.transport import Transport
from tests.double import TOKEN, grafana_double
from tests.prometheus_server import running_prometheus

pytestmark = pytest.mark.prometheus

NOW = 1_770_000_000
SECONDS = 2.0
FLAGS = (
    *("--query.max-samples=20000", "--query.timeout=1s", "--query.max-concurrency=8"),
    *("--storage.remote.read-sample-limit=1000", "--query.lookback-delta=5m"),
)
GRID = TimeRange(NOW - DAY, NOW, 60)
LONG = TimeRange((NOW - 300 * DAY) // 300 * 300, NOW // 300 * 300, 300)

HEAVY = {
    "everything": '{__name__=~".+"}',
    "everything but nothing": '{__name__!=""}',
    "everything, over a day": 'rate({__name__=~".+"}[1d])',
    "everything times everything": 'users * on () group_left {__name__=~".+"}',
    "a subquery by the second": "max_over_time(users[30d:1s])",
    "a subquery by the millisecond": "max_over_time(users[1d:1ms])",
    "subqueries in each other": "max_over_time(max_over_time(max_over_time(users[1d:1m])[1d:1m])[1d:1m])",
    "a century": "max_over_time(users[100y])",
    "a century of steps": "max_over_time(vector(1)[100y:1m])",
    "sorted, counted, sorted": 'sort_desc(count by (__name__, hub) ({__name__=~".+"}))',
    "every value counted": 'count_values("v", {__name__=~".+"})',
    "every quantile": 'quantile_over_time(0.999, {__name__=~".+"}[1d])',
    "a pattern that takes long": 'users{hub=~"(a+)+(b+)+(c+)+.*.*.*.*.*.*x"}',
    "a pattern with many ways": f'users{{hub=~"{"|".join(f"h{n}" for n in range(1_500))}"}}',
    "labels written anew": 'label_replace({__name__=~".+"}, "hub", "$1$1$1$1$1$1", "hub", "(.*)")',
    "joined without end": "label_join(users, 'x', 'y', " + ", ".join(["'hub'"] * 400) + ")",
    "a cross join": "users + on (hub) group_left () users",
    "a set of sets": " or ".join([f"users > {n}" for n in range(140)]),
    "smoothed": "holt_winters(users[30d], 0.5, 0.5)",
    "predicted": "predict_linear(users[300d], 1e18)",
    "buckets of nothing": 'histogram_quantile(0.5, {__name__=~".+"})',
    "absent over a century": "absent_over_time(nothing[100y])",
}
DEEP = {
    "brackets": "(" * 140 + "users" + ")" * 140,
    "more brackets than are read": "(" * 4_900 + "1" + ")" * 4_900,
    "sums": "sum(" * 100 + "users" + ")" * 100,
    "pluses": "+".join(["users"] * 140),
    "more pluses": "+".join(["1"] * 3_000),
    "minuses": "-" * 5_000 + "1",
    "powers": "^".join(["2"] * 120),
    "a list of labels": f"sum by ({', '.join(f'l{n}' for n in range(1_500))}) (users)",
    "matchers": "users{" + ", ".join(f'l{n}=""' for n in range(900)) + "}",
    "a long text": f'users{{hub="{"x" * 9_900}"}}',
    "a long name": "u" * 9_990,
    "a long number": "1" * 9_990,
    "a long comment": f"users # {'x' * 9_900}",
    "blanks": " " * 9_000 + "users",
}
BROKEN = {
    "too long by one": "u" * 10_001,
    "two megabytes": "users + " * 250_000 + "1",
    "twelve megabytes": "1+" * 6_000_000 + "1",
    "empty": "",
    "a comment": "# users",
    "no end": "sum(users",
    "an end too many": "users))",
    "no function": "rtae(users[5m])",
    "a range": "users[5m]",
    "a text": '"users"',
    "no matcher": '{hub=""}',
    "no pattern": 'users{hub=~"(?:("}',
    "many to many": "users * on () users",
    "no label": 'label_replace(users, "-", "$1", "hub", "(.*)")',
    "nothing at all": "\x00",
    "half a character": "users{hub='\ud800'}",
    "an emoji": "users{hub='🙂'} or 🙂",
    "another language": "SELECT * FROM users; DROP TABLE users",
    "a template": "users{{ .Values.hub }}",
    "a path": "../../api/v1/admin/tsdb/delete_series",
    "an address": "users&time=0&query=up#",
    "line ends": "users\r\nHost: evil.example\r\n\r\n",
}
AT = {
    "far ahead": "users @ 9e18",
    "far back": "users @ -9e18",
    "offset by a century": "users offset 100y",
    "looking ahead": "users offset -100y",
}
NASTY = HEAVY | DEEP | BROKEN | AT
TYPED = {Kind.QUERY, Kind.QUERY_COST, Kind.BAD_REQUEST, Kind.UPSTREAM_TIMEOUT, Kind.TOO_LARGE, Kind.TIMEOUT}


@pytest.fixture(scope="module")
def source() -> Iterator[Source]:
    lines = ["# TYPE users gauge"]
    for hub in range(40):
        lines += [f'users{{hub="h{hub}"}} {minute % 97} {NOW - 60 * minute}' for minute in range(1_440, -1, -1)]
    # Nothing rests here: that a cluster does after five heavy queries is another test's business.
    gate = Gate(in_a_row=float("inf"))
    with (
        running_prometheus("\n".join([*lines, "# EOF", ""]), *FLAGS) as url,
        grafana_double({"good": "small"}, upstream=url) as double,
    ):
        given = Settings(grafanas=(GrafanaSettings("g", double.url, Secret(TOKEN)),), timeout=SECONDS)
        yield connect(given, transport=lambda *each: Transport(*each, gate=gate)).sources[0]


def outcome(source: Source, query: Query) -> Answer | SourceError:
    try:
        return source.ask(query)
    except SourceError as error:
        return error


def test_there_are_sixty() -> None:
    assert len(NASTY) >= 60


@pytest.mark.parametrize("expr", NASTY.values(), ids=NASTY)
def test_a_nasty_query_ends_in_time_in_an_answer_or_a_typed_error(source: Source, expr: str) -> None:
    over_time = RangeQuery(expr, GRID)
    for query in (over_time,) if expr in HEAVY.values() else (InstantQuery(expr, NOW), over_time):
        started = time.monotonic()
        found = outcome(source, query)
        assert time.monotonic() - started < 10, "far from what it takes where nothing ends it"
        if isinstance(found, SourceError):
            assert found.kind in TYPED and found.message and found.hint
            assert len(found.message) < 200 and len(found.detail) <= 300
        else:
            assert found.grid == query.grid


@pytest.mark.parametrize("expr", ["u" * 10_001, "1+" * 6_000_000 + "1", "", "# users"], ids=["long", "huge", "", "#"])
def test_what_can_be_refused_here_is_not_sent(source: Source, expr: str) -> None:
    error = outcome(source, InstantQuery(expr, NOW))
    assert isinstance(error, QueryError) and not error.detail


def test_a_query_that_is_too_much_for_the_server_says_what_to_do(source: Source) -> None:
    error = outcome(source, RangeQuery('{__name__=~".+"}', GRID))
    assert isinstance(error, QueryError) and error.kind is Kind.QUERY_COST
    assert "shorter range" in error.hint and "fewer series" in error.hint


def test_the_server_takes_good_questions_after_all_of_them(source: Source) -> None:
    answer = outcome(source, RangeQuery("sum(users)", TimeRange(NOW - HOUR, NOW, 60)))
    assert isinstance(answer, Answer) and answer.values.shape == (1, 61)


def test_a_long_and_heavy_one_ends_as_a_whole(source: Source) -> None:
    started = time.monotonic()
    found = outcome(source, RangeQuery('sum by (hub) (rate({__name__=~".+"}[30d]))', LONG))
    assert time.monotonic() - started < 10
    assert isinstance(found, Answer) or found.kind in TYPED
