"""Writes panels.toml and verdicts.md: `PYTHONPATH=. python docs/upstream/make.py PATH`.

PATH is a JSON list of upstream's queries, see `python -m lib.upstream --help`. Fills a Prometheus with three days of
one cluster of the sample and asks it both; takes some minutes, and needs the programs prometheus and promtool.
"""

import sys

from lib.sample.openmetrics import openmetrics
from lib.sample.world import storage_of
from lib.upstream.__main__ import main
from tests.prometheus_server import running_prometheus

# A moment, always the same, in and before which everything upstream looks for is there: failed starts, a server left
# running, Dask, GPUs, an evicted pod, a backup that failed in its first step.
CLUSTER, NOW, HOUR = "aurora", 1_794_862_800, 3_600


def make(path: str) -> int:
    """Write both files; returns the exit status."""
    lines = openmetrics(storage_of(CLUSTER, NOW), (NOW - 75 * HOUR) * 1000, NOW * 1000)
    with running_prometheus("".join(lines)) as url:
        asked = ["--prometheus", url, "--end", str(NOW), "--range", "3d"]
        return main(["panels", path]) or main(["verdicts", path, *asked])


if __name__ == "__main__":
    sys.exit(make(sys.argv[1]))
