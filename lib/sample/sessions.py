"""Every start of a server on a hub: who, when, how long it took, whether it worked, and when it ended."""

from dataclasses import dataclass, fields

import numpy as np

from lib.sample.hubs import Hub, Season
from lib.sample.noise import Bools, Floats, Ints, bits, normal, seed, uniform
from lib.sample.people import DAY, ROBOT, People
from lib.sample.seasons import busyness

# How likely a visit begins in each local hour.
_WORK_HOURS = (0, 0, 0, 0, 0, 0, 1, 3, 8, 13, 12, 10, 7, 9, 11, 10, 8, 5, 2, 1, 1, 1, 0, 0)
_STUDY_HOURS = (2, 1, 0, 0, 0, 0, 0, 2, 6, 10, 11, 10, 8, 10, 11, 9, 8, 7, 6, 8, 10, 10, 8, 4)
_EVENT_HOURS = (0, 0, 0, 0, 0, 0, 0, 2, 12, 60, 14, 4, 4, 14, 8, 4, 2, 1, 1, 1, 0, 0, 0, 0)
_HOURS = {
    Season.RESEARCH: _WORK_HOURS,
    Season.COURSE: _STUDY_HOURS,
    Season.WORKSHOP: _EVENT_HOURS,
    Season.STAGING: _WORK_HOURS,
}
_IDLE = 3600  # seconds until the culler stops a server nobody uses
_REST = 420  # seconds between the end of a person's server and their next one
_LEFT_ALONE = 0.02  # of all servers: something runs in them for half a day, so that the culler does not stop them
_MOST_STARTS = 3  # of one person on one day


@dataclass(frozen=True)
class Sessions:
    """Equally long arrays ordered by `start`; times are whole seconds since 1970-01-01."""

    person: Ints  # index into the hub's People
    start: Ints  # the person asks for a server
    ready: Ints  # it runs, or the start has failed
    last_use: Ints
    end: Ints  # it is gone; for a failed start the same as `ready`
    worked: Bools
    seconds: Floats  # how long the start took, `ready` being this rounded up
    chance: Ints  # 63 bits for whatever else is left to chance

    def __len__(self) -> int:
        return len(self.start)

    def take(self, which: Ints | Bools) -> "Sessions":
        """Return the sessions with these indices, or of a mask."""
        return Sessions(*(getattr(self, field.name)[which] for field in fields(self)))


def sessions_of(hub: Hub, people: People, first_day: int, last_day: int) -> Sessions:
    """Return all sessions that begin on these days (local days of the hub, about UTC), ordered by start."""
    key = seed("sessions", hub.key)
    person, day = _visits(key, hub, people, first_day, last_day)
    number = people.number[person]
    starts = 1 + (uniform(key ^ 1, number, day) < 0.2).astype(np.int64) + (uniform(key ^ 2, number, day) < 0.05)
    first = _arrival(key, hub, people, person, day)
    rounds, begin = [], first
    for turn in range(_MOST_STARTS):
        again = starts > turn
        one = _round(key, hub, person[again], number[again], day[again], turn, begin[again])
        rounds.append(one)
        begin = begin.copy()
        begin[again] = one.end + _REST + (9000 * uniform(key ^ 3, number, day, turn)[again] ** 2).astype(np.int64)
    return _without_overlaps(_joined(rounds))


def _visits(key: int, hub: Hub, people: People, first_day: int, last_day: int) -> tuple[Ints, Ints]:
    """Return (person, day) of everybody who comes on each day."""
    local = hub.utc_offset * 3600
    first = np.maximum((people.joined + local) // DAY, first_day)
    last = np.minimum((people.left + local) // DAY - 1, last_day)
    span = np.maximum(last - first + 1, 0)
    person = np.repeat(np.arange(len(span)), span)
    day = np.repeat(first - (np.cumsum(span) - span), span) + np.arange(span.sum())
    calendar = busyness(hub, np.arange(first_day, last_day + 1))
    likely = np.minimum(people.eagerness[person] * calendar[day - first_day], 0.97)
    likely = np.where((people.joined[person] + local) // DAY == day, 0.85, likely)
    comes = uniform(key ^ 4, people.number[person], day) < likely
    return person[comes], day[comes]


def _arrival(key: int, hub: Hub, people: People, person: Ints, day: Ints) -> Ints:
    """Return when they come: by the hub's hours, a part of them on the hour with a class; newcomers on joining."""
    number = people.number[person]
    weights = np.cumsum((0, *_HOURS[hub.season])) / sum(_HOURS[hub.season])
    hour = np.interp(uniform(key ^ 5, number, day), weights, np.arange(25))
    if hub.season in (Season.COURSE, Season.WORKSHOP):
        in_class = (uniform(key ^ 6, number, day) < 0.4) & (hour > 8) & (hour < 17)
        hour = np.where(in_class, np.floor(hour) + np.abs(0.035 * normal(key ^ 7, number, day)), hour)
    local = day * DAY - hub.utc_offset * 3600
    begin = local + (hour * 3600).astype(np.int64)
    begin = np.where(number == ROBOT, local + 4 * 3600 + 15 * 60, begin)
    joined = people.joined[person]
    return np.where((joined + hub.utc_offset * 3600) // DAY == day, joined + 20, begin)


def _round(key: int, hub: Hub, person: Ints, number: Ints, day: Ints, turn: int, begin: Ints) -> Sessions:
    """Return the sessions that these people begin at these moments, the `turn`-th of their day."""
    worked, seconds = _spawns(key, hub, number, day, turn, begin)
    ready = begin + np.ceil(seconds).astype(np.int64)
    hours = hub.session_hours * np.exp(0.75 * normal(key ^ 8, number, day, turn))
    left = uniform(key ^ 17, number, day, turn) < _LEFT_ALONE
    hours = np.where(left, 9 + 11 * uniform(key ^ 18, number, day, turn), np.clip(hours, 0.05, 13))
    used = np.where(number == ROBOT, 150, hours * 3600).astype(np.int64)
    stopped = (uniform(key ^ 9, number, day, turn) < 0.15) | (number == ROBOT)
    idle = np.where(stopped, 0, _IDLE + (600 * uniform(key ^ 10, number, day, turn)).astype(np.int64))
    last_use = np.where(worked, ready + used, begin)
    end = np.where(worked, last_use + idle, ready)
    chance = (bits(key ^ 11, number, day, turn) >> np.uint64(1)).astype(np.int64)
    return Sessions(person, begin, ready, last_use, end, worked, seconds, chance)


def _spawns(key: int, hub: Hub, number: Ints, day: Ints, turn: int, begin: Ints) -> tuple[Bools, Floats]:
    """Return (worked, seconds): slow starts cluster in busy minutes, failures on bad days."""
    bad_day = uniform(seed("bad day", hub.key), day) < 0.012
    worked = uniform(key ^ 12, number, day, turn) > np.where(bad_day, 0.3, 0.011)
    warm = 8.5 * np.exp(0.38 * normal(key ^ 13, number, day, turn))
    cold = 70 + 150 * uniform(key ^ 14, number, day, turn) ** 1.5
    ten_minutes = bits(seed("scale up", hub.key), begin // 600)
    scaling = (ten_minutes >> np.uint64(11)).astype(np.float64) * 2.0**-53 < 0.06
    slow = uniform(key ^ 15, number, day, turn) < np.where(scaling, 0.7, 0.015)
    lost = np.where(uniform(key ^ 16, number, day, turn) < 0.5, 600.3, 3 + warm)
    seconds = np.where(worked, np.clip(np.where(slow, cold, warm), 1.2, 295.0), lost)
    seconds = np.where((number == ROBOT) & worked, warm, seconds)
    return worked, np.asarray(np.round(seconds, 3), dtype=np.float64)


def _joined(rounds: list[Sessions]) -> Sessions:
    return Sessions(*(np.concatenate([getattr(part, f.name) for part in rounds]) for f in fields(Sessions)))


def _without_overlaps(sessions: Sessions) -> Sessions:
    """Drop what a person would begin before all they began earlier is over; order the rest by start."""
    order = np.lexsort((sessions.start, sessions.person))
    person, start, end = sessions.person[order], sessions.start[order], sessions.end[order]
    lane = person * 2**36  # wider than any time, so that the running maximum never crosses to the next person
    busy_until = np.maximum.accumulate(end + _REST + lane)
    free = np.ones(len(order), dtype=np.bool_)
    free[1:] = (person[1:] != person[:-1]) | (start[1:] + lane[1:] >= busy_until[:-1])
    kept = order[free]
    return sessions.take(kept[np.argsort(sessions.start[kept], kind="stable")])
