"""Rows that reach somebody who did not ask for them: `python -m bench.crossing` counts them; there must be none."""

from __future__ import annotations

import sys

from bench.counting import keep_count
from tests.crossing import Visits, over_the_network, stopped_after_every

NAME = "crossing"


def main() -> int:
    """0 when nothing crossed. Takes a minute or two."""
    network = over_the_network(threads=50, requests=200)
    visits = Visits(rounds=10_000)
    rounds = visits.run()
    stopped = stopped_after_every(1)
    shared = abs(rounds.sent - visits.different)
    bad = stopped.kept + stopped.used_again + stopped.wrong
    met = [
        keep_count(NAME, "50 threads, 2 credentials, one cache", network.crossed, network.asked, "requests"),
        keep_count(NAME, "the same: failed", network.failed, network.asked, "requests"),
        keep_count(NAME, "two visits at one moment", rounds.crossed, rounds.asked, "answers"),
        keep_count(NAME, "the same: sent twice, or not at all", shared, visits.different, "different questions"),
        keep_count(NAME, "stopped after every byte: kept, or connection used again", bad, stopped.asked, "answers"),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
