"""Asking all at once: order kept, failures named, nobody spoiled, nothing later than the deadline."""

from __future__ import annotations

import threading
import time

import pytest

from lib.core.errors import Kind, SourceError
from lib.core.merging import merge
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.result import Answer
from lib.core.time_range import TimeRange
from lib.sources import Cancel, FanOut, Source, ask_all
from lib.sources.side_by_side import side_by_side
from tests.double import grafana_double

NOW = 1_770_000_000
QUESTION = RangeQuery("up", TimeRange(NOW - 300, NOW, 60))
FIVE = {"first": "first", "hang": "hang", "login-html": "login-html", "refused": "refused", "last": "last"}


def outcome_kinds(outcomes) -> list[object]:
    return [outcome.answer.kind if isinstance(outcome.answer, SourceError) else "data" for outcome in outcomes]


def test_good_sources_are_heard_beside_bad_ones(connected) -> None:
    with grafana_double(FIVE) as double:
        sources = connected(double, timeout=30.0).sources
        started = time.monotonic()
        outcomes = ask_all(sources, QUESTION, seconds=1.0)
        assert time.monotonic() - started < 10  # far from the 30 s that one source alone might take
        assert [outcome.cluster for outcome in outcomes] == list(FIVE)
        assert outcome_kinds(outcomes) == ["data", Kind.TIMEOUT, Kind.LOGIN_PAGE, Kind.UPSTREAM, "data"]


def test_of_thirty_sources_those_that_answer_are_there_while_two_still_hang_and_in_the_end_five_are_named(
    connected,
) -> None:
    names = [*(f"good{number:02}" for number in range(25)), "dead1", "dead2", "dead3", "hang1", "hang2"]
    kinds = dict.fromkeys(names[25:28], "refused") | dict.fromkeys(names[28:], "hang")
    with grafana_double(dict(zip(names, names, strict=True)), behaviours=kinds) as double:
        work = FanOut(connected(double, timeout=60.0).sources, [QUESTION], seconds=60.0)
        while work.progress().done < 28 and work.progress().running:
            work.wait_for_more(0.1)  # the last of them may have come since the look above
        early, progress = work.outcomes()[0], work.progress()
        work.stop()  # as the time limit does, without waiting for it
        late = work.outcomes()[0]
    assert (progress.answered, progress.failed, progress.running) == (25, 3, True)
    drawn = merge(QUESTION, early)
    assert set(drawn.series["cluster"]) == set(names[:25]) and drawn.values.notna().any().all()
    assert [outcome.cluster for outcome in early if outcome_kinds([outcome]) == [Kind.PENDING]] == names[28:]
    assert [report.cluster for report in merge(QUESTION, late).failed] == names[25:]
    assert outcome_kinds(late)[25:] == [Kind.UPSTREAM] * 3 + [Kind.CANCELLED] * 2


def test_all_clusters_together_have_a_limit_and_those_that_it_leaves_out_are_named(connected) -> None:
    names = ["a", "b", "c", "d"]
    with grafana_double(dict(zip(names, names, strict=True))) as double:
        sources = connected(double, places=1).sources
        [alone] = ask_all(sources[:1], QUESTION)
        work = FanOut(sources, [QUESTION], most=2 * alone.answer.values.size)  # type: ignore[union-attr]
        work.wait()
    failed = [outcome.answer for outcome in work.outcomes()[0] if isinstance(outcome.answer, SourceError)]
    assert [error.kind for error in failed] == [Kind.TOO_LARGE] * 2
    assert all("All clusters together" in error.message and "fewer clusters" in error.hint for error in failed)
    assert merge(QUESTION, work.outcomes()[0]).series["cluster"].nunique() == 2


def test_a_failure_neither_spoils_nor_doubles_the_answer_of_another(connected) -> None:
    with grafana_double(FIVE) as double:
        discovery = connected(double, timeout=1.0)
        together = merge(QUESTION, ask_all(discovery.sources, QUESTION))
        alone = [merge(QUESTION, ask_all([source], QUESTION)) for source in discovery.sources]
    assert together.values.shape[1] == sum(result.values.shape[1] for result in alone) == 4
    assert together.values.to_numpy().sum() == sum(result.values.to_numpy().sum() for result in alone)
    assert [report.cluster for report in together.failed] == ["hang", "login-html", "refused"]


def test_the_sockets_of_those_who_are_late_are_shut(connected) -> None:
    with grafana_double({"hang": "hang"}) as double:
        ask_all(connected(double, timeout=60.0).sources, QUESTION, seconds=0.3)
        for _ in range(500):
            if double.asked("hang")[-1].ended:
                return
            threading.Event().wait(0.01)
        raise AssertionError("the connection is still open")


def test_by_default_the_time_limit_of_the_sources_bounds_it(connected) -> None:
    with grafana_double({"hang": "hang", "good": "good"}) as double:
        assert outcome_kinds(ask_all(connected(double, timeout=1.0).sources, QUESTION)) == [Kind.TIMEOUT, "data"]


def test_a_cache_can_stand_in_front(connected) -> None:
    kept: dict[tuple[str, Query], Answer] = {}

    def remember(source: Source, query: Query, stop: Cancel) -> Answer:
        if (source.id, query) not in kept:
            kept[source.id, query] = source.ask(query, stop)
        return kept[source.id, query]

    with grafana_double({"good": "good", "login-html": "login-html"}) as double:
        sources = connected(double).sources
        for _ in range(3):
            assert outcome_kinds(ask_all(sources, QUESTION, ask=remember)) == ["data", Kind.LOGIN_PAGE]
        assert (len(double.asked("good")), len(double.asked("login-html"))) == (1, 3)


def test_who_is_late_behind_a_cache_is_reported_too(connected) -> None:
    never = threading.Event()

    def wait_for_ever(source: Source, query: Query, stop: Cancel) -> Answer:
        never.wait(20)
        return source.ask(query)

    with grafana_double({"good": "good"}) as double:
        assert outcome_kinds(ask_all(connected(double).sources, QUESTION, ask=wait_for_ever, seconds=0.1)) == [
            Kind.TIMEOUT
        ]
        never.set()


def test_one_switch_ends_all(connected) -> None:
    cancel = Cancel()
    with grafana_double({"hang": "hang", "drip-body": "drip-body", "good": "good"}) as double:
        timer = threading.Timer(0.5, cancel.end)
        timer.start()
        outcomes = ask_all(connected(double, timeout=60.0).sources, QUESTION, cancel=cancel)
        timer.join()
    assert outcome_kinds(outcomes) == [Kind.CANCELLED, Kind.CANCELLED, "data"]


def test_nobody_to_ask_is_no_error() -> None:
    assert ask_all((), InstantQuery("up", NOW)) == ()


def test_a_mistake_of_ours_is_not_hidden_as_a_failure_of_a_source() -> None:
    with pytest.raises(ZeroDivisionError):
        side_by_side([1], lambda job: job / 0, 5.0)
