"""The headline numbers of an answer as people read them: what each is, its value, and its date or basis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lib.core import wording
from lib.core.calendar_grid import CalendarGrid
from lib.core.question import Question
from lib.core.result import ResultType
from lib.core.time_range import DAY, TimeRange
from lib.core.units import NOTHING, format_change, format_value
from lib.core.view import View
from lib.core.zones import earlier_on_the_wall


@dataclass(frozen=True)
class Cell:
    """One number: its name, the value with its unit, and its date or what it is taken over. Texts are not escaped."""

    label: str
    value: str
    note: str


def headline_cells(question: Question, view: View) -> tuple[Cell, ...]:
    """The numbers of a view: four over time, up to three at one moment."""
    return _at_one_moment(question, view) if question.instant else _over_time(question, view)


def _over_time(question: Question, view: View) -> tuple[Cell, ...]:
    unit, told, grid = view.look.unit, view.headlines, view.whole.grid
    per = view.each or "point"
    of = "" if view.summed else "highest series, "
    return (
        Cell(f"Average {per}", format_value(told.mean, unit), f"{of}over {told.points:,} {per}s"),
        Cell(f"Highest {per}", format_value(told.peak, unit), of + _when(told.peak_at, view.look.shift, grid)),
        Cell(f"Latest {per}", format_value(told.latest, unit), of + _when(told.latest_at, view.look.shift, grid)),
        _change(view, of),
    )


def _change(view: View, of: str) -> Cell:
    if view.compared:
        return Cell("Change", format_change(view.compared.change), f"against {view.compared.covered}")
    return Cell("Change", format_change(view.headlines.change), f"{of}second half against the first")


def _at_one_moment(question: Question, view: View) -> tuple[Cell, ...]:
    unit, count = view.look.unit, len(view.names)
    if not count or view.whole.type is ResultType.STRING:
        return ()
    largest = Cell("Largest", format_value(view.whole.values.to_numpy()[0, 0], unit), view.names[0])
    total = Cell("Total", format_value(view.headlines.latest, unit), f"over {count} series")
    return (*([total] if view.summed and count > 1 else []), largest, Cell("Series", f"{count:,}", ""))


def _when(moment: datetime | None, shift: int, grid: TimeRange) -> str:
    if moment is None:
        return NOTHING
    seconds = earlier_on_the_wall(moment.timestamp(), shift, grid.zone)
    if isinstance(grid, CalendarGrid) and grid.each != "day":
        return wording.stretch(seconds, grid)
    if grid.step % DAY == 0:
        return wording.date(seconds, grid.zone, year=False, weekday=True)
    return f"{wording.moment(seconds, grid.zone, year=False)} {grid.zone}"
