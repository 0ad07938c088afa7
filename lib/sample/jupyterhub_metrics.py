"""What a hub says of itself: people, servers, how long starts took, how it answered requests, whether it is up."""

from collections.abc import Callable, Iterator

import numpy as np

from lib.sample.history import PERIODS, ClusterHistory, HubHistory
from lib.sample.hubs import day_number
from lib.sample.noise import Floats, Ints
from lib.sample.people import DAY
from lib.sample.restarts import Process
from lib.sample.series import Metric, Span, Stretch, Values, constant

RECOMPUTED = 3600  # seconds between two counts of active users
SPAWN_BUCKETS = (0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, np.inf)
STATUSES = ("success", "failure")
_NEW_CHART = day_number(2026, 3, 16) * DAY

Part = Callable[[HubHistory, Process], Iterator[tuple[dict[str, str], Values]]]


def hub_labels(cluster: str, hub: HubHistory, process: Process) -> dict[str, str]:
    """Return the labels that scraping the hub's Service adds to every series of one of its processes."""
    chart = "jupyterhub-4.1.0" if process.start < _NEW_CHART else "jupyterhub-4.3.1"
    name = hub.hub.name
    return {
        "app": "jupyterhub",
        "app_kubernetes_io_component": "hub",
        "app_kubernetes_io_instance": name,
        "app_kubernetes_io_managed_by": "Helm",
        "app_kubernetes_io_name": "jupyterhub",
        "chart": chart,
        "component": "hub",
        "helm_sh_chart": chart,
        "heritage": "Helm",
        "instance": process.address,
        "job": "kubernetes-service-endpoints",
        "namespace": name,
        "node": f"{cluster}-core-1",
        "release": name,
        "service": "hub",
    }


def living(history: ClusterHistory, span: Span) -> Iterator[tuple[HubHistory, Process]]:
    """Yield every hub's processes that live in the span."""
    for hub in history.hubs:
        for process in hub.processes:
            if process.start <= span.last and process.end > span.first:
                yield hub, process


def _of_hubs(part: Part) -> Callable[[ClusterHistory, Span], Iterator[Stretch]]:
    """Return what yields the stretches of every process, given what yields its own labels and values."""

    def stretches(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
        for hub, process in living(history, span):
            labels = hub_labels(history.cluster.name, hub, process)
            for own, values in part(hub, process):
                yield Stretch(labels | own, process.start, process.end, values)

    return stretches


def _active_users(hub: HubHistory, process: Process) -> Iterator[tuple[dict[str, str], Values]]:
    for period in PERIODS:

        def values(times: Ints, period: str = period) -> Floats:
            counted = times - (times - process.start) % RECOMPUTED
            return hub.active_people(period, counted)

        yield {"period": period}, values


def _running_servers(hub: HubHistory, process: Process) -> Iterator[tuple[dict[str, str], Values]]:
    yield {}, hub.running


def _total_users(hub: HubHistory, process: Process) -> Iterator[tuple[dict[str, str], Values]]:
    yield {}, hub.accounts


def _spawns(hub: HubHistory, process: Process, status: str) -> tuple[Ints, Floats]:
    """Return (moments, seconds) of the starts this process saw end with this status, ordered by moment."""
    sessions = hub.sessions
    wanted = sessions.worked == (status == "success")
    wanted &= (sessions.ready >= process.start) & (sessions.ready < process.end)
    moments, seconds = sessions.ready[wanted], sessions.seconds[wanted]
    order = np.argsort(moments, kind="stable")
    return moments[order], seconds[order]


def _counted(moments: Ints, amounts: Floats | None = None) -> Values:
    """Return a counter: how many of the sorted moments have come, or the sum of their amounts."""
    if amounts is None:
        return lambda times: np.searchsorted(moments, times, side="right").astype(np.float64)
    sums = np.concatenate(([0.0], np.cumsum(amounts)))
    return lambda times: np.asarray(sums[np.searchsorted(moments, times, side="right")], dtype=np.float64)


def _spawn_bucket(hub: HubHistory, process: Process) -> Iterator[tuple[dict[str, str], Values]]:
    for status in STATUSES:
        moments, seconds = _spawns(hub, process, status)
        for edge in SPAWN_BUCKETS:
            yield {"status": status, "le": edge_name(edge)}, _counted(moments[seconds <= edge])


def _spawn_count(hub: HubHistory, process: Process) -> Iterator[tuple[dict[str, str], Values]]:
    for status in STATUSES:
        yield {"status": status}, _counted(_spawns(hub, process, status)[0])


def _spawn_sum(hub: HubHistory, process: Process) -> Iterator[tuple[dict[str, str], Values]]:
    for status in STATUSES:
        yield {"status": status}, _counted(*_spawns(hub, process, status))


def edge_name(edge: float) -> str:
    """Return a bucket's edge as the Python client writes it in `le`: 0.5, 1.0, +Inf."""
    return "+Inf" if edge == np.inf else str(edge)


def _up(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
    """While a process starts anew its old address answers nothing for two scrapes, then it is forgotten."""
    for hub, process in living(history, span):
        labels = hub_labels(history.cluster.name, hub, process)
        yield Stretch(labels, process.start, process.end + 120, _until(process.end))


def _until(end: int) -> Values:
    return lambda times: (times < end).astype(np.float64)


def _service_labels(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
    for hub in history.hubs:
        labels = {
            "app_kubernetes_io_name": "kube-state-metrics",
            "instance": "10.4.0.9:8080",
            "job": "kubernetes-service-endpoints",
            "label_app": "jupyterhub",
            "label_component": "hub",
            "namespace": hub.hub.name,
            "service": "hub",
        }
        yield Stretch(labels, hub.processes[0].start, hub.processes[-1].end, constant(1))


_SPAWN = "jupyterhub_server_spawn_duration_seconds"
_SPAWN_HELP = "Time taken for server spawning operation"
METRICS = (
    Metric("jupyterhub_active_users", "gauge", "Number of active users.", _of_hubs(_active_users)),
    Metric(
        "jupyterhub_running_servers",
        "gauge",
        "the number of user servers currently running",
        _of_hubs(_running_servers),
    ),
    Metric("jupyterhub_total_users", "gauge", "total number of users", _of_hubs(_total_users)),
    Metric(f"{_SPAWN}_bucket", "histogram", _SPAWN_HELP, _of_hubs(_spawn_bucket), _SPAWN),
    Metric(f"{_SPAWN}_count", "histogram", _SPAWN_HELP, _of_hubs(_spawn_count), _SPAWN),
    Metric(f"{_SPAWN}_sum", "histogram", _SPAWN_HELP, _of_hubs(_spawn_sum), _SPAWN),
    Metric("up", "gauge", "", _up),
    Metric("kube_service_labels", "gauge", "Kubernetes labels converted to Prometheus labels.", _service_labels),
)
