"""Writes panels.toml and verdicts.md: `PYTHONPATH=. python docs/upstream/make.py PATH`.

PATH is a JSON list of upstream's queries, see `python -m lib.upstream --help`. Fills a Prometheus with two days of one
cluster of the sample and asks it both; takes some minutes, and needs the programs prometheus and promtool.
"""

import sys

from lib.sample.openmetrics import openmetrics
from lib.sample.world import storage_of
from lib.upstream.__main__ import main
from tests.prometheus_server import running_prometheus

# A moment, always the same, at which most of what upstream looks for is there: Dask, GPUs, evicted pods, crashes.
CLUSTER, NOW, HOUR = "aurora", 1_794_322_800, 3_600


def make(path: str) -> int:
    """Write both files; returns the exit status."""
    lines = openmetrics(storage_of(CLUSTER, NOW), (NOW - 50 * HOUR) * 1000, NOW * 1000)
    with running_prometheus("".join(lines)) as url:
        return main(["panels", path]) or main(["verdicts", path, "--prometheus", url, "--end", str(NOW)])


if __name__ == "__main__":
    sys.exit(make(sys.argv[1]))
