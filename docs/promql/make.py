"""Writes verdicts.md: `PYTHONPATH=. python docs/promql/make.py`.

Needs the programs prometheus, promtool and node, and `npm ci` in `lib/ui/editor`.
"""

import sys
from pathlib import Path

from tests.prometheus_server import running_prometheus
from tests.promql.corpus import CORPUS
from tests.promql.verdicts import as_markdown, browser, offline, prometheus, rows


def make() -> int:
    """Write the document; returns the exit status."""
    with running_prometheus("# EOF\n") as url:
        read = prometheus(url)
        queries = [query for group in CORPUS.values() for query in group.values()]
        tables = {
            "Our own reading": rows(CORPUS, read, offline),
            "The editor's linter, in the browser": rows(CORPUS, read, browser(queries)),
        }
    Path(__file__).with_name("verdicts.md").write_text(as_markdown(tables), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(make())
