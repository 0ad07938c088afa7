"""PromQL as text: variables filled in, positions led back, and what is refused before it is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import QueryError
from lib.core.promql import MAX_LENGTH, check, fill, parse
from lib.core.time_range import DAY, HOUR, TimeRange

HOURLY = TimeRange(0, DAY, HOUR)
MINUTELY = TimeRange(0, HOUR, 60)

FILLED = {
    "no variable": ("up", "up"),
    "the interval is the step": ("rate(x[$__interval])", "rate(x[1h])"),
    "with braces": ("rate(x[${__interval}])", "rate(x[1h])"),
    "with a format": ("rate(x[${__interval:raw}])", "rate(x[1h])"),
    "in square brackets": ("rate(x[[[__interval]]])", "rate(x[1h])"),
    "in milliseconds": ("x / $__interval_ms", "x / 3600000"),
    "the rate interval is a scrape longer than the step": ("rate(x[$__rate_interval])", "rate(x[1h1m])"),
    "the range": ("increase(x[$__range])", "increase(x[1d])"),
    "the range in seconds": ("x / $__range_s", "x / 86400"),
    "the range in milliseconds": ("x / ${__range_ms}", "x / 86400000"),
    "twice": ("x[$__range] / y[$__range]", "x[1d] / y[1d]"),
    "side by side": ("$__range$__range", "1d1d"),
    "capture groups stay": ('label_replace(x, "a", "$1-${2}", "b", "(.*)-(.*)")',) * 2,
    "named capture groups stay": ('label_replace(x, "a", "$hub", "b", "(?P<hub>.*)")',) * 2,
    "a dollar at the end of a pattern stays": ('x{a=~".*$"}',) * 2,
    "other alphabets stay": ('x{a="größe 🐍"}',) * 2,
}


@pytest.mark.parametrize(("typed", "text"), FILLED.values(), ids=FILLED)
def test_variables_are_filled_in(typed, text):
    found = fill(typed, HOURLY)
    assert (found.text, found.typed) == (text, typed)


def test_the_rate_interval_is_never_under_four_scrapes():
    assert fill("$__rate_interval", MINUTELY).text == "4m"


def test_the_range_of_a_single_point_is_a_duration_all_the_same():
    assert fill("x[$__range]", TimeRange(0, 0, 60)).text == "x[1s]"


UNKNOWN = {
    "of another dashboard": ('up{job="$hub"}', "hub", 1, 9),
    "with braces": ('up{job="${hub:regex}"}', "hub", 1, 9),
    "in square brackets": ('up{job="[[hub]]"}', "hub", 1, 9),
    "on the second line": ("up\n  + $job", "job", 2, 5),
    "after an emoji, counted in characters": ('up{a="🐍"} + $x', "x", 1, 13),
    "misspelt": ("rate(x[$__intervall])", "__intervall", 1, 8),
}


@pytest.mark.parametrize(("typed", "name", "line", "column"), UNKNOWN.values(), ids=UNKNOWN)
def test_an_unknown_variable_is_refused_where_it_stands(typed, name, line, column):
    with pytest.raises(QueryError) as caught:
        fill(typed, HOURLY)
    assert f"${name} " in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


VARIABLE = st.sampled_from(["$__interval", "${__range}", "[[__rate_interval]]", "$__range_ms", "${__interval:raw}"])
# What stands between variables: no letter that could lengthen a name, no sign that could begin one.
BETWEEN = st.text(alphabet=" \n+(){}=\"'é🐍,;", max_size=8)


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of a place in a text."""
    before = text[:offset].split("\n")
    return len(before), len(before[-1]) + 1


@given(st.lists(st.tuples(BETWEEN, VARIABLE), max_size=5), BETWEEN)
def test_every_position_of_the_filled_text_leads_back_to_what_was_typed_there(parts, rest):
    typed = "".join(before + variable for before, variable in parts) + rest
    found = fill(typed, HOURLY)
    at_typed = at_filled = 0
    for before, variable in [*parts, (rest, "")]:
        for _ in before:
            assert found.position_in_typed(*position(found.text, at_filled)) == position(typed, at_typed)
            at_typed, at_filled = at_typed + 1, at_filled + 1
        for _ in fill(variable, HOURLY).text:  # all of a value leads to the beginning of its variable
            assert found.position_in_typed(*position(found.text, at_filled)) == position(typed, at_typed)
            at_filled += 1
        at_typed += len(variable)
    assert (at_typed, at_filled) == (len(typed), len(found.text))


@given(st.text(max_size=60), st.integers(-5, 100), st.integers(-5, 100))
def test_a_position_outside_the_text_leads_to_some_place_in_it(rest, line, column):
    found = fill("x[$__range] " + rest.replace("$", "").replace("[", ""), HOURLY)
    found_line, found_column = found.position_in_typed(line, column)
    assert 1 <= found_line <= found.typed.count("\n") + 1
    assert 1 <= found_column <= len(found.typed.split("\n")[found_line - 1]) + 1


EMPTY = {"nothing": "", "blanks": "  \n\t", "a comment": "# up", "comments and blanks": "  # one\n\n# two\n"}


@pytest.mark.parametrize("typed", EMPTY.values(), ids=EMPTY)
def test_a_query_that_says_nothing_is_refused_at_its_beginning(typed):
    with pytest.raises(QueryError, match="empty") as caught:
        check(typed)
    assert (caught.value.line, caught.value.column) == (1, 1)


def test_a_query_that_is_too_long_is_refused_with_its_length():
    with pytest.raises(QueryError, match="10,001"):
        check("x" * (MAX_LENGTH + 1))


@pytest.mark.parametrize("typed", ["up", "# why\nup", "up # why", "x" * MAX_LENGTH, "1"], ids=lambda typed: typed[:10])
def test_a_query_that_says_something_passes(typed):
    check(typed)


ENDLESS = {
    "a long sum": "a+" * 4990 + "a",
    "many signs": "-" * 9000 + "a",
    "many brackets": "(" * 4000 + "a" + ")" * 4000,
    "subqueries of subqueries": "a" + "[1m:1m]" * 1200,
    "a chain of and": "a" + " and a" * 1600,
}


@pytest.mark.parametrize("expr", ENDLESS.values(), ids=ENDLESS)
def test_a_query_too_deep_for_the_parser_has_no_tree_and_ends_nothing(expr):
    with pytest.raises(ValueError, match="too many operators"):
        parse(expr)


def test_signs_inside_texts_and_comments_do_not_count_as_operators():
    assert parse('up{a="' + "+" * 1000 + '"} # ' + "-" * 1000)


def test_half_a_character_is_refused_where_it_stands_and_not_blamed_on_the_token():
    with pytest.raises(QueryError, match="Line 2, column 4: half a character"):
        check("up\n+ {\ud800}")
