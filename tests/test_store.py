"""What is kept of answers: in bounds, asked for once, never a token on disk, never anything that may be wrong later."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from lib.cache.disk import Folder
from lib.cache.store import Store, Terms, size_of
from lib.core.errors import Kind, SourceError
from lib.core.result import Answer
from lib.core.secret import Secret
from lib.sources import Cancel
from tests.answers.made import answer_of

FOREVER = Terms(1e9, on_disk=True)
SHORT = Terms(600)
NAN = float("nan")


def answer(value: float = 1.0, **more: object) -> Answer:
    made = answer_of([({"hub": "prod", "größe": "=1"}, [value, NAN, None]), ({}, [None, 2.0, float("inf")])], 3)
    return replace(made, **{"fetched_at": 1_000.0, "infos": ("i",), "size": 7, "seconds": 0.5, **more})


@dataclass
class Server:
    """Counts how often it is asked."""

    says: Answer | SourceError = field(default_factory=answer)
    asked: int = 0

    def __call__(self) -> Answer:
        self.asked += 1
        if isinstance(self.says, SourceError):
            raise self.says
        return self.says


def same(one: Answer, other: Answer) -> bool:
    told = [replace(each, values=None, nan=None, labels=()) for each in (one, other)]
    numbers = np.array_equal(one.values, other.values, equal_nan=True) and np.array_equal(one.nan, other.nan)
    labels = [[dict(labels) for labels in each.labels] for each in (one, other)]
    return numbers and told[0].__dict__ == told[1].__dict__ and labels[0] == labels[1]


def test_what_is_kept_is_handed_out_without_a_copy_and_cannot_be_changed():
    store, server = Store(10**6), Server()
    one, two = (store.get("key", SHORT, server) for _ in range(2))
    assert server.asked == 1 and np.shares_memory(one.values, two.values)
    with pytest.raises(ValueError, match="read-only"):
        one.values[0, 0] = 5.0
    with pytest.raises(TypeError):
        one.labels[0]["hub"] = "other"  # type: ignore[index]
    assert same(two, answer())


def test_the_least_recently_used_make_room():
    room = size_of(answer())
    store = Store(3 * room)
    servers = {name: Server() for name in "abcd"}
    for name in "abcadab":  # d takes the place of b, then b that of c
        store.get(name, SHORT, servers[name])
    assert {name: server.asked for name, server in servers.items()} == {"a": 1, "b": 2, "c": 1, "d": 1}
    assert store.size <= 3 * room
    Store(10).get("larger than all room", SHORT, servers["a"])


def test_terms_end_and_what_has_none_is_not_kept():
    now = 1_000.0
    store = Store(10**6, clock=lambda: now)
    kept, open_ = Server(), Server()
    for moment in (1_000.0, 1_599.0, 1_601.0):
        now = moment
        store.get("kept", SHORT, kept)
        store.get("open", Terms(0), open_)
    assert (kept.asked, open_.asked) == (2, 3)


@pytest.mark.parametrize(("moment", "asked"), [(-3_600.0, 2), (-5.0, 1), (5.0, 1), (3_600.0, 2)])
def test_when_the_clock_jumps_an_answer_is_asked_again_and_never_kept_for_longer(moment, asked):
    now = 10_000.0
    store, server = Store(10**6, clock=lambda: now), Server()
    store.get("key", SHORT, server)
    now += moment
    store.get("key", SHORT, server)
    assert server.asked == asked


BAD = {"a failure": SourceError(Kind.UPSTREAM, "Down."), "a warning": answer(warnings=("partial",))}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_nothing_bad_is_kept(bad, tmp_path):
    store, server = Store(10**6, Folder(tmp_path / "kept", 10**9)), Server(bad)
    for _ in range(2):
        try:
            assert store.get("key", FOREVER, server).warnings
        except SourceError as failure:
            assert failure is bad
    assert server.asked == 2 and list((tmp_path / "kept").glob("*/*.part")) == []


def test_asking_anew_asks_and_takes_the_place_of_what_was_kept():
    store, server = Store(10**6), Server()
    store.get("key", SHORT, server)
    server.says = answer(2.0)
    assert store.get("key", SHORT, server, anew=True).values[0, 0] == 2.0
    assert store.get("key", SHORT, server).values[0, 0] == 2.0
    assert server.asked == 2


def in_threads(work: Callable[[], object], count: int) -> list[object]:
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(work())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return found


def test_many_who_want_the_same_send_one_request():
    store, server, start = Store(10**6), Server(), threading.Barrier(8)

    def visit() -> Answer:
        start.wait(5)
        return store.get("key", SHORT, server)

    assert len(in_threads(visit, 8)) == 8 and server.asked == 1


def test_who_waits_for_one_that_is_stopped_asks_itself_and_may_be_stopped_too():
    store, server, entered, leave = Store(10**6), Server(), threading.Event(), threading.Event()

    def stopped() -> Answer:
        entered.set()
        leave.wait(5)
        raise SourceError(Kind.CANCELLED, "Stopped.")

    def first() -> object:
        try:
            return store.get("key", SHORT, stopped)
        except SourceError as failure:
            return failure.kind

    leader = threading.Thread(target=first)
    leader.start()
    entered.wait(5)
    stop = Cancel()
    stop.end()
    with pytest.raises(SourceError) as caught:
        store.get("key", SHORT, server, stop)
    assert caught.value.kind is Kind.CANCELLED and server.asked == 0
    threading.Timer(0.05, leave.set).start()
    assert same(store.get("key", SHORT, server), answer())
    leader.join(5)


def test_what_lies_on_disk_outlives_the_process_and_comes_back_bit_for_bit(tmp_path):
    Store(10**6, Folder(tmp_path, 10**9), clock=lambda: 1_001.0).get("key", FOREVER, Server())
    later, server = Store(10**6, Folder(tmp_path, 10**9), clock=lambda: 1_002.0), Server()
    found = later.get("key", FOREVER, server)
    assert server.asked == 0 and same(found, answer())
    assert later.get("another key", FOREVER, server) and server.asked == 1
    assert later.get("not for disk", SHORT, server) and server.asked == 2


AGES = {"old": (1_000.0 + 86_401, 1), "of a clock that was set back": (10.0, 1), "a day": (1_000.0 + 86_399, 0)}


@pytest.mark.parametrize(("now", "asked"), AGES.values(), ids=AGES)
def test_what_is_too_old_on_disk_is_asked_again(tmp_path, now, asked):
    terms, server = Terms(86_400, on_disk=True), Server()
    Store(10**6, Folder(tmp_path, 10**9), clock=lambda: 1_001.0).get("key", terms, Server())
    Store(10**6, Folder(tmp_path, 10**9), clock=lambda: now).get("key", terms, server)
    assert server.asked == asked


def _file(folder: Path) -> Path:
    (found,) = folder.glob("*/*.part")
    return found


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut": lambda content: content[:-9],
    "a bit": lambda content: content[:200] + bytes([content[200] ^ 1]) + content[201:],
    "foreign": lambda content: b"\x80\x04\x8c\x05posix\x94." * 20,
    "of another folder": lambda content: bytes(32) + content[32:],
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_or_foreign_file_is_asked_again_and_written_anew(tmp_path, damage):
    for store in (Store(10**6, Folder(tmp_path, 10**9), clock=lambda: 1_001.0) for _ in range(2)):
        server = Server()
        store.get("key", FOREVER, server)
        before = _file(tmp_path).read_bytes()
        _file(tmp_path).write_bytes(damage(before))
    assert server.asked == 1 and len(before) > 500


def test_a_file_under_the_name_of_another_is_not_believed(tmp_path):
    folder = Folder(tmp_path, 10**9)
    folder.write("one", answer(1.0))
    folder.write("two", answer(2.0))
    folder._file("one").write_bytes(folder._file("two").read_bytes())
    assert folder.read("one") is None and folder.read("two") is not None


def test_a_folder_stays_in_bounds_and_loses_what_was_not_used_for_longest(tmp_path):
    size = 1_000_000
    folder = Folder(tmp_path, size)
    big = replace(answer(), labels=({},), values=np.ones((1, 3)), nan=None, infos=("x" * 90_000,))
    for number in range(30):
        folder.write(number, big)
    assert sum(path.stat().st_size for path in tmp_path.glob("*/*")) <= size * 1.1
    assert folder.read(29) is not None and folder.read(0) is None


def test_a_folder_that_cannot_be_written_costs_nothing_but_requests(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store, server = Store(10**6, Folder(tmp_path / "file" / "below", 10**9)), Server()
    assert same(store.get("key", FOREVER, server), answer())


def test_several_processes_share_the_key_of_a_folder_and_nobody_else_may_look(tmp_path):
    keys = in_threads(lambda: Folder(tmp_path / "kept", 10**9).key, 8)
    assert len(set(keys)) == 1
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0


def test_the_mark_of_a_secret_tells_it_from_others_and_says_nothing_without_the_salt():
    one, two = Secret("glsa_one"), Secret("glsa_two")
    assert one.mark(b"salt") == Secret("glsa_one").mark(b"salt") != two.mark(b"salt")
    assert one.mark(b"salt") != one.mark(b"pepper") and "glsa" not in one.mark(b"salt")
