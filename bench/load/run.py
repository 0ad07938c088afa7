"""One run of load: our app and plain Streamlit in turn, and whether memory comes back when everybody has left."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from bench.health import pulse
from bench.load.leaving import SETTINGS, left, visit_once, warm_up
from bench.load.steps import climb, held
from bench.process import process_of, taken
from bench.record import keep_line
from bench.upstream import Mood, remote_double
from bench.visiting.crowd import Crowd
from tests.e2e.app import serve_app

SCRIPTS = {"ours": "server.py", "plain": "streamlit_app.py"}
MOOD = Mood(delay=0.05, faults=0.02)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be told to `python -m bench load`."""
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each step is measured")
    parser.add_argument("--visitors", default="1,5,10,20,40,80", help="how many visitors each step has")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="three steps of 12 s: three to four minutes in all")
    parser.add_argument("--only", choices=SCRIPTS, help="one side alone")
    parser.add_argument("--no-record", action="store_true", help="prints, keeps nothing")


def run(arguments: argparse.Namespace) -> int:
    """Measures both sides and keeps one line. 1 where ours sent a wrong number, or left out a word; else 0."""
    sizes = [int(size) for size in ("1,10,40" if arguments.quick else arguments.visitors).split(",")]
    seconds = 12.0 if arguments.quick else arguments.seconds
    line: dict[str, Any] = {"seed": arguments.seed, "seconds": seconds, "mood": "6 clusters, 25 to 75 ms, 2 % faults"}
    sides = [arguments.only] if arguments.only else list(SCRIPTS)
    for side in sides:
        print(f"{side}: {SCRIPTS[side]}", flush=True)
        leaving = side == "ours" or not arguments.quick
        line[side] = _side(SCRIPTS[side], sizes, seconds, arguments.seed, leaving=leaving)
    if not arguments.no_record:
        keep_line("load", line)
    for side in sides:
        print(f"{side}: load held {line[side]['held']}, memory {line[side].get('memory')}", flush=True)
    ours = line.get("ours", {"steps": []})
    return int(any(step["wrong"] or step["unlabelled"] for step in ours["steps"]))


def _side(script: str, sizes: Sequence[int], seconds: float, seed: int, *, leaving: bool) -> dict[str, Any]:
    with (
        remote_double(seed) as remote,
        serve_app({**remote.settings, **SETTINGS}, script=script) as app,
        pulse(app.url) as beats,
    ):
        process = process_of(app.url)
        start = taken(process).memory
        warm_up(app.url, remote)
        remote.tell(MOOD)
        crowd = Crowd(app.url, seed)
        steps = climb(crowd, process, beats, remote, sizes[:1], seconds)
        visit_once(app.url)
        before = taken(process).memory
        steps += climb(crowd, process, beats, remote, sizes[1:], seconds)
        most = taken(process).memory
        crowd.go()
        told = {"held": held(steps), "steps": [step.line() for step in steps]}
        memory: dict[str, float] = {"start": start, "before": before, "most": most}
        return told | {"memory": left(app.url, process, memory) if leaving else {}}
