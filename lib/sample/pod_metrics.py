"""What kube-state-metrics says of single pods: whose they are, where they run, in which images, for how much."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from lib.sample.history import ClusterHistory
from lib.sample.pod import USER, Pod
from lib.sample.pods import pods
from lib.sample.series import Metric, Span, Stretch, Values, constant

_PHASES = ("Pending", "Running", "Succeeded", "Failed", "Unknown")
_CONDITIONS = ("true", "false", "unknown")

Part = Callable[[Pod], Iterator[tuple[dict[str, str], Values]]]


def of_pods(part: Callable[[Pod], Iterator[Stretch]]) -> Callable[[ClusterHistory, Span], Iterator[Stretch]]:
    """Return what yields a kube-state-metrics metric, given what yields the stretches of one pod, which are cut to
    the pod's life and get the labels that all have."""

    def stretches(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
        common = {
            "app_kubernetes_io_name": "kube-state-metrics",
            "instance": "10.4.0.9:8080",
            "job": "kubernetes-service-endpoints",
            "node": f"{history.cluster.name}-core-2",
            "service": "support-kube-state-metrics",
        }
        for pod in pods(history, span):
            whose = {**common, "namespace": pod.namespace, "pod": pod.name, "uid": pod.uid}
            for own in part(pod):
                start, end = max(own.start, pod.start, span.pods_from), min(own.end, pod.end)
                yield replace(own, labels={**whose, **own.labels}, start=start, end=end)

    return stretches


def _always(part: Part) -> Callable[[ClusterHistory, Span], Iterator[Stretch]]:
    """Return what yields a metric that exists as long as its pod does."""

    def stretches(pod: Pod) -> Iterator[Stretch]:
        for labels, values in part(pod):
            yield Stretch(labels, pod.start, pod.end, values)

    return of_pods(stretches)


def _labels(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    own = {}
    if pod.component:
        own = {"label_app": "jupyterhub", "label_component": pod.component}
    if pod.user:
        own["label_hub_jupyter_org_username"] = pod.owner
    if pod.dask:
        own["label_app_kubernetes_io_component"] = pod.dask
        own["label_gateway_dask_org_cluster"] = pod.dask_cluster
    yield own, constant(1)


def _annotations(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    yield {"annotation_hub_jupyter_org_username": pod.user} if pod.component == USER else {}, constant(1)


def _info(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    address = f"10.4.{pod.chance % 250}.{pod.chance // 250 % 250 + 2}"
    own = {"node": pod.machine.name, "pod_ip": address, "host_network": "false"}
    yield own | ({"priority_class": "default-priority"} if pod.component == USER else {}), constant(1)


def _created(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    yield {}, constant(pod.start)


def _phase(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    ready, over = pod.ready, pod.fate.over
    last = "Succeeded" if pod.fate.over_reason == "Completed" else "Failed"

    def between(first: int, end: int) -> Values:
        return lambda times: ((times >= first) & (times < end)).astype(np.float64)

    lives = {"Pending": (0, min(ready, over)), "Running": (ready, over), last: (over, pod.end)}
    for phase in _PHASES:
        yield {"phase": phase}, between(*lives.get(phase, (0, 0)))


def _scheduled(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    for condition in _CONDITIONS:
        yield {"condition": condition}, constant(condition == "true")


def _container_info(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    for container in pod.containers:
        own = {
            "container": container.name,
            "image": container.image,
            "image_spec": container.image,
            "container_id": f"containerd://{pod.chance:016x}" * 4,
        }
        yield own, constant(1)


def _requests(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    for container in pod.containers:
        own = {"container": container.name, "node": pod.machine.name}
        yield own | {"resource": "memory", "unit": "byte"}, constant(container.memory_request)
        yield own | {"resource": "cpu", "unit": "core"}, constant(container.cpu_request)
        if container.gpus:
            yield own | {"resource": "nvidia_com_gpu", "unit": "integer"}, constant(container.gpus)


def _limits(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    for container in pod.containers:
        own = {"container": container.name, "node": pod.machine.name}
        yield own | {"resource": "memory", "unit": "byte"}, constant(container.memory_limit)
        if container.cpu_limit:
            yield own | {"resource": "cpu", "unit": "core"}, constant(container.cpu_limit)
        if container.gpus:
            yield own | {"resource": "nvidia_com_gpu", "unit": "integer"}, constant(container.gpus)


_LABELS, _ANNOTATIONS = "Kubernetes labels converted to Prometheus labels.", "Kubernetes annotations converted"
METRICS = (
    Metric("kube_pod_labels", "gauge", _LABELS, _always(_labels)),
    Metric("kube_pod_annotations", "gauge", f"{_ANNOTATIONS} to Prometheus labels.", _always(_annotations)),
    Metric("kube_pod_info", "gauge", "Information about pod.", _always(_info)),
    Metric("kube_pod_created", "gauge", "Unix creation timestamp", _always(_created)),
    Metric("kube_pod_status_phase", "gauge", "The pods current phase.", _always(_phase)),
    Metric(
        "kube_pod_status_scheduled",
        "gauge",
        "Describes the status of the scheduling process for the pod.",
        _always(_scheduled),
    ),
    Metric("kube_pod_container_info", "gauge", "Information about a container in a pod.", _always(_container_info)),
    Metric(
        "kube_pod_container_resource_requests",
        "gauge",
        "The number of requested request resource by a container.",
        _always(_requests),
    ),
    Metric(
        "kube_pod_container_resource_limits",
        "gauge",
        "The number of requested limit resource by a container.",
        _always(_limits),
    ),
)
