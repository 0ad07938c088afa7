"""P9: a result as CSV, one column per series or one row per value."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from bench.data import Size, result
from bench.registry import Measured, faster, figure
from bench.timing import alternating
from lib.core.export import csv_long, csv_wide
from lib.core.naming import names
from lib.core.result import Result

MILLION = Size(1_000, 1_000, whole=False)


def long_frame(of: Result) -> pd.DataFrame:
    """The rows of the long file as a frame, which is where `to_csv` begins; ours makes them on the way."""
    points, series = of.values.shape
    table = of.series.loc[of.series.index.repeat(points)].reset_index(drop=True)
    table.insert(0, "time", list(of.values.index) * series)
    return table.assign(value=of.values.to_numpy().T.ravel())


@figure("P9", "CSV of a million values", against="DataFrame.to_csv")
def p9() -> Iterator[Measured]:
    """The whole file in memory, as the download button needs it."""
    of = result(MILLION)
    wide, long = of.values.set_axis(names(of), axis=1), long_frame(of)
    for case, ours, peer, goal in (("wide", csv_wide, wide, 5), ("long", csv_long, long, 12)):
        sides = {
            "ours": lambda ours=ours: ours(of),
            "peer": lambda peer=peer, case=case: peer.to_csv(index=case == "wide").encode(),
        }
        spent = alternating(sides)
        yield faster(f"{case} {MILLION.name}", spent["ours"].cpu, spent["peer"].cpu, goal)
