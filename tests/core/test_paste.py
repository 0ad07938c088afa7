"""A query pasted from Grafana: what it leaves open, what is sent once that is filled in, and where errors lie."""

from __future__ import annotations

from dataclasses import replace

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import QueryError
from lib.core.paste import TextVariable, for_preset, open_variables, resolve
from lib.core.preset_files import read_catalogue
from lib.core.promql import fill, parse
from lib.core.time_range import DAY, HOUR, TimeRange
from lib.core.variables import LABEL_VARIABLES, LabelVariable, NumberVariable

GRID = TimeRange(0, DAY, HOUR)

GROUPS = 'label_replace(up, "a", "$hub-$1", "b", "(?P<hub>.*)-(.*)")'

RESOLVED = {
    "nothing chosen is all, so the matcher goes": ('up{namespace=~"$hub"}', {}, "up"),
    "with braces and a format": ('up{namespace=~"${hub:regex}", a="b"}', {}, 'up{a="b"}'),
    "in square brackets": ('up{a="b", namespace=~"[[hub]]"}', {}, 'up{a="b"}'),
    "between others": ('up{a="b", namespace=~"$hub", c="d"}', {}, 'up{a="b", c="d"}'),
    "several at the beginning": ('up{a=~"$a",b=~"$b", c="d"}', {}, 'up{c="d"}'),
    "several at the end": ('up{c="d", a=~"$a",b=~"$b",}', {}, 'up{c="d",}'),
    "a selector needs one matcher": ('{namespace=~"$hub", a=~"$a"}', {}, '{namespace=~".+"}'),
    "an exclusion of nothing goes": ('up{a!~"$a"}', {}, "up"),
    "one value": ('up{a=~"$a"}', {"a": ("x.y",)}, r'up{a=~"x\\.y"}'),
    "several values": ('up{a=~"$a"}', {"a": ("x", "y")}, 'up{a=~"x|y"}'),
    "one value where one was named": ('up{a="$a"}', {"a": ("x.y",)}, 'up{a="x.y"}'),
    "several where one was named": ('up{a="$a"}', {"a": ("x", "y")}, 'up{a=~"x|y"}'),
    "several excluded": ('up{a!="$a"}', {"a": ("x", "y")}, 'up{a!~"x|y"}'),
    "in single quotation marks": ("up{a='$a'}", {"a": ("it's",)}, """up{a="it's"}"""),
    "between backticks": ("up{a=~`$a`}", {"a": ("x`y",)}, 'up{a=~"x`y"}'),
    "a part of a pattern": ('up{pod=~"jupyter-$u.*"}', {"u": ("a.b",)}, r'up{pod=~"jupyter-(?:a\\.b).*"}'),
    "a part of a pattern, all": ('up{pod=~"jupyter-$user"}', {}, 'up{pod=~"jupyter-.*"}'),
    "another dashboard's name": ('up{namespace=~"$hub_name"}', {"hub": ("prod",)}, 'up{namespace=~"prod"}'),
    "a number is 1 at first": ("up and on() vector($show) == 1", {}, "up and on() vector(1) == 1"),
    "a number": ("up > $most", {"most": ("2.5",)}, "up > 2.5"),
    "a negative number": ("2 ^ $n", {"n": ("-2",)}, "2 ^ (-2)"),
    "a duration": ("rate(up[$window])", {"window": ("5m",)}, "rate(up[5m])"),
    "labels": ("sum by ($by) (up)", {"by": ("a, b",)}, "sum by (a, b) (up)"),
    "a metric": ("rate($metric[5m])", {"metric": ("x_total",)}, "rate(x_total[5m])"),
    "a part of a name": ("foo_$x", {"x": ("bar",)}, "foo_bar"),
    "in a comment": ("# per $hub\nup", {}, "# per hub\nup"),
    "a text": ('label_join(up, "a", "$x", "b")', {"x": ('"',)}, r'label_join(up, "a", "\"", "b")'),
    "Grafana's own stay for later": ("rate(up[$__rate_interval])", {}, "rate(up[$__rate_interval])"),
    "capture groups stay": (GROUPS, {}, GROUPS),
}  # fmt: skip


@pytest.mark.parametrize(("typed", "values", "text"), RESOLVED.values(), ids=RESOLVED)
def test_a_pasted_query_is_sent_with_what_was_chosen(typed, values, text):
    assert resolve(typed, values).text == text
    parse(fill(text, GRID).text)


HUB = LabelVariable("hub", "$hub", "namespace", "jupyterhub_total_users")
OPEN = {
    "a variable of the presets": ('up{namespace=~"$hub"}', [HUB]),
    "under another name": ('up{namespace=~"$hub_name"} + up{namespace=~"$hub"}', [replace(HUB, words="$hub_name")]),
    "a label of its own": (
        'up{job="x", instance=~"$host", a=~"$b"}',
        [LabelVariable("host", "$host", "instance", 'up{job="x"}'), LabelVariable("b", "$b", "a", 'up{job="x"}')],
    ),
    "a hub that is something else": ('up{cluster="$hub"}', [LabelVariable("hub", "$hub", "cluster", "up")]),
    "a number": ("up > $most", [NumberVariable("most", "$most", 1.0)]),
    "how many": ("topk($n, up)", [NumberVariable("n", "$n", 1.0)]),
    "a metric": ("rate($metric[5m])", [TextVariable("metric", "$metric", "the name of a metric")]),
    "a metric and a number": (
        "topk($n, sum($m))",
        [NumberVariable("n", "$n", 1.0), TextVariable("m", "$m", "a number or the name of a metric")],
    ),
    "a duration": ("up offset $ago", [TextVariable("ago", "$ago", "a duration, such as 5m")]),
    "a text": ('label_replace(up, "a", "$x", "", "")', [TextVariable("x", "$x", "any text")]),
    "nothing": ("rate(up[$__rate_interval]) # $hub", []),
}


@pytest.mark.parametrize(("typed", "variables"), OPEN.values(), ids=OPEN)
def test_what_a_query_leaves_open_becomes_a_control_of_its_kind(typed, variables):
    assert list(open_variables(typed)) == variables


def test_two_queries_share_what_they_leave_open():
    assert [each.name for each in open_variables('a{namespace=~"$hub"}', 'b{namespace="$hub"} > $x')] == ["hub", "x"]


REFUSED = {
    "a text without a value": ('\n label_replace(up, "a", "$x", "", "")', {}, 2, 26),
    "an equality in part without a value": ('up{a="x-$b"}', {}, 1, 9),
    "several values where one fits": ('up{a="x-$b"}', {"b": ("1", "2")}, 1, 9),
    "more than a duration": ("up offset $x", {"x": ("5m) or (up",)}, 1, 11),
    "more than labels": ("sum by ($x) (up)", {"x": ("a) (up) or sum by (b",)}, 1, 9),
    "more than a metric": ("rate($x[5m])", {"x": ("up[5m]) or rate(up",)}, 1, 6),
    "more than a number": ("up > $x", {"x": ("1 or up",)}, 1, 6),
    "a metric in place of a number": ("vector($x)", {"x": ("up",)}, 0, 0),
}


@pytest.mark.parametrize(("typed", "values", "line", "column"), REFUSED.values(), ids=REFUSED)
def test_a_value_that_is_missing_or_does_not_fit_is_told_where_it_belongs(typed, values, line, column):
    with pytest.raises(QueryError) as caught:
        resolve(typed, values)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_an_error_behind_a_matcher_that_went_is_shown_where_it_was_typed():
    typed = 'sum by (a) (up{namespace=~"$hub"}) +'
    found = resolve(typed, {})
    assert found.position_in_typed(1, len(found.text)) == (1, len(typed))


TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
TRICKS = ('x"}) or vector(1)#', "$__range", "[[__interval]]", "a\\", "`", "'", "$x", "[[[x]]]", "\\$", "\n")
HOSTILE = st.one_of(TEXT, st.sampled_from(TRICKS))
QUOTED = {'up{a="$x"}': "=", "up{a='$x'}": "=", "up{a=`$x`}": "=", 'up{a=~"$x"}': "=~", "up{a!~'[[x]]'}": "!~"}


@pytest.mark.parametrize("typed", QUOTED)
@given(value=HOSTILE)
def test_a_chosen_value_stays_one_value_whatever_it_holds(typed, value):
    tree = promql_parser.parse(fill(resolve(typed, {"x": (value,)}).text, GRID).text)
    assert isinstance(tree, promql_parser.VectorSelector)
    (matcher,) = tree.matchers.matchers
    assert matcher.name == "a"
    if QUOTED[typed] == "=":
        assert matcher.value == value


ANYTHING = st.text(alphabet="ab$[]{}()=~!\"'`,:# \n\\x1", max_size=30)


@given(ANYTHING, st.dictionaries(st.sampled_from(["a", "b", "x", "ab"]), st.tuples(TEXT), max_size=3))
def test_whatever_was_typed_it_is_read_without_an_accident(typed, values):
    open_variables(typed)
    try:
        assert resolve(typed, values).typed == typed
    except QueryError as error:
        assert error.message


KEPT = {
    "its own variables": ('up{namespace=~"${hub_name:regex}", a="$b"}', {"b": ("1",)}, 'up{namespace=~"$hub", a="1"}'),
    "one value becomes a pattern": ('up{namespace="$hub"}', {"hub": ("prod",)}, 'up{namespace=~"$hub"}'),
    "numbers": ("up > ${most}", {"most": ("3",)}, "up > $most"),
    "numbers whose name no preset may have": ("up > $Most", {}, "up > 1"),
}


@pytest.mark.parametrize(("typed", "values", "text"), KEPT.values(), ids=KEPT)
def test_a_preset_keeps_open_what_a_preset_can_leave_open(typed, values, text):
    assert for_preset(typed, values)[0] == text


@pytest.mark.parametrize("preset", read_catalogue().values(), ids=lambda preset: preset.id)
def test_what_the_presets_leave_open_is_left_open_here_too(preset):
    for query in preset.queries:
        found = {each.name for each in open_variables(query.expr)}
        assert found == {each.name for each in preset.variables if f"${each.name}" in query.expr}
        assert {each.name for each in open_variables(query.expr) if isinstance(each, LabelVariable)} <= {
            *LABEL_VARIABLES
        }
