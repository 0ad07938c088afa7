"""Whatever a server does, a question ends in an answer or in a SourceError of the right kind, in time."""

from __future__ import annotations

import time
import traceback

import pytest

from lib.core.errors import Kind, QueryError, SourceError
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.result import Answer
from lib.core.time_range import TimeRange
from lib.sources import Discovery
from tests.double import BEHAVIOURS, HUBS, TOKEN, Double, good_value

NOW = 1_770_000_000
RANGE = RangeQuery("up", TimeRange(NOW - 600, NOW, 60))
INSTANT = InstantQuery("up", NOW)
SECONDS = 1.0

DATA = (
    "good slow html-type bom extra-keys gzip chunked close-delimited warnings infos cookie get-only get-only-405 stale"
    " bad-length fast-clock slow-clock"
)
OTHER_DATA = "empty-result"
FAILURES = {
    Kind.TIMEOUT: "hang drip-headers drip-body drip-body-without-length drip-chunks endless-headers",
    Kind.TOO_LARGE: "endless endless-chunks big-body gzip-bomb",
    Kind.NETWORK: "rst rst-mid-body close cut-body cut-chunk no-last-chunk bad-chunk not-http tls-alert long-header"
    " many-headers",
    Kind.REDIRECT: "redirect redirect-host redirect-loop redirect-endless",
    Kind.LOGIN_PAGE: "login-html login-html-as-json login-text",
    Kind.AUTH: "http-401 http-401-expired http-401-revoked",
    Kind.FORBIDDEN: "http-403 http-403-page",
    Kind.NOT_FOUND: "grafana-404",
    Kind.CONFIG: "html-404 text-404 http-on-https",
    Kind.RATE_LIMITED: "rate-429 rate-429-long rate-429-date rate-429-junk rate-429-bare",
    Kind.UPSTREAM: "refused empty-502 html-502 html-503 html-500 grafana-500 internal-error",
    Kind.UPSTREAM_AUTH: "upstream-401",
    Kind.UPSTREAM_TIMEOUT: "empty-499 empty-504 http-408 query-timeout query-cancelled",
    Kind.QUERY: "parse-error parse-error-line-2 unknown-function range-vector many-to-many hostile-error status-error",
    Kind.QUERY_COST: "too-many-samples too-many-points",
    Kind.BAD_REQUEST: "grafana-400 http-405 http-413 http-414 http-418 status-error-bare status-error-bare-400"
    " error-list reflect",
    Kind.NOT_JSON: "empty-200 no-content not-json cut-json nan-literal deep-json huge-integer not-utf8 bad-gzip",
    Kind.NOT_PROMETHEUS: "json-null json-list json-string no-data null-data null-result streams",
}
OF_INSTANTS = {
    Kind.NOT_PROMETHEUS: "pair-of-one null-value true-value word-value label-number row-is-text",
}
ANSWERED_INSTANTS = "echo reflect-in-data"
KINDS = {name: kind for kind, names in FAILURES.items() for name in names.split()}


def ask(discovery: Discovery, uid: str, query: Query = RANGE) -> Answer | SourceError:
    source = next(source for source in discovery.sources if source.id == f"double/{uid}")
    try:
        return source.ask(query)
    except SourceError as error:
        return error


def test_every_behaviour_of_the_double_has_an_expected_outcome() -> None:
    instants = " ".join([*OF_INSTANTS.values(), ANSWERED_INSTANTS]).split()
    assert {*DATA.split(), *OTHER_DATA.split(), *KINDS, *instants} == set(BEHAVIOURS)


@pytest.mark.parametrize("uid", DATA.split())
def test_an_unusual_but_right_answer_is_data(double: Double, connected, uid: str) -> None:
    answer = ask(connected(double), uid)
    assert isinstance(answer, Answer), answer
    assert [labels["namespace"] for labels in answer.labels] == list(HUBS)
    expected = [[good_value(uid, hub, time) for time in range(NOW - 600, NOW + 1, 60)] for hub in HUBS]
    assert answer.values.tolist() == expected
    assert answer.size > 0
    assert answer.seconds > 0
    assert answer.fetched_at > NOW - 10**8


@pytest.mark.parametrize(("uid", "kind"), KINDS.items(), ids=KINDS)
def test_a_fault_becomes_an_error_of_its_kind_within_the_deadline(
    double: Double, connected, uid: str, kind: Kind
) -> None:
    quick = connected(double, timeout=SECONDS, max_bytes=1024 * 1024)
    started = time.monotonic()
    error = ask(quick, uid)
    assert time.monotonic() - started < SECONDS + 0.5 + 1.0  # a second of grace for a busy machine
    assert isinstance(error, SourceError), error
    assert error.kind is kind, (error.kind, error.message, error.detail)
    assert isinstance(error, QueryError) or kind not in (Kind.QUERY, Kind.QUERY_COST)
    assert error.message.endswith(".")
    assert error.hint.endswith(".")
    assert len(error.detail) <= 300
    assert error.detail.isprintable()
    assert TOKEN not in "".join(traceback.format_exception(error)) + repr(vars(error))
    assert error.__context__ is None or error.__suppress_context__
    assert double.sink_log == []


@pytest.mark.parametrize("uid", OF_INSTANTS[Kind.NOT_PROMETHEUS].split())
def test_a_malformed_sample_is_refused(double: Double, connected, uid: str) -> None:
    error = ask(connected(double), uid, INSTANT)
    assert isinstance(error, SourceError)
    assert error.kind is Kind.NOT_PROMETHEUS


def test_warnings_and_infos_are_kept(double: Double, connected) -> None:
    discovery = connected(double)
    partial, hinted = ask(discovery, "warnings"), ask(discovery, "infos")
    assert isinstance(partial, Answer)
    assert isinstance(hinted, Answer)
    assert partial.warnings == ("store eu-1 did not answer",)
    assert hinted.infos == ("metric might not be a counter: up",)


def test_a_parse_error_says_where_in_the_characters_of_the_query(double: Double, connected) -> None:
    error = ask(connected(double), "parse-error-line-2", RangeQuery("up\n*", RANGE.time_range))
    assert isinstance(error, QueryError)
    assert (error.line, error.column) == (2, 2)


def test_a_missing_permission_is_named(double: Double, connected) -> None:
    error = ask(connected(double), "http-403")
    assert isinstance(error, SourceError)
    assert "datasources:query" in error.hint
