"""Provenance: what it says of an answer, that it says it the same way each time, and that it gives nothing away."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np

from lib.core.errors import Kind, SourceError
from lib.core.merging import combine, merge
from lib.core.preset_files import read_catalogue
from lib.core.presets import NamedQuery
from lib.core.provenance import Provenance, provenance
from lib.core.question import Moments, Question
from lib.core.result import Answer, Outcome, ResultType
from lib.core.time_range import DAY, TimeRange
from lib.core.view import Choices, view

NOW = 1_793_620_800  # 2 November 2026, 12:00 UTC
DAILY = Question.of_preset(read_catalogue()["daily-users"])
TYPED = ("now-3d", "now")


def answer(grid: TimeRange, value: float) -> Answer:
    labels = ({"namespace": "prod"}, {"namespace": "staging"})
    values = np.full((2, grid.points), value)
    return Answer(ResultType.MATRIX, grid, labels, values, warnings=("Some samples are old.",), fetched_at=NOW - value)


def told(question: Question = DAILY, zone: str = "America/New_York") -> Provenance:
    """Two clusters answered, one failed; by cluster, without staging."""
    puts = Moments(NOW - 3 * DAY, NOW, NOW, zone=zone).put(question)
    failed = Outcome("icesat", "c", SourceError(Kind.TIMEOUT, "No answer within 30 s.", "Ask again."))
    answers = []
    for put in puts:
        grid = put.query.grid
        found = [Outcome("leap", "a", answer(grid, 7)), Outcome("utoronto", "b", answer(grid, 9)), failed]
        answers.append((put.name, merge(put.query, found)))
    seen = view(combine(answers), question, Choices(by="cluster"))
    return provenance(seen.whole, question, puts, split=seen.by, hidden=seen.hidden, typed=TYPED)


def test_it_says_what_was_asked_of_whom_and_who_did_not_answer():
    said = told()
    assert said.title == DAILY.title
    assert said.preset == "daily-users" and said.split == "cluster" and said.hidden == 2 and not said.complete
    assert [each.cluster for each in said.answered] == ["leap", "utoronto"]
    assert said.failed == (("icesat", "No answer within 30 s."),)
    assert ("leap", "Some samples are old.") in said.warnings
    assert (said.series, said.rows) == (2, 2 * said.points) and said.fetched_at == NOW - 9


def test_its_json_has_the_moments_in_the_zone_and_as_they_were_typed():
    said = json.loads(told().as_json())
    assert said["range"] == {
        "from": "2026-10-31T00:00:00-04:00",
        "to": "2026-11-02T00:00:00-05:00",  # clocks went back on the 1st
        "from_as_typed": "now-3d",
        "to_as_typed": "now",
        "step": "1d",
        "points": 3,
        "time_zone": "America/New_York",
    }
    assert said["queries"] == [{"name": "", "expr": told().queries[0][1]}] and "$" not in told().queries[0][1]
    assert said["clusters_failed"] == [{"cluster": "icesat", "reason": "No answer within 30 s."}]


def test_its_lines_say_the_same_to_people_and_leave_out_what_is_empty():
    lines = dict(told().as_lines())
    assert lines["Cluster that failed"] == "icesat: No answer within 30 s."
    assert lines["Time"] == "2026-10-31T00:00:00-04:00 to 2026-11-02T00:00:00-05:00"
    assert "Transforms" not in lines and all(lines.values())
    assert "now-3d to now" in lines["Time as chosen"]


def test_transforms_are_told_in_their_order():
    said = replace(told(), transforms=("rolling mean over 7 days", "cumulative"))
    assert dict(said.as_lines())["Transforms"] == "rolling mean over 7 days; cumulative"
    assert json.loads(said.as_json())["transforms"] == ["rolling mean over 7 days", "cumulative"]


def test_the_same_answer_gives_the_same_text_and_another_one_another():
    variants = [told(), told(zone="UTC"), told(Question.of_expr("up")), replace(told(), split="total")]
    assert told() == told() and told().as_json() == told().as_json() and told().as_lines() == told().as_lines()
    assert all(one.as_json() != other.as_json() for one, other in pairwise(variants))


def test_several_queries_keep_their_names_and_an_instant_query_has_no_step():
    several = told(Question.of_queries([NamedQuery("Used", "up"), NamedQuery("Free", "down")]))
    assert several.queries == (("Used", "up"), ("Free", "down")) and several.preset == ""
    assert dict(several.as_lines())["Query Free"] == "down"
    puts = Moments(NOW - DAY, NOW, NOW).put(Question.of_expr("up", instant=True))
    now = provenance(merge(puts[0].query, []), Question.of_expr("up", instant=True), puts)
    assert now.step == 0 and dict(now.as_lines())["Time"] == "2026-11-02T12:00:00+00:00"
    assert (
        dict(now.as_lines())["Clusters that answered"] == "none" and json.loads(now.as_json())["range"]["step"] is None
    )
