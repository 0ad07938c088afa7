"""What happened on one cluster up to now: the lives behind every metric, computed once and read at any moment."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from lib.sample.homes import Homes, homes_of
from lib.sample.hubs import Cluster, Hub, cluster_named
from lib.sample.noise import Floats, Ints
from lib.sample.people import DAY, People, people_of
from lib.sample.restarts import Process, processes_of
from lib.sample.seasons import monitoring_outages
from lib.sample.sessions import Sessions, sessions_of

KEPT = 400 * DAY  # seconds of history
PODS_KEPT = 14 * DAY  # seconds of history of single pods
_WARM_UP = 36  # days of sessions before the history begins, for the people of the last 30 days
PERIODS = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}


@dataclass(frozen=True)
class HubHistory:
    """One hub's people and sessions; the methods take arrays of whole seconds since 1970-01-01."""

    hub: Hub
    people: People
    sessions: Sessions
    processes: tuple[Process, ...]

    def accounts(self, times: Ints) -> Floats:
        """Return how many accounts exist."""
        return _more(np.sort(self.people.joined), np.sort(self.people.deleted), times)

    def running(self, times: Ints) -> Floats:
        """Return how many servers run."""
        return _more(*self._running, times)

    def server_seconds(self, times: Ints) -> Floats:
        """Return the seconds all servers together have run up to these moments."""
        begins, ends = self._running
        origin = int(begins[0]) if len(begins) else 0
        return _area(begins, times, origin) - _area(ends, times, origin)

    def active_people(self, period: str, times: Ints) -> Floats:
        """Return how many different people were active in the `24h`, `7d` or `30d` before these moments."""
        begins, ends = self._presence[period]
        return _more(begins, ends + 1, times)

    @property
    def ready_moments(self) -> Ints:
        """When each server that started was ready, in order."""
        return self._running[0]

    @cached_property
    def homes(self) -> Homes:
        """The home directories."""
        return homes_of(self.hub, self.people, self.sessions)

    @cached_property
    def _running(self) -> tuple[Ints, Ints]:
        worked = self.sessions.worked
        return np.sort(self.sessions.ready[worked]), np.sort(self.sessions.end[worked])

    @cached_property
    def _presence(self) -> dict[str, tuple[Ints, Ints]]:
        order = np.lexsort((self.sessions.start, self.sessions.person))
        lane = self.sessions.person[order] * 2**36
        begins, ends = self.sessions.start[order] + lane, self.sessions.last_use[order] + lane
        return {name: _merged(begins, ends + period) for name, period in PERIODS.items()}


@dataclass(frozen=True)
class ClusterHistory:
    """Everything that happened on a cluster, and the seconds [start, end) of which monitoring knows nothing."""

    cluster: Cluster
    hubs: tuple[HubHistory, ...]
    outages: tuple[tuple[int, int], ...]
    last_day: int  # days since 1970-01-01


@lru_cache(maxsize=8)
def history_of(name: str, last_day: int) -> ClusterHistory:
    """Return what happened on this cluster in the 400 days up to the end of `last_day` (days since 1970-01-01).

    Two calls with different last days agree on every moment both know. Takes about a tenth of a second.
    """
    cluster = cluster_named(name)
    first_day = last_day - KEPT // DAY - 1
    hubs = cluster.hubs_between(first_day, last_day)
    outages = monitoring_outages(first_day, last_day) if cluster.outage else []
    lives = tuple(_lived(hub, first_day, last_day) for hub in hubs)
    return ClusterHistory(cluster, lives, tuple(outages), last_day)


def _lived(hub: Hub, first_day: int, last_day: int) -> HubHistory:
    first = first_day - _WARM_UP
    people = people_of(hub, first, last_day + 1)
    sessions = sessions_of(hub, people, first, last_day + 1)
    return HubHistory(hub, people, sessions, tuple(processes_of(hub, (last_day + 1) * DAY)))


def _more(begins: Ints, ends: Ints, times: Ints) -> Floats:
    """Return how many have begun and not yet ended; both arrays are sorted."""
    open_now = np.searchsorted(begins, times, side="right") - np.searchsorted(ends, times, side="right")
    return open_now.astype(np.float64)


def _area(moments: Ints, times: Ints, origin: int) -> Floats:
    """Return the sum of (time - moment) over the moments before each time."""
    sums = np.concatenate(([0], np.cumsum(moments - origin)))
    count = np.searchsorted(moments, times, side="right")
    return ((times - origin) * count - sums[count]).astype(np.float64)


def _merged(begins: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Return the union of intervals as sorted begins and ends; each person has a lane, taken off at the end."""
    if not len(begins):
        return begins, ends
    until = np.maximum.accumulate(ends)
    fresh = np.ones(len(begins), dtype=np.bool_)
    fresh[1:] = begins[1:] > until[:-1]
    last = np.append(np.flatnonzero(fresh)[1:] - 1, len(begins) - 1)
    return np.sort(begins[fresh] % 2**36), np.sort(until[last] % 2**36)
