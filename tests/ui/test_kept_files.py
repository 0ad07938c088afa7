"""A file that was made for a download can be fetched, however many pages run meanwhile, and does not stay for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from lib.ui.kept_files import GRACE, Sweeper, spare


@dataclass
class Clock:
    """Timers that run when a test says so."""

    waiting: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def timer(self, seconds: float, run: Callable[[], None]) -> Clock:
        self.waiting.append((seconds, run))
        return self

    daemon = False

    def start(self) -> None:
        """The timer counts from now on."""

    def pass_by(self) -> None:
        due, self.waiting = self.waiting, []
        for _, run in due:
            run()


@pytest.fixture
def manager() -> MediaFileManager:
    return MediaFileManager(MemoryMediaFileStorage("/media"))


def made(manager: MediaFileManager) -> str:
    """The name of a file that somebody has just clicked for."""
    asked = manager.add_deferred(lambda: b"a,b\r\n", "text/csv", "1.2.3", file_name="x.csv")
    return manager.execute_deferred(asked).rpartition("/")[2].partition(".")[0]


def there(manager: MediaFileManager, name: str) -> bool:
    return manager.read_file(name) is not None


def test_streamlit_alone_loses_a_file_when_two_other_pages_have_run(manager):
    """If this fails, Streamlit has mended it, and `lib.ui.kept_files` can go."""
    name = made(manager)
    assert there(manager, name)
    manager.remove_orphaned_files()
    manager.remove_orphaned_files()
    assert not there(manager, name)


def test_a_file_is_there_whatever_runs_meanwhile_and_gone_some_time_later(manager):
    clock = Clock()
    manager.remove_orphaned_files = Sweeper(manager.remove_orphaned_files, timer=clock.timer)
    name = made(manager)
    for _ in range(100):
        manager.remove_orphaned_files()
    assert there(manager, name)
    assert [seconds for seconds, _ in clock.waiting] == [GRACE]
    clock.pass_by()
    assert there(manager, name)
    clock.pass_by()
    assert not there(manager, name)
    assert clock.waiting == []


def test_who_asks_from_within_a_sweep_waits_for_nobody():
    clock, swept = Clock(), []

    def sweep() -> None:
        swept.append(len(swept))
        if len(swept) == 1:
            sweeper()  # as a visit does that is collected just now

    sweeper = Sweeper(sweep, timer=clock.timer)
    sweeper()
    for _ in range(5):
        clock.pass_by()
    assert len(swept) == 2 and clock.waiting == []


def test_a_manager_is_spared_once(manager):
    spare(manager)
    first = manager.remove_orphaned_files
    spare(manager)
    assert manager.remove_orphaned_files is first
