"""A query laid out anew asks the same, and loses neither a comment nor a variable."""

from __future__ import annotations

import re

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.diagnosis import diagnose, readable
from lib.core.promql import COMMENT_OR_STRING
from lib.core.promql_format import prettify
from tests.promql.corpus import CORPUS
from tests.upstream.queries import UPSTREAM

READABLE = [query for queries in CORPUS.values() for query in queries.values() if not diagnose(query)]

LAID_OUT = {
    "short stays on one line": ("sum( rate(x[5m]) )by(a,b)", "sum by (a, b) (rate(x[5m]))"),
    "keywords in small letters, names as they are": ("SUM BY (A) (Start OFFSET 5m)", "sum by (A) (Start offset 5m)"),
    "operators": ("a/on(x)group_left(y)b>bool 3", "a / on (x) group_left (y) b > bool 3"),
    "trailing commas go": ("sum by (a,) (x{b='c',})", "sum by (a) (x{b='c'})"),
    "texts and numbers stay": ("x{a=`b`}[90s:] > 0x1F", "x{a=`b`}[90s:] > 0x1F"),
    "variables stay": ('topk( $n,[[m]]{a=~"${b:regex}"}[$__range] )', 'topk($n, [[m]]{a=~"${b:regex}"}[$__range])'),
    "offset and @": ("x@end()offset -1h", "x @ end() offset -1h"),
    "long is split": (
        "sum by (namespace) (rate(" + "x" * 90 + "[5m]))",
        "sum by (namespace) (\n  rate(" + "x" * 90 + "[5m])\n)",
    ),
    "both sides of a long operator are indented": ("a" * 60 + " / " + "b" * 60, f"  {'a' * 60}\n/\n  {'b' * 60}"),
}


@pytest.mark.parametrize(("typed", "shown"), LAID_OUT.values(), ids=LAID_OUT)
def test_the_layout_is_that_of_prometheus(typed, shown):
    assert prettify(typed) == shown


COMMENTED = {
    "above": ("# why\nup", "# why\nup"),
    "behind": ("up # why", "up  # why"),
    "amid a call": ("sum( # why\nup)", "sum(  # why\n  up\n)"),
    "on its own line": ("sum(\n# why\nup)", "sum(\n  # why\n  up\n)"),
    "behind an operand": ("a # one\n+ b # two", "  a  # one\n+\n  b  # two"),
    "amid matchers, it goes above": ('x{a="b", # why\nc="d"}', '# why\nx{a="b",c="d"}'),
    "a variable in it": ("# of $hub\nup", "# of $hub\nup"),
    "a hash in a text": ('x{a="# no"} # yes', 'x{a="# no"}  # yes'),
}


@pytest.mark.parametrize(("typed", "shown"), COMMENTED.values(), ids=COMMENTED)
def test_comments_stay_at_their_places(typed, shown):
    assert prettify(typed) == shown


def test_what_cannot_be_read_stays_as_it_was():
    for typed in ("sum(", "", "# only this", "up{a=b}", "-" * 3000 + "up"):
        assert prettify(typed) == typed


def test_the_same_is_asked_and_laying_out_twice_changes_nothing():
    assert len(READABLE) > 500
    for query in READABLE:
        shown = prettify(query)
        try:
            tree = str(promql_parser.parse(query))
        except ValueError:  # a pattern that only RE2 reads
            continue
        assert str(promql_parser.parse(shown)) == tree
        assert prettify(shown) == shown


@pytest.mark.parametrize("query", UPSTREAM.values(), ids=UPSTREAM)
def test_what_is_pasted_from_grafana_keeps_its_variables_and_comments(query):
    shown = prettify(query.expr)
    assert comments(shown) == comments(query.expr)
    assert sorted(re.findall(r"\$\w+", shown)) == sorted(re.findall(r"\$\w+", query.expr))
    before, after = readable(query.expr), readable(shown)
    assert before
    assert after
    assert str(promql_parser.parse(after.text)) == str(promql_parser.parse(before.text))


def comments(text: str) -> list[str]:
    """The comments of a query, in the order of their words."""
    return sorted(found[0].strip() for found in COMMENT_OR_STRING.finditer(text) if found[0].startswith("#"))


@given(st.sampled_from([query for query in READABLE if "\n" not in query]), st.data())
def test_a_comment_anywhere_is_kept_and_changes_nothing(query, data):
    gaps = [match.start() for match in re.finditer(r" ", query)]
    inside = [span for found in COMMENT_OR_STRING.finditer(query) for span in range(*found.span())]
    free = [gap for gap in gaps if gap not in inside]
    if not free:
        return
    gap = data.draw(st.sampled_from(free))
    commented = f"{query[:gap]} # here\n{query[gap:]}"
    if diagnose(commented):
        return
    shown = prettify(commented)
    assert comments(shown) == comments(commented)
    assert prettify(shown) == shown
    try:
        tree = str(promql_parser.parse(query))
    except ValueError:  # a pattern that only RE2 reads, or a raw string that the library takes for an escaped one
        return
    assert str(promql_parser.parse(shown)) == tree
