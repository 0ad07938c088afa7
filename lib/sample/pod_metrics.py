"""What Kubernetes says of single pods: who runs what, where, with how much memory and processor time."""

from collections.abc import Callable, Iterator

import numpy as np

from lib.sample.history import ClusterHistory
from lib.sample.noise import Floats, Ints, normal, uniform
from lib.sample.pods import USER, Pod, pods
from lib.sample.series import Metric, Span, Stretch, Values, constant

_MIB = 2**20
_PAUSE = 700 * 1024  # bytes a pod takes beside its container
_BLOCK = 600  # seconds over which a server's use of the processor stays the same
_PHASES = ("Pending", "Running", "Succeeded", "Failed", "Unknown")

Part = Callable[[Pod], Iterator[tuple[dict[str, str], Values]]]


def _of_pods(part: Part) -> Callable[[ClusterHistory, Span], Iterator[Stretch]]:
    """Return what yields a kube-state-metrics metric, given what yields the labels and values of one pod."""

    def stretches(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
        for pod in pods(history, span):
            common = {
                "app_kubernetes_io_name": "kube-state-metrics",
                "instance": "10.4.0.9:8080",
                "job": "kubernetes-service-endpoints",
                "namespace": pod.namespace,
                "node": f"{history.cluster.name}-core-2",
                "pod": pod.name,
                "service": "support-kube-state-metrics",
                "uid": pod.uid,
            }
            for own, values in part(pod):
                yield Stretch(common | own, max(pod.start, span.pods_from), pod.end, values)

    return stretches


def _labels(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    own = {"label_app": "jupyterhub", "label_component": pod.component}
    if pod.user:
        own["label_hub_jupyter_org_username"] = pod.name.removeprefix("jupyter-")
    yield own, constant(1)


def _annotations(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    yield {"annotation_hub_jupyter_org_username": pod.user} if pod.user else {}, constant(1)


def _info(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    address = f"10.4.{pod.chance % 250}.{pod.chance // 250 % 250 + 2}"
    own = {"node": pod.node, "pod_ip": address, "host_network": "false"}
    yield own | ({"priority_class": "default-priority"} if pod.component == USER else {}), constant(1)


def _created(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    yield {}, constant(pod.start)


def _phase(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    for phase in _PHASES:
        pending, running = phase == "Pending", phase == "Running"
        yield {"phase": phase}, _from(pod.ready, float(pending), float(running))


def _from(moment: int, before: float, after: float) -> Values:
    return lambda times: np.where(times < moment, before, after)


def _container_info(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    digest = f"{pod.chance:016x}" * 4
    own = {
        "container": pod.container,
        "image": pod.image,
        "image_spec": pod.image,
        "container_id": f"containerd://{digest}",
    }
    yield own, constant(1)


def _requests(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    own = {"container": pod.container, "node": pod.node}
    yield own | {"resource": "memory", "unit": "byte"}, constant(pod.memory_request)
    yield own | {"resource": "cpu", "unit": "core"}, constant(pod.cpu_request)


def _limits(pod: Pod) -> Iterator[tuple[dict[str, str], Values]]:
    own = {"container": pod.container, "node": pod.node}
    yield own | {"resource": "memory", "unit": "byte"}, constant(pod.memory_limit)


def _cadvisor(value: Callable[[Pod, bool], Values]) -> Callable[[ClusterHistory, Span], Iterator[Stretch]]:
    """Return what yields a cAdvisor metric, which shows every pod twice: as a whole and its container."""

    def stretches(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
        for pod in pods(history, span):
            purpose = "user" if pod.component == USER else "core"
            common = {
                "hub_jupyter_org_node_purpose": purpose,
                "id": f"/kubepods/burstable/pod{pod.uid}",
                "instance": pod.node,
                "job": "kubernetes-nodes-cadvisor",
                "kubernetes_io_hostname": pod.node,
                "namespace": pod.namespace,
                "pod": pod.name,
            }
            start = max(pod.ready, span.pods_from)
            digest = f"{pod.chance:016x}" * 4
            inner = {"container": pod.container, "id": f"{common['id']}/{digest}", "image": pod.image, "name": digest}
            yield Stretch(common, start, pod.end, value(pod, True))
            yield Stretch(common | inner, start, pod.end, value(pod, False))

    return stretches


def _memory(pod: Pod, whole: bool) -> Values:
    """Working set: 150 MB and what the kernels hold, growing until they are restarted, never above the limit."""
    key = pod.chance

    def values(times: Ints) -> Floats:
        held = 450 * _MIB * float(np.exp(normal(key, 1)[0])) if pod.component == USER else 120 * _MIB
        period = 5400 + 12600 * float(uniform(key, 2)[0])
        grown = 0.35 + 0.65 * ((times - pod.ready) % period) / period
        swaying = 1 + 0.04 * (uniform(key, times // 300) - 0.5)
        used = np.minimum(150 * _MIB + held * grown * swaying, 0.97 * pod.memory_limit)
        return np.asarray(np.floor(used / 4096) * 4096 + (_PAUSE if whole else 0), dtype=np.float64)

    return values


def _cpu(pod: Pod, whole: bool) -> Values:
    """Seconds of processor time since the container began: mostly idle, at times 0.3 to 1.5 cores."""

    def values(times: Ints) -> Floats:
        if pod.component != USER:
            return np.round((times - pod.ready) * 0.03, 6)
        blocks = np.arange((pod.end - pod.ready) // _BLOCK + 1)
        busy = 0.3 + 1.2 * uniform(pod.chance, 3, blocks)
        rate = np.where(uniform(pod.chance, 4, blocks) < 0.8, 0.02, busy) * (1.002 if whole else 1.0)
        used = np.concatenate(([0.0], np.cumsum(rate * _BLOCK)))
        return np.round(np.interp(times, pod.ready + _BLOCK * np.arange(len(used)), used), 6)

    return values


METRICS = (
    Metric("kube_pod_labels", "gauge", "Kubernetes labels converted to Prometheus labels.", _of_pods(_labels)),
    Metric(
        "kube_pod_annotations",
        "gauge",
        "Kubernetes annotations converted to Prometheus labels.",
        _of_pods(_annotations),
    ),
    Metric("kube_pod_info", "gauge", "Information about pod.", _of_pods(_info)),
    Metric("kube_pod_created", "gauge", "Unix creation timestamp", _of_pods(_created)),
    Metric("kube_pod_status_phase", "gauge", "The pods current phase.", _of_pods(_phase)),
    Metric("kube_pod_container_info", "gauge", "Information about a container in a pod.", _of_pods(_container_info)),
    Metric(
        "kube_pod_container_resource_requests",
        "gauge",
        "The number of requested request resource by a container.",
        _of_pods(_requests),
    ),
    Metric(
        "kube_pod_container_resource_limits",
        "gauge",
        "The number of requested limit resource by a container.",
        _of_pods(_limits),
    ),
    Metric("container_memory_working_set_bytes", "gauge", "Current working set in bytes.", _cadvisor(_memory)),
    Metric("container_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed in seconds.", _cadvisor(_cpu)),
)
