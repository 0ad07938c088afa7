"""What a visit is asking for just now: joined by the runs of the page, ended when nobody looks any more.

Streamlit runs the page again at every click, and stops a run at any of its calls. So asking does not belong to a run:
it goes on in threads, and whoever runs the page next joins it. It ends when another page or question has taken its
place, when the visitor presses Stop, when the tab is closed, and in any case by its time limit.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import StopException, get_script_run_ctx

from lib.core.question import Put
from lib.sources import FanOut

_RUNS = "_under_way"
_EVERY = 0.5  # seconds between two looks at whether the tab is still open


@dataclass(eq=False)
class Run:
    """A question under way: how it was put, when (Unix seconds), and how far it was when the page last showed it."""

    puts: tuple[Put, ...]
    work: FanOut
    asked_at: float
    shown: int = 0
    shown_at: float = 0.0
    watched: bool = True

    def show(self) -> None:
        """Remembers that what has come so far is on the page."""
        progress = self.work.progress()
        self.shown, self.shown_at, self.watched = progress.done, progress.seconds, True

    @property
    def has_more(self) -> bool:
        """True when it is worth drawing the page again: all is done, or more came and a second went by."""
        progress = self.work.progress()
        return not progress.running or (progress.done > self.shown and progress.seconds - self.shown_at >= 1)


Runs = dict[Hashable, Run]


def find(key: Hashable) -> Run | None:
    """What is under way under a key in this visit."""
    return of_visit().get(key)


def begin(key: Hashable, run: Run) -> Run:
    """Takes what has just been asked into care."""
    if (before := of_visit().get(key)) is not None:
        before.work.stop()
    of_visit()[key] = run
    context = get_script_run_ctx()
    if context is not None and runtime.exists():
        watch = threading.Thread(target=_end_when_gone, args=(run.work, context.session_id), name="watch", daemon=True)
        watch.start()
    return run


def finish(key: Hashable) -> None:
    """Lets go of what is done."""
    of_visit().pop(key, None)


def end_all() -> None:
    """Ends everything under way in this visit."""
    for each in of_visit().values():
        each.work.stop()
    of_visit().clear()


def run(page: Callable[[], object]) -> None:
    """Runs a page to its end, and then ends what it does not show.

    One that is broken off for a newer run may just not have come that far. The state of the session cannot be read any
    more once a page has called st.stop(), so it is read before.
    """
    runs = of_visit()
    try:
        page()
    except StopException:
        _end_unwatched(runs)
        raise
    _end_unwatched(runs)


def _end_unwatched(runs: Runs) -> None:
    for key, each in list(runs.items()):
        if not each.watched:
            each.work.stop()
            del runs[key]
        each.watched = False


def of_visit() -> Runs:
    """Everything under way in this visit."""
    runs: Runs = st.session_state.setdefault(_RUNS, {})
    return runs


def _end_when_gone(work: FanOut, session_id: str) -> None:
    while work.progress().running:
        time.sleep(_EVERY)
        if runtime.exists() and not runtime.get_instance().is_active_session(session_id):
            work.stop()
