"""Grafana's relative syntax: the instants that Grafana itself gives, in every zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import TimeError
from lib.core.relative_time import Calendar, is_relative
from lib.core.time_text import resolve
from lib.core.zones import local, zone_names

NEW_YORK, BERLIN, KOLKATA, LORD_HOWE = "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"

# What Grafana's own code gives for each text, run with moment-timezone 0.6.6 and weeks that begin on Monday: the text,
# the zone, the first month of the fiscal year, now, the start, and the end where it is another. All instants in UTC.
GRAFANA = [
    ("now", "UTC", 1, "2026-11-18 15:42:30.500", "2026-11-18 15:42:30.500", ""),
    ("now-30d", "UTC", 1, "2026-11-18 15:42:30.500", "2026-10-19 15:42:30.500", ""),
    ("now-30d", NEW_YORK, 1, "2026-11-01 06:30:00", "2026-10-02 05:30:00", ""),
    ("now+1h", NEW_YORK, 1, "2026-11-01 06:30:00", "2026-11-01 07:30:00", ""),
    ("now-1h", NEW_YORK, 1, "2026-11-01 06:30:00", "2026-11-01 05:30:00", ""),
    ("now-24h", NEW_YORK, 1, "2026-03-09 03:30:00", "2026-03-08 03:30:00", ""),
    ("now-1d", NEW_YORK, 1, "2026-03-09 03:30:00", "2026-03-08 04:30:00", ""),
    ("now-1d", NEW_YORK, 1, "2026-03-09 06:30:00", "2026-03-08 07:30:00", ""),
    ("now+1d", NEW_YORK, 1, "2026-03-07 07:30:00", "2026-03-08 07:30:00", ""),
    ("now/s", "UTC", 1, "2026-11-18 15:42:30.500", "2026-11-18 15:42:30", "2026-11-18 15:42:30.999"),
    ("now/m", "UTC", 1, "2026-11-18 15:42:30.500", "2026-11-18 15:42:00", "2026-11-18 15:42:59.999"),
    ("now/h", "UTC", 1, "2026-11-18 15:42:30.500", "2026-11-18 15:00:00", "2026-11-18 15:59:59.999"),
    ("now/h", KOLKATA, 1, "2026-11-18 15:42:30.500", "2026-11-18 15:30:00", "2026-11-18 16:29:59.999"),
    ("now/h", LORD_HOWE, 1, "2026-11-18 15:42:30.500", "2026-11-18 15:00:00", "2026-11-18 15:59:59.999"),
    ("now/h", NEW_YORK, 1, "2026-11-01 06:30:00", "2026-11-01 06:00:00", "2026-11-01 06:59:59.999"),
    ("now/d", "UTC", 1, "2026-11-18 15:42:30.500", "2026-11-18 00:00:00", "2026-11-18 23:59:59.999"),
    ("now/d", NEW_YORK, 1, "2026-11-18 15:42:30.500", "2026-11-18 05:00:00", "2026-11-19 04:59:59.999"),
    ("now/d", NEW_YORK, 1, "2026-03-09 03:30:00", "2026-03-08 05:00:00", "2026-03-09 03:59:59.999"),
    ("now/d", NEW_YORK, 1, "2026-11-01 06:30:00", "2026-11-01 04:00:00", "2026-11-02 04:59:59.999"),
    ("now/d", BERLIN, 1, "2026-10-25 01:30:00", "2026-10-24 22:00:00", "2026-10-25 22:59:59.999"),
    ("now/d", LORD_HOWE, 1, "2026-04-04 18:00:00", "2026-04-04 13:00:00", "2026-04-05 13:29:59.999"),
    ("now/d", KOLKATA, 1, "2026-11-18 15:42:30.500", "2026-11-17 18:30:00", "2026-11-18 18:29:59.999"),
    ("now-1d/d", NEW_YORK, 1, "2026-03-09 03:30:00", "2026-03-07 05:00:00", "2026-03-08 04:59:59.999"),
    ("now-1d/d", BERLIN, 1, "2026-10-25 01:30:00", "2026-10-23 22:00:00", "2026-10-24 21:59:59.999"),
    ("now/d+8h", NEW_YORK, 1, "2026-03-09 03:30:00", "2026-03-08 13:00:00", "2026-03-09 11:59:59.999"),
    ("now/d+8h", "UTC", 1, "2026-11-18 15:42:30.500", "2026-11-18 08:00:00", "2026-11-19 07:59:59.999"),
    ("now/d-1d/d", NEW_YORK, 1, "2026-11-18 15:42:30.500", "2026-11-17 05:00:00", "2026-11-18 04:59:59.999"),
    ("now/w", "UTC", 1, "2026-11-18 15:42:30.500", "2026-11-16 00:00:00", "2026-11-22 23:59:59.999"),
    ("now/w", KOLKATA, 1, "2026-11-15 20:00:00", "2026-11-15 18:30:00", "2026-11-22 18:29:59.999"),
    ("now-1w/w", NEW_YORK, 1, "2026-03-09 03:30:00", "2026-02-23 05:00:00", "2026-03-02 04:59:59.999"),
    ("now/M", "UTC", 1, "2026-11-18 15:42:30.500", "2026-11-01 00:00:00", "2026-11-30 23:59:59.999"),
    ("now-1M/M", "UTC", 1, "2026-03-31 12:00:00", "2026-02-01 00:00:00", "2026-02-28 23:59:59.999"),
    ("now-1M/M", NEW_YORK, 1, "2026-04-01 02:00:00", "2026-02-01 05:00:00", "2026-03-01 04:59:59.999"),
    ("now-1M", "UTC", 1, "2026-03-31 12:00:00", "2026-02-28 12:00:00", ""),
    ("now-1M/M+14d", "UTC", 1, "2026-03-31 12:00:00", "2026-02-15 00:00:00", "2026-03-14 23:59:59.999"),
    ("now/Q", BERLIN, 1, "2026-11-18 15:42:30.500", "2026-09-30 22:00:00", "2026-12-31 22:59:59.999"),
    ("now-1Q/Q", BERLIN, 1, "2026-11-18 15:42:30.500", "2026-06-30 22:00:00", "2026-09-30 21:59:59.999"),
    ("now/y", KOLKATA, 1, "2025-12-31 20:00:00", "2025-12-31 18:30:00", "2026-12-31 18:29:59.999"),
    ("now-1y/y", NEW_YORK, 1, "2026-11-18 15:42:30.500", "2025-01-01 05:00:00", "2026-01-01 04:59:59.999"),
    ("now-1y", "UTC", 1, "2028-02-29 12:00:00", "2027-02-28 12:00:00", ""),
    ("now/fQ", "UTC", 1, "2026-11-18 15:42:30.500", "2026-10-01 00:00:00", "2026-12-31 23:59:59.999"),
    ("now-1Q/fQ", NEW_YORK, 2, "2026-11-18 15:42:30.500", "2026-08-01 04:00:00", "2026-11-01 03:59:59.999"),
    ("now/fQ", "UTC", 7, "2026-01-15 00:00:00", "2026-01-01 00:00:00", "2026-03-31 23:59:59.999"),
    ("now/fy", NEW_YORK, 7, "2026-11-18 15:42:30.500", "2026-07-01 04:00:00", "2027-07-01 03:59:59.999"),
    ("now-1y/fy", NEW_YORK, 7, "2026-11-18 15:42:30.500", "2025-07-01 04:00:00", "2026-07-01 03:59:59.999"),
    ("now-1y/fy", "UTC", 10, "2026-09-30 23:59:00", "2024-10-01 00:00:00", "2025-09-30 23:59:59.999"),
    ("now/fy", "UTC", 10, "2026-10-01 00:00:00", "2026-10-01 00:00:00", "2027-09-30 23:59:59.999"),
    ("now/d/d", "UTC", 1, "2026-11-18 15:42:30.500", "2026-11-18 00:00:00", "2026-11-18 23:59:59.999"),
    ("now-d", "UTC", 1, "2026-11-18 15:42:30.500", "2026-11-17 15:42:30.500", ""),
    ("now/1M", "UTC", 1, "2026-11-18 15:42:30.500", "2026-11-01 00:00:00", "2026-11-30 23:59:59.999"),
]


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


@pytest.mark.parametrize("row", GRAFANA, ids=[f"{text} {zone} {now[:10]}" for text, zone, _, now, *_ in GRAFANA])
def test_a_relative_time_is_the_instant_that_grafana_gives(row):
    text, zone, fiscal_start, now, start, end = row
    rules = Calendar(zone, fiscal_start)
    assert milliseconds(resolve(text, at(now), rules)) == milliseconds(at(start))
    assert milliseconds(resolve(text, at(now), rules, end=True)) == milliseconds(at(end or start))


@pytest.mark.parametrize("text", ["now - 30d", " now-30d ", "now -30d/ d"])
def test_blanks_do_not_matter(text):
    assert resolve(text, at("2026-11-18 15:42:30")) == resolve(text.replace(" ", ""), at("2026-11-18 15:42:30"))


NOT_GRAFANAS = [
    "now/2d",
    "now/fM",
    "now-1fd",
    "now/Y",
    "now-5",
    "now-5x",
    "now/",
    "now*2",
    "NOW",
    "now-123456d",
    "nowd",
]


@pytest.mark.parametrize("text", NOT_GRAFANAS)
def test_what_grafana_does_not_know_is_refused(text):
    assert not is_relative(text)
    with pytest.raises(TimeError):
        resolve(text, at("2026-11-18 15:42:30"))


UNITS = st.sampled_from(["s", "m", "h", "d", "w", "M", "Q", "y", "fQ", "fy"])


# Moments have milliseconds; of less than a microsecond no clock here knows.
MOMENTS = st.integers(800 * 86_400_000, 4_102_444_800_000).map(lambda milliseconds: milliseconds / 1_000)


@given(MOMENTS, st.sampled_from(zone_names()), UNITS, st.integers(1, 12))
def test_rounding_down_and_up_spans_the_moment_and_whole_days_of_the_zone(now, zone, unit, fiscal_start):
    rules = Calendar(zone, fiscal_start)
    start, end = resolve(f"now/{unit}", now, rules), resolve(f"now/{unit}", now, rules, end=True)
    assert start <= now and milliseconds(end) >= milliseconds(now) - 1
    if unit not in ("s", "m", "h"):
        before = local(start - 0.001, zone)
        assert before.date() < local(start, zone).date()
