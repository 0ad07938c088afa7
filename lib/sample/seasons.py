"""How busy a day is: weekdays, terms, holidays, the yearly workshop, growth, and the yearly loss of monitoring."""

from datetime import date

import numpy as np

from lib.sample.hubs import EPOCH, Hub, Season, day_number
from lib.sample.noise import Floats, Ints, normal, seed, uniform

# Monday to Sunday
_WEEK = {
    Season.RESEARCH: (0.97, 1.05, 1.06, 1.02, 0.86, 0.31, 0.29),
    Season.COURSE: (1.00, 1.10, 1.08, 1.02, 0.62, 0.40, 0.72),
    Season.WORKSHOP: (1.0, 1.0, 1.0, 1.0, 1.0, 0.4, 0.4),
    Season.STAGING: (1.0, 1.0, 1.0, 1.0, 0.8, 0.0, 0.0),
}
# (first day, last day, factor): days of the year as month x 100 + day, later lines win.
_YEAR = {
    Season.RESEARCH: ((101, 1231, 1.0), (710, 825, 0.78), (1220, 1231, 0.33), (101, 104, 0.33)),
    Season.COURSE: (
        (101, 1231, 0.15),
        (112, 118, 0.25),
        (119, 509, 1.0),
        (305, 320, 1.2),
        (322, 329, 0.22),
        (425, 506, 1.32),
        (510, 520, 0.3),
        (608, 731, 0.45),
        (824, 830, 0.65),
        (831, 1212, 1.0),
        (1008, 1023, 1.18),
        (1125, 1129, 0.25),
        (1201, 1211, 1.32),
    ),
    Season.WORKSHOP: ((101, 1231, 1.0),),
    Season.STAGING: ((101, 1231, 1.0), (1220, 1231, 0.1), (101, 103, 0.1)),
}
_GROWTH_A_YEAR = 0.28
_GROWTH_FROM = day_number(2026, 1, 1)
WORKSHOP_DAYS = 5


def busyness(hub: Hub, days: Ints) -> Floats:
    """Return how eager people are on each of these days (days since 1970-01-01), around 1 on a plain weekday."""
    weekday = (days + 3) % 7
    week = np.array(_WEEK[hub.season])[weekday]
    mood = np.exp(0.09 * normal(seed("mood", hub.key), days))
    return np.asarray(week * _of_year(hub.season, days) * mood, dtype=np.float64)


def growth(days: Ints) -> Floats:
    """Return how many newcomers arrive compared with the start of 2026; it levels off at the ends."""
    return np.asarray(np.clip(1 + _GROWTH_A_YEAR * (days - _GROWTH_FROM) / 365, 0.6, 1.9), dtype=np.float64)


def workshop_monday(year: int) -> int:
    """Return the day on which the year's five-day workshop begins: the first Monday from 2 November on."""
    return _monday_from(day_number(year, 11, 2))


def monitoring_outages(first_day: int, last_day: int) -> list[tuple[int, int]]:
    """Return the times [start, end) in seconds without any sample, one of five to seven days in every March."""
    outages = []
    for year in range(_year(first_day), _year(last_day) + 1):
        chance = uniform(seed("outage", year), np.arange(3))
        start = day_number(year, 3, 3) * 86400 + int(chance[0] * 14 * 86400) // 60 * 60
        outages.append((start, start + int((5 + 2 * chance[1]) * 86400) // 60 * 60))
    return outages


def _of_year(season: Season, days: Ints) -> Floats:
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    code = (months.astype(np.int64) % 12 + 1) * 100 + (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    factor = np.ones(len(days))
    for first, last, value in _YEAR[season]:
        factor[(code >= first) & (code <= last)] = value
    return factor


def _monday_from(day: int) -> int:
    return day + (-(day + 3)) % 7


def _year(day: int) -> int:
    return date.fromordinal(EPOCH.toordinal() + day).year
