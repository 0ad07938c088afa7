"""What node-exporter says of each machine: processors, memory, processes killed for want of it, requests for files."""

from collections.abc import Callable, Iterator

import numpy as np

from lib.sample.history import ClusterHistory
from lib.sample.machine_load import Load, loads
from lib.sample.machines import GIB
from lib.sample.noise import Floats, Ints, seed
from lib.sample.series import Metric, Span, Stretch, Values, constant

_BUSY_MODES = {"user": 0.78, "system": 0.15, "iowait": 0.045, "softirq": 0.02, "nice": 0.004, "steal": 0.001, "irq": 0}
_BUFFERS = 0.12 * GIB
_METHODS = {"GETATTR": 9.0, "LOOKUP": 3.2, "ACCESS": 2.4, "READ": 2.1, "WRITE": 1.3, "OPEN": 1.1, "CLOSE": 1.0}

Part = Callable[[Load, ClusterHistory], Iterator[tuple[dict[str, str], Values]]]


def _of_loads(part: Part) -> Callable[[ClusterHistory, Span], Iterator[Stretch]]:
    """Return what yields a metric of node-exporter, given what yields the own labels and values of one machine."""

    def stretches(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
        for load in loads(history, span):
            code = seed("address", load.machine.name)
            common = {
                "app_kubernetes_io_name": "prometheus-node-exporter",
                "instance": f"10.0.{code % 8}.{code // 8 % 250 + 2}:9100",
                "job": "kubernetes-service-endpoints",
                "namespace": "support",
                "node": load.machine.name,
                "service": "support-prometheus-node-exporter",
            }
            start = max(load.machine.start, span.pods_from)
            for own, values in part(load, history):
                yield Stretch(common | own, start, load.machine.end, values)

    return stretches


def _cpu(load: Load, history: ClusterHistory) -> Iterator[tuple[dict[str, str], Values]]:
    """Every processor does the same share, and is idle the rest of the time."""
    cores = load.machine.pool.cores

    def values(share: float) -> Values:
        return lambda times: np.round(share * load.busy(times, history) / cores, 2)

    def idle(times: Ints) -> Floats:
        return np.round(times - load.started(times) - load.busy(times, history) / cores, 2)

    for cpu in range(cores):
        yield {"cpu": str(cpu), "mode": "idle"}, idle
        for mode, share in _BUSY_MODES.items():
            yield {"cpu": str(cpu), "mode": mode}, values(share)


def _whole(load: Load) -> float:
    return load.machine.pool.memory * GIB * 0.985


def _total(load: Load, history: ClusterHistory) -> Iterator[tuple[dict[str, str], Values]]:
    yield {}, constant(round(_whole(load)))


def _cached_bytes(load: Load, times: Ints) -> Floats:
    """Files read stay in memory: more and more, up to a fifth of it."""
    return np.floor(0.2 * _whole(load) * (1 - np.exp(-(times - load.started(times)) / 9000)))


def _cached(load: Load, history: ClusterHistory) -> Iterator[tuple[dict[str, str], Values]]:
    yield {}, lambda times: _cached_bytes(load, times)


def _free(load: Load, history: ClusterHistory) -> Iterator[tuple[dict[str, str], Values]]:
    def values(times: Ints) -> Floats:
        rest = _whole(load) - load.memory(times) - _cached_bytes(load, times) - _BUFFERS
        return np.floor(np.maximum(rest, 0.01 * _whole(load)))

    yield {}, values


def _buffers(load: Load, history: ClusterHistory) -> Iterator[tuple[dict[str, str], Values]]:
    yield {}, constant(round(_BUFFERS))


def _kills(load: Load, history: ClusterHistory) -> Iterator[tuple[dict[str, str], Values]]:
    yield {}, load.kills


def _requests(load: Load, history: ClusterHistory) -> Iterator[tuple[dict[str, str], Values]]:
    """Machines that carry people's servers ask the file server; those of the core do not."""

    def values(rate: float) -> Values:
        return lambda times: np.floor(rate * (load.pod_seconds(times) + 2.0 * load.busy(times, history)))

    if load.machine.day >= 0:
        for method, rate in _METHODS.items():
            yield {"method": method, "proto": "4"}, values(rate)


_MEMORY = "Memory information field {}_bytes."
METRICS = (
    Metric("node_cpu_seconds_total", "counter", "Seconds the CPUs spent in each mode.", _of_loads(_cpu)),
    Metric("node_memory_MemTotal_bytes", "gauge", _MEMORY.format("MemTotal"), _of_loads(_total)),
    Metric("node_memory_MemFree_bytes", "gauge", _MEMORY.format("MemFree"), _of_loads(_free)),
    Metric("node_memory_Cached_bytes", "gauge", _MEMORY.format("Cached"), _of_loads(_cached)),
    Metric("node_memory_Buffers_bytes", "gauge", _MEMORY.format("Buffers"), _of_loads(_buffers)),
    Metric("node_vmstat_oom_kill", "unknown", "/proc/vmstat information field oom_kill.", _of_loads(_kills)),
    Metric("node_nfs_requests_total", "counter", "Number of NFS procedures invoked.", _of_loads(_requests)),
)
