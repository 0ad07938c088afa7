"""The sentence to copy: right for people, servers, bytes and moments, honest about gaps, true to the page."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import Kind, SourceError
from lib.core.merging import merge
from lib.core.preset_files import read_catalogue
from lib.core.query import InstantQuery, RangeQuery
from lib.core.question import Moments, Question
from lib.core.relative_time import Calendar
from lib.core.result import Answer, Outcome, Result, ResultType
from lib.core.sentence import sentence
from lib.core.time_range import TimeRange
from lib.core.time_text import resolve_range
from lib.core.units import format_value
from lib.core.view import Choices, view

PRESETS = read_catalogue()
LATER = 1_830_000_000.0  # 2027-12-28: all is over
ALL = Choices(hide_staging=False)


def grid_of(name: str, start: str, end: str, zone: str = "UTC", step: int = 0, now: float = LATER) -> TimeRange:
    moments = resolve_range(start, end, now, Calendar(zone))
    return Moments(*moments, now, step, zone).grid(Question.of_preset(PRESETS[name]))


def answered(query, hubs, silent=()) -> Result:
    points = query.grid.points
    values = np.array([np.resize(np.array(row, float), points) for row in hubs.values()]).reshape(len(hubs), points)
    kind = ResultType.VECTOR if isinstance(query, InstantQuery) else ResultType.MATRIX
    labels = tuple({"namespace": hub} for hub in hubs)
    outcomes = [Outcome("leap", "leap", Answer(kind, query.grid, labels, values, fetched_at=LATER))]
    outcomes += [Outcome(name, name, SourceError(Kind.TIMEOUT, "No answer.")) for name in silent]
    return merge(query, outcomes)


def said(name, start, end, hubs, silent=(), zone="UTC", step=0, choices=ALL) -> str:
    question = Question.of_preset(PRESETS[name])
    result = answered(RangeQuery("up", grid_of(name, start, end, zone, step)), hubs, silent)
    return sentence(question, view(result, question, choices))


def row(mean: float, peak: float, at: int, points: int) -> list[float]:
    """So many values of this mean, the largest of them at one place."""
    rest = (mean * points - peak) / (points - 1)
    return [peak if place == at else rest for place in range(points)]


OCTOBER = ("2026-10-01", "2026-10-31")


def test_people_of_a_month():
    told = said("daily-users", *OCTOBER, {"prod": row(214, 388, 13, 31)})
    assert told == "In October 2026 on average 214 people a day used the hubs; most on 14 October (388)."


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
def test_days_are_those_of_the_zone(zone):
    told = said("daily-users", *OCTOBER, {"prod": row(214, 388, 13, 31)}, zone=zone)
    assert told == "In October 2026 on average 214 people a day used the hubs; most on 14 October (388)."


def test_what_is_missing_is_named():
    told = said("daily-users", *OCTOBER, {"prod": row(214, 388, 13, 31)}, silent=["nasa-veda"])
    assert told.endswith("(388), without nasa-veda, which did not answer.")
    many = said("daily-users", *OCTOBER, {"prod": row(214, 388, 13, 31)}, silent=["a", "b", "c", "d", "e"])
    assert many.endswith("without a, b, c and 2 more, which did not answer.")


def test_starts_are_so_many_a_day_and_servers_are_not():
    starts = said("server-starts", "2026-05-03", "2026-05-17", {"prod": row(30, 60, 1, 15)})
    assert starts == "Server starts from 3 to 17 May 2026: on average 30 starts a day; most on 4 May (60)."
    servers = said("servers-running", "2026-05-03", "2026-05-17", {"prod": row(30, 60, 1, 15)})
    assert servers == "Servers running from 3 to 17 May 2026: on average 30 servers; most on 4 May (60)."


def test_bytes_have_their_unit():
    told = said("home-total", *OCTOBER, {"prod": row(4 * 2**30, 5 * 2**30, 13, 31)})
    assert told == "Home directories in October 2026: on average 4 GiB; highest on 14 October (5 GiB)."


def test_hours_say_the_time_of_the_highest():
    told = said("memory-used", "2026-10-14", "2026-10-14", {"prod": row(2**30, 2**31, 13, 24)}, zone="Europe/Berlin")
    assert told == (
        "Memory used on 14 October 2026: on average 1 GiB; highest on 14 October at 13:00 Europe/Berlin (2 GiB)."
    )


def test_what_does_not_add_up_names_the_highest_and_has_no_total():
    hubs = {"low": row(0.2, 0.4, 3, 31), "high": row(0.3, 0.82, 13, 31)}
    told = said("home-space-left", *OCTOBER, hubs)
    assert told == "Home space left in October 2026: highest on 14 October for high (82 %)."


def test_a_single_value_has_no_average():
    told = said("daily-users", "2026-10-14", "2026-10-14", {"prod": [388.0]})
    assert told == "On 14 October 2026 388 people a day used the hubs."


def test_one_moment():
    question = Question.of_preset(PRESETS["memory-now"])
    query = InstantQuery("up", 1_792_000_000)
    shown = view(answered(query, {"prod": [2.0**30], "lab": [2.0**31]}), question, ALL)
    assert sentence(question, shown) == (
        "Memory now on 14 October 2026 at 17:46 UTC: 3 GiB in total; most for lab (2 GiB)."
    )
    apart = Question.of_preset(PRESETS["home-shares"])
    told = sentence(apart, view(answered(query, {"prod": [0.25], "lab": [0.5]}), apart, ALL))
    assert told == "Home shares on 14 October 2026 at 17:46 UTC: highest for lab / (50 %)."


def test_nothing_at_all_is_said():
    assert said("daily-users", *OCTOBER, {}) == "Daily users in October 2026: no values."
    question = Question.of_preset(PRESETS["daily-users"])
    lost = merge(
        RangeQuery("up", grid_of("daily-users", *OCTOBER)),
        [Outcome("a", "a", SourceError(Kind.TIMEOUT, "No answer."))],
    )
    assert sentence(question, view(lost, question, ALL)) == "Daily users in October 2026: no cluster answered."


def test_a_day_that_is_not_over_is_said_to_grow():
    question = Question.of_preset(PRESETS["daily-users"])
    now = 1_793_000_000.0  # 26 October 2026, 07:33
    grid = grid_of("daily-users", *OCTOBER, now=now)
    result = answered(RangeQuery("up", grid), {"prod": [5.0]})
    result = replace(result, reports=tuple(replace(report, fetched_at=now) for report in result.reports))
    told = sentence(question, view(result, question, ALL))
    assert told.startswith("From 1 to 26 October 2026 ") and told.endswith(" The last value still grows.")


def test_no_preset_puts_digits_of_its_own_into_the_sentence():
    assert not [preset.id for preset in PRESETS.values() if re.search(r"\d", preset.told + preset.title)]


HUBS = st.dictionaries(
    st.sampled_from(["prod", "lab", "staging"]), st.lists(st.floats(0, 1e9) | st.just(np.nan), min_size=31, max_size=31)
)


@given(HUBS, st.sampled_from(sorted(name for name in PRESETS if not PRESETS[name].instant)))
def test_every_number_of_the_sentence_is_one_of_the_headlines(hubs, name):
    question = Question.of_preset(PRESETS[name])
    result = answered(RangeQuery("up", grid_of(name, *OCTOBER, step=86_400)), hubs)
    shown = view(result, question, ALL)
    told = re.sub(r"(?i:in|on|at) (\d+ )?October( 2026)?|\d\d:00 UTC|00:00", "", sentence(question, shown))
    headlines = " ".join(format_value(each, shown.look.unit) for each in (shown.headlines.mean, shown.headlines.peak))
    assert numbers(told) <= numbers(headlines)


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d(?:[\d.,e+-]*\d)?", text))
