"""The history of runs: the latest hundred, kept as text that may come back as anything."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.history import MOST, Run, added, from_json, merged, run_of, search, to_json

STATE = {"expr": "up", "expr_b": "down", "name_b": "B", "from": "now-7d", "cluster": ["a", "b"], "var-hub": ("prod",)}
RUN = run_of(STATE, 12, 0.5, 1_795_000_000)


def at(moment: int) -> Run:
    return run_of({"expr": f"up + {moment}"}, 1, 0.1, moment)


def test_a_run_has_what_an_address_may_have_and_nothing_secret():
    run = run_of({**STATE, "GRAFANA_TOKEN": "glsa_canary", "_draft": "glsa_canary", "preset": "x"}, 1, 0.1, 1)
    assert "canary" not in to_json([run]) and dict(run.state) == {**STATE, "cluster": ("a", "b")}
    assert [(each.letter, each.text, each.name) for each in run.queries] == [("a", "up", ""), ("b", "down", "B")]


def test_the_latest_hundred_are_kept_newest_first():
    runs: tuple[Run, ...] = ()
    for moment in range(MOST + 20):
        runs = added(runs, at(moment))
    assert len(runs) == MOST and (runs[0].at, runs[-1].at) == (MOST + 19, 20)


def test_the_same_once_more_takes_the_place_of_the_one_before():
    assert [run.at for run in added((at(1),), run_of({"expr": "up + 1"}, 5, 0.1, 9))] == [9]


def test_two_histories_become_one():
    assert [run.at for run in merged((at(3), at(1)), (at(3), at(2)))] == [3, 2, 1]


@pytest.mark.parametrize(("words", "found"), [("UP down", 1), ("prod", 1), ("now-7d b", 1), ("", 1), ("gone", 0)])
def test_a_run_is_found_by_its_words(words, found):
    assert len(search((RUN,), words)) == found


def test_what_was_kept_comes_back():
    assert from_json(to_json([RUN, at(5)])) == (RUN, at(5))


ANY_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["address", "rows", "seconds", "at", "expr", "x"]), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(st.one_of(st.lists(ANY_JSON, max_size=3).map(json.dumps), st.text(max_size=20), st.integers()))
def test_whatever_a_browser_hands_back_is_read_without_an_accident(text):
    for run in from_json(text):
        assert run.queries and run.rows >= 0


def test_of_foreign_runs_only_what_an_address_may_have_is_taken():
    foreign = {"address": {"expr": ["up"], "preset": ["x"], "step": ["; rm"], "_ran": ["up"]}, "rows": 1, "seconds": 1}
    (run,) = from_json(json.dumps([{**foreign, "at": 5}, {**foreign, "at": "now"}, {**foreign, "at": -1}]))
    assert dict(run.state) == {"expr": "up"}
