"""Queries step by step: what each step says, that its text stands alone, and that every function is documented."""

from __future__ import annotations

import promql_parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.explain import Part, Step, explain, steps
from lib.core.explain_spans import Placed, placed
from lib.core.function_docs import AGGREGATIONS, FUNCTIONS, OPERATORS
from lib.core.preset_files import read_catalogue
from lib.core.promql import fill, parse
from lib.core.time_range import DAY, TimeRange
from lib.core.variables import put_in
from tests.sample.promql_queries import ANSWERED

GRID = TimeRange(0, 30 * DAY, DAY)
PRESETS = [
    fill(put_in(query.expr, preset.variables, {}), GRID).text
    for preset in read_catalogue().values()
    for query in preset.queries
]
WRITTEN = [
    "-x ^ 2",
    "+(-1e-3) * x",
    "x offset 5m [1h:1m] offset -1d @ end()",
    "rate(x[5m] @ 12.5 offset 1h)",
    '{"a.b", c="})"} # ) (\n + y{d=\'"\', e=`"`}',
    "sum(x) by (a) / on (a,) group_left (b) sum without (c) (y)",
    "topk by (sum) (3, by)",
    "x == bool 1",
    "a AND ON (b) c UNLESS d",
    "0x1F * x{} + Inf",
    'label_replace(x, "a", "$1", "b", "(.*)\\"")',
]


def every(place: Placed) -> list[Placed]:
    return [place, *(each for part in place.parts for each in every(part))]


def readable(queries: list[str]) -> list[str]:
    """Those with a tree: the parser knows no raw strings with a backslash."""
    found = []
    for query in queries:
        try:
            parse(query)
        except ValueError:
            continue
        found.append(query)
    return found


QUERIES = [*readable(list(ANSWERED.values())), *PRESETS, *WRITTEN]


@pytest.mark.parametrize("expr", QUERIES)
def test_the_text_of_every_part_says_what_the_part_says(expr):
    for each in every(placed(expr)):
        assert each.span is not None
        assert parse(each.text).prettify() == each.node.prettify()


@pytest.mark.parametrize("expr", QUERIES)
def test_every_step_has_a_sentence_and_a_query_of_its_own(expr):
    for step in steps(explain(expr)):
        assert step.words.endswith((".", "…")) and "__part" not in step.words
        assert "cannot be put into words" not in step.words
        parse(step.text)
        if step.part in (Part.AGGREGATION, Part.FUNCTION, Part.OPERATION):
            assert step.docs, step.name


def told(step: Step) -> list[str]:
    return [f"{'  ' * each.depth}{each.words}" for each in steps(step)]


TOLD = {
    'max by (namespace) (users{period="24h"})': [
        "For each hub, the largest of users.",
        "  Every series of users where period is 24h.",
    ],
    "histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m])))": [
        "The 95th percentile of the following.",
        "  For each le, the sum of the following.",
        "    The increase per second over 5 minutes of x_bucket.",
        "      Every series of x_bucket.",
    ],
    "max_over_time(sum(x)[1h:5m] offset 1d) > 3 and on (a) y": [
        "The first, only where, for the same a, there is y.",
        "  The following, only where above 3.",
        "    The largest value within 1 hour (every 5 minutes) of the following 1 day earlier.",
        "      The sum of x.",
        "        Every series of x.",
        "  Every series of y.",
    ],
    "clamp_max(x, scalar(y))": [
        "The value of x held at the second or less.",
        "  Every series of x.",
        "  The value of y.",
        "    Every series of y.",
    ],
    "x[5m]": ["The samples within 5 minutes of x.", "  Every series of x."],
    "1 + 1": ["2."],
    "(x or y) unless z": [
        "The first, except where there is z.",
        "  The value of x, or else y.",
        "    Every series of x.",
        "    Every series of y.",
        "  Every series of z.",
    ],
}


@pytest.mark.parametrize(("expr", "lines"), TOLD.items(), ids=TOLD)
def test_a_query_is_told_step_by_step(expr, lines):
    assert told(explain(expr)) == lines


def test_a_step_knows_where_it_stands_and_what_it_gives():
    outer, inner = steps(explain("sum ( x{a=''} ) # done"))
    assert (outer.text, outer.span) == ("sum ( x{a=''} )", (0, 15))
    assert (inner.text, inner.span, inner.part, inner.name) == ("x{a=''}", (6, 13), Part.SELECTOR, "x")
    gives = {expr: explain(expr).gives for expr in ("x", "x[5m]", "x[5m:1m]", "1", '"a"', "time() - 1", "-x", "(x)")}
    assert list(gives.values()) == ["vector", "matrix", "matrix", "scalar", "string", "scalar", "vector", "vector"]


def test_the_window_of_a_selector_that_is_moved_leaves_a_selector_that_is_moved():
    assert [step.text for step in steps(explain("rate(x[5m] offset 1h)"))] == ["rate(x[5m] offset 1h)", "x offset 1h"]


@pytest.mark.parametrize("expr", ["", "sum(", "x{", "(" * 200 + "x" + ")" * 200])
def test_what_has_no_tree_is_refused_as_a_value(expr):
    with pytest.raises(ValueError):
        explain(expr)


@given(st.text(max_size=40) | st.text(alphabet="abx(){}[]5m:,+-*\"'`=~@ofset \n#", max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_the_explanation_fail(text):
    try:
        parse(text)
    except ValueError:
        return
    assert all(parse(step.text) for step in steps(explain(text)))


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "holt_winters"])
def test_every_documented_function_is_one(name):
    with pytest.raises(ValueError) as refused:
        promql_parser.parse(f"{name}(1, 2, 3, 4, 5, 6)")
    assert "unknown function" not in str(refused.value)


@pytest.mark.parametrize("docs", [FUNCTIONS, AGGREGATIONS, OPERATORS], ids=["functions", "aggregations", "operators"])
def test_a_description_is_a_sentence_or_a_few(docs):
    assert all(text.endswith(".") and len(text) < 240 for text in docs.values())
    assert len(docs) == len(set(docs.values()))
