"""Transforms that add up, choose and order series.

Only values of one instant are ever added here; nothing is added over time.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lib.core.errors import AppError
from lib.core.naming import NAMESPACE, OTHERS
from lib.core.result import CLUSTER, Floats, Result
from lib.core.transform.registry import transform

Places = npt.NDArray[np.intp]

GROUPS: dict[str, tuple[str, ...]] = {"total": (), "cluster": (CLUSTER,), "hub": (CLUSTER, NAMESPACE)}


def read_labels(text: str) -> tuple[str, ...]:
    """`total`, `cluster`, `hub`, or the names of labels with commas between them."""
    if text.strip() in GROUPS:
        return GROUPS[text.strip()]
    return tuple(name.strip() for name in text.split(",") if name.strip())


def read_count(text: str) -> int:
    """A whole number of at least 1. Raises AppError."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise AppError(f"“{text[:40]}” is not a number of series.", "Write a whole number such as 10.")
    return int(text)


@transform("group", label="Add up by", read=read_labels)
def group(result: Result, by: str | tuple[str, ...]) -> Result:
    """Adds up, at each instant, the series that share the chosen labels: one total, one per cluster, one per hub.

    Where no series has a value there is a gap; where only some have one, it is the sum of those. A series that lacks a
    label belongs to the group without it.
    """
    labels = tuple(dict.fromkeys(read_labels(by) if isinstance(by, str) else by))
    keys = [*labels, OTHERS] if labels and OTHERS in result.series else [*labels]
    columns = [result.series[label].tolist() if label in result.series else [""] * _count(result) for label in keys]
    rows = list(zip(*columns, strict=True)) if columns else [()] * _count(result)
    groups = {row: code for code, row in enumerate(dict.fromkeys(rows))}
    table = pd.DataFrame({CLUSTER: [""] * len(groups)}, dtype="str")
    for place, label in enumerate(keys):
        table[label] = pd.Series([row[place] for row in groups], dtype="str")
    return _added(result, np.array([groups[row] for row in rows], np.intp), table)


def hide_staging(result: Result) -> tuple[Result, int]:
    """The result without hubs for tests, whose `namespace` contains "staging", and how many series that left out."""
    spaces = result.series[NAMESPACE].tolist() if NAMESPACE in result.series else [""] * _count(result)
    kept = [place for place, space in enumerate(spaces) if "staging" not in space.lower()]
    return _select(result, np.array(kept, np.intp)), len(spaces) - len(kept)


def without_clusters(result: Result, clusters: Collection[str]) -> Result:
    """The result without the series of these clusters."""
    places = [place for place, name in enumerate(result.series[CLUSTER].tolist()) if name not in clusters]
    return _select(result, np.array(places, np.intp)) if clusters else result


@transform("hide_staging", label="Hide staging hubs")
def without_staging(result: Result) -> Result:
    """Leaves out the hubs that communities test on: every series whose `namespace` contains "staging"."""
    return hide_staging(result)[0]


@transform("top", label="Keep the largest", read=read_count)
def top(result: Result, n: int) -> Result:
    """Keeps the largest series by their total over the range, and adds up all others as one, called Others.

    The sum over all series stays what it was. With no more series than asked for, they are only sorted.
    """
    if n < 1:
        raise AppError(f"“{n}” is not a number of series.", "Write a whole number such as 10.")
    order, marked = _by_total(result), _marked(result)
    if _count(result) - len(marked) <= n:
        return _select(result, order)
    kept, rest = order[:n], order[n:]
    codes = np.full(_count(result), n, np.intp)
    codes[kept] = np.arange(n)
    table = result.series.iloc[kept].reset_index(drop=True)
    table[OTHERS] = pd.Series([""] * n, dtype="str")
    table.loc[n] = ""
    table.loc[n, OTHERS] = str(sum(marked.get(int(place), 1) for place in rest))
    return _added(result, codes, table)


@transform("largest", label="Only the largest", read=read_count)
def largest(result: Result, n: int) -> Result:
    """Keeps the largest series by their total over the range and leaves the others out: for what cannot be added up."""
    return _select(result, _by_total(result)[:n])


@transform("sort", label="Sort by total")
def sort_by_total(result: Result) -> Result:
    """Puts the series in the order of their total over the range, largest first, Others last."""
    return _select(result, _by_total(result))


def _count(result: Result) -> int:
    return result.values.shape[1]


def _marked(result: Result) -> dict[int, int]:
    """Where Others is, and how many series it stands for."""
    marks = result.series[OTHERS].tolist() if OTHERS in result.series else []
    return {place: int(mark) if re.fullmatch("[0-9]{1,9}", mark) else 1 for place, mark in enumerate(marks) if mark}


def _by_total(result: Result) -> Places:
    """The places of all series, largest total first, equals as they stood, Others last."""
    with np.errstate(invalid="ignore", over="ignore"):
        totals = np.nansum(result.values.to_numpy(), axis=0)
    totals = np.where(np.isnan(totals), -np.inf, totals)  # infinities of both signs have no total
    last = np.isin(np.arange(len(totals)), list(_marked(result)))
    return np.lexsort((-totals, last))


def _select(result: Result, places: Places) -> Result:
    series = result.series.iloc[places].reset_index(drop=True)
    nan = None if result.nan is None else _columns(result.nan, places)
    return replace(result, values=_columns(result.values, places), series=series, nan=nan)


def _columns(frame: pd.DataFrame, places: Places) -> pd.DataFrame:
    return frame.iloc[:, places].set_axis(pd.RangeIndex(len(places)), axis=1)


def _added(result: Result, codes: Places, table: pd.DataFrame) -> Result:
    """Sums the series of equal code at each instant; code `i` becomes row `i` of `table`. Each code occurs."""
    if result.empty:
        return replace(result, series=table)
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(len(table)))
    values = result.values.to_numpy()[:, order]
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore", over="ignore"):  # infinities of both signs have no sum
        sums: Floats = np.add.reduceat(np.where(known, values, 0.0), starts, axis=1)
    filled = np.logical_or.reduceat(known, starts, axis=1)
    sums[~filled] = np.nan
    sent = filled if result.nan is None else filled | np.logical_or.reduceat(result.nan.to_numpy()[:, order], starts, 1)
    nan = np.isnan(sums) & sent
    return replace(result, values=_like(result, sums), series=table, nan=_like(result, nan) if nan.any() else None)


def _like(result: Result, array: npt.NDArray[Any]) -> pd.DataFrame:
    return pd.DataFrame(array, index=result.values.index)
