"""Time zones: which names count, the midnights of a zone, and what its clocks show at an instant.

Rules come from the IANA database that `zoneinfo` reads: the system's, or that of the package `tzdata`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import numpy.typing as npt

from lib.core.errors import TimeError

UTC_NAME = "UTC"
_DAY = 86_400
_EPOCH = date(1970, 1, 1)
# Names that the database has and that are no place: the server's own clock, and a stand-in for "not set".
_NO_ZONES = {"localtime", "Factory", "posixrules"}

Instants = npt.NDArray[np.int64]


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """Every name that may be chosen, UTC first, then in the order of the alphabet."""
    return (UTC_NAME, *sorted(available_timezones() - _NO_ZONES - {UTC_NAME}))


def is_zone(name: str) -> bool:
    """Whether this is a name of the IANA database, such as `America/New_York`, spelt as it is there."""
    return name in _known()


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(zone_names())


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """The zone of this name. Raises TimeError for any other: abbreviations such as `CST` mean several."""
    if name == UTC_NAME:
        return UTC
    if not is_zone(name):
        raise TimeError(f"There is no time zone “{name[:64]}”.", "Write it as UTC, Europe/Berlin or America/New_York.")
    return ZoneInfo(name)


def local(seconds: float, zone: str) -> datetime:
    """Unix seconds as an aware datetime in this zone."""
    return datetime.fromtimestamp(seconds, zone_of(zone))


def midnight(day: date, zone: str) -> int:
    """The first moment of a day, as Unix seconds: midnight, or where clocks skip it the moment after the jump.

    Where midnight comes twice it is the first. (PEP 495: `fold=0` reads a skipped time by the offset before the jump.)
    """
    return int(datetime(day.year, day.month, day.day, tzinfo=zone_of(zone)).timestamp())


@lru_cache(maxsize=256)
def midnights(first: int, last: int, every: int, zone: str) -> Instants:
    """The first moments of every `every`-th day, from day `first` to day `last`, both included; read-only.

    Days are counted from 1 January 1970. A day that a zone left out (30 December 2011 in Pacific/Apia) has no moment.
    """
    days = range(first, last + 1, every)
    found = np.array([midnight(_EPOCH + timedelta(days=day), zone) for day in days], np.int64)
    found = found[np.concatenate(([True], np.diff(found) > 0))]
    found.setflags(write=False)
    return found


def day_number(seconds: float, zone: str) -> int:
    """Which day it is in this zone, counted from 1 January 1970."""
    return (local(seconds, zone).date() - _EPOCH).days


def offset(seconds: float, zone: str) -> int:
    """By how many seconds the clocks of this zone are ahead of UTC at an instant."""
    ahead = local(seconds, zone).utcoffset()
    return int(ahead.total_seconds()) if ahead else 0


def offsets(instants: Instants, zone: str) -> Instants:
    """By how many seconds the clocks of this zone are ahead of UTC at each instant (Unix seconds), same shape.

    The zone is asked twice for each day that occurs, and once for each instant of a day on which clocks change.
    """
    if zone == UTC_NAME or not instants.size:
        return np.zeros(instants.shape, np.int64)
    days, place = np.unique(instants // _DAY, return_inverse=True)
    early, late = (np.array([offset(int(day) * _DAY + at, zone) for day in days], np.int64) for at in (0, _DAY - 1))
    found = early[place]
    for changing in np.flatnonzero((early != late)[place]).tolist():
        found[changing] = offset(int(instants[changing]), zone)
    return found


def wall(instants: Instants, zone: str) -> Instants:
    """What the clocks of this zone show at each instant, as seconds since 1970 on those clocks.

    Where clocks go back, a time is shown twice.
    """
    return instants + offsets(instants, zone)


def on_one_axis(instants: Instants, zone: str) -> tuple[Instants, str]:
    """Rising instants as times on one rising axis, seconds since 1970 on the clocks that are named beside it.

    Where clocks go back, a time comes twice, and values would be drawn over each other. Then the axis keeps the offset
    that it begins with, and its name is that: `UTC-04:00`.
    """
    shown = wall(instants, zone)
    if not bool((np.diff(shown) <= 0).any()):
        return shown, zone
    ahead = offset(int(instants[0]), zone)
    return instants + ahead, f"UTC{offset_text(ahead)}"


def earlier_on_the_wall(seconds: float, by: int, zone: str) -> float:
    """The moment (Unix seconds) at which clocks showed `by` seconds less: whole days back is the same time of day."""
    return (local(seconds, zone) - timedelta(seconds=by)).timestamp()


def iso(instants: Instants, zone: str) -> list[str]:
    """Each instant as ISO 8601 with the offset of the zone then: `2026-07-01T00:00:00-04:00`. No two are equal."""
    ahead = offsets(instants, zone)
    written = {value: offset_text(value) for value in np.unique(ahead).tolist()}
    clocks = np.datetime_as_string((instants + ahead).astype("datetime64[s]")).tolist()
    return [f"{clock}{written[value]}" for clock, value in zip(clocks, ahead.tolist(), strict=True)]


def offset_text(ahead: int) -> str:
    """Seconds ahead of UTC as ISO 8601 writes them: `+00:00`, `-04:00`, `+05:30`."""
    minutes, seconds = divmod(abs(ahead), 60)
    return f"{'-' if ahead < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
