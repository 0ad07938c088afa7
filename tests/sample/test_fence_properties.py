"""Queries made at random: within the fence, what other hubs hold changes no answer of the sample's evaluator."""

from __future__ import annotations

import promql_parser as tree
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from lib.core.errors import QueryError
from lib.core.explain_spans import parts
from lib.core.fence import fenced
from lib.promql import scan
from lib.sample.promql import MemoryStorage, PromQLError, evaluate_range
from tests.promql.get_around import ALLOWED, END, FORBIDDEN, START, STEP, series
from tests.sample.promql_queries import ANSWERED

EVERYBODY, ALONE = (MemoryStorage(series(hubs)) for hubs in (ALLOWED + FORBIDDEN, ALLOWED))
MATCHERS = ('namespace="secret"', 'namespace=~".*"', 'namespace!="north"', 'pod=~".+"', 'Namespace=""', "pod!='x'")
JUNK = st.lists(
    st.sampled_from([" ", "\n", "\t", "\r\n", "# }\n", '# "\n', "# `\r\n", "#\n", "# {namespace=~\n"]), max_size=2
)


@st.composite
def selectors(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(["m", "user_info", "sum", "rate", "by", "and", "offset", ""]))
    given = [*draw(st.lists(st.sampled_from(MATCHERS), max_size=2)), *([] if name else ['pod=~".+"'])]
    braces = f"{{{', '.join(given)}{draw(st.sampled_from(['', ',']))}}}" if given else draw(st.sampled_from(["", "{}"]))
    moved = draw(st.sampled_from(["", " offset 10m", " @ end()", " @ start() offset -5m"]))
    return f"{name}{braces}{moved}"


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    return st.one_of(
        inner.map(lambda one: f"sum by (namespace) ({one})"),
        inner.map(lambda one: f"topk(2, {one})"),
        inner.map(lambda one: f"max_over_time(({one})[30m:10m])"),
        inner.map(lambda one: f'label_replace({one}, "namespace", "north", "", "")'),
        inner.map(lambda one: f"absent({one})"),
        inner.map(lambda one: f"vector(scalar({one}))"),
        inner.map(lambda one: f"-({one})"),
        two.map(lambda both: f"({both[0]}) or ({both[1]})"),
        two.map(lambda both: f"({both[0]}) unless on (pod) ({both[1]})"),
        two.map(lambda both: f"sum({both[0]}) / count({both[1]})"),
        two.map(lambda both: f"({both[0]}) > bool on () group_left () max({both[1]})"),
        two.map(lambda both: f"clamp_max({both[0]}, scalar(sum({both[1]})))"),
    )


QUERIES = st.recursive(selectors(), larger, max_leaves=5)


@given(QUERIES)
@settings(max_examples=60)
def test_what_others_hold_changes_no_answer(text: str) -> None:
    walled = limited(text)
    assert evaluated(walled, EVERYBODY) == evaluated(walled, ALONE)


def evaluated(text: str, storage: MemoryStorage) -> str:
    try:
        return repr(evaluate_range(text, storage, START * 1_000, END * 1_000, 2 * STEP * 1_000))
    except PromQLError as error:
        return f"{error.kind}: {error.message}"


@given(st.data(), st.one_of(QUERIES, st.sampled_from(sorted(ANSWERED.values()))))
@settings(max_examples=60)
def test_comments_and_blanks_between_any_two_words_hide_no_selector(data: st.DataObject, text: str) -> None:
    tokens = scan(text)[:-1]
    spaced = "".join(text[each.at : each.end] + " " + "".join(data.draw(JUNK)) for each in tokens)
    whole = limited(text)
    assert words(fenced(spaced, ALLOWED).text) == words(whole)


def limited(text: str) -> str:
    """The query within the fence; one that is refused, such as `topk(2, and)`, has nothing to say here."""
    try:
        return fenced(text, ALLOWED).text
    except QueryError:
        reject()


def words(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in scan(text)]


@given(st.text(alphabet="ab{}()[]\"=~!,.:+-*/%^<>@#\\ \n\r`'015msumbyorandoffset", max_size=30))
@settings(max_examples=300)
def test_any_text_is_refused_or_has_the_matcher_everywhere(text: str) -> None:
    try:
        walled = fenced(text, ALLOWED).text
    except QueryError:
        return
    waiting = [tree.parse(walled)]
    while waiting:
        node = waiting.pop()
        waiting += parts(node)
        if isinstance(node, tree.VectorSelector):
            found = [(each.name, str(each.op), each.value) for each in node.matchers.matchers]
            assert ("namespace", "MatchOp.Re", r"a\.b|north") in found
