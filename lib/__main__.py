"""`python -m lib`: what can be done in a terminal: `export` writes files, `presets` looks after presets."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from lib.commands import check, drift, export


class _Parser(argparse.ArgumentParser):
    """Answers what it does not understand with a sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message[:1].upper()}{message[1:]}. Try: {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code. Raises SystemExit with code 2 for arguments that make no sense."""
    given = _parser().parse_args(arguments)
    if given.subject == "export":
        return export.run(given)
    return check.run(given.files) if given.command == "check" else drift.run(given.path)


def _parser() -> _Parser:
    parser = _Parser(prog="python -m lib", description="Hubscope in a terminal. The app itself starts with: make run")
    subjects = parser.add_subparsers(dest="subject", required=True, metavar="export|presets")
    export.add_arguments(subjects.add_parser("export", help="write the answer to a question to a file"))
    commands = subjects.add_parser("presets", help="check presets").add_subparsers(
        dest="command", required=True, metavar="check|drift"
    )
    checking = commands.add_parser("check", help="read presets and parse their queries; exit code 1 for any problem")
    checking.add_argument("files", nargs="*", help="TOML or JSON files, or folders; none: the built-in catalogue")
    drifting = commands.add_parser("drift", help="compare upstream dashboards with what was recorded of them")
    drifting.add_argument(
        "path", help="a checkout (needs gojsonnet), a folder of rendered dashboards, or one file of either"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
