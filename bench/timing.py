"""How long something takes beside something else: in turn, in one process, and the median of it."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Spent:
    """Seconds of one side: medians on the wall and of the processor (all threads of this process)."""

    wall: float
    cpu: float


def alternating(sides: Mapping[str, Callable[[], object]], rounds: int = 5) -> dict[str, Spent]:
    """The medians of each side over at least five rounds. Each round runs every side once, in turn forwards and back.

    One round before them is not counted: it fills caches and imports what is imported late. Garbage is collected
    before each run, and the collector stays as it is, since whoever calls us has it on too. What was there before the
    runs is frozen for both sides, as server.py freezes it: else each collection walks all of pandas and Plotly and
    leaves the processor's caches cold.
    """
    walls: dict[str, list[float]] = {name: [] for name in sides}
    cpus: dict[str, list[float]] = {name: [] for name in sides}
    for count in range(rounds + 1):
        if count == 1:
            gc.collect()
            gc.freeze()
        for name in sorted(sides, reverse=bool(count % 2)):
            gc.collect()
            wall, cpu = time.perf_counter(), time.process_time()
            kept = sides[name]()
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            del kept
            if count:
                walls[name].append(wall)
                cpus[name].append(cpu)
    gc.unfreeze()
    return {name: Spent(statistics.median(walls[name]), statistics.median(cpus[name])) for name in sides}


def without_gc(work: Callable[[], object]) -> Callable[[], object]:
    """The same work with Python's garbage collector off, as no server could have it."""

    def quiet() -> object:
        gc.disable()
        try:
            return work()
        finally:
            gc.enable()

    return quiet
