"""What is wrong with a query is said before anything is sent, where it stands, and only if it is wrong everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.diagnosis import ADVICE, Fault, advice, check_typed, diagnose
from lib.core.errors import QueryError
from lib.core.promql import MAX_LENGTH
from tests.promql.corpus import CORPUS
from tests.upstream.queries import UPSTREAM

WRONG = {
    "a type": ("rate(up)", 'expected type range vector in call to function "rate", got instant vector', 1, 6, 2),
    "an open call": ("sum(up", "unclosed left parenthesis", 1, 7, 0),
    "the second line": ("sum(up)\n  foo", 'unexpected identifier "foo"', 2, 3, 3),
    "behind an emoji, in characters": ('up{a="🐍"} )', "unexpected right parenthesis ')'", 1, 12, 0),
    "behind a variable": ("x[$__rate_interval] + rate(y)", "expected type range vector in call to", 1, 28, 1),
    "a matcher behind a variable": ('up{a="$hub", b=c}', 'unexpected identifier "c" in label matching', 1, 16, 1),
    "a variable too many": ("up $x", 'unexpected duration "5m"', 1, 4, 2),
    "scalars compared": ("1 > 2", "comparisons between scalars must use BOOL modifier", 1, 3, 1),
}


@pytest.mark.parametrize(("typed", "message", "line", "column", "length"), WRONG.values(), ids=WRONG)
def test_a_fault_has_the_words_of_prometheus_and_its_place_in_what_was_typed(typed, message, line, column, length):
    (fault,) = diagnose(typed)
    assert fault.message.startswith(message)
    assert (fault.line, fault.column, fault.length, fault.certain) == (line, column, length, True)


VARIABLES = [
    'sum by (namespace) (rate(x{namespace=~"$hub"}[$__rate_interval]))',
    'x{namespace=~"${hub:regex}", user=~"[[user]]"}',
    "topk($n, x)",
    "x > $limit",
    "rate(x[$window])",
    "x offset $ago",
    "$metric",
    'rate($metric{a="b"}[5m])',
    "node_${what}_total",
    "rate(x[${minutes}m])",
    "sum by ($label) (x)",
    'x{$label="a"}',
    "label_replace(x, ${name}, '$1', 'a', '(.*)')",
    "x / $__interval_ms + $__range_s - ${__from}",
    "$a + $b * $c - $d",
]


@pytest.mark.parametrize("typed", VARIABLES)
def test_variables_stand_as_what_they_are_filled_with(typed):
    assert diagnose(typed) == ()


@pytest.mark.parametrize("query", UPSTREAM.values(), ids=UPSTREAM)
def test_what_is_pasted_from_upstream_has_no_fault(query):
    assert diagnose(query.expr) == ()


LATER = [
    "mad_over_time(x[5m])",
    "limitk by (a) (3, x)",
    "limit_ratio(0.1, x)",
    '{"my.metric", a="b"}',
    'x{"my.label"="a"}',
    'sum by ("my.label") (x)',
    "rate(x[300])",
    "rate(x[5m * 2])",
    "rate(x[5m] offset -(1h))",
    "rate(x[5m] smoothed)",
    "x > 1_000_000",
    "x > 5m",
    "brand_new_function(x)",
]


@pytest.mark.parametrize("typed", LATER)
def test_what_a_later_prometheus_may_take_is_told_and_let_through(typed):
    assert [fault.certain for fault in diagnose(typed)] == [False]
    check_typed(typed)


@pytest.mark.parametrize(
    "pattern", [r"[[:alpha:]]+", r"\\pL+", r"\\Qa.b\\E", "b{,3}"], ids=["POSIX", "Unicode", "literal", "no count"]
)
def test_a_pattern_that_only_re2_reads_is_no_fault(pattern):
    assert diagnose(f'up{{a=~"{pattern}"}}') == ()


def test_behind_an_unknown_function_the_grammar_is_still_read():
    unknown, certain = diagnose("foo(up) ! 3")
    assert (unknown.certain, certain.certain, certain.column) == (False, True, 9)
    with pytest.raises(QueryError):
        check_typed("foo(up) ! 3")


def test_a_refusal_before_sending_has_place_words_and_advice():
    with pytest.raises(QueryError) as caught:
        check_typed("sum(\n  rate(up)\n)")
    error = caught.value
    assert (error.line, error.column) == (2, 8)
    assert error.message == "Line 2, column 8: Prometheus cannot read this."
    assert error.hint == advice(error.detail) == "Give it a range in square brackets, such as [$__rate_interval]."
    assert error.detail.startswith("parse error: expected type range vector")


def test_every_advice_is_met_by_a_query_of_the_corpus():
    said = {
        advice(fault.message) for queries in CORPUS.values() for text in queries.values() for fault in diagnose(text)
    }
    of_data = {"many-to-many", "duplicate series", "expression type"}  # these are said about answers, not texts
    assert {hint for sign, hint in ADVICE if sign not in of_data} <= said


def test_what_is_empty_or_too_long_is_refused_as_ever():
    for typed, words in (("# nothing", "empty"), ("x" * (MAX_LENGTH + 1), "10,001")):
        with pytest.raises(QueryError, match=words):
            check_typed(typed)


def test_a_query_nested_too_deeply_to_read_is_let_through():
    for typed in ("-" * 3000 + "up", "(" * 300 + "up" + ")" * 300, "up" + " + up" * 1000):
        assert diagnose(typed) == ()


PIECES = st.sampled_from(
    ["up", "rate(", "sum by (", ")", "[5m]", "{", "}", '"', "'", "`", '="$hub"', "=~", "$x", "${y:csv}", "[[z]]"]
    + [" ", "\n", "#", "\\", "+", "> bool", "5", "0x", "é", "🐍", "\ud800", "offset", "@", ",", "$", "[", ":"]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_whatever_is_typed_a_fault_stands_in_it(typed):
    lines = typed.split("\n")
    for fault in diagnose(typed):
        assert isinstance(fault, Fault)
        assert 1 <= fault.line <= len(lines)
        assert 1 <= fault.column <= len(lines[fault.line - 1]) + 1
        assert 0 <= fault.length <= len(lines[fault.line - 1]) + 1 - fault.column
