"""How much memory, processor time and network each container takes at any moment since it began."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lib.sample.history import HubHistory
from lib.sample.noise import Floats, Ints, normal, uniform
from lib.sample.pod import Container, Pod

_MIB = 2**20
_BLOCK = 600  # seconds over which a container's use of the processor stays the same
_WAVE, _AHEAD = 14_400, 600  # seconds: software that serves many is never quite as busy as a while ago
_SLOW_WAVE, _FAST_WAVE = 10_800, 2_700  # seconds: the traffic of a file server comes and goes


@dataclass(frozen=True)
class _Steady:
    """What software that serves many takes: cores, bytes a second, share of its memory limit; more with each server."""

    cores: float
    cores_a_server: float
    memory: float
    received: float = 2e3
    received_a_server: float = 0.0
    sent: float = 2e3
    sent_a_server: float = 0.0


_STEADY = {
    "hub": _Steady(0.03, 0.0015, 0.14, 4e3, 900, 6e3, 1500),
    "chp": _Steady(0.01, 0.0020, 0.30, 3e3, 25e3, 3e3, 25e3),
    "traefik": _Steady(0.01, 0.0010, 0.35, 3e3, 26e3, 3e3, 26e3),
    "secret-sync": _Steady(0.001, 0, 0.5),
    "kube-scheduler": _Steady(0.012, 0.0001, 0.2),
    "nfs-server": _Steady(0.006, 0.006, 0.55, 3e3, 60e3, 3e3, 230e3),
    "enforce-xfs-quota": _Steady(0.004, 0, 0.3),
    "prometheus-exporter": _Steady(0.002, 0, 0.4),
    "backup": _Steady(0.4, 0, 0.3, 4e5, 0, 4e5),
    "prometheus-server": _Steady(0.24, 0, 0.52, 160e3, 0, 9e3),
    "prometheus-server-configmap-reload": _Steady(0.001, 0, 0.4),
    "grafana": _Steady(0.012, 0, 0.4, 5e3, 0, 9e3),
    "kube-state-metrics": _Steady(0.008, 0, 0.3, 3e3, 0, 30e3),
}


def memory(pod: Pod, container: Container, times: Ints) -> Floats:
    """Return the working set in bytes: never above the limit."""
    begin = _begin(pod, container, times)
    used: npt.NDArray[np.floating]
    if container.name == "notebook":
        used = _of_notebook(pod, container, times, begin)
    elif container.name == "dask-worker":
        share = 0.3 + 0.25 * np.sin((times + pod.chance % 900) / 900) + 0.15 * float(uniform(pod.chance, 5)[0])
        used = container.memory_limit * share
    elif container.name == "dask-scheduler":
        used = 0.2 * container.memory_limit + 4e4 * (times - begin)
    else:
        swing = 1 + 0.12 * np.sin(2 * np.pi * (times % 7200) / 7200) + 0.03 * uniform(pod.chance, times // 300)
        used = _STEADY[container.name].memory * container.memory_limit * swing
    used = np.minimum(used, 0.97 * container.memory_limit)
    return np.asarray(np.floor(used / 4096) * 4096, dtype=np.float64)


def _of_notebook(pod: Pod, container: Container, times: Ints, begin: Ints) -> Floats:
    """150 MB and what the kernels hold, growing until they are restarted; up to the limit before memory runs out."""
    key = pod.chance
    held = 450 * _MIB * float(np.exp(normal(key, 1)[0]))
    period = 5400 + 12600 * float(uniform(key, 2)[0])
    grown = 0.35 + 0.65 * ((times - begin) % period) / period
    swaying = 1 + 0.04 * (uniform(key, times // 300) - 0.5)
    used = 150 * _MIB + held * grown * swaying
    for moment in pod.fate.restarts:
        rising = (times < moment) & (times >= moment - 900)
        used = np.where(rising, np.maximum(used, container.memory_limit * (1 - (moment - times) / 1200)), used)
    return np.asarray(used, dtype=np.float64)


def cpu_seconds(pod: Pod, container: Container, times: Ints, whole: bool = False) -> Floats:
    """Return the seconds of processor time since the container began, or with `whole` since the pod did."""
    used = _cpu(pod, container, times)
    if not whole and pod.fate.restarts:
        used = used - _cpu(pod, container, _begin(pod, container, times))
    return np.asarray(np.round(used, 6), dtype=np.float64)


def _cpu(pod: Pod, container: Container, times: Ints) -> Floats:
    """People's servers are mostly idle, at times 0.3 to 1.5 cores; Dask workers mostly busy."""
    if container.name in _STEADY:
        steady = _STEADY[container.name]
        return steady.cores * _seconds(pod, times) + steady.cores_a_server * _server_seconds(pod, times)
    blocks = np.arange((pod.end - pod.ready) // _BLOCK + 1)
    chance = uniform(pod.chance, 4, blocks)
    if container.name == "notebook":
        rate = np.where(chance < 0.8, 0.02, 0.3 + 1.2 * uniform(pod.chance, 3, blocks))
    elif container.name == "dask-worker":
        rate = np.where(chance < 0.3, 0.03, 0.5 + 0.48 * uniform(pod.chance, 3, blocks))
    else:
        rate = 0.02 + 0.1 * chance
    used = np.concatenate(([0.0], np.cumsum(rate * _BLOCK)))
    return np.asarray(np.interp(times, pod.ready + _BLOCK * np.arange(len(used)), used), dtype=np.float64)


def received(pod: Pod, times: Ints) -> Floats:
    """Return the bytes received since the pod began."""
    steady = _STEADY.get(pod.containers[0].name)
    if steady is None:
        return np.floor(1500.0 * (times - pod.ready) + 2.5e6 * _cpu(pod, pod.containers[0], times))
    return np.floor(steady.received * _seconds(pod, times) + steady.received_a_server * _server_seconds(pod, times))


def sent(pod: Pod, times: Ints) -> Floats:
    """Return the bytes sent since the pod began."""
    steady = _STEADY.get(pod.containers[0].name)
    if steady is None:
        return np.floor(1200.0 * (times - pod.ready) + 0.8e6 * _cpu(pod, pod.containers[0], times))
    return np.floor(steady.sent * _seconds(pod, times) + steady.sent_a_server * _server_seconds(pod, times))


def _seconds(pod: Pod, times: Ints) -> Floats:
    """Return the seconds since the pod began, in waves: never falling."""
    turns = 2 * np.pi * np.append(times, pod.ready) / _WAVE
    ahead = _AHEAD * np.sin(turns + pod.chance % 6)
    return np.asarray(times - pod.ready + ahead[:-1] - ahead[-1], dtype=np.float64)


def _server_seconds(pod: Pod, times: Ints) -> Floats:
    """Return the seconds that the hub's servers have run since the pod began, in waves."""
    if pod.hub is None:
        return np.zeros(len(times))
    return busy_seconds(pod.hub, times) - busy_seconds(pod.hub, np.array([pod.ready]))


def busy_seconds(hub: HubHistory, times: Ints) -> Floats:
    """Return the seconds all servers of a hub have run, read ahead and behind in waves: never falling, at most twice
    as steep as without."""
    ahead = 650 * np.sin(2 * np.pi * times / _SLOW_WAVE) + 220 * np.sin(2 * np.pi * times / _FAST_WAVE)
    return hub.server_seconds(times + ahead.astype(np.int64))


def _begin(pod: Pod, container: Container, times: Ints) -> Ints:
    """Return when the container that runs at each of these moments began."""
    begins = (pod.ready, *pod.fate.restarts) if container is pod.containers[0] else (pod.ready,)
    starts = np.array(begins, dtype=np.int64)
    return np.asarray(starts[np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)], dtype=np.int64)
