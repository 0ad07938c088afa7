"""What stands under a chart: what is left out, drawn in its own way or missing, and the chart in a sentence."""

from __future__ import annotations

import streamlit as st

from lib.core import wording
from lib.core.charts import suits, undrawn
from lib.core.charts.advice import MOST_BARS
from lib.core.charts.framed import Frame
from lib.core.charts.heatmap import MOST_ROWS, is_buckets
from lib.core.charts.thinning import MOST_POINTS
from lib.core.coverage import Missing, partly_missing
from lib.core.drawing import on_canvas
from lib.core.fence import named
from lib.core.question import Question, shown_earlier
from lib.core.time_range import DAY
from lib.core.units import format_value
from lib.core.view import FEWER_MARKS, SPLITS, View
from lib.core.zones import earlier_on_the_wall
from lib.ui import messages, time_notes
from lib.ui.asking import Asked
from lib.ui.frame import Scope

_MOST_NAMED = 3  # clusters that a caption names one by one
_NAMES = {"area": "an area", "lines": "lines"}
_THINNED = ("lines", "steps", "area", "points", "heatmap")


def frame_of(asked: Asked, view: View, scope: Scope, title: str) -> Frame:
    """What has to stand inside a picture of an answer, so that it can be understood and trusted alone."""
    result = asked.result
    answered, zone = len(result.reports) - len(result.failed), result.grid.zone
    parts = [*view.transforms, wording.covered(asked.question, result.grid)]
    parts.append(SPLITS.get(view.by, f"By {view.by}").lower())
    parts.append(f"{answered} of {len(result.reports)} clusters")
    parts += ["staging hubs hidden"] * (view.hidden > 0)
    parts += [f"{named(scope.moments.hubs)} only"] if scope.moments.hubs is not None else []
    parts.append(f"days in {zone}" if result.grid.step % DAY == 0 and not asked.question.instant else zone)
    sources = [report.cluster for report in result.reports if not report.error]
    source = "made-up sample data" if scope.sample else f"Prometheus of {wording.names(sources, most=8)}"
    stamp = f"Source: {source}. Hubscope, {wording.date(asked.asked_at, zone)}"
    return Frame(title or asked.question.title, " · ".join(parts), " ".join(sentences(asked, view)), stamp)


def head(frame: Frame) -> None:
    """Title and subtitle as they stand in the picture."""
    with st.container(gap="xxsmall"):
        st.markdown(f"**{messages.md(frame.title)}**")
        st.caption(messages.md(frame.subtitle))


def sentences(asked: Asked, view: View) -> list[str]:
    """What the chart leaves out or draws in its own way, as sentences."""
    notes = [
        f"{wording.names([report.cluster for report in asked.result.failed], most=12)}: left out, not counted as zero."
    ]
    notes = notes if asked.result.failed else []
    notes.append(_not_drawn(view))
    left_out = undrawn(view.whole)
    if left_out.total:
        notes.append(f"{left_out.total:,} values are no finite numbers (NaN, Inf) and not drawn; the CSV has them.")
    if asked.result.histograms:
        notes.append(f"{asked.result.histograms:,} histogram samples are not drawn; use histogram_quantile().")
    notes += [_missing(asked, view, missing) for missing in partly_missing(asked.result)[:_MOST_NAMED]]
    growing = view.drawn.values.iloc[list(view.look.unfinished)]
    notes.append(view.counted_twice(asked.question))
    notes += view.doubts or ["The last value still grows."] * bool(growing.notna().any(axis=None))
    notes += _fewer_marks(view, asked.question)
    return [
        *filter(None, notes),
        *time_notes.clocks(asked.question, asked.result.grid),
        *filter(None, [suits(view.drawn, view.chart)]),
    ]


def _not_drawn(view: View) -> str:
    """Which series have no mark of their own."""
    look = on_canvas(view)[1]
    alone = view.chart == "calendar" and not look.summed
    shown = 1 if alone else min(len(look.names), MOST_ROWS) if view.chart == "heatmap" else len(look.names)
    if look.others is not None and not alone:
        rest = len(view.names) - len(look.names) + 1
        return f"Others: the {rest} smallest series added up; the CSV has each."
    rest = len(view.names) - shown
    if rest < 1 or (view.chart == "heatmap" and is_buckets(view.whole)):
        return ""
    return f"{rest} smaller series {'is' if rest == 1 else 'are'} not drawn; table and CSV have them."


def _missing(asked: Asked, view: View, missing: Missing) -> str:
    """That a cluster has no data in a part of the range: `leap has no data before 12 Oct.`"""
    grid = asked.result.grid
    shift = shown_earlier(asked.question, grid)

    def at(place: int) -> str:
        seconds = earlier_on_the_wall(int(grid.instants[place]), shift, grid.zone)
        return (wording.date if grid.step % DAY == 0 else wording.moment)(seconds, grid.zone, year=False)

    told = [f"before {at(missing.first)}"] * missing.late + [f"after {at(missing.last)}"] * missing.early
    return f"{missing.cluster} has no data {' and none '.join(told)}."


def _fewer_marks(view: View, question: Question) -> list[str]:
    """That marks are fewer than values, so that a browser can bear them."""
    marks, points, told = view.drawn.values.size, view.drawn.values.shape[0], []
    if marks > MOST_BARS and view.chart == FEWER_MARKS.get(question.chart):
        told.append(f"{marks:,} bars would be too many for a browser: drawn as {_NAMES[view.chart]}.")
    if points > MOST_POINTS and view.chart in _THINNED:
        told.append(f"Of {points:,} points per series those that shape the picture are drawn; the CSV has all.")
    return told


def description(asked: Asked, view: View) -> str:
    """The chart in a sentence, for those who do not see it."""
    told, unit = view.headlines, view.look.unit
    return (
        f"{asked.question.title} {len(view.names)} series from {wording.covered(asked.question, asked.result.grid)}; "
        f"average {format_value(told.mean, unit)}, highest {format_value(told.peak, unit)}, "
        f"latest {format_value(told.latest, unit)}."
    )
