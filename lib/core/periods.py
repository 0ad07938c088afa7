"""The time ranges that are offered by name: those that everybody needs, and one's own from a TOML file.

The file has one table a period; its name is only for messages:

    [fall-2026]
    name = "Fall 2026"
    from = 2026-08-26
    to = 2026-12-18

Both days belong to it. It is read in whichever time zone is chosen.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from lib.core.own_presets import Problem
from lib.core.toml_lines import line_in, line_of

LARGEST = 200_000  # bytes of a file
LONGEST_NAME = 60  # characters
_FIELDS = ("name", "from", "to")
_DATE_HINT = "Write it as from = 2026-08-26."


@dataclass(frozen=True)
class Period:
    """A named time range: `start` and `end` are texts that `resolve` reads, as they stand in links."""

    name: str
    start: str
    end: str


USUAL = (
    Period("Last 24 hours", "now-24h", "now"),
    Period("Last 7 days", "now-7d", "now"),
    Period("Last 30 days", "now-30d", "now"),
    Period("Last 90 days", "now-90d", "now"),
    Period("Last 12 months", "now-1y", "now"),
    Period("Last 3 years", "now-3y", "now"),
    Period("This week so far", "now/w", "now"),
    Period("Last full week", "now-1w/w", "now-1w/w"),
    Period("This month so far", "now/M", "now"),
    Period("Last full month", "now-1M/M", "now-1M/M"),
    Period("This quarter so far", "now/Q", "now"),
    Period("Last full quarter", "now-1Q/Q", "now-1Q/Q"),
    Period("This year so far", "now/y", "now"),
    Period("Last full year", "now-1y/y", "now-1y/y"),
)
# Only where a fiscal year does not begin in January, as they would repeat the others.
FISCAL = (
    Period("This fiscal year so far", "now/fy", "now"),
    Period("Last full fiscal year", "now-1y/fy", "now-1y/fy"),
)


@dataclass(frozen=True)
class Periods:
    """What a file holds: periods in its order, and what is wrong. A bad table takes nothing else away."""

    periods: tuple[Period, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_periods(path: str) -> Periods:
    """The periods of a TOML file; "" is no file, and holds nothing. Never raises."""
    if not path:
        return Periods()
    name = Path(path).name
    try:
        body = Path(path).read_bytes()
        text = body.decode("utf-8").replace("\r\n", "\n").removeprefix("\ufeff")
    except (OSError, ValueError):
        hint = "HUBSCOPE_PERIODS names a TOML file; make it, or correct the setting."
        return Periods((), (Problem("This file cannot be read as text in UTF-8.", hint, file=name),))
    if len(body) > LARGEST:
        return Periods((), (Problem(f"It has more than {LARGEST:,} bytes.", "Take periods out.", file=name),))
    return _read(name, text)


def state(path: str) -> str:
    """A text that changes whenever the file does: from its time and size. "" for no file."""
    try:
        facts = os.stat(path) if path else None
    except (OSError, ValueError):
        return ""
    return f"{facts.st_mtime_ns} {facts.st_size}" if facts else ""


def _read(file: str, text: str) -> Periods:
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of 4,300 digits is no TOMLDecodeError
        sentence = f"This is not TOML: {str(error).partition(' (at ')[0]}."
        hint = "Write a date as 2026-08-26 and a name in quotes."
        return Periods((), (Problem(sentence, hint, file=file, line=line_in(str(error), text)),))
    periods: list[Period] = []
    problems: list[Problem] = []
    for name, table in tables.items():
        found = _period(table)
        if isinstance(found, Period):
            periods.append(found)
            continue
        field, sentence, hint = found
        line = line_of(text, name, field)
        problems.append(Problem(sentence, hint, file=file, line=line, preset=name, field=field))
    return Periods(tuple(periods), tuple(problems))


def _period(table: object) -> Period | tuple[str, str, str]:
    """The period of a table or, where it is none: the field, what is wrong with it, and a next step."""
    if not isinstance(table, dict):
        return "", "This is not a table.", "Write [fall-2026] above name, from and to."
    for field in table:
        if field not in _FIELDS:
            return field, "This field is not known.", f"The fields are {', '.join(_FIELDS)}."
    for field in _FIELDS:
        if field not in table:
            return field, "This field is missing.", _DATE_HINT if field != "name" else 'Write it as name = "Fall 2026".'
    name, dates = table["name"], {field: _date(table[field]) for field in ("from", "to")}
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        return "name", f"This is not a name of 1 to {LONGEST_NAME} characters.", 'Write it as name = "Fall 2026".'
    for field, day in dates.items():
        if day is None or not 1970 < day.year < 2200:
            return field, "This is not a date.", _DATE_HINT.replace("from", field)
    start, end = dates["from"], dates["to"]
    assert start is not None and end is not None
    if end < start:
        return "to", "This day lies before the first.", "Swap from and to."
    return Period(" ".join(name.split()), start.isoformat(), end.isoformat())


def _date(value: object) -> date | None:
    """A day as TOML has it, or as a text in quotes."""
    if isinstance(value, str) and len(value) == len("2026-08-26"):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) and not isinstance(value, datetime) else None
