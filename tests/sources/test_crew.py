"""Threads that stay: used again, as many as are needed, gone when nothing is to be done, and holding nothing."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from contextvars import ContextVar

from lib.sources.crew import Crew
from lib.sources.side_by_side import Work


def in_turn(crew: Crew, times: int) -> set[int]:
    """The threads that do so many jobs, each begun when the one before was over and its thread waits again."""
    seen: set[int] = set()
    for _ in range(times):
        over = threading.Event()

        def job(over: threading.Event = over) -> None:
            seen.add(threading.get_ident())
            over.set()

        crew.run(job)
        assert over.wait(30)
        until(lambda: len(crew._waiting) == 1)
    return seen


def until(reached: Callable[[], bool]) -> None:
    waited = threading.Event()
    for _ in range(3_000):
        if reached():
            return
        waited.wait(0.01)
    raise AssertionError("It did not come to that.")


def test_a_thread_that_waits_is_used_again():
    assert len(in_turn(Crew(), 20)) == 1


def test_jobs_that_wait_for_jobs_of_their_own_never_wait_for_a_thread():
    crew, over = Crew(), threading.Semaphore(0)

    def job(depth: int) -> None:
        inner = threading.Event()
        if depth:
            crew.run(lambda: (job(depth - 1), inner.set())[0])
            assert inner.wait(30)
        over.release()

    for _ in range(20):
        crew.run(lambda: job(5))
    assert all(over.acquire(timeout=30) for _ in range(120))


def test_a_thread_brings_nothing_of_one_job_to_the_next():
    crew, found = Crew(), []
    seen: ContextVar[str] = ContextVar("seen", default="")

    def job(over: threading.Event) -> None:
        found.append((getattr(threading.current_thread(), "visit", ""), seen.get()))
        threading.current_thread().visit = "somebody's"  # type: ignore[attr-defined]
        seen.set("somebody's")
        over.set()

    for _ in range(3):
        over = threading.Event()
        crew.run(lambda: job(over))  # noqa: B023
        assert over.wait(30)
        until(lambda: len(crew._waiting) == 1)
    assert found == [("", "")] * 3


def test_threads_are_gone_after_a_while_without_work():
    crew = Crew(idle=0.02)
    before = threading.active_count()
    over = threading.Barrier(11)
    for _ in range(10):
        crew.run(lambda: over.wait(30) and None)
    over.wait(30)
    until(lambda: threading.active_count() <= before)
    assert crew._waiting == []


def test_no_job_is_lost_to_a_thread_that_is_just_leaving():
    crew, done = Crew(idle=0.0), threading.Semaphore(0)
    for _ in range(2_000):
        crew.run(done.release)
    assert all(done.acquire(timeout=30) for _ in range(2_000))


def test_a_thread_that_waits_holds_nothing_of_its_last_job():
    class Answer:
        """Something large."""

    crew, over, answer = Crew(), threading.Event(), Answer()
    kept = weakref.ref(answer)
    crew.run(lambda answer=answer: over.set())
    assert over.wait(30)
    until(lambda: len(crew._waiting) == 1)
    del answer
    gc.collect()
    assert kept() is None


def test_no_more_jobs_run_at_once_than_threads_are_allowed_and_each_runs_once():
    running, most, lock = [0], [0], threading.Lock()

    def work(job: int) -> int:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        threading.Event().wait(0.005)
        with lock:
            running[0] -= 1
        return job

    under_way = Work(range(20), work, 30.0, threads=3)
    under_way.wait()
    assert under_way.results == tuple(range(20))
    assert most[0] <= 3
