"""`python -m lib`: what can be done in a terminal: `export` and `report` write files, `presets` looks after presets."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from lib.commands import check, drift, export, report


class _Parser(argparse.ArgumentParser):
    """Answers what it does not understand with a sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message[:1].upper()}{message[1:]}. Try: {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code. Raises SystemExit with code 2 for arguments that make no sense."""
    given = _parser().parse_args(arguments)
    if given.subject == "report":
        return report.run(given.month, given.presets, given.output, names=given.names)
    if given.subject == "export":
        return export.run(given)
    return check.run(given.files) if given.command == "check" else drift.run(given.path)


def _parser() -> _Parser:
    parser = _Parser(prog="python -m lib", description="Hubscope in a terminal. The app itself starts with: make run")
    subjects = parser.add_subparsers(dest="subject", required=True, metavar="export|presets|report")
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
    _add_report(subjects.add_parser("report", help="make the monthly community report, an HTML file"))
    return parser


def _add_report(reporting: argparse.ArgumentParser) -> None:
    reporting.add_argument("--month", default="", help="2026-10; also Q3 2026 or 2026. Default: the last full month")
    reporting.add_argument("--presets", default="", help="ids between commas, for another report than the monthly one")
    reporting.add_argument("--output", default="", help="file to write; default: a name of its own in this folder")
    reporting.add_argument("--names", action="store_true", help="leave the names of people in; default: pseudonyms")


if __name__ == "__main__":
    sys.exit(main())
