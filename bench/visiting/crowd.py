"""Many visitors at once, each in a thread with a seed of its own; what each click came to is written down."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.visiting.acts import Act, Person
from bench.visiting.truth import Verdict
from bench.visiting.visitor import PATIENCE, Gone, visiting


@dataclass(frozen=True)
class Event:
    """Something that happened to a visitor: when it was over (Unix seconds), and the act, or why there was none."""

    at: float
    act: Act | None
    error: str = ""


@dataclass
class Crowd:
    """Visitors of an app. `pace` divides the time that they think; `patience`: seconds until one gives up.

    The first `diggers` do nothing but ask for a year by the hour.
    """

    url: str
    seed: int
    pace: float = 1.0
    patience: float = PATIENCE
    diggers: int = 0
    events: list[Event] = field(default_factory=list)
    _leave: list[threading.Event] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    _born: int = 0

    def grow(self, size: int, over: float = 0.0) -> None:
        """Lets visitors come until there are so many, spread over some seconds."""
        missing = size - len(self._leave)
        for _ in range(missing):
            leave = threading.Event()
            self._leave.append(leave)
            visitor = threading.Thread(target=self._visit, args=(self._born, leave), daemon=True)
            self._born += 1
            self._threads.append(visitor)
            visitor.start()
            time.sleep(over / missing)

    def shrink(self, size: int) -> None:
        """Lets the first ones go until there are so many; returns at once."""
        while len(self._leave) > size:
            self._leave.pop(0).set()

    def go(self) -> None:
        """Lets everybody go, and waits until they have."""
        self.shrink(0)
        for thread in self._threads:
            thread.join(self.patience)
        self._threads.clear()

    def between(self, start: float, end: float) -> list[Event]:
        """What was over between two moments, in Unix seconds."""
        return [event for event in tuple(self.events) if start <= event.at < end]

    def _visit(self, number: int, leave: threading.Event) -> None:
        """Comes, clicks and thinks until it is time to go; comes again where it was thrown out."""
        while not leave.is_set():
            try:
                with visiting(self.url, self.patience, address(number)) as visitor:
                    person = Person(visitor, f"{self.seed} {number}")
                    self._note(person.arrive())
                    while not leave.wait(person.think() / self.pace):
                        self._note(person.dig() if number < self.diggers else person.act())
            except Gone as gone:
                self._note(None, str(gone))
                leave.wait(1)
            except (LookupError, ValueError) as odd:
                self._note(None, f"odd page: {odd}"[:200])
                leave.wait(1)

    def _note(self, act: Act | None, error: str = "") -> None:
        self.events.append(Event(time.time(), act, error))


def address(number: int) -> str:
    """Where a visitor comes from: each from an address of its own on this machine, as people do."""
    return f"127.0.{1 + number // 250 % 250}.{1 + number % 250}"


@dataclass(frozen=True)
class Told:
    """What some events come to. Times in seconds; `errors`: by kind, those of clusters and those of visitors."""

    clicks: int
    arrivals: int
    took: tuple[float, ...]
    arrived: tuple[float, ...]
    verdict: Verdict
    errors: Counter[str]
    refused: int


def told(events: Sequence[Event]) -> Told:
    """Puts events together."""
    acts = [event.act for event in events if event.act]
    verdict, errors = Verdict(), Counter[str](event.error for event in events if event.error)
    refused = errors.total()
    for act in acts:
        verdict.add(act.verdict)
        errors.update(act.failures)
    arrived = tuple(sorted(act.took for act in acts if act.kind == "arrive"))
    took = tuple(sorted(act.took for act in acts if act.kind != "arrive"))
    return Told(len(took), len(arrived), took, arrived, verdict, errors, refused)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share (0 to 1) of all does not exceed; NaN where there are none."""
    rising = sorted(values)
    return rising[max(0, -(-len(rising) * round(share * 1000) // 1000) - 1)] if rising else float("nan")
