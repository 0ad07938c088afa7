"""The pods of a cluster: its own, and one for each start of a user server and each part of a Dask cluster."""

from collections.abc import Iterator
from functools import lru_cache

from lib.sample.core_pods import core_pods
from lib.sample.history import ClusterHistory, HubHistory, history_of
from lib.sample.hubs import day_number
from lib.sample.machines import GIB, Machine, landed
from lib.sample.names import safe_name, user_name
from lib.sample.noise import seed
from lib.sample.people import DAY, NEVER
from lib.sample.pod import USER, Container, Fate, Pod
from lib.sample.series import Span
from lib.sample.wants import SERVER, WORKER, Want, night_of

_STORED = 64  # days of pods kept in memory
_OWNERSHIP = "volume-mount-ownership-fix"  # the first step of every user server


def pods(history: ClusterHistory, span: Span) -> Iterator[Pod]:
    """Yield the pods that exist at some moment of the span and are still remembered."""
    yield from core_pods(history, span)
    first = max(span.first, span.pods_from)
    night = night_of(history.cluster)
    for day in range((first - night) // DAY - 1, (span.last - night) // DAY + 1):
        for pod in pods_of_day(history.cluster.name, history.last_day, day):
            if pod.start <= span.last and pod.end > first:
                yield pod


@lru_cache(maxsize=_STORED)
def pods_of_day(cluster: str, last_day: int, day: int) -> tuple[Pod, ...]:
    """Return the pods of the sessions that begin on this day of the cluster, from night to night."""
    history = history_of(cluster, last_day)
    return tuple(_pod(history, want, machine) for want, machine in landed(cluster, last_day, day))


def _pod(history: ClusterHistory, want: Want, machine: Machine) -> Pod:
    hub = history.hubs[want.hub]
    user = user_name(history.cluster.name, int(hub.people.number[hub.sessions.person[want.session]]))
    chance = int(hub.sessions.chance[want.session])
    if want.role == SERVER:
        return _server(hub, want, machine, user, chance)
    return _of_dask(hub, want, machine, user, chance)


def _server(hub: HubHistory, want: Want, machine: Machine, user: str, chance: int) -> Pod:
    gpu = want.pool == "gpu"
    limit = want.memory * (1 + chance // 3 % 2)
    image = _image(hub.hub.images, chance // 7, want.start)
    cores = 1.8 if gpu else 0.05 * want.memory / GIB
    return Pod(
        namespace=hub.hub.name,
        name=f"jupyter-{safe_name(user)}",
        machine=machine,
        containers=(Container("notebook", image, want.memory, limit, cores, gpus=int(gpu)),),
        start=want.start,
        ready=int(hub.sessions.ready[want.session]),
        end=want.end,
        chance=chance,
        component=USER,
        user=user,
        fate=_fate_of_server(hub, want, chance),
    )


def _fate_of_server(hub: HubHistory, want: Want, chance: int) -> Fate:
    """One server of 30 begins at the second try only; one of 40 runs out of memory once, as it is used."""
    sessions = hub.sessions
    worked, ready = bool(sessions.worked[want.session]), int(sessions.ready[want.session])
    init_restart = want.start + 2 if worked and (chance >> 44) % 30 == 0 else NEVER
    used = int(sessions.last_use[want.session]) - ready
    if (chance >> 52) % 40 or used < 1800:
        return Fate(init=_OWNERSHIP, init_restart=init_restart)
    moment = ready + 900 + (chance >> 24) % (used - 900)
    return Fate((moment,), "OOMKilled", init=_OWNERSHIP, init_restart=init_restart)


def _of_dask(hub: HubHistory, want: Want, machine: Machine, user: str, session_chance: int) -> Pod:
    """Return a scheduler or a worker; one worker of 30 is killed for taking too much memory and not replaced."""
    worker = want.role == WORKER
    chance = seed("dask", session_chance, want.role, want.number) >> 1
    cluster = f"{seed('dask', session_chance):032x}"
    name = f"{want.role}-{cluster}" + (f"-{chance % 2**20:05x}" if worker else "")
    ready = want.start + 12 + (chance >> 24) % (90 if worker else 20)
    killed = worker and (chance >> 33) % 30 == 0
    cores = 1.0 if worker else 0.2
    image = _image(hub.hub.images[-1:], chance // 7, want.start)
    return Pod(
        namespace=hub.hub.name,
        name=name,
        machine=machine,
        containers=(Container(want.role, image, want.memory, want.memory, cores, 2 * cores),),
        start=want.start,
        ready=ready,
        end=want.end,
        chance=chance,
        user=user,
        dask=want.role,
        dask_cluster=cluster,
        fate=Fate(over=ready + (want.end - ready) // 2, over_reason="OOMKilled") if killed else Fate(),
    )


def _image(images: tuple[str, ...], chance: int, start: int) -> str:
    """Most take the first image; a new tag comes out every three months."""
    name = images[0] if chance % 100 < 68 else images[chance // 100 % len(images)]
    year = 1970 + start // DAY * 400 // 146097
    quarter = (start // DAY - day_number(year, 1, 1)) // 92
    return f"{name}:{year}.{quarter * 3 + 1:02d}"
