"""How busy a machine is since it started, which follows from the pods on it: processors, memory, file requests, kills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from lib.sample.container_use import busy_seconds, cpu_seconds, memory
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
_RENEWED = 28 * DAY  # seconds from one start of a machine of the core to the next
_SILENCE = 240  # seconds between them


@dataclass(frozen=True, eq=False)
class Load:
    """A machine from one start to its end or its next start, in seconds, and the pods it carries (none: the core)."""

    machine: Machine
    start: int
    end: int
    pods: Sequence[Pod]

    def busy(self, times: Ints, history: ClusterHistory) -> Floats:
        """Return the core-seconds its processors have worked since the start: never falling, never all of them."""
        if self.machine.day < 0:
            served = sum((busy_seconds(hub, times) for hub in history.hubs), start=times * 0.0)
            before = sum(float(busy_seconds(hub, np.array([self.start]))[0]) for hub in history.hubs)
            return _CORE_CORES * (times - self.start) + _CORE_CORES_A_SERVER * (served - before)
        blocks, used = self._blocks
        return np.asarray(np.interp(times, blocks, used), dtype=np.float64)

    def memory(self, times: Ints) -> Floats:
        """Return the bytes in use by programs."""
        used = np.full(len(times), _SYSTEM_MEMORY)
        if self.machine.day < 0:
            return used + 5.2 * GIB + 0.2 * GIB * np.sin(times / 5400)
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

    @property
    def kills(self) -> Ints:
        """When the kernel killed a process for want of memory, in order."""
        killed = [moment for pod in self.pods for moment in pod.fate.restarts]
        killed += [pod.fate.over for pod in self.pods if pod.dask == WORKER and pod.fate.over < pod.end]
        return np.sort(np.array(killed, dtype=np.int64))

    @cached_property
    def _lives(self) -> tuple[Ints, Ints]:
        pairs = [(pod.ready, pod.ended) for pod in self.pods if pod.ready < pod.ended]
        return np.array([one[0] for one in pairs], np.int64), np.array([one[1] for one in pairs], np.int64)

    @cached_property
    def _blocks(self) -> tuple[Ints, Floats]:
        blocks = np.arange(self.start, self.end + _BLOCK, _BLOCK)
        used = _SYSTEM_CORES * (blocks - self.start).astype(np.float64)
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
            yield from _of_core(machine, first, span.last)
        else:
            of_day = _of_day(history.cluster.name, history.last_day, machine.day)
            yield of_day[machine.name]


def _of_core(machine: Machine, first: int, last: int) -> Iterator[Load]:
    shift = 3 * DAY if machine.name.endswith("1") else 3 * DAY + 3 * 3600
    for number in range((first - shift) // _RENEWED, (last - shift) // _RENEWED + 1):
        start = number * _RENEWED + shift
        yield Load(machine, start, start + _RENEWED - _SILENCE, ())


@lru_cache(maxsize=48)
def _of_day(cluster: str, last_day: int, day: int) -> dict[str, Load]:
    carried: dict[str, list[Pod]] = {}
    for pod in pods_of_day(cluster, last_day, day):
        carried.setdefault(pod.machine.name, []).append(pod)
    found = {}
    for name, those in carried.items():
        machine = those[0].machine
        found[name] = Load(machine, machine.start, machine.end, tuple(those))
    return found
