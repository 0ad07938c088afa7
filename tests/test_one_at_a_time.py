"""One running question per person, the newest; and one request for all who want the same at the same moment."""

from __future__ import annotations

import asyncio
import gc
import itertools
import threading
from collections.abc import Callable, Iterator

import pytest
import streamlit as st

from lib import cache
from lib.core.errors import Kind, SourceError
from lib.core.query import InstantQuery, RangeQuery
from lib.core.result import Answer
from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from lib.core.time_range import TimeRange
from lib.sources import Cancel, FanOut, Source, Turns, connect
from tests.double import TOKEN, Double, grafana_double
from tests.double.behaviours import BEHAVIOURS
from tests.double.good import good
from tests.double.wire import Exchange

NOW = 1_770_000_000
CLUSTERS = {f"c{number}": f"c{number}" for number in range(4)}
LONG = RangeQuery("up", TimeRange(NOW - 60 * 9_999, NOW, 60))  # 10,000 points: five parts or six


class Gate:
    """A double whose clusters answer once the gate is open; those who ask before are kept waiting."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    async def held(self, exchange: Exchange) -> None:
        leaving = asyncio.create_task(exchange.until_client_leaves())
        while not self.opened.is_set() and not leaving.done():
            await asyncio.wait({leaving}, timeout=0.005)
        leaving.cancel()
        if self.opened.is_set():
            await good(exchange)


@pytest.fixture
def gate() -> Iterator[Gate]:
    st.cache_resource.clear()
    found = Gate()
    BEHAVIOURS["held here"] = found.held
    yield found
    found.opened.set()
    del BEHAVIOURS["held here"]
    st.cache_resource.clear()


@pytest.fixture
def double(gate: Gate) -> Iterator[Double]:
    with grafana_double(CLUSTERS, behaviours=dict.fromkeys(CLUSTERS, "held here")) as running:
        yield running


@pytest.fixture
def sources(double: Double) -> Iterator[tuple[Source, ...]]:
    found = connect(Settings(grafanas=(GrafanaSettings("g", double.url, Secret(TOKEN)),), timeout=20.0)).sources
    yield found
    found[0].api.transport.close()


def until(reached: Callable[[], bool]) -> None:
    """Waits for what another thread is about to do."""
    pause = threading.Event()
    for _ in range(2_000):
        if reached():
            return
        pause.wait(0.005)
    raise AssertionError("it did not come to pass")


def kinds(work: FanOut) -> set[object]:
    work.wait()
    answers = [outcome.answer for outcome in work.outcomes()[0]]
    return {answer.kind if isinstance(answer, SourceError) else "data" for answer in answers}


def under_way(double: Double) -> int:
    return sum(not entry.ended for entry in tuple(double.log) if entry.uid)


def most_of(double: Double, uid: str) -> int:
    """The most requests to one cluster that were under way at the same time."""
    entries = double.asked(uid)
    steps = sorted([(each.started, 1) for each in entries] + [(each.ended or 1e12, -1) for each in entries])
    return max(itertools.accumulate(step for _, step in steps))


class Person:
    """Somebody who asks; each question takes the place of the one before."""

    def __init__(self, name: str) -> None:
        self.name, self.turns = name, list[Cancel]()

    def asks(self, sources: tuple[Source, ...], query: InstantQuery | RangeQuery) -> FanOut:
        self.turns.append(cache.take_turn(self.name))
        return cache.start(sources, [query], turn=self.turns[-1])


def test_thirty_quick_questions_of_one_person_are_never_more_than_one_at_a_cluster(gate, double, sources) -> None:
    ada, asked = Person("ada"), []
    for number in range(30):
        asked.append(ada.asks(sources, InstantQuery(f"up + {number}", NOW)))
        until(lambda: under_way(double) == len(CLUSTERS))
    gate.opened.set()
    assert kinds(asked[-1]) == {"data"}
    assert all(kinds(work) == {Kind.REPLACED} for work in asked[:-1])
    assert [most_of(double, uid) for uid in CLUSTERS] == [1] * len(CLUSTERS)


def test_quick_questions_in_parts_are_never_more_than_those_of_one(gate, double, sources) -> None:
    ada = Person("ada")
    for number in range(10):
        work = ada.asks(sources[:1], RangeQuery(f"up + {number}", LONG.time_range))
        until(lambda: under_way(double) == 4)
    gate.opened.set()
    assert kinds(work) == {"data"} and most_of(double, "c0") == 4


def test_a_newer_question_in_another_tab_ends_the_older_ones_sockets_and_the_older_says_so(
    gate, double, sources
) -> None:
    older = Person("ada").asks(sources, InstantQuery("up", NOW))
    until(lambda: under_way(double) == len(CLUSTERS))
    before = double.log[:]
    newer = Person("ada").asks(sources, InstantQuery("up + 1", NOW))
    assert kinds(older) == {Kind.REPLACED}
    until(lambda: all(entry.ended for entry in before))
    [error] = {outcome.answer.message for outcome in older.outcomes()[0]}  # type: ignore[union-attr]
    assert error == "Another question of yours took its place."
    gate.opened.set()
    assert kinds(newer) == {"data"}


def test_people_do_not_end_each_others_questions_nor_does_who_is_nobody(gate, double, sources) -> None:
    people = [Person(name) for name in ("ada", "grace", "", "")]
    works = [person.asks(sources[:1], InstantQuery(f"up + {n}", NOW)) for n, person in enumerate(people)]
    until(lambda: under_way(double) == 4)
    gate.opened.set()
    assert [kinds(work) for work in works] == [{"data"}] * 4


def test_what_is_asked_beside_a_question_ends_nothing_and_ends_with_it(gate, double, sources) -> None:
    turns = Turns()
    page = turns.take("ada")
    beside = turns.join("ada")
    assert (page.reason, beside.reason, beside.asker) == (None, None, "ada")
    newer = turns.take("ada")
    assert (page.reason, beside.reason, newer.reason) == (Kind.REPLACED, Kind.REPLACED, None)
    del newer
    gc.collect()
    assert turns.join("ada").reason is None and not turns._latest, "who has gone leaves nothing behind"


def test_two_visits_that_want_the_same_at_the_same_moment_send_one_request(gate, double, sources) -> None:
    query = InstantQuery("up", NOW)
    works = [Person(name).asks(sources, query) for name in ("ada", "grace")]
    until(lambda: under_way(double) == len(CLUSTERS))
    gate.opened.set()
    assert [kinds(work) for work in works] == [{"data"}] * 2
    assert [len(double.asked(uid)) for uid in CLUSTERS] == [1] * len(CLUSTERS)
    one, two = (work.outcomes()[0] for work in works)
    assert all(a.answer is b.answer and isinstance(a.answer, Answer) for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize("leaves", [0, 1], ids=["the one who asked", "the one who waits"])
def test_one_of_two_who_want_the_same_may_leave_without_harm_to_the_other(gate, double, sources, leaves) -> None:
    query, people = InstantQuery("up", NOW), [Person("ada"), Person("grace")]
    works = [people[0].asks(sources, query)]
    until(lambda: under_way(double) == len(CLUSTERS))
    works.append(people[1].asks(sources, query))
    works[leaves].stop()
    gate.opened.set()
    assert kinds(works[leaves]) == {Kind.CANCELLED}
    assert kinds(works[1 - leaves]) == {"data"}
