"""`python docs/upstream/make.py PATH`: writes panels.toml and verdicts.md from a JSON list of upstream's queries.

Fills a Prometheus with two days of one cluster of the sample and asks it both. Run it from the root of the repository,
with `PYTHONPATH=.`; it needs the programs prometheus and promtool.
"""

import sys

from lib.sample.openmetrics import openmetrics
from lib.sample.world import storage_of
from lib.upstream.__main__ import main
from tests.prometheus_server import running_prometheus

CLUSTER, NOW, DAY = "cedar", 1_795_300_000, 86_400  # a moment of no meaning, always the same


def make(path: str) -> int:
    """Write both files; returns the exit status."""
    lines = openmetrics(storage_of(CLUSTER, NOW), (NOW - 3 * DAY) * 1000, NOW * 1000)
    with running_prometheus("".join(lines)) as url:
        return main(["panels", path]) or main(["verdicts", path, "--prometheus", url, "--end", str(NOW)])


if __name__ == "__main__":
    sys.exit(make(sys.argv[1]))
