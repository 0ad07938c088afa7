"""How a long range query is cut into parts that are the same parts whoever asks, and how their answers become one.

Prometheus gives at most 11,000 points a series. So the grid of a query is laid over an absolute one: for a step and a
phase (`start` mod step), instants are counted from the epoch, and part `k` of `SIZE` points holds the instants
`k * SIZE` to `(k + 1) * SIZE - 1`. It begins one step after the end of the part before: no instant is asked twice.
`start()` and `end()` would move with the parts, so they are written out first. (Mimir's query-frontend does the same:
pkg/frontend/querymiddleware, evaluateAtModifierFunction.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lib.core.errors import Kind, SourceError
from lib.core.query import RangeQuery
from lib.core.result import Answer, Floats
from lib.core.time_range import MINUTE, TimeRange

SIZE = 2_000  # points; days, as servers cut, would be 365 round trips a year, and 11,000 leaves a long open part
FRESH = 10 * MINUTE  # seconds; what is newer may still change: late scrapes, and samples repeated for 5 minutes
MAX_CELLS = 20_000_000  # values in one answer; they take 160 MB

_BLANK = r"(?:\s|\#[^\n]*(?:\n|$))*"
_NUMBER = r"[-+]?[0-9][0-9.]*(?:e[+-]?[0-9]+)?(?![\w.])"
_TOKEN = re.compile(
    r"""\#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`"""
    rf"""|(?P<at>@{_BLANK}(?:(?P<end>start|end)\s*\(\s*\)|(?P<time>{_NUMBER})?))"""
    rf"""|(?P<ahead>\boffset\b{_BLANK}(?![0-9\s\#]))""",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Part:
    """One request of a long query, and where its answer belongs.

    `asked` is sent; of its points, those in `kept` are wanted, and they are the points `at`, `at + 1`, ... of the
    whole grid. `lasting` says that its values cannot change any more.
    """

    asked: RangeQuery
    kept: range
    at: int
    lasting: bool

    @property
    def trimmed(self) -> bool:
        """True when more is asked than the query wants, so that the answer serves other queries too."""
        return len(self.kept) < self.asked.grid.points

    def cut(self) -> Part:
        """The same part without anything that the query does not want."""
        grid = self.asked.grid
        start = grid.start + self.kept.start * grid.step
        exact = TimeRange(start, start + (len(self.kept) - 1) * grid.step, grid.step)
        return Part(RangeQuery(self.asked.expr, exact), range(exact.points), self.at, lasting=False)


def plan(query: RangeQuery, now: float, size: int = SIZE) -> tuple[Part, ...]:
    """The requests for a range query, in the order of time; a single one, exactly the query, where that will do.

    The first and the last part are asked whole where they lie in the past, since whole parts can be kept: at most
    `size` points more, once. Nothing newer than `now` (Unix seconds) is asked for that the query does not ask for.
    """
    whole = query.time_range
    fixed = write_out_ends(query.expr, whole)
    last = last_fixed_instant(fixed, now)
    small = whole.points <= size
    if small and whole.uniform:
        return (Part(RangeQuery(query.expr, whole.runs[0]), range(whole.points), 0, lasting=whole.end <= last),)
    parts: list[Part] = []
    at = 0
    for run in whole.runs:
        for grid, kept in [(run, range(run.points))] if small else _cells(run, last, size):
            parts.append(Part(RangeQuery(fixed, grid), kept, at, lasting=grid.end <= last))
            at += len(kept)
    return tuple(parts)


def _cells(run: TimeRange, last: float, size: int) -> Iterator[tuple[TimeRange, range]]:
    """The parts of the absolute grid that cover a run, with the points of each that belong to the run."""
    step, phase = run.step, run.start % run.step
    first, final = run.start // step, run.end // step
    for k in range(first // size, final // size + 1):
        low, high = k * size, (k + 1) * size - 1
        if high * step + phase > last:  # still open: what the run does not want is not asked for either
            low, high = max(low, first), min(high, final)
        kept = range(max(low, first) - low, min(high, final) - low + 1)
        yield TimeRange(low * step + phase, high * step + phase, step), kept


def write_out_ends(expr: str, grid: TimeRange) -> str:
    """PromQL with `@ start()` and `@ end()` as the ends of the whole grid, which each part would take for its own.

    `at` modifiers are found as text, outside of strings and comments, so that this also works for what cannot be
    parsed here.
    """
    ends = {"start": grid.start, "end": grid.end}

    def written(found: re.Match[str]) -> str:
        return f"@ {ends[found['end'].lower()]}" if found["end"] else found[0]

    return _TOKEN.sub(written, expr)


def last_fixed_instant(expr: str, now: float) -> float:
    """Up to when (Unix seconds) values of an expression cannot change any more; minus infinity for never.

    Ten minutes ago for most. Never where an expression looks into the time after: with a negative offset, or with `@`
    and a time that is newer or that cannot be read.
    """
    last = now - FRESH
    for found in _TOKEN.finditer(expr):
        if found["ahead"] or (found["at"] and not _is_time_until(found["time"], last)):
            return -np.inf
    return last


def _is_time_until(text: str | None, last: float) -> bool:
    try:
        return text is not None and float(text) <= last
    except ValueError:
        return False


def join(query: RangeQuery, parts: Sequence[Part], answers: Sequence[Answer]) -> Answer:
    """The answers to all parts of a query as its one answer, on its whole grid.

    A series is told by its labels, and is there when it has a sample in the range; series stand in the order in which
    Prometheus sorts them. Warnings and infos are said once, seconds and bytes are added up, and the answer is as old
    as its oldest part. Raises SourceError (TOO_LARGE) over 20 million values.
    """
    if len(parts) == 1 and not parts[0].trimmed:
        return replace(answers[0], grid=query.time_range)
    wanted = [_trimmed(part, answer) for part, answer in zip(parts, answers, strict=True)]
    told = [[label_key(labels) for labels in answer.labels] for answer in wanted]
    keys = {
        key: labels
        for own, answer in zip(told, wanted, strict=True)
        for key, labels in zip(own, answer.labels, strict=True)
    }
    rows = {key: row for row, key in enumerate(sorted(keys))}
    points = query.time_range.points
    if len(rows) * points > MAX_CELLS:
        raise _too_large(len(rows), points)
    values = np.full((len(rows), points), np.nan)
    nan = np.zeros(values.shape, np.bool_) if any(answer.nan is not None for answer in wanted) else None
    for part, answer, own in zip(parts, wanted, told, strict=True):
        _place(part, answer, [rows[key] for key in own], values, nan)
    for array in (values, nan):
        if array is not None:
            array.setflags(write=False)
    return replace(
        wanted[0],
        grid=query.time_range,
        labels=tuple(keys[key] for key in rows),
        values=values,
        nan=nan,
        warnings=tuple(dict.fromkeys(text for answer in wanted for text in answer.warnings)),
        infos=tuple(dict.fromkeys(text for answer in wanted for text in answer.infos)),
        histograms=sum(answer.histograms for answer in wanted),
        seconds=sum(answer.seconds for answer in wanted),
        size=sum(answer.size for answer in wanted),
        fetched_at=min(answer.fetched_at for answer in wanted),
        parts=len(parts),
    )


def label_key(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Labels as a key that sorts as Prometheus sorts series. An empty label is a missing one."""
    return tuple(sorted((name, value) for name, value in labels.items() if value))


def _trimmed(part: Part, answer: Answer) -> Answer:
    """The answer to a part without the points, and the series, that lie outside of the query."""
    if not part.trimmed:
        return answer
    points = slice(part.kept.start, part.kept.stop)
    values = answer.values[:, points]
    nan = None if answer.nan is None else answer.nan[:, points]
    there = np.flatnonzero((~np.isnan(values) if nan is None else ~np.isnan(values) | nan).any(axis=1))
    labels = tuple(answer.labels[row] for row in there)
    return replace(answer, labels=labels, values=values[there], nan=None if nan is None else nan[there])


def _place(part: Part, answer: Answer, rows: Sequence[int], values: Floats, nan: npt.NDArray[np.bool_] | None) -> None:
    points = slice(part.at, part.at + len(part.kept))
    # All of them in order is usual, and a block is copied several times faster than chosen rows.
    places = slice(None) if rows == list(range(len(values))) else rows
    values[places, points] = answer.values
    if nan is not None and answer.nan is not None:
        nan[places, points] = answer.nan


def _too_large(series: int, points: int) -> SourceError:
    hint = "Add series up in the query, as in sum by (namespace) (...), or choose a longer step."
    message = f"The answer has {series:,} series with {points:,} points; the most is {MAX_CELLS:,} in all."
    return SourceError(Kind.TOO_LARGE, message, hint)
