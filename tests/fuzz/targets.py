"""The registry of targets. A target takes any bytes; it returns or raises AppError. All else is a find."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lib.core.errors import AppError

CORPUS = Path(__file__).with_name("corpus")
LARGEST = 10_240  # bytes that a target is fed; the longest text that people may give anything here
_MODULES = ("replies", "typed", "files", "language")


@dataclass(frozen=True)
class Target:
    """A reader of foreign bytes, by its name. `read` fails an assertion where what it makes of them is wrong."""

    name: str
    read: Callable[[bytes], None]
    folder: Path

    def feed(self, data: bytes) -> None:
        """Lets the target read. An error that is meant for people is one of the two things that may come of it."""
        try:
            self.read(data[:LARGEST])
        except AppError as error:
            assert error.message and isinstance(error.message, str) and isinstance(error.hint, str)

    @property
    def corpus(self) -> list[Path]:
        """Its files, in the order of their names."""
        return sorted(path for path in self.folder.glob("*") if path.is_file())


TARGETS: dict[str, Target] = {}


def target(name: str, corpus: str = "") -> Callable[[Callable[[bytes], None]], Callable[[bytes], None]]:
    """Registers a reader under its name, which is that of the folder of its corpus unless it shares one."""

    def register(read: Callable[[bytes], None]) -> Callable[[bytes], None]:
        assert name not in TARGETS
        TARGETS[name] = Target(name, read, CORPUS / (corpus or name))
        return read

    return register


def load() -> dict[str, Target]:
    """All targets by name."""
    for module in _MODULES:
        importlib.import_module(f"tests.fuzz.{module}")
    return TARGETS


def text_of(data: bytes) -> str:
    """Bytes as the text that somebody could have typed or sent; what is no UTF-8 becomes halves of characters."""
    return data.decode("utf-8", "surrogateescape")


def sendable(data: bytes) -> str:
    """Bytes as text that a browser could send."""
    return data.decode("utf-8", "replace")


def parts_of(data: bytes, most: int) -> Iterator[str]:
    """Up to so many texts, between NULs."""
    yield from (part.decode("utf-8", "replace") for part in data.split(b"\0", most - 1))
