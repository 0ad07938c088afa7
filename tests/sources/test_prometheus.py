"""The Prometheus API as it is spoken: what is sent, what is refused beforehand, and how a refusal is read."""

from __future__ import annotations

import json

import pytest

from lib.core.errors import Kind, QueryError, SourceError
from lib.core.promql import MAX_LENGTH
from lib.core.query import InstantQuery, RangeQuery
from lib.core.result import Answer
from lib.core.secret import Secret
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.core.time_range import TimeRange
from lib.sources import connect
from lib.sources.exchange import Reply
from lib.sources.refusals import read_refusal
from lib.sources.transport import Transport
from tests.double import HUBS, Double, grafana_double
from tests.sources.recorder import Recorder
from tests.sources.test_faults import ask

NOW = 1_770_000_000
INSTANT = InstantQuery("up", NOW)


def test_a_range_query_is_a_posted_form(double: Double, connected) -> None:
    ask(connected(double, timeout=30.0), "good", RangeQuery('up{a="ü&b"}', TimeRange(NOW - 120, NOW, 60)))
    asked = double.asked("good")[-1].asked
    assert (asked.method, asked.target) == ("POST", "/api/datasources/proxy/uid/good/api/v1/query_range")
    assert asked.form == {
        "query": 'up{a="ü&b"}',
        "start": str(NOW - 120),
        "end": str(NOW),
        "step": "60",
        "timeout": "29000ms",
    }


def test_a_range_that_a_server_might_move_to_multiples_of_the_step_says_that_it_may_not(
    double: Double, connected
) -> None:
    start = NOW - 120 + 1
    ask(connected(double), "good", RangeQuery("up", TimeRange(start, start + 120, 60)))
    assert double.asked("good")[-1].asked.form["nocache"] == "1"


def test_an_instant_query_is_a_posted_form(double: Double, connected) -> None:
    ask(connected(double, timeout=1.0), "good", INSTANT)
    asked = double.asked("good")[-1].asked
    assert asked.target.endswith("/api/v1/query")
    assert asked.form == {"query": "up", "time": str(NOW), "timeout": "500ms"}


@pytest.mark.parametrize("uid", ["get-only", "get-only-405"])
def test_where_post_is_not_let_through_get_is_used(double: Double, connected, uid: str) -> None:
    before = len(double.asked(uid))
    assert isinstance(ask(connected(double), uid, INSTANT), Answer)
    assert [entry.method for entry in double.asked(uid)[before:]] == ["POST", "GET"]
    assert double.asked(uid)[-1].asked.form["query"] == "up"


@pytest.mark.parametrize(("uid", "kind"), [("get-only", Kind.FORBIDDEN), ("get-only-405", Kind.BAD_REQUEST)])
def test_a_query_too_long_for_get_is_not_sent_as_get(double: Double, connected, uid: str, kind: Kind) -> None:
    before = len(double.asked(uid))
    error = ask(connected(double), uid, InstantQuery("up" + " " * 8_000, NOW))
    assert isinstance(error, SourceError)
    assert error.kind is kind
    assert [entry.method for entry in double.asked(uid)[before:]] == ["POST"]


@pytest.mark.parametrize("expr", ["", "  \n\t ", "# only a comment", "\n # one\n#two\n"], ids=repr)
def test_an_empty_question_is_refused_here(double: Double, connected, expr: str) -> None:
    before = len(double.asked("good"))
    error = ask(connected(double), "good", InstantQuery(expr, NOW))
    assert isinstance(error, QueryError)
    assert len(double.asked("good")) == before


def test_a_question_of_the_greatest_length_is_sent_and_a_longer_one_is_not(double: Double, connected) -> None:
    discovery = connected(double)
    assert isinstance(ask(discovery, "good", InstantQuery("a" * MAX_LENGTH, NOW)), Answer)
    error = ask(discovery, "good", InstantQuery("a" * (MAX_LENGTH + 1), NOW))
    assert isinstance(error, QueryError)
    assert "10,001" in error.message


def test_label_values_are_asked_with_get(double: Double, connected) -> None:
    source = next(source for source in connected(double).sources if source.name == "good")
    assert source.label_values("namespace", 'up{a="b"}', NOW - 60, NOW) == HUBS
    asked = double.asked("good")[-1].asked
    assert (asked.method, asked.path.rpartition("/api/v1/")[2]) == ("GET", "label/namespace/values")
    times = {"start": str(NOW - 60), "end": str(NOW)}
    assert asked.form == {"match[]": 'up{a="b"}', **times, "limit": "100001", "timeout": "4000ms"}


def test_a_selector_too_long_for_an_address_is_refused_before_anything_is_sent(double: Double, connected) -> None:
    source = next(source for source in connected(double).sources if source.name == "good")
    before = len(double.asked("good"))
    with pytest.raises(QueryError, match="too long"):
        source.label_values("namespace", f'up{{a=~"{"x" * 8_000}"}}', NOW - 60, NOW)
    assert len(double.asked("good")) == before


@pytest.mark.parametrize("name", ["", "1a", "a-b", "../x", "a/b", "a\n", "größe"])
def test_a_label_name_that_is_none_is_refused_here(double: Double, connected, name: str) -> None:
    source = next(source for source in connected(double).sources if source.name == "good")
    with pytest.raises(QueryError):
        source.label_values(name, "up", NOW - 60, NOW)


@pytest.mark.parametrize(
    ("uid", "kind"),
    [
        ("login-html", Kind.LOGIN_PAGE),
        ("not-json", Kind.NOT_JSON),
        ("json-list", Kind.NOT_PROMETHEUS),
        ("null-data", Kind.NOT_PROMETHEUS),
        ("http-403", Kind.FORBIDDEN),
        ("parse-error", Kind.QUERY),
    ],
)
def test_label_values_fail_as_queries_do(double: Double, connected, uid: str, kind: Kind) -> None:
    source = next(source for source in connected(double).sources if source.name == uid)
    with pytest.raises(SourceError) as caught:
        source.label_values("namespace", "up", NOW - 60, NOW)
    assert caught.value.kind is kind


def test_a_prometheus_is_asked_directly_with_basic_auth_under_its_path() -> None:
    # The double lets in who shows this header, and knows the path of its proxy: enough of a Prometheus.
    with grafana_double({"good": "good"}) as double:
        base = f"{double.url}/api/datasources/proxy/uid/good"
        [source] = connect(Settings(prometheuses=(PrometheusSettings("P 1", base, "me", Secret("secret")),))).sources
        with pytest.raises(SourceError) as caught:
            source.ask(INSTANT)
        source.api.transport.close()
    assert caught.value.kind is Kind.AUTH
    assert "Prometheus" in caught.value.message
    assert double.log[-1].authorization == "Basic bWU6c2VjcmV0"
    assert (source.id, source.name, source.kind, source.origin) == ("P%201", "P 1", "prometheus", double.url)


def refused(expr: str, text: str, kind: str = "bad_data", status: int = 400) -> SourceError | None:
    body = json.dumps({"status": "error", "errorType": kind, "error": text}).encode()
    return read_refusal(Reply(status, "application/json", body, 0.1, len(body)), expr)


@pytest.mark.parametrize(
    ("expr", "text", "place"),
    [
        ("up{)", "1:4: parse error: unexpected character inside braces: ')'", (1, 4)),
        ("up{)", 'invalid parameter "query": 1:4: parse error: unexpected', (1, 4)),
        ("up\n{)", "2:2: parse error: unexpected", (2, 2)),
        ('{a="🗝"} )', "1:11: parse error: unexpected right parenthesis", (1, 8)),  # the key is four bytes
        ('{a="ü"}\n{a="ü"} )', "2:9: parse error: unexpected right parenthesis", (2, 8)),
        ("up", "1:99: parse error: unexpected end of input", (1, 3)),
        ("up", "7:1: parse error: no such line", (0, 0)),
        ("up", "0:0: parse error", (0, 0)),
        ("up", "what is 1:1 here", (0, 0)),
        ("up", "99999999999999999999:1: parse error", (0, 0)),
    ],
)
def test_a_position_is_given_in_characters_of_the_query(expr: str, text: str, place: tuple[int, int]) -> None:
    error = refused(expr, text)
    assert isinstance(error, QueryError)
    assert (error.line, error.column) == place


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('invalid expression type "range vector" for range query', "rate()"),
        ('unknown function with name "rtae"', "spelling"),
        ("vector selector must contain at least one non-empty matcher", "Name a metric"),
        ("many-to-many matching not allowed: matching labels must be unique on one side", "group_left"),
    ],
)
def test_a_refusal_comes_with_a_next_step(text: str, words: str) -> None:
    error = refused("up", text)
    assert error is not None
    assert words in error.hint
    assert error.detail == text


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"status":"error"}', b'{"status":"error","errorType":1,"error":[]}']
)
def test_what_is_no_refusal_of_prometheus_is_left_to_the_status(body: bytes) -> None:
    assert read_refusal(Reply(400, "", body, 0.1, len(body)), "up") is None


@pytest.mark.parametrize("org", ["", "team-a", "team-a|team-b"])
def test_the_tenant_is_named_where_one_is_set_and_only_there(org: str) -> None:
    recorder = Recorder()
    settings = Settings(prometheuses=(PrometheusSettings("mimir", "https://m.example/prometheus", org=org),))
    source = connect(settings, transport=lambda *given: Transport(*given, adapter=recorder)).sources[0]
    with pytest.raises(SourceError):
        source.ask(INSTANT)
    assert [request.headers.get("X-Scope-OrgID", "") for request in recorder.sent] == [org]
    assert "limit" not in (recorder.sent[0].body or "")
