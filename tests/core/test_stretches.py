"""Stretches of time in words: days, months and years as people say them, in the zone that is meant."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from lib.core.stretches import in_words

CASES = {
    "a month": ("2026-10-01", "2026-11-01", "in October 2026"),
    "some months": ("2026-07-01", "2026-10-01", "from July to September 2026"),
    "months of two years": ("2026-11-01", "2027-02-01", "from November 2026 to January 2027"),
    "a year": ("2026-01-01", "2027-01-01", "in 2026"),
    "years": ("2024-01-01", "2027-01-01", "from 2024 to 2026"),
    "a day": ("2026-10-14", "2026-10-15", "on 14 October 2026"),
    "days of a month": ("2026-05-03", "2026-05-18", "from 3 to 17 May 2026"),
    "days of two months": ("2026-10-24", "2026-11-23", "from 24 October to 22 November 2026"),
    "days of two years": ("2026-12-24", "2027-01-04", "from 24 December 2026 to 3 January 2027"),
    "hours": ("2026-10-14T10:00", "2026-10-14T12:00", "on 14 October 2026 from 10:00 to 12:00 {zone}"),
    "hours of two days": (
        "2026-10-14T10:00",
        "2026-10-15T12:00",
        "from 14 October 2026, 10:00, to 15 October 2026, 12:00 {zone}",
    ),
    "a moment": ("2026-10-14T10:05", "2026-10-14T10:05", "on 14 October 2026 at 10:05 {zone}"),
    "a midnight": ("2026-10-14", "2026-10-14", "on 14 October 2026 at 00:00 {zone}"),
}


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns"])
@pytest.mark.parametrize(("start", "end", "said"), CASES.values(), ids=CASES)
def test_a_stretch_is_told_as_people_say_it(start, end, said, zone):
    moments = (datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() for text in (start, end))
    assert in_words(*moments, zone) == said.format(zone=zone)
