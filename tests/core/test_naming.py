"""Names of series: what they are made of, that no two are alike, and that nothing in them can deceive."""

from __future__ import annotations

import unicodedata

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.naming import LONGEST, OTHERS, names, numbered, one_line, others_at, series_names, verbose
from lib.core.result import ResultType
from tests.answers.made import TEXTS, results, tiny_result


def table(*rows: dict[str, str]) -> pd.DataFrame:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return pd.DataFrame([{name: row.get(name, "") for name in columns} for row in rows], columns=columns, dtype="str")


CASES = {
    "only the labels that differ": (
        [{"cluster": "a", "namespace": "p", "job": "x"}, {"cluster": "a", "namespace": "q", "job": "x"}],
        ["p", "q"],
    ),
    "cluster and namespace come first": (
        [{"app": "1", "cluster": "a", "namespace": "p"}, {"app": "2", "cluster": "b", "namespace": "q"}],
        ["a / p / 1", "b / q / 2"],
    ),
    "the query comes before them": (
        [{"cluster": "a", "namespace": "p", "query": "A"}, {"cluster": "b", "namespace": "q", "query": "B"}],
        ["A / a / p", "B / b / q"],
    ),
    "the same hub on two clusters is told apart by the cluster": (
        [{"cluster": "a", "namespace": "p"}, {"cluster": "b", "namespace": "p"}],
        ["a", "b"],
    ),
    "one series is called after its metric": ([{"cluster": "a", "__name__": "up"}], ["up"]),
    "without a metric after its cluster": ([{"cluster": "a"}], ["a"]),
    "without anything a value": ([{"cluster": ""}], ["value"]),
    "a missing hub is said among series that have one": (
        [{"cluster": "a", "namespace": ""}, {"cluster": "a", "namespace": "p"}],
        ["(no namespace)", "p"],
    ),
    "no hub is said where nobody has one": (
        [{"cluster": "a", "pod": "1", "namespace": ""}, {"cluster": "a", "pod": "2", "namespace": ""}],
        ["1", "2"],
    ),
    "another missing label is said only if nothing else is left": (
        [{"cluster": "a", "pod": ""}, {"cluster": "a", "pod": "p"}],
        ["(no pod)", "p"],
    ),
    "equal values of different labels are told apart by the labels": (
        [{"cluster": "a", "x": "1", "y": ""}, {"cluster": "a", "x": "", "y": "1"}],
        ["1 (x=1)", "1 (y=1)"],
    ),
    "what is added up is called others with its number": (
        [{"cluster": "a", "n": "p"}, {"cluster": "a", "n": "q"}, {"cluster": "", "n": "", OTHERS: "18"}],
        ["p", "q", "Others (18)"],
    ),
    "a hub called others stays another series": (
        [{"cluster": "", "n": "Others (2)"}, {"cluster": "", "n": "q"}, {"cluster": "", OTHERS: "2"}],
        ["Others (2) (n=Others (2))", "q", "Others (2)"],
    ),
    "what cannot be seen is marked": (
        [{"cluster": "a", "p": "x\ny\x00z"}, {"cluster": "a", "p": "w"}],
        ["x⟨U+000A⟩y⟨U+0000⟩z", "w"],
    ),
    "what turns text round is marked": (
        [{"cluster": "a", "p": "a\u202eb\u2066"}, {"cluster": "a", "p": "c"}],
        ["a⟨U+202E⟩b⟨U+2066⟩", "c"],
    ),
    "what looks alike can be told apart": (
        [{"cluster": "a", "p": "x\ny"}, {"cluster": "a", "p": "x y"}, {"cluster": "a", "p": "x\ty"}],
        ["x⟨U+000A⟩y", "x y", "x⟨U+0009⟩y"],
    ),
    "what is written like a mark gets a number": (
        [{"cluster": "a", "p": "x\ny"}, {"cluster": "a", "p": "x⟨U+000A⟩y"}],
        ["x⟨U+000A⟩y", "x⟨U+000A⟩y (2)"],
    ),
}


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES)
def test_a_name_is_short_and_human(rows, expected):
    assert series_names(table(*rows)) == expected


LEGENDS = {
    "a label": ("{{ namespace }}", ["p (a)", "p (b)", "q"]),
    "a label without spaces": ("{{cluster}}", ["a", "b (p)", "b (q)"]),
    "labels and words": ("{{cluster}}: {{namespace}} users", ["a: p users", "b: p users", "b: q users"]),
    "a missing label renders empty": ("{{pod}}-{{cluster}}-{{namespace}}", ["-a-p", "-b-p", "-b-q"]),
    "a legend that renders empty is no legend": ("{{pod}}", ["a / p", "b / p", "b / q"]),
    "plain words for all": ("Users", ["Users (a, p)", "Users (b, p)", "Users (b, q)"]),
}


@pytest.mark.parametrize(("legend", "expected"), LEGENDS.values(), ids=LEGENDS)
def test_a_legend_is_filled_and_still_tells_series_apart(legend, expected):
    rows = [{"cluster": "a", "namespace": "p"}, {"cluster": "b", "namespace": "p"}, {"cluster": "b", "namespace": "q"}]
    assert series_names(table(*rows), legend) == expected


def test_a_label_that_holds_a_template_is_not_filled_again():
    assert series_names(table({"cluster": "x", "a": "{{ cluster }}"}), "{{ a }}") == ["{{ cluster }}"]


def test_a_scalar_is_called_scalar_unless_clusters_differ():
    assert series_names(table({"cluster": "a"}), result_type=ResultType.SCALAR) == ["scalar"]
    assert series_names(table({"cluster": "a"}, {"cluster": "b"}), result_type=ResultType.SCALAR) == ["a", "b"]


def test_no_series_have_no_names():
    assert series_names(pd.DataFrame({"cluster": pd.Series([], dtype="str")})) == []


def test_the_names_of_a_result_are_those_of_its_series():
    assert names(tiny_result()) == ["utoronto / prod", "utoronto / staging", "leap / prod"]


def test_long_names_are_cut_in_the_middle_and_stay_distinct():
    long = ["x" * 50 + middle + "y" * 50 for middle in "abc"]
    found = series_names(table(*({"cluster": "k", "p": text} for text in long)))
    assert len(set(found)) == 3 and all(len(name) <= LONGEST and name.startswith("xxx") for name in found)
    assert found[0] == "x" * 40 + "…" + "y" * 39 and found[2].endswith(" (3)")


def test_twenty_thousand_equal_names_are_numbered_quickly():
    found = numbered(["same"] * 20_000)
    assert len(set(found)) == 20_000 and found[-1] == "same (20000)"


def test_others_is_found_where_it_is():
    assert others_at(table({"cluster": "a"}, {"cluster": "", OTHERS: "3"})) == 1
    assert others_at(table({"cluster": "a", OTHERS: ""})) is None
    assert others_at(table({"cluster": "a"})) is None


ANY_TEXT = TEXTS | st.text(alphabet="\n\t\u202e\u200b\ufeff\x00ab {}=\u2028", max_size=6) | st.just("x" * 300)


@settings(max_examples=300)
@given(st.lists(st.lists(ANY_TEXT, min_size=3, max_size=3), max_size=6), ANY_TEXT | st.just("{{ namespace }}{{}}"))
def test_any_labels_and_legend_give_distinct_names_fit_to_be_seen(cells, legend):
    frame = pd.DataFrame(cells, columns=["cluster", "namespace", "a\nb"], dtype="str")
    found = series_names(frame, legend)
    assert len(found) == len(cells) == len(set(found))
    for name in found:
        assert 0 < len(name) <= LONGEST and name == one_line(name)
        assert not any(unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs") for char in name)


@given(results())
def test_any_result_has_distinct_names(result):
    found = names(result)
    assert len(set(found)) == len(found) == result.values.shape[1]


def test_a_lone_surrogate_can_be_written_to_a_file_afterwards():
    assert one_line("a\ud800b").encode() == "a\ufffdb".encode()


VERBOSE = {
    "labels are in the order of their names": (
        {"job": "a", "instance": "b:1", "__name__": "up"},
        'up{instance="b:1",job="a"}',
    ),
    "no labels at all": ({}, "{}"),
    "an empty label is a missing one": ({"job": ""}, "{}"),
    "quotes and backslashes are escaped": ({"job": 'a"b\\c\n'}, r'{job="a\"b\\c\n"}'),
    "letters beyond ASCII stay readable": ({"__name__": "up", "job": "é"}, 'up{job="é"}'),
    "a metric that needs quotes is in the braces": ({"__name__": "größe.x", "job": "a"}, '{"größe.x",job="a"}'),
    "a label that needs quotes has them": ({"__name__": "up", "a.b": "c"}, 'up{"a.b"="c"}'),
}


@pytest.mark.parametrize(("labels", "expected"), VERBOSE.values(), ids=VERBOSE)
def test_a_label_set_in_full_is_promql(labels, expected):
    assert verbose(labels) == expected
