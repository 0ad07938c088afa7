"""The table of verdicts: each upstream query and our preset, asked of one Prometheus and compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lib.core.errors import AppError
from lib.core.presets import Difference, NamedQuery, Preset
from lib.core.promql import fill
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.time_range import TimeRange, as_datetime, format_duration
from lib.core.variables import put_in
from lib.sources import Source
from lib.upstream.compare import Comparison, Verdict, compare
from lib.upstream.panels import UpstreamQuery

_CHOICE = re.compile(r"\$(?:hub_name|hub|user_name|user_group)\b")  # Grafana's All is the pattern .*
_SHOWN = re.compile(r"\$show_[a-z]+\b")  # switches of Grafana's: 1 shows a query


@dataclass(frozen=True)
class Row:
    """One row of the table: an upstream query, what answers it here, the verdict, its reason, the kinds of it."""

    query: UpstreamQuery
    preset: str
    verdict: Verdict
    reason: str = ""
    kinds: tuple[Difference, ...] = ()
    theirs: int = 0
    ours: int = 0


def verdicts(
    queries: Iterable[UpstreamQuery],
    taken: Mapping[str, tuple[Preset, NamedQuery]],
    not_taken: Mapping[str, str],
    source: Source,
    grid: TimeRange,
) -> list[Row]:
    """A row for each upstream query, asked over `grid`, or at its end where our preset asks about one moment."""
    rows = []
    for query in queries:
        if query.id in taken:
            preset, own = taken[query.id]
            rows.append(_row(query, preset, own, source, grid))
        else:
            reason = not_taken.get(query.id, "no preset and no reason")
            rows.append(Row(query, "", Verdict.NOT_TAKEN, reason))
    return rows


def upstream_text(query: UpstreamQuery, grid: TimeRange) -> str:
    """An upstream query as Grafana sends it with everything chosen and everything shown; the interval is the step."""
    text = _SHOWN.sub("1", _CHOICE.sub(".*", query.expr))
    return fill(text.replace("$__rate_interval", "$__interval"), grid).text


def _row(query: UpstreamQuery, preset: Preset, own: NamedQuery, source: Source, grid: TimeRange) -> Row:
    name = f"{preset.id} / {own.name}" if own.name else preset.id
    ours = source.ask(_query(fill(put_in(own.expr, preset.variables, {}), grid).text, preset.instant, grid))
    try:
        theirs = source.ask(_query(upstream_text(query, grid), preset.instant, grid))
    except AppError as error:
        reason = f"{preset.differs} Upstream's fails here: {error.message}"
        return Row(query, name, Verdict.DIFFERS, reason, preset.differs_in, 0, len(ours.labels))
    found = compare(theirs, ours)
    kinds = preset.differs_in if found.verdict is Verdict.DIFFERS else ()
    return Row(query, name, found.verdict, _because(found, preset.differs), kinds, found.theirs, found.ours)


def _query(text: str, instant: bool, grid: TimeRange) -> Query:
    return InstantQuery(text, grid.end) if instant else RangeQuery(text, grid)


def _because(found: Comparison, reason: str) -> str:
    if found.verdict is Verdict.DIFFERS:
        return reason
    if found.verdict is Verdict.EMPTY:
        return f"{'Only zeros' if found.theirs or found.ours else 'No data'} here."
    added = ", ".join(name for name in found.added if name != "namespace")
    left_out = ", ".join(found.left_out)
    if added and left_out:
        return f"Once added up: ours has {added} instead of {left_out}."
    told = [f"with {added}"] * bool(added) + [f"without {left_out}"] * bool(left_out)
    return f"Ours is {told[0]}." if told else ""


def as_markdown(rows: Iterable[Row], grid: TimeRange) -> str:
    """The table as a document."""
    rows = list(rows)
    counts = {verdict: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
    told = "\n".join(f"- {verdict}: {count}" for verdict, count in counts.items() if count)
    span = f"{as_datetime(grid.start):%d %b %Y %H:%M} to {as_datetime(grid.end):%d %b %Y %H:%M} UTC"
    head = (
        "# Our presets and upstream's panels\n\n"
        f"Each of the {len(rows)} queries of jupyterhub/grafana-dashboards, with everything chosen, and the preset "
        f"that is made of it, asked of the same Prometheus from {span}, step {format_duration(grid.step)}. "
        "Written by `python -m lib.upstream verdicts`; do not edit.\n\n"
        f"{told}\n\n"
        "Equal means to 1e-9, after adding up over the labels that only one side has; *equal but hubs apart* means "
        "that one of these is the hub, which upstream adds up; what a preset does otherwise in another window, its "
        "page says. Why ours is right where it differs is shown, kind by kind, by "
        "`tests/presets/test_upstream_differences.py`. The last column counts series, upstream's and ours.\n\n"
        "| Dashboard | Panel | Query | Preset | Verdict | Kinds | Series |\n|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(_line(row) for row in rows)


def _line(row: Row) -> str:
    verdict = f"{row.verdict}: {row.reason}" if row.reason else str(row.verdict)
    series = "" if row.verdict is Verdict.NOT_TAKEN else f"{row.theirs} / {row.ours}"
    cells = (row.query.dashboard, row.query.panel, row.query.ref, row.preset, verdict, ", ".join(row.kinds), series)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"
