"""The text of selectors: taken apart, changed, put together; and matchers added to queries that may be unfinished."""

from __future__ import annotations

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.selector_text import add_matcher, matcher, quote, read_text, selector_of

SAME = {
    "up": "up",
    " up ": "up",
    "a:b offset 5m": "a:b offset 5m",
    'x{a="1",b!~"}"} @ end()': 'x{a="1", b!~"}"} @ end()',
    "x { a = '1' , }": "x{a = '1'}",
    '{__name__=~"a.*"}': '{__name__=~"a.*"}',
    '{"größe.x", a="1"}': '{"größe.x", a="1"}',
    "x{}": "x",
    "{a=`b`}": "{a=`b`}",
}


@pytest.mark.parametrize(("typed", "text"), SAME.items(), ids=SAME)
def test_a_selector_stays_what_it_was(typed, text):
    assert read_text(typed).text == text


@pytest.mark.parametrize("typed", ['x{a="1" or b="2"}', 'x{a="1"', 'x{a="1", # why\nb="2"}', "x{a=1}"])
def test_what_cannot_be_taken_apart_is_refused(typed):
    with pytest.raises(ValueError):
        read_text(typed)


def test_a_matcher_takes_the_place_of_what_its_label_had_and_leaves_the_rest():
    selector = read_text("x{a=~'1|2', b!='3', a='4', a!='5'} offset 1h")
    assert selector.with_matcher("a", "6").text == "x{a=\"6\", b!='3', a!='5'} offset 1h"
    assert selector.with_matcher("c", 'q"\\').text.startswith("x{a=~'1|2', b!='3', a='4', a!='5', c=\"q\\\"\\\\\"}")
    assert selector.without("a").text == "x{b!='3'} offset 1h"
    assert selector.over("5m") == "x{a=~'1|2', b!='3', a='4', a!='5'}[5m] offset 1h"


def test_another_name_keeps_the_matchers_also_where_the_name_was_one_of_them():
    assert read_text('{__name__="x", a="1"}').named("y").text == 'y{a="1"}'
    assert read_text('{"x.y", a="1"}').named("größe.x").text == '{"größe.x", a="1"}'
    assert selector_of("a.b").text == '{"a.b"}'


@given(st.text(max_size=30))
def test_every_value_survives_its_quotation(value):
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        return
    (found,) = promql_parser.parse(f"x{{{matcher('a', value)}}}").matchers.matchers or [None]
    assert found.value == value


def test_a_label_with_other_letters_is_quoted():
    assert matcher("service.name", "a", "!=") == '"service.name"!="a"' and quote("a\nb") == '"a\\nb"'


ADDED = {
    "sum(up) / ": 'sum(up{job="x"}) / ',
    'rate(up{a="1"}[5m])': 'rate(up{a="1", job="x"}[5m])',
    "up{job=~'a|b'} / up": 'up{job="x"} / up{job="x"}',
    "sum by (up) (upper) + up_x": None,
    'x{up="1"}': None,
    '"up" # up': None,
    "up(x)": None,
    "up{a=": None,
    "": None,
    "sum(rate(up[$__rate_interval])) > $x": 'sum(rate(up{job="x"}[$__rate_interval])) > $x',
}


@pytest.mark.parametrize(("typed", "changed"), ADDED.items(), ids=ADDED)
def test_a_matcher_is_added_to_every_selector_of_a_metric_and_to_nothing_else(typed, changed):
    assert add_matcher(typed, "up", "job", "x") == changed
