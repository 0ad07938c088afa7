"""When each hub process started: every restart is four minutes of silence, a new address and counters at zero."""

from dataclasses import dataclass

import numpy as np

from lib.sample.hubs import Hub, Season
from lib.sample.noise import Floats, Ints, seed, uniform
from lib.sample.people import DAY, NEVER

SILENCE = 240  # seconds from the end of one process to the first scrape of the next
_WEEK = 7 * DAY
_MONDAY = 4 * DAY  # 1970-01-05
_LONGEST = 4  # weeks: no process outlives the days of sessions kept before the history begins


@dataclass(frozen=True)
class Process:
    """One life of a hub's process: samples at start <= time < end, in seconds."""

    start: int
    end: int
    address: str


def processes_of(hub: Hub, last: int) -> list[Process]:
    """Return the hub's processes up to the second `last`, oldest first; the one at `last` has no end yet."""
    key = seed("restarts", hub.key)
    born = hub.born * DAY + 8 * 3600
    weeks = np.arange((born - _MONDAY) // _WEEK, (last - _MONDAY) // _WEEK + 1)
    likely = 0.8 if hub.season is Season.STAGING else 0.34
    deploys = weeks[(uniform(key, weeks) < likely) | (weeks % _LONGEST == key % _LONGEST)]
    moments = _MONDAY + deploys * _WEEK + _working_time(key, deploys, hub.utc_offset)
    starts = [born, *(int(moment) for moment in moments if born + DAY < moment <= last)]
    gone = NEVER if hub.gone is None else hub.gone * DAY
    starts = [start for start in starts if start < gone]
    ends = [min(start - SILENCE, gone) for start in starts[1:]] + [gone]
    return [Process(s, e, _address(key, s)) for s, e in zip(starts, ends, strict=True)]


def _working_time(key: int, weeks: Ints, utc_offset: int) -> Ints:
    """Deploys happen from Monday to Friday, 9 to 17 o'clock, and are scraped on the minute."""
    chance: Floats = uniform(key ^ 1, weeks)
    day = (uniform(key ^ 2, weeks) * 5).astype(np.int64)
    second = ((9 + 8 * chance - utc_offset) * 3600).astype(np.int64)
    return day * DAY + second // 60 * 60


def _address(key: int, start: int) -> str:
    parts = (uniform(key ^ 3, start, np.arange(2)) * 250).astype(int)
    return f"10.4.{parts[0]}.{parts[1] + 2}:8081"
