"""What was measured, kept: a JSON line per ratio in `results/`, rows on the terminal, and `docs/performance.md`."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench.registry import Figure, Measured

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
_NOT_MET = Path(__file__).parent / "not_met.md"  # written by hand: the reasons, which no measurement knows
_INTRODUCTION = """# How fast, against whom

Every number is a ratio of two things measured in turn in one run (`make bench`), the median of at least five rounds:
milliseconds differ from machine to machine, ratios hardly do. The lines behind it are in `bench/results/`.
This page is drawn from them by `python -m bench draw`. At its end:
[what is not met, and why](#what-is-not-met-and-why).

![Seconds to the frame over bytes received, for more and more sources, series and points](images/growth.svg)

How time grows (P13): grey is growth as fast as the bytes; below it, ten times as much costs less than ten times.

"""
_HEAD = "| | Measure | Against | Size | Ratio | Goal | Met | Ours | Theirs | When, where |\n" + "|---" * 10 + "|\n"


def keep(figure: Figure, measured: Measured) -> None:
    """Appends one line to `results/<figure>.jsonl`."""
    line = {
        "figure": figure.name,
        "case": measured.case,
        "ratio": round(measured.ratio, 3),
        "goal": measured.goal,
        "better": measured.better,
        "met": measured.met,
        "ours": measured.ours,
        "peer": measured.peer,
    }
    keep_line(figure.name, line)


def keep_line(name: str, told: Mapping[str, object]) -> None:
    """Appends one line to `results/<name>.jsonl`: when, which commit, which machine, and what is told."""
    line = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        **told,
    }
    with (RESULTS / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def kept(name: str) -> list[dict[str, object]]:
    """All lines of a figure, oldest first."""
    path = RESULTS / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def row(figure: Figure, measured: Measured) -> str:
    """One line of the table on the terminal."""
    goal = f"{'at least' if measured.better == 'more' else 'at most'} {measured.goal:g}x"
    verdict = "met" if measured.met else "MISSED"
    words = f"{measured.ours} against {measured.peer}" if measured.peer else measured.ours
    return f"{figure.name:4} {measured.case:34} {measured.ratio:8.2f}x  {goal:14} {verdict:7} {words}"


def draw(figures: Mapping[str, Figure]) -> None:
    """Writes `docs/performance.md`: the newest line of each figure and size, then why some goals are not met."""
    rows = [line for figure in figures.values() for line in _rows(figure, kept(figure.name))]
    PAGE.write_text(_INTRODUCTION + _HEAD + "".join(rows) + _NOT_MET.read_text("utf-8"), encoding="utf-8")


def _rows(figure: Figure, lines: Iterable[Mapping[str, object]]) -> Iterator[str]:
    for line in {line["case"]: line for line in lines}.values():
        sign = "≥" if line["better"] == "more" else "≤"
        cells = [figure.name, figure.measure, figure.against, line["case"], f"{line['ratio']:.3g}x"]
        cells += [f"{sign} {line['goal']:g}x", "yes" if line["met"] else "**no**", line["ours"], line["peer"]]
        yield "| " + " | ".join(map(str, [*cells, f"{str(line['date'])[:10]}, {line['machine']}"])) + " |\n"


def _commit() -> str:
    """The commit that was measured, with `-dirty` where files differ from it."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=PAGE.parent).stdout.strip()
