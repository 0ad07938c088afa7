"""The columns of a file: which there are, under which headers, and which values are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from lib.core.errors import AppError
from lib.core.naming import OTHERS, names
from lib.core.result import CLUSTER, NAME, Floats, Result
from lib.core.zones import iso

ROWS = 1 << 18  # values that are written at once
Places = npt.NDArray[np.intp]


def label_columns(result: Result, ours: Sequence[str]) -> dict[str, list[str]]:
    """The text columns by header, clash-free: cluster, the metric if any has one, labels, what a transform added up."""
    columns = {str(name): result.series[name].tolist() for name in result.series.columns}
    cluster, metric, others = columns.pop(CLUSTER), columns.pop(NAME, []), columns.pop(OTHERS, [])
    first = {CLUSTER: cluster} | ({"metric": metric} if any(metric) else {})
    last = {"series": names(result)} if any(others) else {}
    free = free_names(columns, taken=[*ours, *first, *last])
    return first | dict(zip(free, columns.values(), strict=True)) | last


def free_names(wanted: Iterable[str], taken: Iterable[str]) -> list[str]:
    """The same names, those that are taken with `exported_` before them, as Prometheus renames labels that clash."""
    used, free = set(taken), []
    for name in wanted:
        while name in used:
            name = f"exported_{name}"
        used.add(name)
        free.append(name)
    return free


def present(result: Result) -> npt.NDArray[np.bool_]:
    """Where there is a sample, one that is NaN included; shape (points, series)."""
    there: npt.NDArray[np.bool_] = ~np.isnan(result.values.to_numpy(dtype=np.float64))
    if result.nan is not None:
        there |= result.nan.to_numpy(dtype=np.bool_)
    return there


def time_headers(days: Sequence[date]) -> list[str]:
    """`time`, and `day` beside it if asked."""
    return ["time", "day"] if days else ["time"]


def iso_times(result: Result, days: Sequence[date]) -> list[str]:
    """Each point as ISO 8601 with the offset of the grid's zone. Raises AppError where `days` are not one for each."""
    times = iso(result.instants, result.grid.zone)
    if days and len(days) != len(times):
        raise AppError(f"There are {len(days)} days for {len(times)} points in time.")
    return times


def long_blocks(result: Result) -> Iterator[tuple[Places, Places, Floats]]:
    """The samples by series, then by time, some at once: which series, which point, which value."""
    values, there = result.values.to_numpy(dtype=np.float64), present(result)
    width = 1 + ROWS // max(1, len(values))
    for first in range(0, values.shape[1], width):
        some = slice(first, first + width)
        place, point = np.nonzero(there[:, some].T)
        yield place + first, point, values[:, some].T[place, point]
