"""One soak: visitors who come and go, 5 % faults, and a reading of what the server takes every five seconds."""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.health import pulse
from bench.load.leaving import SETTINGS, TTL, left, visit_once, warm_up
from bench.process import Taken, count_files, process_of, taken
from bench.record import keep_line
from bench.soak.streamlit_counts import Counts, counts
from bench.soak.trend import second_half, trend
from bench.upstream import Mood, remote_double
from bench.visiting.crowd import Crowd, Told, percentile, told
from tests.e2e.app import App, serve_app

MOOD = Mood(delay=0.03, faults=0.05)
KEPT = {"HUBSCOPE_CACHE": "../kept", "HUBSCOPE_CACHE_MB": "16"}  # small enough to be full soon
_EVERY = 5.0
_MOST = 12  # visitors at once
_PACE = 4.0  # they click four times as often as people do, so that an hour stands for four
LIMIT = 1.0  # MB that an hour may grow for each thousand clicks in it


@dataclass(frozen=True)
class Reading:
    """What the server took at a moment (seconds since the start), and what lay around."""

    at: float
    taken: Taken
    cached: int
    temporary: int
    counts: Counts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be told to `python -m bench soak`."""
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-record", action="store_true", help="prints, keeps nothing")


def run(arguments: argparse.Namespace) -> int:
    """Soaks, prints and keeps one line. 1 where a wrong number was sent, or a word left out; else 0."""
    seed = arguments.seed
    with remote_double(seed) as remote, serve_app({**remote.settings, **SETTINGS, **KEPT}) as app:
        with pulse(app.url) as beats:
            process = process_of(app.url)
            start = taken(process).memory
            warm_up(app.url, remote)
            time.sleep(TTL + 1)  # what the warm-up itself leaves is no measure
            visit_once(app.url)
            before = taken(process).memory
            remote.tell(MOOD)
            crowd, began = Crowd(app.url, seed, pace=_PACE), time.time()
            readings = _soak(app, process, crowd, arguments.minutes * 60, seed)
            crowd.go()
            health = percentile(beats.seconds(began, time.time()), 0.99)
        seen = told(crowd.events)
        line = {"seed": seed, "minutes": arguments.minutes, **_line(readings, seen), "health_p99": round(health, 4)}
        most = max(reading.taken.memory for reading in readings)
        line["memory"] = left(app.url, process, {"start": start, "before": before, "most": most})
        line["after"] = _reading(app, process, time.time() - began).taken.told()
    for wrong in (seen.verdict.wrong + seen.verdict.unlabelled)[:10]:
        print(f"  WRONG: {wrong}", flush=True)
    print(line, flush=True)
    if not arguments.no_record:
        keep_line("soak", line)
    return int(bool(seen.verdict.wrong or seen.verdict.unlabelled))


def _soak(app: App, process: Path, crowd: Crowd, seconds: float, seed: int) -> list[Reading]:
    """Somebody comes or goes every five seconds or so; each time all is read."""
    drawn, started = random.Random(f"soak {seed}"), time.monotonic()
    readings = []
    while (at := time.monotonic() - started) < seconds:
        size = drawn.randint(_MOST // 3, _MOST)
        crowd.shrink(size)
        crowd.grow(size)
        readings.append(_reading(app, process, at))
        time.sleep(_EVERY)
    return readings


def _reading(app: App, process: Path, at: float) -> Reading:
    home = app.folder / "home"
    return Reading(at, taken(process), count_files(app.folder / "kept"), count_files(home), counts(app.url))


def _line(readings: Sequence[Reading], seen: Told) -> dict[str, Any]:
    """The line of figures: growth per thousand clicks with its standard error, and first and last of what is counted.

    `flat`: it does not grow by more than two standard errors; left out where the app does not tell. Memory counts as
    `met` where its growth is not above the limit by as much.
    """
    late = second_half(readings)
    hours = [reading.at / 3600 for reading in late]
    memory = trend(hours, [reading.taken.memory / 1e6 for reading in late])
    thousands = max(0.001, seen.clicks / 1000 / ((readings[-1].at - readings[0].at) / 3600))
    series = {
        "threads": [reading.taken.threads for reading in late],
        "files": [reading.taken.files for reading in late],
        "close_wait": [reading.taken.close_wait for reading in late],
        "temporary": [reading.temporary for reading in late],
        "media": [reading.counts.media for reading in late],
        "sessions": [reading.counts.sessions for reading in late],
    }
    known = {name: values for name, values in series.items() if min(values) >= 0}
    slopes = {name: trend(hours, values) for name, values in known.items()}
    return {
        "clicks": seen.clicks,
        "visitors": seen.arrivals,
        "p95": round(percentile(seen.took, 0.95), 4),
        "checked": seen.verdict.checked,
        "wrong": len(seen.verdict.wrong),
        "unlabelled": len(seen.verdict.unlabelled),
        "errors": dict(seen.errors.most_common(12)),
        "growth": {
            "mb_per_hour": round(memory.slope, 2),
            "error": round(memory.error, 2),
            "mb_per_hour_per_1000_clicks_an_hour": round(memory.slope / thousands, 3),
            "met": memory.below(LIMIT * thousands),
        },
        "counted": {name: [values[0], values[-1], max(values)] for name, values in series.items()},
        "flat": {name: slope.below(1e-9) for name, slope in slopes.items()},
        "cache_files": [readings[0].cached, readings[-1].cached],
        "memory_mb": [round(reading.taken.memory / 2**20, 1) for reading in readings[:: max(1, len(readings) // 20)]],
    }
