"""What cAdvisor says of pods, as a whole and container by container: memory, processor time, traffic."""

from collections.abc import Callable, Iterator

import numpy as np

from lib.sample.container_use import cpu_seconds, memory, received, sent
from lib.sample.history import ClusterHistory
from lib.sample.noise import Floats, Ints
from lib.sample.pod import Container, Pod
from lib.sample.pods import pods
from lib.sample.series import Metric, Span, Stretch, Values

_PAUSE = 700 * 1024  # bytes a pod takes beside its containers
_MORE = 1.002  # of their processor time

Use = Callable[[Pod, Container, Ints], Floats]


def _labels(pod: Pod) -> dict[str, str]:
    return pod.machine.labels | {
        "id": f"/kubepods/burstable/pod{pod.uid}",
        "instance": pod.machine.name,
        "job": "kubernetes-nodes-cadvisor",
        "namespace": pod.namespace,
        "pod": pod.name,
    }


def _of_containers(use: Use, whole: Callable[[Pod], Values]) -> Callable[[ClusterHistory, Span], Iterator[Stretch]]:
    """Return what yields a metric of containers, which shows every pod as a whole, too: without a `name`."""

    def stretches(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
        for pod in pods(history, span):
            start, end = max(pod.ready, span.pods_from), pod.ended
            if start < end:
                common = _labels(pod)
                yield Stretch(common, start, end, whole(pod))
                yield from _containers(pod, common, start, end, use)

    return stretches


def _containers(pod: Pod, common: dict[str, str], start: int, end: int, use: Use) -> Iterator[Stretch]:
    """A container that restarts goes on under another name; its counters begin at zero."""
    for place, container in enumerate(pod.containers):
        begins = (pod.ready, *(pod.fate.restarts if place == 0 else ()))
        for life, (begin, over) in enumerate(zip(begins, (*begins[1:], end), strict=True)):
            digest = f"{pod.chance ^ (place << 8 | life):016x}" * 4
            own = {"container": container.name, "id": f"{common['id']}/{digest}", "image": container.image}
            values = _values(use, pod, container)
            yield Stretch(common | own | {"name": digest}, max(start, begin), over, values)


def _values(use: Use, pod: Pod, container: Container) -> Values:
    return lambda times: use(pod, container, times)


def _whole_memory(pod: Pod) -> Values:
    def values(times: Ints) -> Floats:
        used = np.full(len(times), float(_PAUSE))
        for container in pod.containers:
            used += memory(pod, container, times)
        return used

    return values


def _whole_cpu(pod: Pod) -> Values:
    """The pod's own counter goes on when a container restarts."""

    def values(times: Ints) -> Floats:
        used = np.zeros(len(times))
        for container in pod.containers:
            used += _MORE * cpu_seconds(pod, container, times, whole=True)
        return used

    return values


def _traffic(use: Callable[[Pod, Ints], Floats]) -> Callable[[ClusterHistory, Span], Iterator[Stretch]]:
    """Return what yields a metric of the network, which belongs to the pod: its `name` is the sandbox's."""

    def values(pod: Pod) -> Values:
        return lambda times: use(pod, times)

    def stretches(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
        for pod in pods(history, span):
            start = max(pod.ready, span.pods_from)
            sandbox = f"{pod.chance ^ 0xFFFF:016x}" * 4
            own = {"image": "registry.k8s.io/pause:3.10", "interface": "eth0", "name": sandbox}
            common = _labels(pod)
            labels = common | own | {"id": f"{common['id']}/{sandbox}"}
            yield Stretch(labels, start, pod.ended, values(pod))

    return stretches


METRICS = (
    Metric(
        "container_memory_working_set_bytes",
        "gauge",
        "Current working set in bytes.",
        _of_containers(memory, _whole_memory),
    ),
    Metric(
        "container_cpu_usage_seconds_total",
        "counter",
        "Cumulative cpu time consumed in seconds.",
        _of_containers(cpu_seconds, _whole_cpu),
    ),
    Metric(
        "container_network_receive_bytes_total", "counter", "Cumulative count of bytes received", _traffic(received)
    ),
    Metric(
        "container_network_transmit_bytes_total", "counter", "Cumulative count of bytes transmitted", _traffic(sent)
    ),
)
