"""What kube-state-metrics says of the machines of a cluster: their labels, and how much they can carry."""

from collections.abc import Callable, Iterator

from lib.sample.history import ClusterHistory
from lib.sample.machines import ALLOCATABLE, GIB, Machine, machines
from lib.sample.series import Metric, Span, Stretch, constant

Part = Callable[[Machine], Iterator[tuple[dict[str, str], float]]]


def _of_machines(part: Part) -> Callable[[ClusterHistory, Span], Iterator[Stretch]]:
    """Return what yields a metric of machines, given what yields the own labels and the value of one."""

    def stretches(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
        for machine in machines(history.cluster, history.last_day, span.first, span.last):
            common = {
                "app_kubernetes_io_name": "kube-state-metrics",
                "instance": "10.4.0.9:8080",
                "job": "kubernetes-service-endpoints",
                "node": machine.name,
                "service": "support-kube-state-metrics",
            }
            for own, value in part(machine):
                yield Stretch(common | own, machine.start, machine.end, constant(value))

    return stretches


def _labels(machine: Machine) -> Iterator[tuple[dict[str, str], float]]:
    yield {f"label_{name}": value for name, value in machine.labels.items()}, 1


def _resources(share: float) -> Part:
    """Return what yields what a machine has, or the share of its processors and memory that pods may have."""

    def part(machine: Machine) -> Iterator[tuple[dict[str, str], float]]:
        pool = machine.pool
        yield {"resource": "cpu", "unit": "core"}, pool.cores * share
        yield {"resource": "memory", "unit": "byte"}, round(pool.memory * GIB * share)
        yield {"resource": "pods", "unit": "integer"}, 110
        if pool.gpus:
            yield {"resource": "nvidia_com_gpu", "unit": "integer"}, pool.gpus

    return part


METRICS = (
    Metric("kube_node_labels", "gauge", "Kubernetes labels converted to Prometheus labels.", _of_machines(_labels)),
    Metric(
        "kube_node_status_capacity",
        "gauge",
        "The total amount of resources available for a node.",
        _of_machines(_resources(1.0)),
    ),
    Metric(
        "kube_node_status_allocatable",
        "gauge",
        "The amount of resources allocatable for pods (after reserving some for system daemons).",
        _of_machines(_resources(ALLOCATABLE)),
    ),
)
