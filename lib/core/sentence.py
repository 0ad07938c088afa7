"""An answer in one sentence, to be copied: `In October 2026 on average 214 people a day used the hubs; most on ...`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from lib.core.presets import Covers
from lib.core.question import Question, shown_earlier
from lib.core.result import Report, ResultType
from lib.core.stretches import day, in_words
from lib.core.time_range import DAY
from lib.core.transform import COMPARE, words
from lib.core.units import format_change, format_value, quantity, unit_of
from lib.core.view import View
from lib.core.zones import earlier_on_the_wall, local

_NAMED = 3  # clusters that did not answer; more are counted


def sentence(question: Question, view: View) -> str:
    """What an answer says, in plain text with foreign names in it; "" for an answer that is no number.

    Its numbers are the headlines of the view, written as they are there: the average and the highest, for an instant
    the total and the largest. Where values may not be added up it names the series that is highest. Clusters that did
    not answer are named, an end that still grows is said to.
    """
    if view.whole.type is ResultType.STRING:
        return ""
    when = covered(question, view)
    told = _at_one_moment(question, view, when) if question.instant else _over_time(question, view, when)
    told = f"{told}{_without(view.whole.reports)}."
    if view.doubts:
        return " ".join([told, *view.doubts])
    growing = view.whole.values.iloc[list(view.look.unfinished)].notna().any(axis=None)
    return f"{told} The last value still grows." if bool(growing) else told


def covered(question: Question, view: View) -> str:
    """The time that an answer speaks of, in words: `in October 2026`, `from 3 to 17 May 2026`."""
    grid = view.whole.query.grid
    if question.instant:
        return in_words(grid.start, grid.start, grid.zone)
    start, end, zone = grid.start, grid.end, grid.zone
    if grid.step >= DAY:
        shift = shown_earlier(question, grid)
        last = earlier_on_the_wall(end, shift, zone)
        length = grid.step if question.covers is Covers.STEP else DAY
        return in_words(earlier_on_the_wall(start, shift, zone), earlier_on_the_wall(last, -length, zone), zone)
    if question.covers is not Covers.INSTANT:
        return in_words(start - grid.step, end, zone)
    return in_words(start, end + grid.step * _midnights(start, end + grid.step, zone), zone)


def _midnights(start: float, end: float, zone: str) -> bool:
    return all(f"{local(moment, zone):%T}" == "00:00:00" for moment in (start, end))


def _over_time(question: Question, view: View, when: str) -> str:
    found, unit = view.headlines, view.look.unit
    if found.peak is None or found.peak_at is None:
        return _nothing(question, view, when)
    peak, at = format_value(found.peak, unit), _at(question, view, found.peak_at)
    if not view.summed and len(view.names) > 1:
        return f"{_title(question, view)} {when}: highest {at} for {_highest(view, found.peak_at)} ({peak})"
    mean = quantity(found.mean, unit)
    if found.points > 1:
        mean = f"on average {mean}"
    said = question.preset.told if question.preset and not _done(view) else ""
    told = f"{_capital(when)} {mean} {said}" if said else f"{_title(question, view)} {when}: {mean}{_each(view)}"
    if found.points == 1:
        return told
    return f"{told}; {'most' if unit_of(unit).whole else 'highest'} {at} ({peak}){_against(view)}"


def _against(view: View) -> str:
    if view.compared is None or view.compared.change is None:
        return ""
    return f"; {format_change(view.compared.change)} against {view.compared.covered}"


def _at_one_moment(question: Question, view: View, when: str) -> str:
    found, unit = view.headlines, view.look.unit
    if found.latest is None:
        return _nothing(question, view, when)
    lead, total = f"{_title(question, view)} {when}:", quantity(found.latest, unit)
    if len(view.names) == 1:
        return f"{lead} {total}"
    largest = f"{view.names[0]} ({format_value(float(view.whole.values.to_numpy()[0, 0]), unit)})"
    return f"{lead} {total} in total; most for {largest}" if view.summed else f"{lead} highest for {largest}"


def _nothing(question: Question, view: View, when: str) -> str:
    silent = bool(view.whole.reports) and len(view.whole.failed) == len(view.whole.reports)
    return f"{_title(question, view)} {when}: {'no cluster answered' if silent else 'no values'}"


def _title(question: Question, view: View) -> str:
    title = question.preset.title if question.preset else "The answer"
    done = _done(view)
    return ", ".join([title, *done]) + "," * bool(done)


def _done(view: View) -> list[str]:
    return [words(each) for each in view.done.applied if each.name != COMPARE]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _each(view: View) -> str:
    """`a day`, where a value counts what happened in a day; else nothing, as a level is not so much a day."""
    return f" a {view.each}" if view.done.meaning.flow and view.each else ""


def _at(question: Question, view: View, moment: datetime) -> str:
    grid = view.whole.grid
    shown = local(earlier_on_the_wall(moment.timestamp(), view.look.shift, grid.zone), grid.zone)
    year = len({local(moment, grid.zone).year for moment in (grid.start, grid.end)}) > 1
    if view.each == "month":
        return f"in {shown:%B}" + f" {shown.year}" * year
    if view.each == "week":
        return f"in the week from {day(shown, year=year)}"
    clock = "" if grid.step % DAY == 0 else f" at {shown:%H:%M} {grid.zone}"
    return f"on {day(shown, year=year)}{clock}"


def _highest(view: View, moment: datetime) -> str:
    """The name of the series that has the peak."""
    place = int(np.searchsorted(view.whole.instants, int(moment.timestamp())))
    return view.names[int(np.nanargmax(view.whole.values.to_numpy()[place]))]


def _without(reports: Sequence[Report]) -> str:
    """The clusters that are missing in the numbers; none where nobody answered, as the sentence says so itself."""
    names = [report.cluster for report in reports if report.error]
    if not names or len(names) == len(reports):
        return ""
    rest = len(names) - _NAMED
    shown = [*names[:_NAMED], f"{rest} more"] if rest > 0 else names
    listed = " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
    return f", without {listed}, which did not answer"
