"""What stands under a chart: what is left out, drawn in its own way or missing, and the chart in a sentence."""

from __future__ import annotations

from lib.core.charts import suits, undrawn
from lib.core.charts.advice import MOST_BARS
from lib.core.question import Question
from lib.core.result import Result
from lib.core.time_range import DAY
from lib.core.units import format_value
from lib.core.view import View
from lib.core.zones import earlier_on_the_wall
from lib.ui import time_notes, wording
from lib.ui.asking import Asked


def covered(question: Question, result: Result, view: View) -> str:
    """The time that the values speak of, as dates."""
    grid = result.grid
    if question.instant:
        return wording.moment(grid.start, grid.zone)
    if view.look.shift:
        first = earlier_on_the_wall(grid.start, view.look.shift, grid.zone)
        return wording.span(first, earlier_on_the_wall(grid.end, DAY, grid.zone), grid.zone)
    return wording.span(grid.start, grid.end, grid.zone)


def caption(asked: Asked, view: View) -> list[str]:
    """What the chart leaves out or draws in its own way, as sentences."""
    notes = [f"{wording.names([report.cluster for report in asked.result.failed])}: left out, not counted as zero."]
    notes = notes if asked.result.failed else []
    if view.look.others is not None:
        rest = len(view.names) - len(view.look.names) + 1
        notes.append(f"Others: the {rest} smallest series added up; the CSV has each.")
    elif len(view.names) > len(view.look.names):
        rest = len(view.names) - len(view.look.names)
        notes.append(f"{rest} smaller series {'is' if rest == 1 else 'are'} not drawn; table and CSV have them.")
    left_out = undrawn(view.whole)
    if left_out.total:
        notes.append(f"{left_out.total:,} values are no finite numbers (NaN, Inf) and not drawn; the CSV has them.")
    if asked.result.histograms:
        notes.append(f"{asked.result.histograms:,} histogram samples are not drawn; use histogram_quantile().")
    growing = view.drawn.values.iloc[list(view.look.unfinished)]
    notes += ["The last value still grows."] * bool(growing.notna().any(axis=None))
    bars = view.drawn.values.size if view.chart == "area" and asked.question.chart == "bars" else 0
    notes += [f"{bars:,} bars would be too many for a browser: drawn as an area."] * (bars > MOST_BARS)
    return [
        *notes,
        *time_notes.clocks(asked.question, asked.result.grid),
        *filter(None, [suits(view.drawn, view.chart)]),
    ]


def description(asked: Asked, view: View) -> str:
    """The chart in a sentence, for those who do not see it."""
    told, unit = view.headlines, asked.question.unit
    return (
        f"{asked.question.title} {len(view.names)} series from {covered(asked.question, asked.result, view)}; "
        f"average {format_value(told.mean, unit)}, highest {format_value(told.peak, unit)}, "
        f"latest {format_value(told.latest, unit)}."
    )
