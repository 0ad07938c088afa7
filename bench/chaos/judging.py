"""What a scene came to: what must hold each second, and how long until all was well again."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.chaos.script import Scene
from bench.health import Pulse
from bench.upstream import UIDS
from bench.visiting.acts import Person
from bench.visiting.crowd import Crowd, Event, told
from bench.visiting.page import drawn
from bench.visiting.visitor import Gone, visiting

HEALTH, RECOVERY = 0.5, 30.0  # seconds
_GIVE_UP = 45.0  # seconds until nobody waits any more for all to be well
_LOOKER = "127.0.0.9"
_SETTLING = 2.0  # seconds after a stop or a restart in which who was thrown out comes back


@dataclass(frozen=True)
class Outcome:
    """One scene: how many seconds nothing answered, how many of them had no excuse, seconds until all was well (of the
    end of the fault), how many values were checked, and what was wrong, as sentences.
    """

    scene: Scene
    outage: int
    unexcused: int
    recovery: float
    checked: int
    complaints: tuple[str, ...]

    @property
    def survived(self) -> bool:
        """Whether everything held."""
        return not self.complaints


def judge(
    scene: Scene, pulse: Pulse, crowd: Crowd, began: float, ended: float, recovery: float, *, excused: bool, alive: bool
) -> Outcome:
    """Puts together what was seen from the moment a fault began (Unix seconds) until all was well again."""
    until = ended + min(recovery, _GIVE_UP)
    bad = bad_seconds(pulse, began, until)
    quiet = (began, ended + _SETTLING) if excused else (0.0, 0.0)
    unexcused = [second for second in bad if not quiet[0] <= second < quiet[1]]
    events = crowd.between(began, until)
    seen = told(events)
    complaints = [f"health took {HEALTH} s or more for {len(unexcused)} s"] * bool(unexcused)
    complaints += ["nobody was answered"] * (not (seen.clicks or seen.arrivals or excused))
    complaints += [f"wrong: {wrong}" for wrong in seen.verdict.wrong[:3]]
    complaints += [f"without a word: {missing}" for missing in seen.verdict.unlabelled[:3]]
    complaints += _thrown_out(events, quiet)
    complaints += [f"not well again within {RECOVERY:g} s"] * (recovery > RECOVERY)
    complaints += ["the process has ended"] * (not alive)
    return Outcome(scene, len(bad), len(unexcused), recovery, seen.verdict.checked, tuple(complaints))


def _thrown_out(events: Sequence[Event], quiet: tuple[float, float]) -> list[str]:
    found = [event.error for event in events if event.error and not quiet[0] <= event.at < quiet[1]]
    return [f"a visitor: {error}" for error in sorted(set(found))[:3]]


def bad_seconds(pulse: Pulse, start: float, end: float) -> list[float]:
    """The seconds in which the server was not well: half of its answers took too long, or there was none."""
    bad, second = [], start
    while second < end:
        beats = pulse.seconds(second, min(second + 1, end))
        begun = [
            at for at, took, _ in pulse.beats if at < second < at + took - HEALTH
        ]  # still waiting for an earlier one
        if (beats and statistics.median(beats) >= HEALTH) or (not beats and begun):
            bad.append(second)
        second += 1
    return bad


def until_well(url: str, seed: object) -> float:
    """Seconds until somebody who comes anew and asks what nobody has asked sees every cluster; infinite if never."""
    started, tries = time.monotonic(), 0
    while (waited := time.monotonic() - started) < _GIVE_UP:
        tries += 1
        if _is_well(url, f"{seed} {tries}"):
            return time.monotonic() - started
        time.sleep(0.25)
    return float("inf") if waited else 0.0


def _is_well(url: str, seed: str) -> bool:
    try:
        with visiting(url, 10, _LOOKER) as visitor:
            person = Person(visitor, seed)
            verdict = person.ask().verdict
            seen = {name for figure in person.page.charts() for name, _, _ in drawn(figure)}
            return seen == set(UIDS) and not verdict.wrong
    except (Gone, LookupError, ValueError):
        return False
