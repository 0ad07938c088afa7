"""What the sessions of a day ask of the machines: user servers, some with a GPU, some with a Dask cluster beside."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.sample.history import HubHistory, history_of
from lib.sample.hubs import Cluster
from lib.sample.people import DAY

_GIB = 2**30
SERVER, SCHEDULER, WORKER = "server", "dask-scheduler", "dask-worker"
GPU_MEMORY = 12 * _GIB
DASK_MEMORY = {SCHEDULER: 2 * _GIB, WORKER: 8 * _GIB}
_MEMORY = (1, 2, 4, 8, 16)  # GiB asked for
_MEMORY_SHARES = np.cumsum((0.45, 0.25, 0.15, 0.10, 0.05))
_NIGHT = 4  # o'clock: when fewest people are there
_SHORTEST_DASK = 1500  # seconds of use in which somebody starts a Dask cluster


@dataclass(frozen=True)
class Want:
    """A pod to be placed: times in seconds, memory in bytes, `hub` and `session` places in the cluster's history."""

    role: str
    pool: str
    hub: int
    session: int
    start: int
    end: int
    memory: int
    number: int = 0


def night_of(cluster: Cluster) -> int:
    """Return at which second of the UTC day a day of this cluster begins: 4 o'clock where most people are."""
    return (_NIGHT - cluster.hubs[0].utc_offset) * 3600


def wants_of_day(cluster: Cluster, last_day: int, day: int) -> list[Want]:
    """Return what the sessions that begin on this day of the cluster ask for, ordered by start."""
    first = day * DAY + night_of(cluster)
    found: list[Want] = []
    for place, hub in enumerate(history_of(cluster.name, last_day).hubs):
        low, high = np.searchsorted(hub.sessions.start, (first, first + DAY)).tolist()
        for session in range(low, high):
            found.extend(_of_session(hub, place, session))
    return sorted(found, key=lambda want: want.start)


def _of_session(hub: HubHistory, place: int, session: int) -> Iterator[Want]:
    sessions = hub.sessions
    chance = int(sessions.chance[session])
    start, end = int(sessions.start[session]), int(sessions.end[session])
    if (chance >> 20) % 1000 < 1000 * hub.hub.gpu_share:
        yield Want(SERVER, "gpu", place, session, start, end, GPU_MEMORY)
    else:
        memory = _MEMORY[int(np.searchsorted(_MEMORY_SHARES, chance % 1009 / 1009))] * _GIB
        yield Want(SERVER, "user", place, session, start, end, memory)
    used = int(sessions.last_use[session]) - int(sessions.ready[session])
    if (chance >> 32) % 1000 < 1000 * hub.hub.dask_share and used > _SHORTEST_DASK:
        yield from _dask(place, session, int(sessions.ready[session]), used, chance)


def _dask(place: int, session: int, ready: int, used: int, chance: int) -> Iterator[Want]:
    """Yield a scheduler, which lives beside the user's server, and 4 to 12 workers for most of the session."""
    begin, over = ready + used // 12, ready + used
    yield Want(SCHEDULER, "user", place, session, begin, over, DASK_MEMORY[SCHEDULER])
    for number in range(4 + chance // 17 % 9):
        yield Want(
            WORKER, "dask", place, session, begin + 15 + 4 * number, over - 3 * number, DASK_MEMORY[WORKER], number
        )
