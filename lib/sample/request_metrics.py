"""How a hub answers requests, as its histogram of request durations says it, derived from the servers that run."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.sample.history import ClusterHistory, HubHistory
from lib.sample.jupyterhub_metrics import edge_name, hub_labels, living
from lib.sample.noise import Floats, Ints
from lib.sample.restarts import Process
from lib.sample.series import Metric, Span, Stretch

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, np.inf)


@dataclass(frozen=True)
class _Route:
    handler: str
    method: str
    code: str
    a_minute: float  # whatever happens
    a_server_minute: float  # for each minute of each server
    a_start: float  # for each start that worked
    median: float  # seconds


_ROUTES = (
    _Route("jupyterhub.handlers.base.HealthCheckHandler", "GET", "200", 6.0, 0.0, 0.0, 0.002),
    _Route("jupyterhub.apihandlers.users.ActivityAPIHandler", "POST", "200", 0.0, 0.2, 1.0, 0.012),
    _Route("jupyterhub.apihandlers.users.UserListAPIHandler", "GET", "200", 0.1, 0.0, 0.0, 0.06),
    _Route("jupyterhub.handlers.pages.SpawnHandler", "POST", "302", 0.0, 0.0, 1.0, 0.35),
    _Route("jupyterhub.handlers.pages.HomeHandler", "GET", "200", 0.02, 0.004, 2.0, 0.04),
    _Route("jupyterhub.apihandlers.users.SpawnProgressAPIHandler", "GET", "200", 0.0, 0.0, 0.9, 9.0),
    _Route("jupyterhub.handlers.base.Template404", "GET", "404", 0.05, 0.001, 0.0, 0.008),
    _Route("jupyterhub.handlers.base.ProxyErrorHandler", "GET", "503", 0.0, 0.0, 0.05, 0.02),
)


def _requests(hub: HubHistory, process: Process, route: _Route, times: Ints) -> Floats:
    """Return how many requests of this kind the process has answered up to these moments: never falling."""
    start = np.array([process.start])
    minutes = (times - process.start) / 60
    server_minutes = (hub.server_seconds(times) - hub.server_seconds(start)) / 60
    ready = hub.ready_moments
    starts = np.searchsorted(ready, times, side="right") - np.searchsorted(ready, start)
    amount = route.a_minute * minutes + route.a_server_minute * server_minutes + route.a_start * starts
    return np.asarray(np.floor(amount), dtype=np.float64)


def _share_below(route: _Route, edge: float) -> float:
    """Return the share of requests answered within `edge` seconds: a logistic curve around the median."""
    return 1.0 if edge == np.inf else float(1 / (1 + (route.median / edge) ** 2.3))


def _labels(route: _Route) -> dict[str, str]:
    return {"handler": route.handler, "method": route.method, "code": route.code}


def _stretches(history: ClusterHistory, span: Span) -> Iterator[tuple[dict[str, str], HubHistory, Process, _Route]]:
    for hub, process in living(history, span):
        labels = hub_labels(history.cluster.name, hub, process)
        for route in _ROUTES:
            yield labels | _labels(route), hub, process, route


def _bucket(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
    for labels, hub, process, route in _stretches(history, span):
        for edge in BUCKETS:
            yield _scaled(labels | {"le": edge_name(edge)}, hub, process, route, _share_below(route, edge))


def _count(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
    for labels, hub, process, route in _stretches(history, span):
        yield _scaled(labels, hub, process, route, 1.0)


def _scaled(labels: dict[str, str], hub: HubHistory, process: Process, route: _Route, share: float) -> Stretch:
    def values(times: Ints) -> Floats:
        return np.asarray(np.floor(share * _requests(hub, process, route, times)), dtype=np.float64)

    return Stretch(labels, process.start, process.end, values)


def _sum(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
    for labels, hub, process, route in _stretches(history, span):

        def values(times: Ints, hub: HubHistory = hub, process: Process = process, route: _Route = route) -> Floats:
            return _requests(hub, process, route, times) * route.median * 1.4

        yield Stretch(labels, process.start, process.end, values)


_FAMILY = "jupyterhub_request_duration_seconds"
_HELP = "Request duration for all HTTP requests"
METRICS = (
    Metric(f"{_FAMILY}_bucket", "histogram", _HELP, _bucket, _FAMILY),
    Metric(f"{_FAMILY}_count", "histogram", _HELP, _count, _FAMILY),
    Metric(f"{_FAMILY}_sum", "histogram", _HELP, _sum, _FAMILY),
)
