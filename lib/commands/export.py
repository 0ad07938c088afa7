"""`export`: asks a question and writes its answer to a file, byte for byte the one behind the button of the app."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lib import ask
from lib.core.errors import AppError
from lib.core.export import EXPORTS, check_size
from lib.core.takeaway import Takeaway

FAILED, PARTIAL = 1, 3  # exit codes: nothing was written; nothing was written because some clusters failed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Names what `run` takes."""
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--preset", metavar="ID", help="a preset, such as daily-users")
    asked.add_argument("--expr", metavar="PROMQL", help="a query of your own")
    parser.add_argument("--range", default="", help="now-1M/M, now-30d, 2026-10-01..2026-10-31, “last month”")
    parser.add_argument("--format", default="csv", choices=list(_formats()), help="default: csv, one row per value")
    parser.add_argument("--step", default="", help="spacing of the points: 1h, 1d; default: what suits the range")
    parser.add_argument("--zone", default="", help="time zone, such as Europe/Berlin")
    parser.add_argument("--by", default="", help="total, cluster, hub, series or a label; default: as the preset says")
    parser.add_argument("--do", default="", help="transforms in order, as in links: rolling-7d,month-max")
    parser.add_argument(
        "--cluster", action="append", default=[], help="a cluster to ask, may be repeated; default: all"
    )
    parser.add_argument("--staging", action="store_true", help="include staging hubs")
    parser.add_argument("--output", default="", metavar="FILE", help="where to write; - for standard output")
    parser.add_argument("--allow-partial", action="store_true", help="write what there is although clusters failed")


def run(given: argparse.Namespace, now: float | None = None) -> int:
    """Writes the file and says what it is called. Exit code 1 for an error, 3 where some clusters failed."""
    start, _, end = given.range.partition("..")
    kind = EXPORTS[_formats()[given.format]]
    try:
        found = ask.answer(
            given.preset or given.expr,
            start.strip(),
            end.strip(),
            step=given.step,
            zone=given.zone,
            by=given.by,
            do=given.do,
            staging=given.staging,
            clusters=given.cluster,
            now=now,
        )
        check_size(kind, found.whole, ask.configured().max_rows)
    except AppError as error:
        return _say(f"{error.message} {error.hint}".strip(), FAILED)
    if found.about.failed and not given.allow_partial:
        return _say(f"{_failures(found)} Nothing was written; --allow-partial writes what there is.", PARTIAL)
    if found.about.failed:
        _say(_failures(found), 0)
    return _write(found.maker(kind)(), given.output or found.name(kind), f"{found.whole.rows:,} values")


def _formats() -> dict[str, str]:
    """What may be asked for, and which export it is: `csv` is the usual one, `wide` the other CSV."""
    names = {"csv_long": "csv", "csv_wide": "wide"}
    return {names.get(name, name): name for name in EXPORTS}


def _failures(found: Takeaway) -> str:
    about = found.about
    told = "; ".join(f"{cluster}: {reason}" for cluster, reason in about.failed)
    return f"{len(about.failed)} of {len(about.failed) + len(about.answered)} clusters failed. {told}"


def _write(content: bytes, output: str, size: str) -> int:
    if output == "-":
        sys.stdout.buffer.write(content)
        return 0
    try:
        Path(output).write_bytes(content)
    except OSError as error:
        return _say(f"{output} cannot be written: {error.strerror}. Give another place with --output.", FAILED)
    print(f"{output}: {size}")
    return 0


def _say(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code
