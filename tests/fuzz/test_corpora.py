"""Whatever is read from elsewhere gives a value or an error for people, soon: all corpora, and a little chance each."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.fuzz.mutating import growing, mutants
from tests.fuzz.targets import CORPUS, LARGEST, Target, load, target

TARGETS = load()
MOST_FILES, MOST_BYTES = 200, 500_000
PATIENCE = 20  # seconds for one input on a busy machine; what takes them takes minutes of somebody who means harm
every_target = pytest.mark.parametrize("reader", TARGETS.values(), ids=TARGETS)


@contextmanager
def soon(data: bytes, patience: int) -> Iterator[None]:
    """Ends what takes longer than patience lasts."""

    def end(*_: object) -> None:
        raise TimeoutError(f"{len(data)} bytes that begin with {data[:80]!r}")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(patience)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def feed(reader: Target, data: bytes, patience: int = PATIENCE) -> None:
    try:
        with soon(data, patience):
            reader.feed(data)
    except BaseException as error:
        error.add_note(f"{reader.name} was fed {data!r}")
        raise


@every_target
def test_a_corpus_is_read_or_refused(reader: Target) -> None:
    assert reader.corpus, "put good input into its corpus"
    for path in reader.corpus:
        feed(reader, path.read_bytes())


@every_target
def test_what_is_like_the_corpus_is_read_or_refused(reader: Target) -> None:
    for data in mutants([path.read_bytes() for path in reader.corpus], 60, seed=7):
        feed(reader, data)


@every_target
def test_ten_thousand_letters_are_read_or_refused_before_patience_ends(reader: Target) -> None:
    for number, (_, data) in enumerate(growing([path.read_bytes() for path in reader.corpus], LARGEST)):
        if number % 101 == 0:  # all of them: python -m tests.fuzz grow
            feed(reader, data)


def test_the_corpora_are_small_and_each_belongs_to_a_target() -> None:
    files = [path for path in CORPUS.rglob("*") if path.is_file()]
    assert len(files) <= MOST_FILES and sum(path.stat().st_size for path in files) <= MOST_BYTES
    assert {path.parent for path in files} == {reader.folder for reader in TARGETS.values()}


def broken(data: bytes) -> None:
    """What a reader must not do."""
    raise IndexError(data)


def endless(data: bytes) -> None:
    while True:
        pass


@pytest.mark.parametrize(("read", "error"), [(broken, IndexError), (endless, TimeoutError)])
def test_a_broken_reader_is_seen(read: Callable[[bytes], None], error: type[Exception]) -> None:
    with pytest.raises(error):
        feed(Target("broken", read, CORPUS), b"x", patience=1)


def test_two_targets_of_one_name_are_refused() -> None:
    with pytest.raises(AssertionError):
        target("answer")(broken)
