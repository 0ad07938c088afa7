"""The command: `python -m bench run [P1 ...]` measures, prints and keeps; `python -m bench draw` writes the page."""

from __future__ import annotations

import argparse
import sys

from bench import record
from bench.registry import load


def main() -> int:
    """Runs the figures that are named, or all. 0 also where a goal is missed: that is a result, not a failure."""
    figures = load()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("command", choices=["run", "draw", "list"])
    parser.add_argument("names", nargs="*", metavar="P1", help="figures; all of them when none is named")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(figures)
    if unknown:
        parser.error(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(figures)}.")
    if arguments.command == "draw":
        record.draw(figures)
        return 0
    for figure in (figures[name] for name in arguments.names or figures):
        print(f"{figure.name}: {figure.measure}, against {figure.against}", flush=True)
        for measured in figure.run() if arguments.command == "run" else ():
            record.keep(figure, measured)
            print(record.row(figure, measured), flush=True)
    return 0


sys.exit(main())
