"""What the disks say: each person's home directory, the volume all homes share, the volume of the hub's database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lib.sample.core_pods import SUPPORT
from lib.sample.history import ClusterHistory, HubHistory
from lib.sample.homes import HOMES_READ, Homes
from lib.sample.machines import CORE_SINCE, FOREVER, core_machine
from lib.sample.names import safe_name, user_name
from lib.sample.noise import Floats, Ints, seed
from lib.sample.people import DAY
from lib.sample.series import Metric, Span, Stretch, Values, constant

_SLOW = 300  # seconds between two scrapes of the exporters that ask for few
_GIB = 2**30
_DB_SIZE = round(_GIB * 0.98)
_WATCHING_SIZE = 98 * _GIB


@dataclass(frozen=True)
class Claim:
    """A volume a hub has claimed: its name, and its capacity and use in bytes over time."""

    name: str
    capacity: Values
    used: Values


def _directories(value: Callable[[Homes, int], Values]) -> Callable[[ClusterHistory, Span], Iterator[Stretch]]:
    """Return what yields a metric with one series for each home directory, given its value for person `index`."""

    def stretches(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
        cluster = history.cluster.name
        for hub in history.hubs:
            homes = hub.homes
            people = hub.people
            common = _labels(hub, "shared-dirsize-metrics", f"{cluster}-core-1", "10.4.1.30:8000")
            for index in np.flatnonzero((people.joined <= span.last) & (people.deleted > span.first)).tolist():
                directory = safe_name(user_name(cluster, int(people.number[index])))
                start = int(people.joined[index]) + HOMES_READ
                end = int(people.deleted[index])
                yield Stretch(common | {"directory": directory}, start, end, value(homes, index), _SLOW)

    return stretches


def _labels(hub: HubHistory, component: str, node: str, instance: str) -> dict[str, str]:
    return {
        "app": "jupyterhub",
        "component": component,
        "instance": instance,
        "job": "kubernetes-pods-slow",
        "namespace": hub.hub.name,
        "node": node,
    }


def _size(homes: Homes, index: int) -> Values:
    return lambda times: homes.size(index, times)


def _mtime(homes: Homes, index: int) -> Values:
    return lambda times: homes.last_change(index, times)


def _entries(homes: Homes, index: int) -> Values:
    return lambda times: homes.entries(index, times)


def _volume(value: Callable[[Homes], Values]) -> Callable[[ClusterHistory, Span], Iterator[Stretch]]:
    def stretches(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
        for hub in history.hubs:
            node = f"{history.cluster.name}-core-1"
            own = {"device": "10.4.200.2:/homes", "fstype": "nfs4", "mountpoint": "/shared-volume"}
            labels = _labels(hub, "shared-volume-metrics", node, "10.4.1.31:9100") | own
            start, end = hub.processes[0].start, hub.processes[-1].end
            yield Stretch(labels, start, end, value(hub.homes), _SLOW)

    return stretches


def _capacity(homes: Homes) -> Values:
    return homes.capacity


def _available(homes: Homes) -> Values:
    return lambda times: np.maximum(homes.capacity(times) - homes.total(times), 0.0)


def _claims(part: Callable[[Claim], Values]) -> Callable[[ClusterHistory, Span], Iterator[Stretch]]:
    """Return what yields a kubelet metric of the volumes, once for each machine that mounts one: the homes both where
    the file server is and where their sizes are read, all others on one machine."""

    def stretches(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
        for hub in history.hubs:
            start, end = hub.processes[0].start, hub.processes[-1].end
            database = Claim("hub-db-dir", constant(_DB_SIZE), _database(hub))
            homes = Claim("home-nfs", hub.homes.capacity, hub.homes.total)
            for claim, place in ((database, 1), (homes, 1), (homes, 2)):
                yield Stretch(_mounted(history, hub.hub.name, claim, place), start, end, part(claim))
        watching = Claim("support-prometheus-server", constant(_WATCHING_SIZE), _watching(history))
        yield Stretch(_mounted(history, SUPPORT, watching, 2), CORE_SINCE, FOREVER, part(watching))

    return stretches


def _mounted(history: ClusterHistory, namespace: str, claim: Claim, place: int) -> dict[str, str]:
    machine = core_machine(history.cluster, place)
    return machine.labels | {
        "instance": machine.name,
        "job": "kubernetes-nodes",
        "namespace": namespace,
        "persistentvolumeclaim": claim.name,
    }


def _watching(history: ClusterHistory) -> Values:
    """Prometheus keeps about as much as its limit allows; blocks of two hours are written, then merged."""
    phase = seed("watching", history.cluster.name) % DAY

    def values(times: Ints) -> Floats:
        kept = 0.66 + 0.05 * np.sin(times / (40 * DAY)) + 0.012 * ((times + phase) % DAY) / DAY
        return np.floor(_WATCHING_SIZE * (kept + 0.004 * (times % 7200) / 7200))

    return values


def _database(hub: HubHistory) -> Values:
    return lambda times: 12_000_000 + 45_056 * hub.accounts(times)


def _whole(claim: Claim) -> Values:
    return claim.capacity


def _used(claim: Claim) -> Values:
    return claim.used


def _free(claim: Claim) -> Values:
    return lambda times: claim.capacity(times) - claim.used(times)


METRICS = (
    Metric("dirsize_total_size_bytes", "gauge", "Total Size of the Directory (in bytes)", _directories(_size)),
    Metric("dirsize_latest_mtime", "gauge", "Timestamp of latest modified file in directory", _directories(_mtime)),
    Metric("dirsize_entries_count", "gauge", "Number of files and directories in directory", _directories(_entries)),
    Metric("node_filesystem_size_bytes", "gauge", "Filesystem size in bytes.", _volume(_capacity)),
    Metric(
        "node_filesystem_avail_bytes",
        "gauge",
        "Filesystem space available to non-root users in bytes.",
        _volume(_available),
    ),
    Metric(
        "kubelet_volume_stats_capacity_bytes",
        "gauge",
        "Capacity in bytes of the volume",
        _claims(_whole),
    ),
    Metric(
        "kubelet_volume_stats_used_bytes",
        "gauge",
        "Number of used bytes in the volume",
        _claims(lambda claim: claim.used),
    ),
    Metric("kubelet_volume_stats_available_bytes", "gauge", "Number of available bytes in the volume", _claims(_free)),
)
