"""The accounts of a hub: when each person joins, stops coming and is deleted, how eager they are, their names."""

from dataclasses import dataclass

import numpy as np

from lib.sample.hubs import Hub, Season, day_number
from lib.sample.noise import Floats, Ints, normal, seed, uniform
from lib.sample.seasons import WORKSHOP_DAYS, growth, workshop_monday

DAY = 86400
NEVER = 2**40  # seconds; no clock gets there
CROWD_FROM, ROBOT = 1000, 900  # person numbers below are the cluster's staff, one of them is the robot
_STAFF_SINCE = day_number(2023, 1, 9)
_LONGEST_STAY = 1000  # days
_STAFF_EAGERNESS = {Season.RESEARCH: 0.16, Season.COURSE: 0.16, Season.WORKSHOP: 0.03, Season.STAGING: 0.12}
_TERMS = ((1, 19, 108, 0.85), (6, 8, 50, 0.26), (8, 31, 103, 1.0))  # month, day, days, share of the newcomers


@dataclass(frozen=True)
class People:
    """Equally long arrays, one entry per account; times in seconds, days since 1970-01-01."""

    number: Ints
    joined: Ints
    left: Ints  # the last second on which they may come
    deleted: Ints
    eagerness: Floats


@dataclass(frozen=True)
class _Cohort:
    number: int
    first_day: int
    spread: int  # days over which its people join
    size: int
    last_day: int | None  # None: each has a stay of their own


def people_of(hub: Hub, first_day: int, last_day: int) -> People:
    """Return everyone with an account on this hub on any of these days, in the order of joining."""
    key = seed("people", hub.key)
    cohorts = [cohort for cohort in _cohorts(hub, first_day, last_day) if cohort.size]
    sizes = np.array([cohort.size for cohort in cohorts], dtype=np.int64)
    place = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    number = np.repeat(np.array([cohort.number for cohort in cohorts], dtype=np.int64), sizes) * 1000 + place
    joined = _joined(key, cohorts, sizes, number, hub.utc_offset)
    left = _left(key, hub, cohorts, sizes, number, joined)
    eagerness = np.clip(hub.eagerness * np.exp(_spread(hub) * normal(key ^ 4, number)), 0.01, 0.96)
    crowd = People(number, joined, left, _deleted(key, number, left), eagerness)
    everyone = _together(crowd, _staff(hub), hub)
    wanted = (everyone.deleted > first_day * DAY) & (everyone.joined < (last_day + 1) * DAY)
    wanted &= (everyone.joined >= hub.born * DAY) & (everyone.joined < everyone.deleted)
    order = np.flatnonzero(wanted)[np.argsort(everyone.joined[wanted], kind="stable")]
    return _picked(everyone, order)


def _cohorts(hub: Hub, first_day: int, last_day: int) -> list[_Cohort]:
    first_year, last_year = _year(max(hub.born, first_day - _LONGEST_STAY - 600)), _year(last_day)
    years = range(first_year, last_year + 1)
    if hub.season is Season.RESEARCH:
        months = [(y, m) for y in years for m in range(1, 13)]
        return [_cohort(hub, y * 20 + m, day_number(y, m, 1), 29, 1.0, None) for y, m in months]
    if hub.season is Season.COURSE:
        terms = [(y, *term) for y in years for term in _TERMS]
        return [_cohort(hub, y * 20 + m, day_number(y, m, d), 17, share, n) for y, m, d, n, share in terms]
    if hub.season is Season.WORKSHOP:
        return [_cohort(hub, y * 20, workshop_monday(y), 2, 1.0, WORKSHOP_DAYS) for y in years]
    return []


def _cohort(hub: Hub, number: int, first_day: int, spread: int, share: float, stay: int | None) -> _Cohort:
    chance = normal(seed("cohort", hub.key), number)[0]
    size = hub.newcomers * share * growth(np.array([first_day]))[0]
    size = round(max(0.0, size + 0.6 * chance * np.sqrt(size)))
    return _Cohort(number, first_day, spread, size, None if stay is None else first_day + stay)


def _joined(key: int, cohorts: list[_Cohort], sizes: Ints, number: Ints, utc_offset: int) -> Ints:
    """Most join in the first days of a term, research people evenly, all in daylight."""
    first = np.repeat(np.array([cohort.first_day for cohort in cohorts], dtype=np.int64), sizes)
    spread = np.repeat(np.array([cohort.spread for cohort in cohorts], dtype=np.int64), sizes)
    chance = uniform(key ^ 1, number)
    eager = np.where(spread < 29, chance**2.2, chance)
    day = first + (eager * spread).astype(np.int64)
    hour = 8.5 + 9 * uniform(key ^ 2, number) - utc_offset
    return day * DAY + (hour * 3600).astype(np.int64)


def _left(key: int, hub: Hub, cohorts: list[_Cohort], sizes: Ints, number: Ints, joined: Ints) -> Ints:
    """Students leave with the term, but for a few; others stay for days (a third) or for months."""
    last = np.array([-1 if cohort.last_day is None else cohort.last_day for cohort in cohorts], dtype=np.int64)
    last = np.repeat(last, sizes)
    chance = uniform(key ^ 3, number)
    long = np.exp(np.log(210) + 0.8 * normal(key ^ 5, number))
    stay = np.where(chance < 0.36, 1 + 50 * chance, np.minimum(long, _LONGEST_STAY))
    on_their_own = joined + (stay * DAY).astype(np.int64)
    longer = np.where(chance < 0.07, 200, 6 * chance) if hub.season is Season.COURSE else 0 * chance
    with_the_term = (last + longer.astype(np.int64)) * DAY - hub.utc_offset * 3600
    return np.where(last < 0, on_their_own, np.maximum(with_the_term, joined + DAY))


def _deleted(key: int, number: Ints, left: Ints) -> Ints:
    """A nightly clean-up deletes accounts 150 to 330 days after the last visit."""
    day = left // DAY + 150 + (180 * uniform(key ^ 6, number)).astype(np.int64)
    return day * DAY + 3 * 3600 + 600


def _staff(hub: Hub) -> People:
    """Staff have the same numbers, so the same names, on every hub of a cluster."""
    number = np.arange(hub.staff, dtype=np.int64)
    eagerness = np.full(hub.staff, _STAFF_EAGERNESS[hub.season])
    if hub.robot:
        number, eagerness = np.append(number, ROBOT), np.append(eagerness, 1.0)
    joined = np.full(len(number), max(hub.born, _STAFF_SINCE) * DAY + 9 * 3600) + 60 * number % 3600
    never = np.full(len(number), NEVER)
    return People(number, joined, never, never, eagerness)


def _together(crowd: People, staff: People, hub: Hub) -> People:
    """Nobody outlives the hub."""
    end = NEVER if hub.gone is None else hub.gone * DAY
    return People(
        np.append(crowd.number, staff.number),
        np.append(crowd.joined, staff.joined),
        np.minimum(np.append(crowd.left, staff.left), end),
        np.minimum(np.append(crowd.deleted, staff.deleted), end),
        np.append(crowd.eagerness, staff.eagerness),
    )


def _picked(people: People, order: Ints) -> People:
    return People(
        people.number[order],
        people.joined[order],
        people.left[order],
        people.deleted[order],
        people.eagerness[order],
    )


def _spread(hub: Hub) -> float:
    return 0.1 if hub.season is Season.WORKSHOP else 0.65


def _year(day: int) -> int:
    return int(np.datetime64(day, "D").astype("datetime64[Y]").astype(int)) + 1970
