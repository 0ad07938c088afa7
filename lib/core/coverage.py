"""Which clusters have no data in a part of the range, though they answered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.core.result import CLUSTER, Result

_WORTH = 0.05  # of the points; less is a scrape that was late, not a part of the range


@dataclass(frozen=True)
class Missing:
    """A cluster whose data begins after the range does, or ends before it: its first and last point with a value.

    `late` and `early` tell which of the two; both may be.
    """

    cluster: str
    first: int
    last: int
    late: bool
    early: bool


def partly_missing(result: Result) -> list[Missing]:
    """The clusters that answered and have no value in the first or the last part of the range, in their order.

    A part is at least two points and a twentieth of them. A cluster without any value is not one of them.
    """
    known = ~np.isnan(result.values.to_numpy())
    clusters = result.series[CLUSTER].to_numpy()
    worth = max(2, _WORTH * len(known))
    found = []
    for cluster in dict.fromkeys(clusters.tolist()):
        places = np.flatnonzero(known[:, clusters == cluster].any(axis=1))
        if places.size:
            first, last = int(places[0]), int(places[-1])
            late, early = first >= worth, len(known) - 1 - last >= worth
            found += [Missing(cluster, first, last, late, early)] * (late or early)
    return found
