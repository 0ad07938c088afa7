r"""A value that was chosen for a variable selects exactly itself, whatever it looks like, and changes nothing else.

A real Prometheus has one series per hostile value and per decoy: a value that a wrong quoting would take for another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import promql_parser
import pytest
import requests
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib.core.preset_files import read_catalogue
from lib.core.presets import NamedQuery, Preset
from lib.core.promql import check, fill
from lib.core.time_range import DAY, HOUR, TimeRange
from lib.core.variables import LABEL_VARIABLES, Choice, LabelVariable, NumberVariable, put_in
from tests.prometheus_server import running_prometheus

TIME = 1_770_000_000
GRID = TimeRange(TIME - 7 * DAY, TIME, HOUR)
EXPR = 'count by (namespace) (m{namespace=~"$hub"})'
PLAIN = "plain"  # a value that needs no quoting
POOL = (
    *("prod", "staging", "Prod", "prod-2", "prod.", "pro", "", " ", "\t", "\u00a0", "\u200b", "\ufeff", "\r", "\x7f"),
    *('x"}) or vector(1)#', "x'}) or vector(1)#", "x`}) or vector(1)#", '"', "'", "`", '\\"', 'x", namespace!="', "{}"),
    *("a\\b", "a\\\\b", "\\", "\\\\", "a\nb", "\n", "a\\nb", "#", "a#b", "a,b", "a=b", "a/b", "%24hub", "a&b+c d"),
    *(".*|a", ".*", ".+", "a|b", "|", "a.b", "a?", "a+", "a*", "^a", "a$", "(?i)prod", "()", "[", "]", "[a-z]", "a{2}"),
    *("\\d", "\\Qa", "\\E", "$hub", "$$", "$", "[$]hub", "$1", "${hub}", "${hub:regex}", "[[hub]]", "$__range"),
    *("[[__interval]]", "(?P<hub>x)", "Zoë@example.org", "Zoe\u0308@example.org", "Ünïcode-漢字", "👩\u200d🔬"),
    *("\ufffd", "\\.", "\\$hub"),
)
DECOYS = (
    *("x", "b", "ab", "aXb", "aa", "aaa", "a b", "anb", "hub", "1", "a\\", "Qa", "E", "d", "7", "PROD", "prodX"),
    *("\\n", "n", '""', "a|", "|a", "ZOË@example.org", "a$b", "[$]", "x7d", "7d", "168h", "$hub2", "ax", "a\\\nb"),
)
VALUES = (*POOL, *DECOYS)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def openmetrics() -> str:
    """One series per value; the empty value is a series without the label."""
    labels = (f'namespace="{value.translate(_ESCAPES)}",' if value else "" for value in VALUES)
    lines = [f'm{{{label}number="{number}"}} 1 {TIME}' for number, label in enumerate(labels)]
    return "\n".join(["# TYPE m gauge", *lines, "# EOF", ""])


@pytest.fixture(scope="module")
def prometheus() -> Iterator[str]:
    with running_prometheus(openmetrics()) as url:
        yield url


def sent(expr: str, choices: dict[str, Choice]) -> str:
    """A query as it is sent once these values were chosen."""
    return fill(put_in(expr, tuple(LABEL_VARIABLES.values()), choices), GRID).text


def counted(url: str, query: str) -> dict[str, str]:
    """How many series Prometheus finds for each namespace; "" is that without the label."""
    reply = requests.post(f"{url}/api/v1/query", data={"query": query, "time": TIME}, timeout=30)
    assert reply.ok, f"{query!r}: {reply.text}"
    return {each["metric"].get("namespace", ""): each["value"][1] for each in reply.json()["data"]["result"]}


def test_no_value_stands_in_the_pool_twice() -> None:
    assert len(set(VALUES)) == len(VALUES)
    assert len(POOL) >= 60


@pytest.mark.prometheus
def test_with_nothing_chosen_every_series_is_found_also_one_without_the_label(prometheus: str) -> None:
    assert counted(prometheus, sent(EXPR, {})) == dict.fromkeys(VALUES, "1")


@pytest.mark.prometheus
@pytest.mark.parametrize("value", POOL, ids=lambda value: ascii(value).strip("'"))
def test_a_value_selects_its_own_series_and_no_other(prometheus: str, value: str) -> None:
    assert counted(prometheus, sent(EXPR, {"hub": (value,)})) == {value: "1"}


@pytest.mark.prometheus
@settings(max_examples=60, deadline=None)
@example(list(POOL), [])
@example(["prod"], ["\0", "\x1b[31m", "\u2028", "\U0010ffff", "x" * 200])
@given(st.lists(st.sampled_from(POOL), min_size=1, unique=True), st.lists(st.text(max_size=20), max_size=3))
def test_several_values_select_each_its_own_and_those_that_are_not_there_nothing(
    prometheus: str, chosen: list[str], absent: list[str]
) -> None:
    found = counted(prometheus, sent(EXPR, {"hub": (*chosen, *absent)}))
    assert found == dict.fromkeys({*chosen, *absent} & {*VALUES}, "1")


@pytest.mark.prometheus
@settings(max_examples=30, deadline=None)
@given(st.sampled_from(POOL), st.sampled_from(POOL))
def test_two_variables_in_one_query_do_not_read_each_others_values(prometheus: str, one: str, other: str) -> None:
    expr = f'{EXPR} or count by (namespace) (m{{namespace=~"$namespace"}})'
    choices: dict[str, Choice] = {"hub": (one,), "namespace": (other,)}
    assert counted(prometheus, sent(expr, choices)) == dict.fromkeys({one, other}, "1")


QUERIES = [
    pytest.param(preset, query, id=f"{preset.id}/{query.name}".rstrip("/").replace(" ", "-"))
    for preset in read_catalogue().values()
    for query in preset.queries
    if any(f"${variable.name}" in query.expr for variable in preset.variables)
]
_TEXT = r'"(?:\\.|[^"\\])*"'  # as Rust writes one
_REGEX = re.compile(rf"Regex\(\s*{_TEXT},?\s*\)")
_VALUE = re.compile(rf"value: {_TEXT}")
values_of_hubs = st.lists(st.text() | st.sampled_from(VALUES), min_size=1, max_size=4).map(tuple)


def filled(preset: Preset, query: NamedQuery, values: tuple[str, ...]) -> str:
    """The query as it is sent, with the same values chosen for each of its label variables."""
    choices: dict[str, Choice] = {each.name: values for each in preset.variables if isinstance(each, LabelVariable)}
    return fill(put_in(query.expr, preset.variables, choices), GRID).text


def shape(text: str) -> str:
    """The whole tree, in which only the texts of matchers are left out: not their labels, and not how many."""
    return _VALUE.sub("value", _REGEX.sub("Regex", repr(promql_parser.parse(text))))


def matched(text: str) -> list[tuple[str, str, str]]:
    """The matchers of the tree in order: label, operator, value."""
    found: list[tuple[str, str, str]] = []

    def visit(node: object) -> bool:
        selector = getattr(node, "vector_selector", node)
        if isinstance(selector, promql_parser.VectorSelector):
            found.extend((each.name, str(each.op), each.value) for each in selector.matchers.matchers)
        return True

    promql_parser.walk(promql_parser.parse(text), visit)
    return found


def test_the_catalogue_has_queries_with_variables() -> None:
    assert len(QUERIES) > 30


@pytest.mark.parametrize(("preset", "query"), QUERIES)
@settings(max_examples=10, deadline=None)
@example(POOL)
@given(values_of_hubs)
def test_values_change_the_matchers_of_their_variables_and_nothing_else_of_a_preset(
    preset: Preset, query: NamedQuery, values: tuple[str, ...]
) -> None:
    usual, text = filled(preset, query, (PLAIN,)), filled(preset, query, values)
    assert shape(text) == shape(usual)
    pairs = list(zip(matched(usual), matched(text), strict=True))
    assert all(changed == before for before, changed in pairs if before[2] != PLAIN)
    patterns = {changed[2] for before, changed in pairs if before[2] == PLAIN}
    assert len(patterns) == (1 if any(isinstance(each, LabelVariable) for each in preset.variables) else 0)
    for pattern in patterns:
        assert {each for each in {*VALUES, *values} if re.fullmatch(pattern, each)} == {*values}


@pytest.mark.parametrize(("preset", "query"), QUERIES)
def test_with_nothing_chosen_a_preset_loses_the_matchers_of_its_variables_and_no_other(
    preset: Preset, query: NamedQuery
) -> None:
    usual, everything = (matched(filled(preset, query, values)) for values in ((PLAIN,), ()))
    assert everything == [each for each in usual if each[2] != PLAIN]


@given(st.floats(min_value=0, max_value=1e15))
def test_a_number_is_put_in_as_that_number(number: float) -> None:
    hours = NumberVariable("hours", "Hours", 8)
    text = put_in("m > $hours * $hours", (hours,), {"hours": number})
    check(text)
    product = promql_parser.parse(text).rhs
    assert (product.lhs.val, product.rhs.val) == (number, number)
