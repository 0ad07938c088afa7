"""How busy a machine is since it started, by the pods on it: processors, memory, requests for files, kills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from lib.sample.container_use import busy_seconds, cpu_seconds, memory
from lib.sample.core_pods import core_kills, core_pods
from lib.sample.history import ClusterHistory
from lib.sample.machines import GIB, Machine, machines
from lib.sample.noise import Floats, Ints
from lib.sample.people import DAY
from lib.sample.pod import Pod
from lib.sample.pods import pods_of_day
from lib.sample.series import Span
from lib.sample.wants import WORKER

_BLOCK = 600  # seconds over which a machine's use of its processors stays the same
_FULL = 0.93  # of the processors: they are never busier
_SYSTEM_CORES = 0.12
_SYSTEM_MEMORY = 1.6 * GIB
_CORE_CORES, _CORE_CORES_A_SERVER = 0.35, 0.006
RESTARTED = 28 * DAY  # seconds from one start of a machine of the core to the next
RESTART = 4 * DAY + 2 * 3600  # the first of them: a Monday at 2 o'clock


@dataclass(frozen=True, eq=False)
class Load:
    """A machine, the pods it carries (all it ever did, or for the core those of the span asked about), and when a
    process on it was killed for want of memory, in order. Times are in seconds."""

    machine: Machine
    pods: Sequence[Pod]
    killed: tuple[int, ...]

    def started(self, times: Ints) -> Ints:
        """Return when it last started before each of these moments; the core's machines do so every four weeks."""
        if self.machine.day < 0:
            return times - (times - RESTART) % RESTARTED
        return np.full(len(times), self.machine.start)

    def busy(self, times: Ints, history: ClusterHistory) -> Floats:
        """Return the core-seconds its processors have worked since it started, at every moment less than all."""
        if self.machine.day < 0:
            start = self.started(times)
            used = _CORE_CORES * (times - start)
            for hub in history.hubs:
                used += _CORE_CORES_A_SERVER * (busy_seconds(hub, times) - busy_seconds(hub, start))
            return np.asarray(used, dtype=np.float64)
        blocks, used = self._blocks
        return np.asarray(np.interp(times, blocks, used), dtype=np.float64)

    def memory(self, times: Ints) -> Floats:
        """Return the bytes in use by programs."""
        used = np.full(len(times), _SYSTEM_MEMORY)
        for pod in self.pods:
            there = np.flatnonzero((times >= pod.ready) & (times < pod.ended))
            for container in pod.containers if len(there) else ():
                used[there] += memory(pod, container, times[there])
        return used

    def pod_seconds(self, times: Ints) -> Floats:
        """Return the seconds that user servers and Dask workers have run on it."""
        begins, ends = self._lives
        low, high = np.maximum.outer(times, begins), np.maximum.outer(times, ends)
        return np.asarray((low - begins).sum(axis=1) - (high - ends).sum(axis=1), dtype=np.float64)

    def kills(self, times: Ints) -> Floats:
        """Return how many processes were killed since it started."""
        killed = np.array(self.killed, dtype=np.int64)
        before = np.searchsorted(killed, self.started(times), side="right")
        return (np.searchsorted(killed, times, side="right") - before).astype(np.float64)

    @cached_property
    def _lives(self) -> tuple[Ints, Ints]:
        pairs = [(pod.ready, pod.ended) for pod in self.pods if pod.ready < pod.ended]
        return np.array([one[0] for one in pairs], np.int64), np.array([one[1] for one in pairs], np.int64)

    @cached_property
    def _blocks(self) -> tuple[Ints, Floats]:
        blocks = np.arange(self.machine.start, self.machine.end + _BLOCK, _BLOCK)
        used = _SYSTEM_CORES * (blocks - blocks[0]).astype(np.float64)
        for pod in self.pods:
            if pod.ready < pod.ended:
                inside = np.clip(blocks, pod.ready, pod.ended)
                used += sum(cpu_seconds(pod, container, inside, True) for container in pod.containers)
        most = _FULL * self.machine.pool.cores * _BLOCK
        return blocks, np.concatenate(([0.0], np.cumsum(np.minimum(np.diff(used), most))))


def loads(history: ClusterHistory, span: Span) -> Iterator[Load]:
    """Yield the loads of the machines that are there in the span and still remembered as single pods are."""
    first = max(span.first, span.pods_from)
    for machine in machines(history.cluster, history.last_day, first, span.last):
        if machine.day < 0:
            there = tuple(pod for pod in core_pods(history, span) if pod.machine.name == machine.name)
            yield Load(machine, there, core_kills(history, machine.name, first - RESTARTED, span.last))
        else:
            yield _of_day(history.cluster.name, history.last_day, machine.day)[machine.name]


@lru_cache(maxsize=48)
def _of_day(cluster: str, last_day: int, day: int) -> dict[str, Load]:
    carried: dict[str, list[Pod]] = {}
    for pod in pods_of_day(cluster, last_day, day):
        carried.setdefault(pod.machine.name, []).append(pod)
    return {name: Load(those[0].machine, tuple(those), _killed(those)) for name, those in carried.items()}


def _killed(pods: Sequence[Pod]) -> tuple[int, ...]:
    killed = [moment for pod in pods for moment in pod.fate.restarts]
    return tuple(sorted(killed + [pod.fate.over for pod in pods if pod.dask == WORKER and pod.fate.over < pod.end]))
