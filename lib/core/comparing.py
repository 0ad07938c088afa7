"""The same question for an earlier time: which time that is, and the sum of then beside the sum of now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

import numpy as np

from lib.core import wording
from lib.core.charts import Beside
from lib.core.question import Moments, Question
from lib.core.result import Floats, Result
from lib.core.transform import Meaning, attempt, group, hide_staging
from lib.core.transform.series import without_clusters
from lib.core.view import Choices, Compared, View
from lib.core.zones import local

_WEEKS_OF_A_YEAR = 364  # days: the same days of the week, as what people do goes by the week
_MILLISECOND = 0.001


def before(moments: Moments, question: Question, which: str) -> Moments:
    """The earlier time of the same length and step: 364 days before, or the one that ends where this one begins.

    Before whole months are as many months; before other times as many whole days, or for less than a day the same
    seconds. All on the clocks of the zone.
    """
    start, end = local(moments.start, moments.zone), local(moments.end, moments.zone)
    step = moments.step_of(question)
    if which == "year":
        back = timedelta(days=_WEEKS_OF_A_YEAR)
        return replace(moments, start=(start - back).timestamp(), end=(end - back).timestamp(), step=step)
    after = local(moments.end + _MILLISECOND, moments.zone)
    if months := _whole_months(start, after):
        first = _months_back(start, months)
        return replace(moments, start=first.timestamp(), end=moments.start - _MILLISECOND, step=step)
    back = timedelta(days=_days(start, after))
    if not back:
        return replace(moments, start=2 * moments.start - moments.end, end=moments.start, step=step)
    return replace(moments, start=(start - back).timestamp(), end=(end - back).timestamp(), step=step)


def _whole_months(start: datetime, after: datetime) -> int:
    """How many calendar months a time is, 0 where it is not whole ones."""
    whole = all((at.day, f"{at:%T}") == (1, "00:00:00") for at in (start, after))
    return (after.year - start.year) * 12 + after.month - start.month if whole else 0


def _days(start: datetime, after: datetime) -> int:
    """How many days a time is, rounded up; 0 for less than one. Days of 23 and 25 hours are days."""
    passed = after.replace(tzinfo=None) - start.replace(tzinfo=None)  # on the clocks
    return ceil(passed / timedelta(days=1)) if passed >= timedelta(days=1) else 0


def _months_back(start: datetime, months: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 - months, 12)
    return start.replace(year=year, month=month + 1)


def beside(view: View, earlier: Result, question: Question, choices: Choices) -> View:
    """The view with the sum of `earlier` in it, which was transformed in the same way, and the change since.

    Clusters that have not answered for now are left out of it. The view as it is, where there is no sum to compare.
    """
    if not (view.summed and view.look.summed) or view.whole.empty:
        return view
    silent = {report.cluster for report in view.whole.failed}
    lost = [report.cluster for report in earlier.failed if report.cluster not in silent]
    kept = without_clusters(hide_staging(earlier)[0] if choices.hide_staging else earlier, silent)
    then = _sum(attempt(kept, choices.do, Meaning.of(question, earlier.grid)).result)
    then = _as_long(then, len(view.whole.values))
    covered = wording.covered(question, earlier.query.grid)
    change = None if lost else _change(_sum(view.whole), then, view.look.unfinished)
    doubt = f"{wording.names(lost)} did not answer for {covered}, so there is no change to tell." if lost else ""
    look = replace(view.look, beside=Beside(f"Total, {covered}", then))
    return replace(view, look=look, compared=Compared(covered, change, doubt))


def _sum(result: Result) -> Floats:
    values: Floats = group(result, ()).values.to_numpy(dtype=np.float64)
    return values[:, 0] if values.size else np.empty(0)


def _as_long(values: Floats, points: int) -> Floats:
    """Cut, or filled up with gaps: months differ in length."""
    found = np.full(points, np.nan)
    found[: min(points, len(values))] = values[:points]
    return found


def _change(now: Floats, then: Floats, unfinished: Sequence[int]) -> float | None:
    both = np.isfinite(now) & np.isfinite(then)
    both[list(unfinished)] = False
    base = float(then[both].sum())
    return float(now[both].sum()) / base - 1 if base > 0 else None
