"""Threads that stay for a while, so that the next question does not have to start any.

To start a thread is to wait until it has begun, and for that it needs the interpreter twice. While pages of other
visitors are computed that takes Python's switch interval each time, and `concurrent.futures` starts them one after the
other, for all pools at once: with six runs under way, six threads of a question began after half a second. One that
waits for work is there in some milliseconds. There is no limit here: work may wait for work of its own.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextvars import Context

IDLE = 20.0  # seconds that a thread waits for its next work

Job = Callable[[], None]


class Crew:
    """Runs jobs in threads: in one that waits where there is one, else in a new one. `idle` is in seconds."""

    def __init__(self, idle: float = IDLE) -> None:
        self._idle = idle
        self._lock = threading.Lock()
        self._waiting: list[queue.SimpleQueue[Job]] = []  # the last to come is the first to go again

    def run(self, job: Job) -> None:
        """Runs a job; returns at once. What it raises is its own business."""
        with self._lock:
            post = self._waiting.pop() if self._waiting else None
        if post is None:
            post = queue.SimpleQueue()  # not the job itself, which the thread would hold for as long as it lives
            threading.Thread(target=self._serve, args=(post,), name="ask", daemon=True).start()
        post.put(job)

    def _serve(self, post: queue.SimpleQueue[Job]) -> None:
        while self._one(post):
            with self._lock:
                self._waiting.append(post)

    def _one(self, post: queue.SimpleQueue[Job]) -> bool:
        """Does the next job; False when none came in time."""
        try:
            job = post.get(timeout=self._idle)
        except queue.Empty:
            with self._lock:
                if post in self._waiting:
                    self._waiting.remove(post)
                    return False
            job = post.get()  # handed over just now
        _as_if_alone(job)
        return True


def _as_if_alone(job: Job) -> None:
    """Does a job as in a thread of its own: of what it hangs on the thread (Streamlit hangs the visit there) or sets as
    a context variable, the next job, which may be for somebody else, finds nothing."""
    marks = vars(threading.current_thread())
    before = set(marks)
    try:
        Context().run(job)
    finally:
        for name in set(marks) - before:
            del marks[name]


CREW = Crew()
