"""Files made for a download stay until they have been fetched, however many others run pages at the same moment.

Streamlit 1.67 makes such a file at the click and tells the browser where it lies, but notes nowhere that it is wanted
(`MediaFileManager.execute_deferred`). After every run of anybody's page it takes away what nobody wants; what has been
found so twice is gone. With forty visitors that is a tenth of a second, and the browser is told 404. So here it is done
less often: a while after it was asked for, once for all who ask meanwhile. And always twice, or what the last visitor
downloaded would stay until somebody comes again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

from streamlit import runtime

GRACE = 10.0  # seconds that a file stays at least


class Timer(Protocol):
    """What `threading.Timer` is used for."""

    daemon: bool

    def start(self) -> None: ...


class Sweeper:
    """Calls `sweep` so many seconds after it was called, and once more as long after that. Threads may share it."""

    def __init__(
        self,
        sweep: Callable[[], None],
        seconds: float = GRACE,
        timer: Callable[[float, Callable[[], None]], Timer] = threading.Timer,
    ) -> None:
        self._sweep, self._seconds, self._timer = sweep, seconds, timer
        self._left, self._waiting = 0, False
        # A visit that is collected as garbage asks too, whatever its thread is at: inside of this very lock.
        self._lock = threading.RLock()

    def __call__(self) -> None:
        """Asks for a sweep; returns at once."""
        with self._lock:
            self._left = 2
            if not self._waiting:
                self._begin()

    def _begin(self) -> None:
        self._waiting = True
        timer = self._timer(self._seconds, self._run)
        timer.daemon = True
        timer.start()

    def _run(self) -> None:
        self._sweep()
        with self._lock:
            self._left -= 1
            self._waiting = False
            if self._left > 0:
                self._begin()


def keep_files_a_while() -> None:
    """Makes the server that runs this page keep them; without one, as in tests, there is nothing to do."""
    if runtime.exists():
        spare(runtime.get_instance().media_file_mgr)


def spare(manager: Any) -> None:
    """Makes a manager of files sweep a while later; the second time nothing changes."""
    if not isinstance(manager.remove_orphaned_files, Sweeper):
        manager.remove_orphaned_files = Sweeper(manager.remove_orphaned_files)
