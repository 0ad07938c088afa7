"""`python -m lib.upstream`: keep what upstream has, compare its answers with ours.

PATH is a JSON list of upstream's queries: objects with id, dashboard, panel, ref and expr.

- `panels PATH` writes `docs/upstream/panels.toml`;
- `verdicts PATH --prometheus URL` asks that Prometheus both and writes `docs/upstream/verdicts.md`. What it should hold
  is the sample: `docs/upstream/make.py` fills one and does all of it.
"""

import argparse
import sys
import time
from pathlib import Path

from lib.core.errors import AppError
from lib.core.preset_files import read_catalogue
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.core.time_range import TimeRange, parse_duration
from lib.sources import connect
from lib.upstream import panels, verdicts


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        queries = panels.read_queries(options.path)
        if options.command == "panels":
            panels.PANELS.write_text(panels.panels_toml(queries), encoding="utf-8")
            return 0
        _write_verdicts(queries, options)
    except AppError as error:
        print(f"{error.message} {error.hint}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lib.upstream", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("panels", "verdicts"):
        command = commands.add_parser(name)
        command.add_argument("path", type=Path, metavar="PATH")
    command.add_argument("--prometheus", default="http://127.0.0.1:9090", metavar="URL")
    command.add_argument("--end", type=float, default=time.time(), help="Unix seconds (default: now)")
    command.add_argument("--range", default="2d", help="how far back (default: 2d)")
    command.add_argument("--step", default="1h", help="default: 1h")
    return parser


def _write_verdicts(queries: list[panels.UpstreamQuery], options: argparse.Namespace) -> None:
    step = parse_duration(options.step)
    grid = TimeRange.aligned(options.end - parse_duration(options.range), options.end, step)
    settings = Settings(prometheuses=(PrometheusSettings("prometheus", options.prometheus),), timeout=120)
    source = connect(settings).sources[0]
    matched = panels.taken(panels.read_known(), read_catalogue().values())
    rows = verdicts.verdicts(queries, matched, panels.read_not_taken(), source, grid)
    (panels.FOLDER / "verdicts.md").write_text(verdicts.as_markdown(rows, grid), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
