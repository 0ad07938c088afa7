"""The machines of a cluster: two that carry its core, and pools whose machines come and go with the servers on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from lib.sample.hubs import Cluster, cluster_named
from lib.sample.noise import seed
from lib.sample.people import DAY
from lib.sample.placing import Slot, placed
from lib.sample.wants import Want, night_of, wants_of_day

GIB = 2**30
ALLOCATABLE = 0.94  # of a machine, the rest is kept for the system
CORE_SINCE = 1_700_000_000  # seconds; the machines of the core are older than the sample's history
FOREVER = 2**40
_AHEAD = 900  # seconds: placeholders keep a machine warm before its first server
_IDLE = 600  # seconds without a pod after which a machine is taken down


@dataclass(frozen=True)
class Pool:
    """Machines of one kind: memory in GiB, and the purposes that z2jh and Dask Gateway select machines by."""

    name: str
    short: str
    cores: int
    memory: int
    hub_purpose: str
    dask_purpose: str
    gpus: int = 0

    @property
    def room(self) -> int:
        """The bytes that pods may ask for on one machine."""
        return round(self.memory * GIB * ALLOCATABLE)


POOLS = {
    "core": Pool("core-pool", "core", 4, 16, "core", "core"),
    "user": Pool("user-pool", "user", 8, 64, "user", "scheduler"),
    "gpu": Pool("nb-gpu-k80", "gpu", 8, 52, "user", "scheduler", gpus=4),
    "dask": Pool("dask-pool", "dask", 8, 64, "", "worker"),
}


@dataclass(frozen=True, eq=False)
class Machine:
    """One machine, there at start <= time < end (seconds); `day` is the one whose servers it carries, -1: the core."""

    cluster: Cluster
    name: str
    pool: Pool
    start: int
    end: int
    day: int

    @cached_property
    def labels(self) -> dict[str, str]:
        """Its labels in Kubernetes, as Prometheus spells them."""
        labels = {
            self.cluster.node_pool_label.removeprefix("label_"): self.pool.name,
            "k8s_dask_org_node_purpose": self.pool.dask_purpose,
            "kubernetes_io_hostname": self.name,
        }
        if self.pool.hub_purpose:
            labels["hub_jupyter_org_node_purpose"] = self.pool.hub_purpose
        if self.pool.gpus:
            labels["cloud_google_com_gke_accelerator"] = "nvidia-tesla-k80"
        return labels


def core_machine(cluster: Cluster, place: int) -> Machine:
    """Return the first or the second machine of the core."""
    return Machine(cluster, f"{cluster.name}-core-{place}", POOLS["core"], CORE_SINCE, FOREVER, -1)


def machines(cluster: Cluster, last_day: int, first: int, last: int) -> Iterator[Machine]:
    """Yield the machines that are there at some moment from `first` to `last` (seconds), the core's before others."""
    yield core_machine(cluster, 1)
    yield core_machine(cluster, 2)
    night = night_of(cluster)
    for day in range((first - night) // DAY - 1, (last + _AHEAD - night) // DAY + 1):
        for machine in _machines_of_day(cluster.name, last_day, day):
            if machine.start <= last and machine.end > first:
                yield machine


@lru_cache(maxsize=64)
def landed(name: str, last_day: int, day: int) -> tuple[tuple[Want, Machine], ...]:
    """Return what is wanted on one day of a cluster, from night to night, each with the machine it lands on.

    Every morning begins with new machines, and yesterday's go as their last servers end. So a day can be worked out
    without the days before it.
    """
    cluster, found = cluster_named(name), list[tuple[Want, Machine]]()
    wants = wants_of_day(cluster, last_day, day)
    for key, pool in POOLS.items():
        wanted = [want for want in wants if want.pool == key]
        slots = placed([(want.start, want.end, want.memory) for want in wanted], pool.room, _IDLE)
        built = {id(slot): _built(cluster, pool, day, place, slot) for place, slot in enumerate(dict.fromkeys(slots))}
        found.extend((want, built[id(slot)]) for want, slot in zip(wanted, slots, strict=True))
    return tuple(found)


@lru_cache(maxsize=1500)
def _machines_of_day(name: str, last_day: int, day: int) -> tuple[Machine, ...]:
    return tuple(dict.fromkeys(machine for _, machine in landed(name, last_day, day)))


def _built(cluster: Cluster, pool: Pool, day: int, place: int, slot: Slot) -> Machine:
    code = seed("machine", cluster.name, pool.short, day, place) % 2**28
    name = f"{cluster.name}-{pool.short}-{code:07x}"
    return Machine(cluster, name, pool, slot.start - _AHEAD, slot.end + _IDLE, day)
