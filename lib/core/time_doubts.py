"""Texts for a moment that mean several, or none: why they are refused, with the choice spelt out."""

from __future__ import annotations

import re

from lib.core.errors import TimeError

EXAMPLES = "Write it as now-30d, 2026-03-01, 12 March 2026, “last month” or “1 month ago”."
_LETTER = re.compile(r"[-+]?(\d{1,5}) ?(m|M|mo|mon)( ago)?", re.ASCII)
_LENGTH = re.compile(r"[-+]?(\d{1,5}|an?) ?(seconds?|minutes?|hours?|days?|weeks?|months?|years?|[shdwQy])( ago)?")
_SLASHES = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{2}|\d{4})", re.ASCII)
_NUMBER = re.compile(r"\d{1,11}", re.ASCII)
_MONTH = re.compile(r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}", re.IGNORECASE)
_ABBREVIATION = re.compile(r".*:\d\d ?([A-Z]{3,5})", re.ASCII)


def refusal(text: str) -> TimeError:
    """Why this text was not read as a moment or a span, and what to write instead."""
    if found := _LETTER.fullmatch(text):
        amount = found[1]
        return TimeError(
            f"“{text}” could mean minutes or months.",
            f"Write now-{amount}m for minutes or now-{amount}M for months.",
        )
    if found := _LENGTH.fullmatch(text):
        amount, unit = found[1], found[2]
        hint = f"Write “{amount} {unit} ago”." if len(unit) > 1 else f"Write now-{amount}{unit}."
        return TimeError(f"“{text}” is a length of time, not a moment.", hint)
    if found := _SLASHES.fullmatch(text):
        return _either_order(text, found)
    if _NUMBER.fullmatch(text):
        return TimeError(f"“{text}” could be a day, a month or an hour.", f"Say a full date. {EXAMPLES}")
    if _MONTH.fullmatch(text):
        return TimeError(f"“{text}” is a month of any year.", f"Add the year, as in “{text.capitalize()} 2026”.")
    if found := _ABBREVIATION.fullmatch(text):
        hint = "Write the offset, as in 2026-03-01 00:00-05:00, or choose the time zone in the list."
        return TimeError(f"“{found[1]}” is the short name of several time zones, or of none.", hint)
    return TimeError(f"“{text}” could mean more than one moment, or none.", EXAMPLES)


def _either_order(text: str, found: re.Match[str]) -> TimeError:
    first, second, year = int(found[1]), int(found[3]), found[4] if len(found[4]) == 4 else f"20{found[4]}"
    orders = sorted({(month, day) for month, day in ((second, first), (first, second)) if month <= 12 and day <= 31})
    dates = [f"{year}-{month:02}-{day:02}" for month, day in orders]
    hint = f"Write {' or '.join(dates)}, year first." if dates else EXAMPLES
    return TimeError(f"“{text}” does not say which number is the month.", hint)
