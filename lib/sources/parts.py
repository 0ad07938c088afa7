"""Asks one data source a query in as many parts as it takes, side by side, and joins their answers."""

from __future__ import annotations

from collections.abc import Callable

from lib.core.errors import Kind, SourceError
from lib.core.parts import SIZE, Part, join, last_fixed_instant, plan
from lib.core.promql import parse
from lib.core.query import InstantQuery, Query
from lib.core.result import Answer
from lib.sources.deadline import Cancel
from lib.sources.side_by_side import Work

THREADS = 4  # parts of one data source under way at once; a place per origin is needed besides

# What one request answers. The second argument says whether its values can still change.
Fetch = Callable[[Query, bool, Cancel], Answer]

# What may be wrong with the instants that a part has beyond the query, and right without them.
_PERHAPS_BEYOND = (Kind.QUERY, Kind.QUERY_COST, Kind.TOO_LARGE)


def ask_in_parts(
    query: Query, fetch: Fetch, *, now: float, seconds: float, cancel: Cancel | None = None, size: int = SIZE
) -> Answer:
    """The answer to a query, in one request where that will do; all of it within `seconds`.

    `now` (Unix seconds) decides which parts lie in the past; a part has `size` points. A part that fails fails the
    whole: its error is raised, the other parts are cancelled, and there is no answer with a hole in it. A query that
    cannot be read here is tried on its first part alone, for the server's words on it.
    """
    stop = Cancel(cancel)
    if isinstance(query, InstantQuery):
        return fetch(query, query.time <= last_fixed_instant(query.expr, now), stop)
    parts = plan(query, now, size)
    if len(parts) == 1:
        return join(query, parts, [fetch(parts[0].asked, parts[0].lasting, stop)])
    found: list[tuple[Part, Answer]] = []
    if not _readable(query.expr):
        exact = parts[0].cut()
        found, parts = [(exact, fetch(exact.asked, False, stop))], parts[1:]
    work = Work(parts, lambda part: _answered(part, fetch, stop), seconds, stop, threads=THREADS, together=True)
    work.wait()
    if isinstance(work.failure, SourceError):
        raise _with_count(work.failure, len(found) + _arrived(work), len(found) + len(parts))
    found += [result for result in work.results if isinstance(result, tuple)]
    return join(query, [part for part, _ in found], [answer for _, answer in found])


def _answered(part: Part, fetch: Fetch, stop: Cancel) -> tuple[Part, Answer]:
    """The answer to a part. Where what lies outside of the query may have spoilt it, the part is asked cut."""
    try:
        answer = fetch(part.asked, part.lasting, stop)
    except SourceError as failure:
        if not part.trimmed or failure.kind not in _PERHAPS_BEYOND:
            raise
    else:
        if not part.trimmed or not (answer.warnings or answer.histograms):
            return part, answer
    exact = part.cut()
    return exact, fetch(exact.asked, False, stop)


def _readable(expr: str) -> bool:
    try:
        parse(expr)
    except ValueError:
        return False
    return True


def _arrived(work: Work[Part, tuple[Part, Answer]]) -> int:
    return sum(isinstance(result, tuple) for result in work.results)


def _with_count(failure: SourceError, arrived: int, parts: int) -> SourceError:
    """A failure for want of time says how far it got: the parts that arrived need not be asked for again."""
    if failure.kind in (Kind.TIMEOUT, Kind.BUSY):
        failure.hint = f"{arrived} of {parts} parts arrived. Ask again for the rest, or choose a longer step."
    return failure
