"""What kube-state-metrics says of pods that went wrong: evictions, restarts, and why containers ended."""

from collections.abc import Callable, Iterator

import numpy as np

from lib.sample.noise import Floats, Ints
from lib.sample.people import NEVER
from lib.sample.pod import Pod
from lib.sample.pod_metrics import of_pods
from lib.sample.series import Metric, Stretch, Values, constant

_SAID_AT_ONCE = 3  # seconds after its start in which a pod's first step has succeeded


def _reason(pod: Pod) -> Iterator[Stretch]:
    """Only the reason that is set, as kube-state-metrics 2.20 began to."""
    if pod.fate.evicted:
        yield Stretch({"reason": "Evicted"}, pod.fate.over, pod.end, constant(1))


def _counted(moments: tuple[int, ...]) -> Values:
    def values(times: Ints) -> Floats:
        return np.searchsorted(np.array(moments, dtype=np.int64), times, side="right").astype(np.float64)

    return values


def _restarts(pod: Pod) -> Iterator[Stretch]:
    for place, container in enumerate(pod.containers):
        moments = () if place else pod.fate.restarts
        yield Stretch({"container": container.name}, pod.start, pod.end, _counted(moments))


def _last_terminated(pod: Pod) -> Iterator[Stretch]:
    if pod.fate.restarts:
        labels = {"container": pod.containers[0].name, "reason": pod.fate.restart_reason}
        yield Stretch(labels, pod.fate.restarts[0], pod.end, constant(1))


def _terminated(pod: Pod) -> Iterator[Stretch]:
    if not pod.fate.init_failed:
        for container in pod.containers:
            labels = {"container": container.name, "reason": pod.fate.over_reason}
            yield Stretch(labels, pod.fate.over, pod.end, constant(1))


def _of_init(part: Callable[[Pod], Iterator[Stretch]]) -> Callable[[Pod], Iterator[Stretch]]:
    return lambda pod: part(pod) if pod.fate.init else iter(())


def _init_restarts(pod: Pod) -> Iterator[Stretch]:
    moments = () if pod.fate.init_restart == NEVER else (pod.fate.init_restart,)
    yield Stretch({"container": pod.fate.init}, pod.start, pod.end, _counted(moments))


def _init_last_terminated(pod: Pod) -> Iterator[Stretch]:
    yield Stretch({"container": pod.fate.init, "reason": "Error"}, pod.fate.init_restart, pod.end, constant(1))


def _init_terminated(pod: Pod) -> Iterator[Stretch]:
    """The first step stays terminated: with success for good, or with the error that ended its pod."""
    failed = pod.fate.init_failed
    start = pod.fate.over if failed else max(pod.ready - 1, pod.start + _SAID_AT_ONCE)
    labels = {"container": pod.fate.init, "reason": "Error" if failed else "Completed"}
    yield Stretch(labels, start, pod.end, constant(1))


_RESTARTS = "The number of container restarts per container."
_LAST = "Describes the last reason the {} was in terminated state."
_NOW = "Describes the reason the {} is currently in terminated state."
METRICS = (
    Metric("kube_pod_status_reason", "gauge", "The pod status reasons", of_pods(_reason)),
    Metric("kube_pod_container_status_restarts_total", "counter", _RESTARTS, of_pods(_restarts)),
    Metric(
        "kube_pod_container_status_last_terminated_reason",
        "gauge",
        _LAST.format("container"),
        of_pods(_last_terminated),
    ),
    Metric("kube_pod_container_status_terminated_reason", "gauge", _NOW.format("container"), of_pods(_terminated)),
    Metric(
        "kube_pod_init_container_status_restarts_total",
        "counter",
        "The number of restarts for the init container.",
        of_pods(_of_init(_init_restarts)),
    ),
    Metric(
        "kube_pod_init_container_status_last_terminated_reason",
        "gauge",
        _LAST.format("init container"),
        of_pods(_of_init(_init_last_terminated)),
    ),
    Metric(
        "kube_pod_init_container_status_terminated_reason",
        "gauge",
        _NOW.format("init container"),
        of_pods(_of_init(_init_terminated)),
    ),
)
