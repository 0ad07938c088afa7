"""The figures by name, and what one measurement says: a ratio, the goal, and whether it is met."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import bench


@dataclass(frozen=True)
class Measured:
    """One ratio of one figure. `case` names the size; `ours` and `peer` say in words what was divided."""

    case: str
    ratio: float
    goal: float
    better: Literal["more", "less"]
    ours: str = ""
    peer: str = ""

    @property
    def met(self) -> bool:
        """Whether the ratio reaches its goal."""
        return self.ratio >= self.goal if self.better == "more" else self.ratio <= self.goal


def faster(case: str, ours: float, peer: float, goal: float) -> Measured:
    """The peer's seconds over ours: how many times as fast we are; `goal` is the least."""
    return Measured(case, peer / ours, goal, "more", seconds(ours), seconds(peer))


def share(case: str, ours: float, peer: float, goal: float) -> Measured:
    """Our seconds over the peer's: what share of its time we take; `goal` is the most."""
    return Measured(case, ours / peer, goal, "less", seconds(ours), seconds(peer))


def seconds(value: float) -> str:
    """Seconds in words: `1.23 s` or `4.5 ms`."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.3g} ms"


@dataclass(frozen=True)
class Figure:
    """One line of the list of goals: its name, what is measured, the peer, and the function that measures."""

    name: str
    measure: str
    against: str
    run: Callable[[], Iterable[Measured]]


FIGURES: dict[str, Figure] = {}


def figure(
    name: str, measure: str, *, against: str
) -> Callable[[Callable[[], Iterable[Measured]]], Callable[[], Iterable[Measured]]]:
    """Registers a function that measures. It yields each ratio as soon as it has it."""

    def register(run: Callable[[], Iterable[Measured]]) -> Callable[[], Iterable[Measured]]:
        if name in FIGURES:
            raise ValueError(f"Two figures are called {name}.")
        FIGURES[name] = Figure(name, measure, against, run)
        return run

    return register


def load() -> dict[str, Figure]:
    """All figures of this folder, in the order of their numbers."""
    for module in pkgutil.iter_modules(bench.__path__):
        if not module.name.startswith("__"):
            importlib.import_module(f"bench.{module.name}")
    return dict(sorted(FIGURES.items(), key=lambda item: int(item[0].lstrip("P"))))
