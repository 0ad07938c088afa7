"""The home directories of a hub: their size grows while people come, so that the disk they share fills up."""

from dataclasses import dataclass

import numpy as np

from lib.sample.hubs import Hub, Season
from lib.sample.noise import Floats, Ints, normal, seed
from lib.sample.people import DAY, People
from lib.sample.seasons import growth
from lib.sample.sessions import Sessions

HOMES_READ = 6 * 3600  # seconds from one pass of the exporter over all homes to the next
_MEDIAN = 0.6e9  # bytes on the first day
_SPREAD = 1.5  # sigma of their logarithm
_GROWTH = 0.006  # of the first size, for each day a person belongs to the hub
_GROWING = 300 * DAY  # seconds; after that a home stays as it is
_LARGEST = 2e11
_NEWCOMERS_HELD = {Season.RESEARCH: 28, Season.COURSE: 2.8, Season.WORKSHOP: 1.5, Season.STAGING: 0}
_BYTES_PLANNED = 2.9e9  # for each of them
_ROUND_SIZE = 50 * 2**30


@dataclass(frozen=True)
class Homes:
    """Equally long arrays over a hub's people (sizes in bytes); `changes` are their last uses, person by person."""

    hub: Hub
    joined: Ints
    left: Ints  # the home grows until then
    deleted: Ints
    first_size: Ints
    growth: Ints  # bytes a second; whole, so that sums do not depend on their order
    changes: Ints
    changes_from: Ints

    def size(self, index: int, times: Ints) -> Floats:
        """Return the bytes in one home at these moments, as the last pass found them."""
        seconds = np.maximum(np.minimum(_pass(times), self.left[index]) - self.joined[index], 0)
        return np.asarray(self.first_size[index] + self.growth[index] * seconds, dtype=np.float64)

    def last_change(self, index: int, times: Ints) -> Floats:
        """Return the time of the newest file in one home, in seconds since 1970-01-01."""
        own = self.changes[self.changes_from[index] : self.changes_from[index + 1]]
        own = np.concatenate((self.joined[index : index + 1], own))
        place = np.searchsorted(own, _pass(times), side="right") - 1
        return own[np.maximum(place, 0)].astype(np.float64)

    def entries(self, index: int, times: Ints) -> Floats:
        """Return the number of files and directories in one home."""
        return np.asarray(np.floor(60 + (self.size(index, times) / 9e4) ** 0.96), dtype=np.float64)

    def total(self, times: Ints) -> Floats:
        """Return the bytes in all homes together."""
        moment = _pass(times)
        grown = _grown(self.joined, self.growth, moment) - _grown(self.left, self.growth, moment)
        full = self.first_size + self.growth * (self.left - self.joined)
        held = _jumps(self.joined, self.first_size, moment) + grown - _jumps(self.deleted, full, moment)
        return held.astype(np.float64)

    def capacity(self, times: Ints) -> Floats:
        """Return the bytes of the disk, which is made larger every 15 January."""
        january = (times // DAY - 14).astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]")
        planned = self.hub.newcomers * _NEWCOMERS_HELD[self.hub.season] + 40 + self.hub.staff
        wanted = planned * _BYTES_PLANNED * growth(january.astype(np.int64))
        return np.asarray(np.ceil(wanted / _ROUND_SIZE) * _ROUND_SIZE, dtype=np.float64)


def homes_of(hub: Hub, people: People, sessions: Sessions) -> Homes:
    """Return the homes of these people."""
    sizes = _MEDIAN * np.exp(_SPREAD * normal(seed("homes", hub.key), people.number))
    first_size = np.clip(sizes, 1e4, _LARGEST).astype(np.int64)
    order = np.lexsort((sessions.last_use, sessions.person))
    counts = np.bincount(sessions.person, minlength=len(people.number))
    return Homes(
        hub,
        people.joined,
        np.minimum(np.minimum(people.left, people.deleted), people.joined + _GROWING),
        people.deleted,
        first_size,
        (first_size * _GROWTH / DAY).astype(np.int64),
        sessions.last_use[order],
        np.concatenate(([0], np.cumsum(counts))),
    )


def _pass(times: Ints) -> Ints:
    return times - times % HOMES_READ


def _jumps(moments: Ints, amounts: Ints, times: Ints) -> Ints:
    """Return the sum of the amounts whose moments have come."""
    order = np.argsort(moments, kind="stable")
    sums = np.concatenate(([0], np.cumsum(amounts[order])))
    return np.asarray(sums[np.searchsorted(moments[order], times, side="right")], dtype=np.int64)


def _grown(moments: Ints, rates: Ints, times: Ints) -> Ints:
    """Return the sum of rate x (time - moment) over the moments that have come."""
    return _jumps(moments, rates, times) * times - _jumps(moments, rates * moments, times)
