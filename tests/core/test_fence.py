"""The fence: every selector gets the matcher, all else stays, and what cannot be read to the end is refused."""

from __future__ import annotations

import re
from typing import Any

import promql_parser as tree
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import QueryError, UnsentError
from lib.core.explain_spans import parts
from lib.core.fence import fenced, fenced_match, hub_matcher, narrower, within
from lib.core.query import InstantQuery
from lib.promql import SyntaxFault, UnreadableError, recognise, tree_of
from lib.promql.regex import compile_re2
from tests.promql.corpus import CORPUS, presets
from tests.sample.promql_queries import ANSWERED

WRITTEN = {
    "a name alone": ("up", 'up{namespace="a"}'),
    "empty braces": ("up{}", 'up{namespace="a"}'),
    "braces with blanks": ("up { }", 'up {namespace="a" }'),
    "a matcher": ('up{job="x"}', 'up{namespace="a", job="x"}'),
    "a comma at the end": ('up{job="x",}', 'up{namespace="a", job="x",}'),
    "no name": ('{job="x"}', '{namespace="a", job="x"}'),
    "the name as a matcher": ('{__name__=~".+"}', '{namespace="a", __name__=~".+"}'),
    "a comment with a brace inside braces": (
        'up{ # }\n job="x" # }\n}',
        'up{namespace="a",  # }\n job="x" # }\n}',
    ),
    "a comment between the name and the braces": ('up # {\n{job="x"}', 'up # {\n{namespace="a", job="x"}'),
    "a comment at the end without a line break": ("up # {", 'up{namespace="a"} # {'),
    "line breaks of Windows": ("up # one\r\n + up", 'up{namespace="a"} # one\r\n + up{namespace="a"}'),
    "a range": ("rate(up[5m])", 'rate(up{namespace="a"}[5m])'),
    "a subquery in a subquery": (
        "max_over_time(sum(rate(up[5m]))[1h:1m])[1d:1h]",
        'max_over_time(sum(rate(up{namespace="a"}[5m]))[1h:1m])[1d:1h]',
    ),
    "offset and at": ("up offset 5m @ end()", 'up{namespace="a"} offset 5m @ end()'),
    "the parameter of an aggregation": (
        "topk(scalar(up), up)",
        'topk(scalar(up{namespace="a"}), up{namespace="a"})',
    ),
    "labels that are no metrics": (
        "sum by (up) (up) / on (up) group_left (b) up",
        'sum by (up) (up{namespace="a"}) / on (up) group_left (b) up{namespace="a"}',
    ),
    "words of PromQL as metrics": (
        "and and or + sum unless by",
        'and{namespace="a"} and or{namespace="a"} + sum{namespace="a"} unless by{namespace="a"}',
    ),
    "a function's name as a metric": ("rate(rate[5m])", 'rate(rate{namespace="a"}[5m])'),
    "texts that look like selectors": (
        'label_replace(up, "a", "up{", "b", "{}")',
        'label_replace(up{namespace="a"}, "a", "up{", "b", "{}")',
    ),
    "single quotes and backticks": ("up{a='\"', b=`\\}`}", 'up{namespace="a", a="\\"", b="\\\\}"}'),
    "numbers": ("1 + 1", "1 + 1"),
    "the hub that is asked for stands": ('up{namespace="b"}', 'up{namespace="a", namespace="b"}'),
}


@pytest.mark.parametrize(("typed", "sent"), WRITTEN.values(), ids=WRITTEN)
def test_every_selector_gets_the_matcher_and_all_else_stays(typed: str, sent: str) -> None:
    assert fenced(typed, ("a",)).text == sent


REFUSED = {
    "nothing": "",
    "only a comment": "# up",
    "no PromQL": "sum(up",
    "a name in quotes, of Prometheus 3": '{"up"}',
    "a label in quotes": 'up{"namespace"="b"}',
    "or between matchers": 'up{namespace="a" or namespace="b"}',
    "templates of VictoriaMetrics": "WITH (x = up) x",
    "the same in small letters": "with (x = up) x",
    "a word of VictoriaMetrics": "up keep_metric_names",
    "an operator of VictoriaMetrics": "up default 0",
    "a function that is not known": "info(up)",
    "Graphite's own selector": '{__graphite__="*.*"}',
    "a variable": "up{namespace=$hub}",
    "types that do not fit": "rate(up)",
    "a lone carriage return, which ends a comment only for some": "up # \r + up",
    "the same around a text": 'label_replace(up, "a", # \r `\n"", "b", "") or up #`\n, "b", "")',
    "a letter for a colon": "max_over_time(up[5m a1m])",
    "a NUL": 'up{a="\0"}',
    "half a letter": 'up{a="\ud800"}',
    "blanks that are none": "up\u00a0+\u2003up",
    "too deep": "(" * 120 + "up" + ")" * 120,
    "too long": "up + " * 3_000 + "up",
}


@pytest.mark.parametrize("typed", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_to_the_end_is_refused_and_cannot_be_sent_anyway(typed: str) -> None:
    with pytest.raises(QueryError) as caught:
        fenced(typed, ("a", "b"))
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    assert not isinstance(caught.value, UnsentError)


def test_a_text_that_ends_elsewhere_for_another_server_is_sent_in_quotes_that_all_read_alike() -> None:
    typed = 'label_replace(up, "x", `\\`, "y", `, "z", "") or secret #`)'
    assert fenced(typed, ("a",)).text == (
        'label_replace(up{namespace="a"}, "x", "\\\\", "y", ", \\"z\\", \\"\\") or secret #")'
    )


@pytest.mark.parametrize("hubs", [(), ("",), ("a", ""), (" ",), ("a\n",)], ids=repr)
def test_without_a_hub_nothing_may_be_asked(hubs: tuple[str, ...]) -> None:
    for ask in (fenced, fenced_match):
        with pytest.raises(QueryError, match="no hub"):
            ask("up", hubs)


def test_a_place_in_what_is_sent_leads_back_to_what_was_typed() -> None:
    made = fenced("up +\n  rate(up[5m]) # x", ("a",))
    line = made.text.split("\n")[1]
    assert made.position_in_typed(2, line.index("[5m]") + 1) == (2, 10)
    assert made.position_in_typed(2, line.index("namespace") + 1) == (2, 10)
    assert made.position_in_typed(1, 1) == (1, 1)
    assert made.position_in_typed(2, line.index("#") + 1) == (2, 16)


def test_a_refusal_says_where_in_the_typed_text() -> None:
    with pytest.raises(QueryError) as caught:
        fenced("up +\n  info(up)", ("a",))
    assert (caught.value.line, caught.value.column) == (2, 3)
    assert "info" in caught.value.detail


def test_a_question_about_labels_without_a_selector_is_asked_within_the_fence() -> None:
    assert fenced_match("", ("a",)) == '{namespace="a"}'
    assert fenced_match(" up ", ("a", "b")) == ' up{namespace=~"a|b"} '


def test_lists_can_only_get_shorter() -> None:
    assert narrower(None, None) is None
    assert narrower(None, ["b", "a", "b"]) == ("a", "b")
    assert narrower(("a", "b"), None) == ("a", "b")
    assert narrower(("a", "b"), ["b", "c"]) == ("b",)
    assert narrower(("a",), ["c"]) == ()
    assert narrower((), ["a"]) == ()


def test_nothing_changes_where_all_hubs_may_be_seen() -> None:
    query = InstantQuery("whatever (", 0)
    assert within(query, None) is query


@given(st.lists(st.text(min_size=1).filter(lambda name: name.isprintable() and name.strip()), min_size=1, max_size=4))
def test_the_matcher_lets_in_these_hubs_and_no_others(hubs: list[str]) -> None:
    (found,) = tree_of(recognise(f"{{{hub_matcher(hubs)}}}")).matchers.matchers
    if len(hubs) == 1:
        assert (str(found.op), found.value) == ("=", hubs[0]) or found.value == hubs[0]
        return
    allowed = compile_re2(found.value)
    assert all(allowed.fullmatch(hub) for hub in hubs)
    others = ["", "".join(hubs), "|".join(hubs), hubs[0] + "x", "x" + hubs[-1], re.sub(r"\W", "x", hubs[0])]
    assert not any(allowed.fullmatch(other) for other in others if other not in hubs)


def outline(node: Any, wall: tuple[str, str] = ("", "")) -> Any:
    """A tree as nested texts, each selector without one matcher of `wall`."""
    if isinstance(node, tree.VectorSelector):
        found = [(each.name, str(each.op), each.value) for each in node.matchers.matchers]
        walls = [each for each in found if (each[0], each[2]) == wall]
        assert not wall[0] or walls
        rest = [each for each in found if each not in walls[:1]]
        return node.name, sorted(rest), str(node.offset), str(node.at)
    own = re.sub(
        r"\{[^}]*\}", "", type(node).__name__ + str(getattr(node, "op", "")) + str(getattr(node, "modifier", ""))
    )
    func = node.func.name if isinstance(node, tree.Call) else ""
    literal = str(getattr(node, "val", ""))
    times = [str(getattr(node, name, "")) for name in ("range", "step", "offset", "at")]
    return own, func, literal, times, [outline(part, wall) for part in parts(node)]


ALL = (
    {query for group in CORPUS.values() for query in group.values()} | set(presets().values()) | set(ANSWERED.values())
)


@pytest.mark.parametrize("group", CORPUS)
def test_the_queries_of_a_whole_corpus_stay_what_they_were_but_for_the_matcher(group: str) -> None:
    done = 0
    for query in CORPUS[group].values():
        try:
            before = tree_of(recognise(query))
            made = fenced(query, ("hub-a", "hub.b"))
        except (SyntaxFault, UnreadableError, QueryError):
            continue
        after = tree_of(recognise(made.text))
        assert outline(after, ("namespace", "hub-a|hub\\.b")) == outline(before)
        done += 1
    assert done or group not in ("presets", "the sample's tests", "upstream's panels")


def test_every_preset_can_be_fenced() -> None:
    for query in presets().values():
        assert fenced(query, ("a",)).text.count('namespace="a"') >= 1
