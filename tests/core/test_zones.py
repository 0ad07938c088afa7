"""Time zones: names, midnights, what clocks show, and how instants are written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import TimeError
from lib.core.zones import (
    earlier_on_the_wall,
    is_zone,
    iso,
    midnight,
    offset_text,
    offsets,
    on_one_axis,
    wall,
    zone_names,
    zone_of,
)

NEW_YORK, KOLKATA = "America/New_York", "Asia/Kolkata"
HOUR, DAY = 3_600, 86_400


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def every(minutes: int, start: str, end: str) -> np.ndarray:
    return np.arange(at(start), at(end) + 1, minutes * 60, dtype=np.int64)


@pytest.mark.parametrize("name", ["UTC", NEW_YORK, KOLKATA, "Australia/Lord_Howe", "Etc/GMT+5"])
def test_names_of_the_database_are_zones(name):
    assert is_zone(name) and name in zone_names()
    assert datetime.now(zone_of(name)).utcoffset() is not None


@pytest.mark.parametrize(
    "name", ["CST", "IST", "", "localtime", "../etc/passwd", "america/new_york", "x" * 5_000, "\0"]
)
def test_abbreviations_paths_and_other_texts_are_no_zones(name):
    if name == "":
        assert not is_zone(name)
    with pytest.raises(TimeError) as caught:
        zone_of(name)
    assert "America/New_York" in caught.value.hint and len(caught.value.message) < 100


@given(
    st.lists(st.integers(0, 4_102_444_800), min_size=1, max_size=40),
    st.sampled_from([NEW_YORK, KOLKATA, "Europe/Berlin", "Australia/Lord_Howe", *zone_names()]),
)
def test_offsets_and_written_times_are_those_of_the_standard_library(instants, zone):
    found = np.array(instants, np.int64)
    there = [datetime.fromtimestamp(moment, ZoneInfo(zone)) for moment in instants]
    assert offsets(found, zone).tolist() == [int(moment.utcoffset().total_seconds()) for moment in there]
    assert iso(found, zone) == [moment.isoformat() for moment in there]


def test_the_hour_that_comes_twice_is_written_apart():
    instants = every(30, "2026-11-01 05:00", "2026-11-01 06:30")
    assert iso(instants, NEW_YORK) == [
        "2026-11-01T01:00:00-04:00",
        "2026-11-01T01:30:00-04:00",
        "2026-11-01T01:00:00-05:00",
        "2026-11-01T01:30:00-05:00",
    ]
    assert len(set(wall(instants, NEW_YORK).tolist())) == 2


OFFSETS = {0: "+00:00", -4 * HOUR: "-04:00", 19_800: "+05:30", -2_670: "-00:44:30", 38_700: "+10:45"}


@pytest.mark.parametrize(("ahead", "written"), OFFSETS.items(), ids=OFFSETS.values())
def test_an_offset_is_written_as_iso_8601_has_it(ahead, written):
    assert offset_text(ahead) == written


def test_an_axis_shows_what_clocks_show_where_they_only_run_forward():
    spring = every(60, "2026-03-08 05:00", "2026-03-08 09:00")
    shown, clock = on_one_axis(spring, NEW_YORK)
    assert clock == NEW_YORK and (np.diff(shown) / HOUR).tolist() == [1, 2, 1, 1]
    six_hours = every(360, "2026-10-30 00:00", "2026-11-03 00:00")
    assert on_one_axis(six_hours, NEW_YORK)[1] == NEW_YORK


@given(st.integers(0, 40), st.sampled_from([1, 5, 15, 30, 60]))
def test_an_axis_keeps_its_first_offset_where_clocks_go_back_and_always_rises(hours, minutes):
    start = datetime(2026, 10, 31, tzinfo=UTC) + timedelta(hours=hours)
    instants = np.arange(start.timestamp(), start.timestamp() + 12 * HOUR, minutes * 60).astype(np.int64)
    shown, clock = on_one_axis(instants, NEW_YORK)
    assert (np.diff(shown) > 0).all()
    if (np.diff(wall(instants, NEW_YORK)) <= 0).any():
        assert clock == "UTC-04:00" and (shown - instants == -4 * HOUR).all()


def test_a_day_back_on_the_wall_is_the_same_time_of_day_however_long_the_day_was():
    after = midnight(date(2026, 3, 9), NEW_YORK)
    assert earlier_on_the_wall(after, DAY, NEW_YORK) == midnight(date(2026, 3, 8), NEW_YORK) == after - 23 * HOUR


def test_a_day_whose_midnight_is_skipped_begins_after_the_jump():
    skipped = midnight(date(2018, 11, 4), "America/Sao_Paulo")
    assert f"{datetime.fromtimestamp(skipped, ZoneInfo('America/Sao_Paulo')):%d %H:%M}" == "04 01:00"
