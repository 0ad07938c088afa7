"""Whatever a server does, a question ends in an answer or in a SourceError of the right kind, in time, and alone.

The faults and what must become of them are in `tests.faults`; `make faults` meets the same ones and measures memory.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib.core.errors import Kind, QueryError, SourceError
from lib.core.query import Query, RangeQuery
from lib.core.result import Answer
from lib.sources import Discovery
from tests.double import BEHAVIOURS, HUBS, Double, good_value, grafana_double
from tests.faults.__main__ import in_a_child
from tests.faults.cases import CASES, ELSEWHERE, GRID, RANGE, SENTENCES, Case, closed_form
from tests.faults.judge import MOST_MEMORY, SOURCES, Ground, Verdict, judge
from tests.faults.rows import ELSEWHERE as OTHER_TESTS
from tests.faults.rows import OPEN, ROWS, covered
from tests.faults.situations import SITUATIONS, judge_situation

ROOT = Path(__file__).parents[2]
SECONDS, PATIENT = 1.0, 30.0
WAITING = [name for name, case in CASES.items() if case.waits]
OTHERS = [name for name, case in CASES.items() if not case.waits]
# What is too much: the more there is of it, the more memory it might take.
LARGE = [
    name for name in CASES if name.startswith(("filled-", "gzip-bomb", "endless", "honest", "error-of-30", "series-of"))
]


def ask(discovery: Discovery, uid: str, query: Query = RANGE) -> Answer | SourceError:
    source = next(source for source in discovery.sources if source.id == f"double/{uid}")
    try:
        return source.ask(query)
    except SourceError as error:
        return error


@pytest.fixture(scope="module")
def shown() -> Iterator[Double]:
    """A double that shows every behaviour, beside three clusters that are good."""
    with grafana_double(SOURCES) as double:
        yield double


@pytest.fixture(scope="module")
def ground(shown: Double) -> Iterator[Ground]:
    with Ground(shown.url, PATIENT) as connected:
        yield connected


@pytest.fixture(scope="module")
def waited(shown: Double) -> Mapping[str, Verdict]:
    """The verdicts on those that take the whole deadline, met side by side."""
    with Ground(shown.url, SECONDS, grace=1.5) as quick, ThreadPoolExecutor(len(WAITING)) as pool:
        return dict(zip(WAITING, pool.map(lambda name: judge(CASES[name], quick), WAITING), strict=True))


def test_every_behaviour_of_the_double_has_an_expected_outcome() -> None:
    added = {name for name, show in BEHAVIOURS.items() if show.__module__ in ("tests.crossing", "tests.e2e.hostile")}
    assert {*CASES, *ELSEWHERE} == set(BEHAVIOURS) - added
    assert len(CASES) + len(SITUATIONS) > 300


def test_every_row_of_the_list_has_a_case_or_a_test_or_says_what_is_missing() -> None:
    assert {*covered(), *OTHER_TESTS} | OPEN.keys() == ROWS.keys()
    assert not (covered().keys() | OTHER_TESTS.keys()) & OPEN.keys()
    for row, tests in OTHER_TESTS.items():
        for path, _, name in (test.partition("::") for test in tests):
            tree = ast.parse((ROOT / path).read_text("utf-8"))
            assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}, (row, name)


def test_every_kind_that_a_server_can_cause_has_a_case_and_words() -> None:
    of_our_own = {Kind.BUSY, Kind.CANCELLED, Kind.PENDING, Kind.NO_TOKEN, Kind.RESTING, Kind.REPLACED}
    kinds = {case.kind for case in [*CASES.values(), *(case for case, _ in SITUATIONS.values())] if case.kind}
    assert kinds == set(Kind) - of_our_own
    assert kinds <= SENTENCES.keys()


@pytest.mark.parametrize("name", OTHERS)
def test_a_fault_is_met_as_it_must_be_and_harms_nobody_else(shown: Double, ground: Ground, name: str) -> None:
    assert judge(CASES[name], ground).problems == ()
    assert shown.sink_log == []


@pytest.mark.parametrize("name", WAITING)
def test_who_does_not_answer_is_left_at_the_deadline_and_harms_nobody_else(
    shown: Double, waited: Mapping[str, Verdict], name: str
) -> None:
    assert waited[name].problems == ()
    assert shown.sink_log == []


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_situation_is_met_as_it_must_be_and_harms_nobody_else(shown: Double, ground: Ground, name: str) -> None:
    if SITUATIONS[name][0].waits:
        with Ground(shown.url, 0.5, grace=1.5) as quick:
            assert judge_situation(name, quick).problems == ()
    else:
        assert judge_situation(name, ground).problems == ()


def test_no_fault_takes_more_than_64_mebibytes(shown: Double) -> None:
    verdicts = list(in_a_child(shown.url, LARGE))
    assert [verdict.problems for verdict in verdicts] == [()] * len(LARGE)
    assert 0 < max(verdict.memory for verdict in verdicts) <= MOST_MEMORY


def test_a_cluster_that_flaps_gives_its_own_values_or_a_reason(connected) -> None:
    due = [[good_value("flapping", hub, time) for time in GRID] for hub in HUBS]
    with grafana_double({"flapping": "flapping"}, behaviours={"flapping": "flap~0.5"}) as double:
        outcomes = [ask(connected(double), "flapping") for _ in range(30)]
        answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
        assert all(answer.values.tolist() == due for answer in answers)
        assert {outcome.kind for outcome in outcomes if isinstance(outcome, SourceError)} == {Kind.UPSTREAM}
        assert 30 < len(double.asked("flapping")) <= 60  # each is asked again once, and no more


@pytest.mark.parametrize("seed", range(3))
def test_faults_in_any_order_leave_no_trace_in_the_answer_after_them(ground: Ground, seed: int) -> None:
    dice = random.Random(seed)
    for name in dice.sample(OTHERS, 25):
        if not name.startswith(("filled-", "honest", "endless", "gzip-bomb", "error-of", "refusal-of", "big-")):
            ask_named(ground, name)
        good = ask_named(ground, "north")
        assert isinstance(good, Answer), (seed, name)
        assert good.values.tolist() == [[good_value("north", hub, time) for time in GRID] for hub in HUBS], (seed, name)


def ask_named(ground: Ground, name: str) -> Answer | SourceError:
    try:
        return ground.sources[name].ask(CASES[name].query if name in CASES else RANGE)
    except SourceError as error:
        return error


def test_a_parse_error_says_where_in_the_characters_of_the_query(double: Double, connected) -> None:
    error = ask(connected(double), "parse-error-line-2", RangeQuery("up\n*", RANGE.time_range))
    assert isinstance(error, QueryError)
    assert (error.line, error.column) == (2, 2)


def test_texts_and_histograms_beside_the_numbers_are_kept(double: Double, connected) -> None:
    discovery = connected(double)
    answers = {uid: ask(discovery, uid, CASES[uid].query) for uid in ("infos", "histograms-beside", "string")}
    assert all(isinstance(answer, Answer) for answer in answers.values())
    assert answers["infos"].infos == ("metric might not be a counter: up",)  # type: ignore[union-attr]
    assert answers["histograms-beside"].histograms == 1  # type: ignore[union-attr]
    assert "HYPERLINK" in answers["string"].text  # type: ignore[union-attr]


SEEN = {
    "an answer where an error is due": (Case("good", Kind.TIMEOUT), "is answered, must be timeout"),
    "an error where an answer is due": (Case("http-403", shown=closed_form), "is forbidden, must be data"),
    "another kind": (Case("http-403", Kind.AUTH), "is forbidden, must be auth"),
    "another sentence": (Case("http-403", Kind.FORBIDDEN, says="all is well"), "does not say"),
    "another next step": (Case("http-403", Kind.FORBIDDEN, do="drink tea"), "gives no next step"),
    "another value": (Case("good", shown=lambda uid: closed_form("north")), "has other labels or values"),
    "a warning that is lost": (Case("good", shown=closed_form, warnings=1), "has 0 warnings of 1"),
}


@pytest.mark.parametrize(("case", "problem"), SEEN.values(), ids=SEEN)
def test_a_judge_that_never_complains_would_be_noticed(ground: Ground, case: Case, problem: str) -> None:
    verdict = judge(case, ground)
    assert any(problem in found for found in verdict.problems)
    assert verdict.wrong is (problem.startswith(("is answered", "has other")))
