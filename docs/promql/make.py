"""Writes verdicts.md: `PYTHONPATH=. python docs/promql/make.py`. Needs the programs prometheus and promtool."""

import sys
from pathlib import Path

from tests.prometheus_server import running_prometheus
from tests.promql.corpus import CORPUS
from tests.promql.verdicts import as_markdown, offline, prometheus, rows


def make() -> int:
    """Write the document; returns the exit status."""
    with running_prometheus("# EOF\n") as url:
        table = rows(CORPUS, prometheus(url), offline)
    Path(__file__).with_name("verdicts.md").write_text(as_markdown({"Our own reading": table}), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(make())
