"""The pods of a cluster: one for each start of a user server, and the hub's own."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.sample.history import ClusterHistory, HubHistory
from lib.sample.hubs import Cluster, day_number
from lib.sample.names import safe_name, user_name
from lib.sample.noise import seed
from lib.sample.people import DAY
from lib.sample.series import Span

GIB = 2**30
USER, HUB, PROXY = "singleuser-server", "hub", "proxy"
CONTAINERS = {USER: "notebook", HUB: "hub", PROXY: "chp"}
_MEMORY = (1, 2, 4, 8, 16)  # GiB asked for
_MEMORY_SHARES = np.cumsum((0.45, 0.25, 0.15, 0.10, 0.05))


@dataclass(frozen=True)
class Pod:
    """One pod; times in seconds, memory in bytes, processors in cores."""

    namespace: str
    name: str
    component: str
    user: str  # "" for the hub's own pods
    node: str
    image: str
    start: int
    ready: int  # its container runs from here on; `end` if it never does
    end: int
    memory_request: int
    memory_limit: int
    cpu_request: float
    chance: int  # 63 bits

    @property
    def uid(self) -> str:
        """The pod's uid: made of its name and its start."""
        digits = f"{seed(self.namespace, self.name, self.start):016x}{self.chance:016x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))

    @property
    def container(self) -> str:
        """The name of its only container."""
        return CONTAINERS[self.component]


def pods(history: ClusterHistory, span: Span) -> Iterator[Pod]:
    """Yield the pods that exist at some moment of the span and are still remembered."""
    for hub in history.hubs:
        yield from _own_pods(history.cluster, hub, span)
        sessions = hub.sessions
        wanted = (sessions.start <= span.last) & (sessions.end > max(span.first, span.pods_from))
        for index in np.flatnonzero(wanted).tolist():
            yield _user_pod(history.cluster, hub, index)


def _user_pod(cluster: Cluster, hub: HubHistory, index: int) -> Pod:
    sessions = hub.sessions
    chance = int(sessions.chance[index])
    user = user_name(cluster.name, int(hub.people.number[sessions.person[index]]))
    start, end = int(sessions.start[index]), int(sessions.end[index])
    share = chance % 1009 / 1009
    memory = _MEMORY[int(np.searchsorted(_MEMORY_SHARES, share))] * GIB
    return Pod(
        namespace=hub.hub.name,
        name=f"jupyter-{safe_name(user)}",
        component=USER,
        user=user,
        node=f"{cluster.name}-user-{chance // 1009 % cluster.user_nodes + 1}",
        image=_image(hub.hub.images, chance // 7, start),
        start=start,
        ready=int(sessions.ready[index]),
        end=end,
        memory_request=memory,
        memory_limit=memory * (1 + chance // 3 % 2),
        cpu_request=0.05 * memory / GIB,
        chance=chance,
    )


def _own_pods(cluster: Cluster, hub: HubHistory, span: Span) -> Iterator[Pod]:
    for process in hub.processes:
        if process.start <= span.last and process.end > max(span.first, span.pods_from):
            yield _core_pod(cluster, hub.hub.name, HUB, process.start, process.end)
    yield _core_pod(cluster, hub.hub.name, PROXY, hub.processes[0].start, hub.processes[-1].end)


def _core_pod(cluster: Cluster, namespace: str, component: str, start: int, end: int) -> Pod:
    chance = seed(cluster.name, namespace, component, start) >> 1
    name = f"{component}-{chance % 2**36:09x}-{chance // 2**36 % 2**20:05x}"
    image = f"quay.io/sample/k8s-{component}:4.3.1"
    limit = 2 * GIB
    return Pod(
        namespace, name, component, "", f"{cluster.name}-core-1", image, start, start, end, GIB // 2, limit, 0.2, chance
    )


def _image(images: tuple[str, ...], chance: int, start: int) -> str:
    """Most take the first image; a new tag comes out every three months."""
    name = images[0] if chance % 100 < 68 else images[chance // 100 % len(images)]
    year = 1970 + start // DAY * 400 // 146097
    quarter = (start // DAY - day_number(year, 1, 1)) // 92
    return f"{name}:{year}.{quarter * 3 + 1:02d}"
