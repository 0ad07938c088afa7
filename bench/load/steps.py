"""Steps of more and more visitors on one app: how long clicks take, what is wrong, what it costs."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.health import Pulse
from bench.process import Taken, taken
from bench.upstream import UIDS, Remote
from bench.visiting.crowd import Crowd, Told, percentile, told

P95, HEALTH = 2.0, 0.5  # seconds: what counts as held
_RAMP = 5.0  # new visitors a second, about what one process takes


@dataclass(frozen=True)
class Step:
    """What so many visitors came to; `arrived`: the seconds until the first page of those who came for it."""

    visitors: int
    told: Told
    arrived: Sequence[float]
    seconds: float
    health: float
    upstream: Mapping[str, Any]
    before: Taken
    after: Taken

    @property
    def held(self) -> bool:
        """Fast enough, nothing wrong, nobody thrown out, and the server well."""
        verdict = self.told.verdict
        right = not (verdict.wrong or verdict.unlabelled or self.told.refused)
        return right and percentile(self.told.took, 0.95) < P95 and self.health < HEALTH

    def line(self) -> dict[str, Any]:
        """For the line of figures. Times in seconds; `hits`: the share of questions that no cluster was asked for."""
        took, arrived = self.told.took, self.arrived
        questions = max(1, self.told.clicks + self.told.arrivals)
        return {
            "visitors": self.visitors,
            "held": self.held,
            "clicks": self.told.clicks,
            "p50": _short(percentile(took, 0.5)),
            "p95": _short(percentile(took, 0.95)),
            "p99": _short(percentile(took, 0.99)),
            "arrival_p95": _short(percentile(arrived, 0.95)),
            "health_p99": _short(self.health),
            "checked": self.told.verdict.checked,
            "wrong": len(self.told.verdict.wrong),
            "unlabelled": len(self.told.verdict.unlabelled),
            "upstream_most": self.upstream["most"],
            "hits": _short(max(0.0, 1 - self.upstream["asked"] / len(UIDS) / questions)),
            "cpu_per_click": _short((self.after.cpu - self.before.cpu) / questions),
            "cpu_share": _short((self.after.cpu - self.before.cpu) / self.seconds),
            "errors": dict(self.told.errors.most_common(12)),
            **{name: value for name, value in self.after.told().items() if name != "cpu"},
        }


def climb(
    crowd: Crowd, process: Path, pulse: Pulse, remote: Remote, sizes: Sequence[int], seconds: float
) -> list[Step]:
    """One step after the other; those who are there stay. A step is measured once everybody has come."""
    steps = []
    for size in sizes:
        came = time.time()
        crowd.grow(size, over=size / _RAMP / 2)
        time.sleep(min(5.0, seconds / 4))
        remote.tell()
        before, started = taken(process), time.time()
        time.sleep(seconds)
        ended, after = time.time(), taken(process)
        step = Step(
            size,
            told(crowd.between(started, ended)),
            told(crowd.between(came, ended)).arrived,
            ended - started,
            percentile(pulse.seconds(started, ended), 0.99),
            remote.tell(),
            before,
            after,
        )
        steps.append(step)
        print(f"  {size:3} visitors: {step.line()}", flush=True)
        for wrong in (step.told.verdict.wrong + step.told.verdict.unlabelled)[:5]:
            print(f"      WRONG: {wrong}", flush=True)
    return steps


def held(steps: Sequence[Step]) -> int:
    """The largest number of visitors below which every step is held; 0 for none."""
    most = 0
    for step in steps:
        if not step.held:
            break
        most = step.visitors
    return most


def _short(value: float) -> float | None:
    """A number for JSON, which has none that is no number: where nobody came, nobody waited."""
    return None if math.isnan(value) else round(value, 4)
