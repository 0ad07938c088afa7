"""Transforms along time that keep every point: rolling mean, share, running total, difference."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lib.core import wording
from lib.core.errors import AppError
from lib.core.result import Floats, Result
from lib.core.time_range import format_duration, parse_duration
from lib.core.transform.meaning import Meaning
from lib.core.transform.registry import transform

Window = int | str  # so many points, or a duration


def no_sum(meaning: Meaning) -> str:
    """Why values of several moments must not be added up; "" where they may."""
    if meaning.flow is not False:
        return "This is one moment: there is nothing to add up over time." if meaning.instant else ""
    if meaning.unit == "people":
        return "Whoever comes on several days would be counted on each, so the sum would be no number of people."
    return "These values say how much there is at a time, so their sum over time would say nothing."


def one_moment(meaning: Meaning) -> str:
    """Why a single moment cannot be transformed along time; "" for answers over time."""
    return "This is one moment, and this transform needs several." if meaning.instant else ""


def read_window(text: str) -> Window:
    """A number of points (`7`), or a duration (`7d`). Raises AppError."""
    if re.fullmatch(r"[0-9]{1,6}", text):
        if 2 <= int(text) <= 100_000:
            return int(text)
        raise AppError(f"An average over {text} points is none.", "Write a number from 2 to 100000, or 7d.")
    return format_duration(parse_duration(text))


@transform(
    "rolling",
    label="Rolling average",
    read=read_window,
    about=True,
    refuse=one_moment,
    then=lambda meaning, window: replace(meaning, flow=False),
    shown=lambda window: f"average over {_told(window)}",
    offered=True,
    usual="7d",
)
def rolling(result: Result, meaning: Meaning, window: Window) -> Result:
    """Each value becomes the average of itself and those before it: weekends no longer show, the trend does.

    The window is a time such as 7d, or a number of points. Its first values have none, as the window is not full. Gaps
    stay gaps, and inside a window only the values there are count.
    """
    points = _points(window, meaning)
    values = result.values.where(np.isfinite(result.values))
    means = values.rolling(points, min_periods=1).mean().where(values.notna())
    means.iloc[: points - 1] = np.nan
    return _with(result, means.to_numpy())


def _told(window: Window) -> str:
    return f"{window} points" if isinstance(window, int) else wording.step(parse_duration(window))


def _points(window: Window, meaning: Meaning) -> int:
    if isinstance(window, int):
        return window
    seconds = parse_duration(window)
    if not meaning.step:
        raise AppError("Months differ in length.", "Write how many points the average goes over, such as 3.")
    if seconds % meaning.step or seconds < 2 * meaning.step:
        raise AppError(
            f"{window} is not several steps of {format_duration(meaning.step)}.",
            f"Write a multiple of it, such as {format_duration(7 * meaning.step)}.",
        )
    return seconds // meaning.step


def _no_share(meaning: Meaning) -> str:
    if meaning.adds is False:
        return "These values are not parts of one whole, so they have no share of it."
    return "These are shares already." if meaning.parts else ""


@transform(
    "share",
    label="Share of the total",
    refuse=_no_share,
    then=lambda meaning: replace(meaning, unit="percentunit", flow=False, parts=True),
    offered=True,
)
def share(result: Result) -> Result:
    """What part of the sum of all series each one is, in percent. Where the sum is zero there is a gap."""
    values = result.values.to_numpy(dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        totals = np.nansum(values, axis=1, keepdims=True)
        parts = values / np.where(totals == 0, np.nan, totals)
    return _with(result, np.where(np.isfinite(parts), parts, np.nan))


@transform(
    "cumulative",
    label="Running total",
    refuse=no_sum,
    then=lambda meaning: replace(meaning, flow=False),
    offered=True,
)
def cumulative(result: Result) -> Result:
    """Each value becomes the sum of itself and all before it in the range. Only for what happens and can be counted.

    Gaps stay gaps; the sum goes on behind them as if nothing had happened there.
    """
    values = result.values.to_numpy(dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        sums = np.nancumsum(values, axis=0)
    return _with(result, np.where(np.isnan(values), np.nan, sums))


@transform(
    "difference",
    label="Change from step to step",
    refuse=one_moment,
    then=lambda meaning: replace(meaning, flow=False),
    offered=True,
)
def difference(result: Result) -> Result:
    """Each value becomes how much more it is than the one before. The first has none, nor has one after a gap."""
    values = result.values.to_numpy(dtype=np.float64)
    found = np.full(values.shape, np.nan)
    with np.errstate(invalid="ignore", over="ignore"):
        found[1:] = np.diff(values, axis=0)
    return _with(result, found)


def _with(result: Result, values: Floats) -> Result:
    """The result with other values of the same shape. A NaN that was sent stays marked."""
    frame = pd.DataFrame(values, index=result.values.index, columns=result.values.columns)
    nan: Any = None if result.nan is None else result.nan & frame.isna()
    return replace(result, values=frame, nan=nan)
