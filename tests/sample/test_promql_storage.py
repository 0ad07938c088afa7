"""Matchers, regular expressions and what the evaluator asks a storage for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from lib.promql.regex import RegexError, compile_re2
from lib.sample.promql import Matcher, MemoryStorage, SeriesSamples, Windows, evaluate_range, matches
from lib.sample.promql.storage import MatchOp

LABELS = {"__name__": "up", "job": "hub"}


@pytest.mark.parametrize(
    ("op", "name", "value", "expected"),
    [
        pytest.param("=", "job", "hub", True, id="equal"),
        pytest.param("=", "nothing", "", True, id="an absent label equals the empty string"),
        pytest.param("!=", "nothing", "", False, id="an absent label does not differ from it"),
        pytest.param("!=", "nothing", "hub", True, id="an absent label differs from anything else"),
        pytest.param("=~", "job", "hu", False, id="a pattern covers the whole value"),
        pytest.param("=~", "job", "x|hub", True, id="every alternative covers the whole value"),
        pytest.param("=~", "nothing", ".*", True, id="a pattern of anything takes the absent label"),
        pytest.param("=~", "nothing", ".+", False, id="a pattern of something does not"),
        pytest.param("!~", "job", "h.b", False, id="a pattern that must not match"),
        pytest.param("=~", "__name__", "u.", True, id="the name is a label"),
    ],
)
def test_a_matcher_reads_labels_as_prometheus_does(op: MatchOp, name: str, value: str, expected: bool) -> None:
    assert matches(LABELS, [Matcher(name, op, value)]) is expected


def test_all_matchers_must_agree() -> None:
    assert not matches(LABELS, [Matcher("job", "=", "hub"), Matcher("job", "!~", "h.*")])


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a)\1",
        r"(?P<x>a)(?P=x)",
        "(?=a)",
        "(?!a)",
        "(?<=a)b",
        "(?<!a)b",
        "(?>a)",
        "a*+",
        "a{,3}",
        "[[:alpha:]]",
        r"\pL",
        r"\Qa.b\E",
        "(",
        "a**",
        "*",
        "(?(1)a|b)",
    ],
)
def test_what_re2_would_not_read_alike_is_refused(pattern: str) -> None:
    with pytest.raises(RegexError, match="error parsing regexp"):
        compile_re2(pattern)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\d+", "42"),
        (r"\\1", r"\1"),
        ("[(?=]+", "?=("),
        (r"a\z", "a"),
        ("(?i)HUB", "hub"),
        ("[]+]+", "]+"),
        ("a+?", "aa"),
    ],
)
def test_what_re2_reads_alike_is_matched(pattern: str, text: str) -> None:
    assert compile_re2(pattern).fullmatch(text)


def test_digits_of_other_alphabets_are_no_digits() -> None:
    assert not compile_re2(r"\d").fullmatch("٣")


class Listening:
    """A storage that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[Matcher], Windows]] = []

    def select(self, matchers: Sequence[Matcher], windows: Windows) -> list[SeriesSamples]:
        """Nothing."""
        self.asked.append((list(matchers), windows))
        return []


@pytest.mark.parametrize(
    ("query", "windows"),
    [
        pytest.param("up", Windows(600_000, 1_200_000, 60_000, 300_000), id="a selector looks back"),
        pytest.param("rate(up[30s])", Windows(600_000, 1_200_000, 60_000, 30_000), id="a range looks back its length"),
        pytest.param("up offset 2m", Windows(480_000, 1_080_000, 60_000, 300_000), id="offset moves the windows"),
        pytest.param("up @ end()", Windows(1_200_000, 1_200_000, 60_000, 300_000), id="a fixed moment is one window"),
        pytest.param(
            "max_over_time(up[5m:2m])", Windows(360_000, 1_200_000, 120_000, 300_000), id="a subquery has its own grid"
        ),
    ],
)
def test_the_storage_is_told_which_windows_matter(query: str, windows: Windows) -> None:
    storage = Listening()
    evaluate_range(query, storage, 600_000, 1_200_000, 60_000)
    assert storage.asked == [([Matcher("__name__", "=", "up")], windows)]


def test_a_storage_may_give_more_than_was_asked_for() -> None:
    times = np.arange(0, 3_600_000, 60_000)
    storage = MemoryStorage([SeriesSamples(LABELS, times, times / 60_000)])
    answer = evaluate_range("sum_over_time(up[1m])", storage, 600_000, 720_000, 60_000)
    assert answer.values.tolist() == [[9 + 10, 10 + 11, 11 + 12]]


def test_a_stale_marker_ends_a_series_at_once() -> None:
    stale = np.array([0x7FF0000000000002], np.uint64).view(np.float64)
    series = SeriesSamples(LABELS, np.array([0, 60_000]), np.concatenate([[5.0], stale]))
    storage = MemoryStorage([series])
    assert evaluate_range("up", storage, 0, 60_000, 30_000).present.tolist() == [[True, True, False]]
    assert evaluate_range("count_over_time(up[5m])", storage, 60_000, 60_000, 1).values.tolist() == [[1.0]]
