"""The command: `python -m bench run [P1 ...]` measures, prints and keeps; `python -m bench draw` writes the page.

`python -m bench load`, `soak` and `chaos` put visitors on the whole app; each keeps one line a run in `results/`.
`python -m bench promises` writes what the README may promise.
"""

from __future__ import annotations

import argparse
import sys

from bench import promises, record
from bench.chaos import run as chaos_run
from bench.load import run as load_run
from bench.registry import load
from bench.soak import run as soak_run


def main() -> int:
    """Runs what is named. 0 also where a goal is missed: that is a result; a wrong number is a failure."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("run", "draw", "list"):
        command = commands.add_parser(name)
        command.add_argument("names", nargs="*", metavar="P1", help="figures; all of them when none is named")
    runs = {"load": load_run, "soak": soak_run, "chaos": chaos_run, "promises": promises}
    for name, module in runs.items():
        module.add_arguments(commands.add_parser(name, description=module.__doc__))
    arguments = parser.parse_args()
    if arguments.command in runs:
        return runs[arguments.command].run(arguments)
    return _figures(parser, arguments)


def _figures(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    figures = load()
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
