"""The pods that serve all: each hub's own software, its file server, a nightly job, and what watches the cluster."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.sample.history import ClusterHistory, HubHistory
from lib.sample.machines import core_machine
from lib.sample.noise import Ints, seed, uniform
from lib.sample.people import DAY, NEVER
from lib.sample.pod import Container, Fate, Pod
from lib.sample.series import Span

SUPPORT = "support"  # the namespace of what watches the cluster
_MIB = 2**20
_WEEK = 7 * DAY
_LONGEST = 8  # weeks: no pod of a Deployment outlives the history kept before single pods are remembered
_LINGERS = 30 * 3600  # seconds an evicted pod is remembered, until somebody clears up
_TRIED = 2 * DAY  # seconds in which a container that is prone to it restarts at most once
_KILLED = "OOMKilled"
_JOB_HOUR = 3  # o'clock UTC
_JOB_KEPT, _FAILED_JOB_KEPT = 3 * DAY, 6 * DAY


@dataclass(frozen=True)
class _Deployment:
    name: str
    machine: int
    containers: tuple[Container, ...]
    component: str = ""
    renewed: float = 0.2  # how likely in a week
    evicted: float = 0.0  # how likely it is then because it was evicted
    restarts: float = 0.0  # how likely in two days
    reason: str = "Error"  # of these restarts


def _container(name: str, memory: tuple[int, int], cpu: tuple[float, float], image: str = "") -> Container:
    """Memory in MiB and cores: request and limit."""
    image = image or f"quay.io/sample/k8s-{name}:4.3.1"
    return Container(name, image, memory[0] * _MIB, memory[1] * _MIB, cpu[0], cpu[1])


_OWN = _Deployment("hub", 1, (_container("hub", (512, 2048), (0.2, 0.0)),), "hub")
_SCHEDULER = (_container("kube-scheduler", (256, 512), (0.05, 0.0), "registry.k8s.io/kube-scheduler:v1.30.14"),)
_OF_A_HUB = (
    _Deployment("proxy", 1, (_container("chp", (256, 512), (0.1, 0.0)),), "proxy"),
    _Deployment(
        "autohttps",
        1,
        (_container("traefik", (128, 256), (0.05, 0.0)), _container("secret-sync", (32, 64), (0.01, 0.0))),
        "autohttps",
    ),
    _Deployment("user-scheduler", 1, _SCHEDULER, "user-scheduler", renewed=0.5, evicted=0.5, restarts=0.18),
    _Deployment("user-scheduler", 2, _SCHEDULER, "user-scheduler", renewed=0.5, evicted=0.5, restarts=0.18),
    _Deployment(
        "storage-quota-home-nfs",
        2,
        (
            _container("nfs-server", (512, 1536), (0.2, 1.0)),
            _container("enforce-xfs-quota", (64, 256), (0.02, 0.2)),
            _container("prometheus-exporter", (32, 128), (0.01, 0.1)),
        ),
    ),
)
_OF_THE_CLUSTER = (
    _Deployment(
        "support-prometheus-server",
        2,
        (
            _container("prometheus-server", (3072, 6144), (0.5, 2.0), "quay.io/prometheus/prometheus:v2.42.0"),
            _container("prometheus-server-configmap-reload", (16, 64), (0.01, 0.1)),
        ),
    ),
    _Deployment("support-grafana", 2, (_container("grafana", (192, 512), (0.05, 0.5)),), restarts=0.35, reason=_KILLED),
    _Deployment("support-kube-state-metrics", 2, (_container("kube-state-metrics", (96, 256), (0.02, 0.2)),)),
)


def core_kills(history: ClusterHistory, machine: str, first: int, last: int) -> tuple[int, ...]:
    """Return when pods on this machine of the core were killed for want of memory, from `first` to `last` (seconds)."""
    there = [pod.fate for pod in _all(history, first, last) if pod.machine.name == machine]
    moments = {moment for fate in there if fate.restart_reason == _KILLED for moment in fate.restarts}
    return tuple(sorted(moment for moment in moments if first < moment <= last))


def core_pods(history: ClusterHistory, span: Span) -> Iterator[Pod]:
    """Yield these pods as far as they exist at some moment of the span and are still remembered."""
    first = max(span.first, span.pods_from)
    for pod in _all(history, first, span.last):
        if pod.start <= span.last and pod.end > first:
            yield pod


def _all(history: ClusterHistory, first: int, last: int) -> Iterator[Pod]:
    for hub in history.hubs:
        name, born, gone = hub.hub.name, hub.processes[0].start, hub.processes[-1].end
        for process in hub.processes:
            if process.end > first:
                yield _pod(history, name, "hub", _OWN, (process.start, process.end), Fate(), hub)
        for place, one in enumerate(_OF_A_HUB):
            yield from _lives(history, name, place, one, (max(born, first), min(gone, last), born, gone), hub)
        yield from _jobs(history, hub, max(born, first), min(gone, last))
    for place, one in enumerate(_OF_THE_CLUSTER):
        yield from _lives(history, SUPPORT, place, one, (first, last, 0, NEVER), None)


def _lives(
    history: ClusterHistory,
    namespace: str,
    place: int,
    one: _Deployment,
    times: tuple[int, int, int, int],
    hub: HubHistory | None,
) -> Iterator[Pod]:
    """Yield the pods of a Deployment between two moments (first, last, born, gone): each is replaced by the next."""
    first, last, born, gone = times
    key = seed("deployment", history.cluster.name, namespace, one.name, place)
    weeks = np.arange(first // _WEEK - _LONGEST - 1, last // _WEEK + _LONGEST + 2)
    weeks = weeks[(uniform(key, weeks) < one.renewed) | (weeks % _LONGEST == key % _LONGEST)]
    moments = (weeks * _WEEK + uniform(key ^ 1, weeks) * _WEEK).astype(np.int64)
    evicted = uniform(key ^ 2, weeks) < one.evicted
    for start, end, was_evicted in zip(moments[:-1].tolist(), moments[1:].tolist(), evicted[1:].tolist(), strict=True):
        begin, over = max(start, born), min(end, gone)
        if begin >= over:
            continue
        restarts = _restarts(key, one, begin, over)
        fate = Fate(restarts, one.reason)
        if was_evicted and over < gone:
            fate, over = Fate(restarts, one.reason, over, "Error", evicted=True), min(over + _LINGERS, gone)
        yield _pod(history, namespace, one.name, one, (begin, over), fate, hub)


def _restarts(key: int, one: _Deployment, start: int, end: int) -> tuple[int, ...]:
    if not one.restarts:
        return ()
    tries: Ints = np.arange(start // _TRIED, end // _TRIED + 1)
    moments = tries * _TRIED + (uniform(key ^ 3, tries) * _TRIED).astype(np.int64)
    found = moments[(uniform(key ^ 4, tries) < one.restarts) & (moments > start + 600) & (moments < end - 600)]
    return tuple(found.tolist())


def _pod(
    history: ClusterHistory,
    namespace: str,
    name: str,
    one: _Deployment,
    life: tuple[int, int],
    fate: Fate,
    hub: HubHistory | None,
) -> Pod:
    start, end = life
    chance = seed(history.cluster.name, namespace, name, one.machine, start) >> 1
    return Pod(
        namespace=namespace,
        name=f"{name}-{chance % 2**36:09x}-{chance // 2**36 % 2**20:05x}",
        machine=core_machine(history.cluster, one.machine),
        containers=one.containers,
        start=start,
        ready=start,
        end=end,
        chance=chance,
        component=one.component,
        hub=hub,
        fate=fate,
    )


def _jobs(history: ClusterHistory, hub: HubHistory, first: int, last: int) -> Iterator[Pod]:
    """Yield the pods of a nightly backup of the hub's database; in one night of twelve its first step fails."""
    containers = (_container("backup", (64, 256), (0.05, 0.0), "quay.io/sample/sqlite-backup:1.4"),)
    key = seed("backup", hub.hub.key)
    for day in range((first - _FAILED_JOB_KEPT) // DAY, last // DAY + 1):
        start = day * DAY + _JOB_HOUR * 3600 + key % 1800
        chance = seed("backup", hub.hub.key, day) >> 1
        fails = chance % 12 == 0
        end = start + (_FAILED_JOB_KEPT if fails else _JOB_KEPT)
        over = start + (7 if fails else 60 + chance // 12 % 150)
        if start <= hub.processes[0].start or start >= hub.processes[-1].end:
            continue
        yield Pod(
            namespace=hub.hub.name,
            name=f"hub-db-backup-{start // 60}-{chance // 2**20 % 2**20:05x}",
            machine=core_machine(history.cluster, 1),
            containers=containers,
            start=start,
            ready=end if fails else start + 8,
            end=min(end, hub.processes[-1].end),
            chance=chance,
            fate=Fate(over=over, over_reason="Error" if fails else "Completed", init="open", init_failed=fails),
        )
