"""Queries as somebody wrote them: what they become together, and the text of one on a single line."""

from __future__ import annotations

import pytest

from lib.core.errors import UnsentError
from lib.core.written import AS_IS, Written, from_state, make_ready, names_of, on_one_line


def test_queries_are_read_from_the_state_by_letter():
    state = {"expr": "a", "expr_b": "", "expr_c": "c", "name_c": "Third", "name_d": "nothing"}
    assert from_state(state) == (Written("a", "a"), Written("c", "c", "Third"))


def test_names_are_letters_unless_somebody_gave_one_and_never_the_same():
    queries = (Written("a", "x", "Same"), Written("b", "y", "Same"), Written("c", "z"))
    assert names_of(queries) == ("Same", "Same (2)", "C")
    assert names_of(queries[2:]) == ("",)


def test_what_cannot_be_asked_takes_nothing_else_away():
    made = make_ready((Written("a", "sum("), Written("b", 'up{a=~"$a"}'), Written("c", "up > $__x")), {"a": ("1",)})
    assert made.question is not None and made.letters == ("b",) and set(made.errors) == {"a", "c"}
    assert [query.expr for query in made.question.queries] == ['up{a=~"1"}']
    assert made.without(["b"]) is None


def test_what_somebody_insists_on_is_made_ready_unread_and_only_that_text():
    state = {"expr": "rate(up)", "expr_b": "rate(up )", AS_IS: frozenset({"rate(up)"})}
    made = make_ready(from_state(state), {})
    assert made.letters == ("a",) and made.question is not None and made.question.queries[0].as_is
    assert isinstance(made.errors["b"], UnsentError)
    state[AS_IS] = "rate(up)"  # no set of texts
    assert make_ready(from_state(state), {}).question is None


def test_however_much_somebody_insists_a_query_has_its_limits():
    made = make_ready([Written("a", "(" * 100_000, as_is=True)], {})
    assert made.question is None and made.errors


LINES = {
    "lines": ("sum(\n  up\n) by (a)", "sum(up) by (a)"),
    "comments": ("up # one\n# two\n + 1", "up + 1"),
    "what stands in quotation marks": ('up{a="# \n x  y"}', 'up{a="# \n x  y"}'),
    "braces": ('up{\n  a="b",\n  c="d"\n}', 'up{a="b", c="d"}'),
}


@pytest.mark.parametrize(("text", "line"), LINES.values(), ids=LINES)
def test_a_query_fits_on_one_line_and_stays_the_same(text, line):
    assert on_one_line(text) == line
