"""The command `make faults`: every fault, one after the other, beside three good clusters, and one line about them all.

The faults are shown by this process and met in a child of it, whose memory is then that of the app alone. What is not
survived has a line of its own. Names after the command choose some of the faults.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from bench.record import keep_line
from tests.double import TOKEN, Double, grafana_double
from tests.faults.cases import CASES
from tests.faults.judge import PATIENT, SOURCES, Ground, Verdict, judge
from tests.faults.situations import SITUATIONS, judge_situation

SECONDS = 1.0  # the deadline of a fault that takes all of it


def meet(url: str, names: Sequence[str]) -> Iterator[Verdict]:
    """The verdict on each fault that a double at an address shows, in their order."""
    with Ground(url, SECONDS) as quick, Ground(url, PATIENT) as patient:
        for name in names:
            case = CASES[name] if name in CASES else SITUATIONS[name][0]
            ground = quick if case.waits else patient
            if name in CASES:
                yield judge(case, ground, measured=True)
            else:
                yield judge_situation(name, ground, measured=True)


def in_a_child(url: str, names: Sequence[str]) -> Iterator[Verdict]:
    """The same, out of a process that does nothing else."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.faults", "--at", url, *names]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        for line in child.stdout:
            told = json.loads(line)
            yield Verdict(**told | {"problems": tuple(told["problems"])})


def summary(double: Double, verdicts: Sequence[Verdict], seconds: float) -> dict[str, object]:
    """What is kept of a run."""
    failures = [verdict.seconds - verdict.deadline for verdict in verdicts if verdict.failed]
    asked = [entry.asked for entry in double.log]
    elsewhere = [f"{each.target} {each.body!r} {dict(each.headers) | {'authorization': ''}}" for each in asked]
    return {
        "figure": "faults",
        "tried": len(verdicts),
        "survived": sum(not verdict.problems for verdict in verdicts),
        "silently_wrong": sum(verdict.wrong for verdict in verdicts),
        "warnings_sent": sum(verdict.sent for verdict in verdicts),
        "warnings_kept": sum(verdict.kept for verdict in verdicts),
        "canary_places": sum(verdict.places for verdict in verdicts) + len(elsewhere),
        "canary_seen": sum(verdict.sightings for verdict in verdicts) + sum(TOKEN in text for text in elsewhere),
        "sink": len(double.sink_log),
        "deadline": SECONDS,
        "slowest_failure_beyond_deadline": round(max(failures, default=-SECONDS), 3),
        "largest_memory_mib": round(max((verdict.memory for verdict in verdicts), default=0) / 2**20, 1),
        "seconds": round(seconds, 1),
    }


def fine(facts: dict[str, object]) -> bool:
    """Whether everything was survived and nothing seen."""
    return facts["survived"] == facts["tried"] and not facts["canary_seen"] and not facts["sink"]


def main() -> int:
    """0 where every fault is survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--at", default="", help=argparse.SUPPRESS)  # the child: meet what is shown at this address
    parser.add_argument("names", nargs="*", help="faults by name; all of them when none is named")
    arguments = parser.parse_args()
    names = arguments.names or [*CASES, *SITUATIONS]
    if arguments.at:
        logging.getLogger().handlers.clear()
        for verdict in meet(arguments.at, names):
            print(json.dumps(asdict(verdict)), flush=True)
        return 0
    started, verdicts = time.monotonic(), []
    with grafana_double(SOURCES) as double:
        for verdict in in_a_child(double.url, names):
            verdicts.append(verdict)
            for problem in verdict.problems:
                print(f"{verdict.name}: {problem}", flush=True)
        facts = summary(double, verdicts, time.monotonic() - started)
    if len(verdicts) < len(names):
        print(f"{names[len(verdicts)]}: the process ended")
        return 1
    print(
        f"survived {facts['survived']} / {facts['tried']}, silently wrong {facts['silently_wrong']}, "
        f"warnings kept {facts['warnings_kept']} / {facts['warnings_sent']}, "
        f"token seen in {facts['canary_seen']} of {facts['canary_places']:,} places, "
        f"requests at the sink {facts['sink']}, "
        f"slowest failure {facts['slowest_failure_beyond_deadline']:+.2f} s beyond its deadline of {SECONDS:g} s, "
        f"largest memory {facts['largest_memory_mib']:.0f} MiB, {facts['seconds']} s"
    )
    if not arguments.names:
        keep_line("faults", facts)
    return 0 if fine(facts) else 1


if __name__ == "__main__":
    sys.exit(main())
