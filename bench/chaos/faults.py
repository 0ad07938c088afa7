"""The faults by name, each with how it begins and how it ends. To add one, write a generator under `@fault("name")` in
`in_clusters.py` or `in_process.py`.

What stands before its `yield` makes the fault, what stands after it ends it. `excused`: while it lasts, the server
cannot answer (it is stopped, or dead), so that silence is no failure; what is wrong or unnamed always is.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from bench.chaos.life import Life
from bench.upstream import CLUSTERS, Mood, Remote

DELAY = 0.03


@dataclass(frozen=True)
class Stage:
    """What a fault may lay hands on; `random` is the script's own."""

    life: Life
    remote: Remote
    random: random.Random

    def some(self, most: int) -> list[str]:
        """One to so many clusters."""
        return self.random.sample(sorted(CLUSTERS.values()), self.random.randint(1, most))

    def upstream(self, clusters: dict[str, str] | None = None, *, resets: float = 0.0, refusing: bool = False) -> None:
        """Changes how the clusters answer."""
        self.remote.tell(Mood(DELAY, resets=resets, refusing=refusing, clusters=clusters or {}))


@dataclass(frozen=True)
class Fault:
    """A fault: its name, whether silence is excused while it lasts, whether it is one of the clusters, so that one of
    the process may come on top of it, and what makes and ends it.
    """

    name: str
    excused: bool
    clusters: bool
    during: Callable[[Stage], AbstractContextManager[None]]


FAULTS: dict[str, Fault] = {}
Generator = Callable[[Stage], Iterator[None]]


def fault(name: str, *, excused: bool = False, clusters: bool = False) -> Callable[[Generator], Generator]:
    """Registers a fault."""

    def register(function: Generator) -> Generator:
        FAULTS[name] = Fault(name, excused, clusters, contextmanager(function))
        return function

    return register
