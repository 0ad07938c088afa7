"""Chaos over many seeds: each a fresh app, a few visitors, and scenes of faults; a seed that fails can be run again."""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from bench.chaos.faults import DELAY, FAULTS, Stage
from bench.chaos.judging import RECOVERY, Outcome, judge, until_well
from bench.chaos.life import Life, living
from bench.chaos.script import Scene, script
from bench.health import Pulse, pulse
from bench.record import keep_line
from bench.upstream import Mood, Remote, remote_double
from bench.visiting.crowd import Crowd

SETTINGS = {"HUBSCOPE_EDITOR": "plain", "HUBSCOPE_TIMEOUT": "4", "HUBSCOPE_MEMORY_MB": "16"}
_VISITORS, _PACE, _PATIENCE = 4, 8.0, 25.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be told to `python -m bench chaos`."""
    parser.add_argument("--seeds", type=int, default=20, help="how many seeds, from 0 on")
    parser.add_argument("--seed", type=int, help="this one alone: what happens is the same each time")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each fault lasts")
    parser.add_argument("--minutes", type=float, default=10.0, help="begins no further seed after so long")
    parser.add_argument("--fault", choices=sorted(FAULTS), help="this fault alone, once")
    parser.add_argument("--no-record", action="store_true", help="prints, keeps nothing")


def run(arguments: argparse.Namespace) -> int:
    """Runs the seeds and keeps one line. 1 where something did not hold, with the seeds to run again; else 0."""
    started, outcomes = time.monotonic(), dict[int, Sequence[Outcome]]()
    mounted = True
    for seed in [arguments.seed] if arguments.seed is not None else range(arguments.seeds):
        if outcomes and time.monotonic() - started > arguments.minutes * 60 - 30:
            print(f"  time is up: seeds from {seed} on are left out", flush=True)
            break
        scenes = [(arguments.fault,)] if arguments.fault else script(seed)
        outcomes[seed], mounted = _live(seed, scenes, arguments.seconds)
        if arguments.fault:
            break
    line = _line(outcomes, arguments.seconds, mounted)
    failing = [seed for seed, lived in outcomes.items() if not all(outcome.survived for outcome in lived)]
    for seed in failing:
        print(f"  again: python -m bench chaos --seed {seed} --seconds {arguments.seconds:g}", flush=True)
    print(line, flush=True)
    if not (arguments.no_record or arguments.fault or arguments.seed is not None):
        keep_line("chaos", line)
    return int(bool(failing))


def _live(seed: int, scenes: Sequence[Scene], seconds: float) -> tuple[list[Outcome], bool]:
    """One app and its scenes; and whether its folders were small disks of their own."""
    print(f"seed {seed}: {', '.join(' + '.join(scene) for scene in scenes)}", flush=True)
    with remote_double(seed, Mood(DELAY)) as remote:
        settings = remote.settings | SETTINGS
        settings["GRAFANA_URL"] = settings["GRAFANA_URL"].replace("127.0.0.1", "localhost")  # a name to resolve
        with living(settings) as life, pulse(life.app.url) as beats:
            crowd = Crowd(life.app.url, seed, pace=_PACE, patience=_PATIENCE, diggers=1)
            crowd.grow(_VISITORS)
            until_well(life.app.url, seed)
            outcomes = [
                _scene(scene, life, remote, beats, crowd, f"{seed} {at}", seconds) for at, scene in enumerate(scenes)
            ]
            crowd.go()
            return outcomes, life.mounted


def _scene(scene: Scene, life: Life, remote: Remote, beats: Pulse, crowd: Crowd, seed: str, seconds: float) -> Outcome:
    stage, faults = Stage(life, remote, random.Random(seed)), [FAULTS[name] for name in scene]
    began = time.time()
    with ExitStack() as stack:
        for fault in faults:
            stack.enter_context(fault.during(stage))
        time.sleep(seconds)
        alive = life.alive
    ended = time.time()
    recovery = until_well(life.app.url, seed) if life.alive else float("inf")
    excused = any(fault.excused for fault in faults)
    outcome = judge(scene, beats, crowd, began, ended, recovery, excused=excused, alive=alive and life.alive)
    said = "survived" if outcome.survived else "; ".join(outcome.complaints)
    print(f"  {' + '.join(scene):60} well after {recovery:5.1f} s, {outcome.outage:2} s of outage: {said}", flush=True)
    if not life.alive:
        print(life.app.log[-1500:], flush=True)
        life.start()
    return outcome


def _line(lived: dict[int, Sequence[Outcome]], seconds: float, mounted: bool) -> dict[str, Any]:
    outcomes = [outcome for each in lived.values() for outcome in each]
    faults = Counter(name for outcome in outcomes for name in outcome.scene)
    survived = Counter(name for outcome in outcomes if outcome.survived for name in outcome.scene)
    return {
        "seeds": len(lived),
        "seconds": seconds,
        "how": "disks: small tmpfs" if mounted else "disks: limits of the process",
        "scenes": len(outcomes),
        "scenes_survived": sum(outcome.survived for outcome in outcomes),
        "injected": faults.total(),
        "survived": survived.total(),
        "kinds": len(faults),
        "outage_seconds": sum(outcome.outage for outcome in outcomes),
        "outage_without_excuse": sum(outcome.unexcused for outcome in outcomes),
        "worst_recovery": _number(max((outcome.recovery for outcome in outcomes), default=0.0)),
        "recovered_in_time": all(outcome.recovery <= RECOVERY for outcome in outcomes),
        "checked": sum(outcome.checked for outcome in outcomes),
        "wrong": sum(complaint.startswith("wrong") for outcome in outcomes for complaint in outcome.complaints),
        "unlabelled": sum(complaint.startswith("without") for outcome in outcomes for complaint in outcome.complaints),
        "failing": {
            str(seed): [
                f"{' + '.join(each.scene)}: {'; '.join(each.complaints)[:300]}" for each in own if not each.survived
            ]
            for seed, own in lived.items()
            if not all(each.survived for each in own)
        },
    }


def _number(value: float) -> float | None:
    """A number for JSON, which has none that is infinite."""
    return round(value, 2) if value < float("inf") else None
