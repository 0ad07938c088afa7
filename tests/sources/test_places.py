"""Places: how many at once, whose turn it is, and what who comes too late is told."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import Kind, SourceError
from lib.sources.deadline import Cancel, Deadline
from lib.sources.places import Places, _Request


class Crowd:
    """Threads that each want a place, hold it until they are told to leave, and note in which order they got one."""

    def __init__(self, places: Places) -> None:
        self.places, self.order, self.failed = places, [], []
        self.switch = Cancel()
        self._threads: list[threading.Thread] = []
        self._leave: dict[object, threading.Event] = {}
        self._lock = threading.Lock()
        self.under_way: Counter[str] = Counter()
        self.most: Counter[str] = Counter()

    def comes(self, name: object, cluster: str, asker: str) -> None:
        """One more, and waits until it stands in its line or has been served or refused."""
        here = self._standing()
        self._leave[name] = threading.Event()
        thread = threading.Thread(target=self._want, args=(name, cluster, asker), daemon=True)
        self._threads.append(thread)
        thread.start()
        until(lambda: self._standing() > here)

    def leaves(self, name: object) -> None:
        """One gives its place back, and the next has it when this returns, if there is one."""
        before = len(self.order)
        waits = any(self.places._lines.values())
        self._leave[name].set()
        until(lambda: not waits or len(self.order) > before)

    def end(self) -> None:
        self.switch.end()
        for event in self._leave.values():
            event.set()
        for thread in self._threads:
            thread.join(5)

    def _standing(self) -> int:
        with self.places._lock:
            return sum(map(len, self.places._lines.values())) + len(self.order) + len(self.failed)

    def _want(self, name: object, cluster: str, asker: str) -> None:
        try:
            with Deadline(20.0, cancel=Cancel(self.switch, asker)) as deadline, self.places.place(cluster, deadline):
                with self._lock:
                    self.under_way[cluster] += 1
                    self.most[cluster] = max(self.most[cluster], self.under_way[cluster])
                    self.most["all"] = max(self.most["all"], self.under_way.total())
                self.order.append(name)
                self._leave[name].wait(20)
                with self._lock:
                    self.under_way[cluster] -= 1
        except SourceError as failure:
            self.failed.append((name, failure))


def until(reached: Callable[[], bool]) -> None:
    """Waits for what another thread is about to do."""
    pause = threading.Event()
    for _ in range(5_000):
        if reached():
            return
        pause.wait(0.001)
    raise AssertionError("it did not come to pass")


@contextmanager
def crowd(most: int = 8, per_cluster: int = 4, waiting: int = 32) -> Iterator[Crowd]:
    found = Crowd(Places(most, per_cluster, waiting))
    yield found
    found.end()


def test_fifty_four_parts_of_one_person_hold_up_nobody_elses_single_query() -> None:
    with crowd(most=4) as people:
        for part in range(54):
            people.comes(part, "north", "ada")
        people.comes("single", "north", "grace")
        assert people.order == [0, 1, 2, 3]
        people.leaves(0)
        assert people.order == [0, 1, 2, 3, 4] or people.order[-1] == "single"
        people.leaves(1)
        assert "single" in people.order, "the lines take turns, so it waits for two places at the most"


def test_each_cluster_of_a_question_gets_its_first_place_before_any_gets_its_second() -> None:
    with crowd(most=3) as people:
        people.comes("held", "north", "ada")
        for number in range(4):
            people.comes(("hangs", number), "north", "ada")
        for cluster in ("south", "west"):
            people.comes(cluster, cluster, "ada")
        people.leaves(("hangs", 0))
        people.leaves(("hangs", 1))
        assert {"south", "west"} <= set(people.order)


def test_a_full_cluster_does_not_hold_up_the_others_behind_the_same_grafana() -> None:
    with crowd(most=8, per_cluster=4) as people:
        for number in range(40):
            people.comes(number, "north", f"visitor {number}" if number < 30 else "ada")
        people.comes("south", "south", "grace")
        assert people.order[-1] == "south" and len(people.order) == 5


def test_who_comes_when_thirty_two_wait_is_told_so_at_once_and_those_who_wait_are_not() -> None:
    with crowd(most=1, waiting=32) as people:
        people.comes("held", "north", "first")
        for number in range(32):
            people.comes(number, "north", f"visitor {number}")
        people.comes("more of one who waits", "north", "visitor 3")
        people.comes("late", "north", "one too many")
        ((name, failure),) = people.failed
        assert name == "late" and failure.kind is Kind.BUSY
        assert "32 other questions" in failure.message and "not sent" in failure.message
        people.leaves("held")
        assert people.order == ["held", 0]


@pytest.mark.parametrize("reason", [Kind.CANCELLED, Kind.REPLACED])
def test_who_leaves_while_waiting_leaves_the_line_at_once(reason: Kind) -> None:
    places = Places(1, 1)
    switch = Cancel(asker="ada")
    caught: list[SourceError] = []

    def wait() -> None:
        try:
            with Deadline(20.0, cancel=switch) as deadline, places.place("north", deadline):
                pass
        except SourceError as failure:
            caught.append(failure)

    with Deadline(20.0) as held, places.place("north", held):
        thread = threading.Thread(target=wait)
        thread.start()
        until(lambda: "ada" in places._lines)
        switch.end(reason)
        thread.join(5)
    assert [failure.kind for failure in caught] == [reason]
    assert not places._lines and places._taken.total() == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", ""])), max_size=40), st.integers(1, 5))
def test_whoever_comes_the_limits_hold_and_everybody_is_served(arrivals: list[tuple[str, str]], most: int) -> None:
    places, served = Places(most, 2), []
    waiting = [(_Request(cluster), asker) for asker, cluster in arrivals]
    for request, asker in waiting:
        places._enter(request, asker)
    while here := [(request, asker) for request, asker in waiting if request.placed and request not in served]:
        assert len(here) <= most and all(places._taken[cluster] <= 2 for cluster in "xy")
        served.append(here[0][0])
        places._leave(*here[0])
    assert len(served) == len(arrivals) and not places._lines and places._taken.total() == 0
