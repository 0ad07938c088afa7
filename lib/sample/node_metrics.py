"""What Kubernetes says of the machines of a cluster: their labels, and how much they can carry."""

from collections.abc import Iterator

from lib.sample.history import ClusterHistory
from lib.sample.series import Metric, Span, Stretch, constant

_GIB = 2**30
_SINCE = 1_700_000_000  # seconds; all machines of the sample are older than its history
_FOREVER = 2**40
_SIZES = {"core": (4, 16), "user": (16, 128)}  # cores, GiB


def _nodes(history: ClusterHistory) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield (node, purpose, labels) of every machine."""
    cluster = history.cluster
    for purpose, count in (("core", 2), ("user", cluster.user_nodes)):
        for place in range(1, count + 1):
            node = f"{cluster.name}-{purpose}-{place}"
            yield (
                node,
                purpose,
                {
                    "app_kubernetes_io_name": "kube-state-metrics",
                    "instance": "10.4.0.9:8080",
                    "job": "kubernetes-service-endpoints",
                    "node": node,
                    "service": "support-kube-state-metrics",
                },
            )


def _labels(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
    for node, purpose, common in _nodes(history):
        own = {
            history.cluster.node_pool_label: f"{purpose}-pool",
            "label_hub_jupyter_org_node_purpose": purpose,
            "label_kubernetes_io_hostname": node,
        }
        yield Stretch(common | own, _SINCE, _FOREVER, constant(1))


def _capacity(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
    yield from _resources(history, 1.0)


def _allocatable(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
    yield from _resources(history, 0.94)


def _resources(history: ClusterHistory, share: float) -> Iterator[Stretch]:
    for _, purpose, common in _nodes(history):
        cores, memory = _SIZES[purpose]
        for resource, unit, amount in (
            ("cpu", "core", cores * share),
            ("memory", "byte", round(memory * _GIB * share)),
            ("pods", "integer", 110),
        ):
            yield Stretch(common | {"resource": resource, "unit": unit}, _SINCE, _FOREVER, constant(amount))


METRICS = (
    Metric("kube_node_labels", "gauge", "Kubernetes labels converted to Prometheus labels.", _labels),
    Metric("kube_node_status_capacity", "gauge", "The total amount of resources available for a node.", _capacity),
    Metric(
        "kube_node_status_allocatable",
        "gauge",
        "The amount of resources allocatable for pods (after reserving some for system daemons).",
        _allocatable,
    ),
)
