"""The whole sample, over its HTTP face, against a real Prometheus filled with the same samples."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from lib.sample.adapter import SampleAdapter
from lib.sample.api import SAMPLE_TOKEN, SAMPLE_URL
from lib.sample.openmetrics import openmetrics
from lib.sample.world import storage_of
from tests.prometheus_server import running_prometheus

pytestmark = pytest.mark.prometheus

CLUSTER, NOW, DAY = "cedar", 1_795_300_000, 86_400
END = NOW // 3600 * 3600
START = END - DAY
BEFORE = 8 * 3600  # seconds that the longest window and offset look back
FAMILIES = frozenset(
    {
        "jupyterhub_active_users",
        "jupyterhub_running_servers",
        "jupyterhub_total_users",
        "jupyterhub_server_spawn_duration_seconds",
        "up",
        "dirsize_total_size_bytes",
        "node_filesystem_avail_bytes",
        "node_filesystem_size_bytes",
        "container_memory_working_set_bytes",
        "container_cpu_usage_seconds_total",
        "kube_pod_annotations",
        "kube_pod_created",
        "kube_pod_labels",
        "jupyterhub_user_group_info",
        "kube_node_labels",
        "kube_node_status_allocatable",
        "kube_pod_container_resource_requests",
        "kube_pod_container_status_restarts_total",
        "kube_pod_container_status_terminated_reason",
        "kubelet_volume_stats_used_bytes",
        "node_memory_MemFree_bytes",
        "node_memory_MemTotal_bytes",
        "node_nfs_requests_total",
        "node_vmstat_oom_kill",
    }
)
SPAWN = "jupyterhub_server_spawn_duration_seconds"
QUERIES = (
    "jupyterhub_active_users",
    'max by (namespace) (last_over_time(jupyterhub_active_users{period="24h"}[1h]))',
    "max by (namespace) (max_over_time(jupyterhub_running_servers[1h]))",
    "sum by (namespace) (sum_over_time(jupyterhub_running_servers[1h])) / 60",
    "max by (namespace) (jupyterhub_total_users)",
    f"sum by (namespace) (increase({SPAWN}_count[6h]))",
    f"{SPAWN}_sum",
    f"histogram_quantile(0.9, sum by (namespace, le) (rate({SPAWN}_bucket[6h])))",
    'avg_over_time(up{service="hub"}[30m])',
    "sum by (namespace) (max by (namespace, directory) (dirsize_total_size_bytes))",
    "node_filesystem_avail_bytes / node_filesystem_size_bytes",
    "container_memory_working_set_bytes",
    'sum by (namespace) (rate(container_cpu_usage_seconds_total{name!=""}[30m]))',
    "count by (annotation_hub_jupyter_org_username) (kube_pod_annotations)",
    'time() - (kube_pod_created * on (namespace, pod) group(kube_pod_labels{label_component="singleuser-server"})'
    " by (label_component, pod, namespace))",
    "count by (namespace, usergroup) (jupyterhub_user_group_info)",
    "sum by (namespace, usergroup) (group by (namespace, annotation_hub_jupyter_org_username) (kube_pod_annotations)"
    " * on (namespace, annotation_hub_jupyter_org_username) group_right () group by (namespace,"
    ' annotation_hub_jupyter_org_username, usergroup) (label_replace(jupyterhub_user_group_info{usergroup!="multiple"},'
    ' "annotation_hub_jupyter_org_username", "$1", "username", "(.+)")))',
    'sum by (node) (kube_pod_container_resource_requests{resource="memory"} and on (pod) kube_pod_labels'
    '{label_component!="proxy"}) / sum by (node) (kube_node_status_allocatable{resource="memory"})',
    "(1 - sum by (node) (node_memory_MemFree_bytes) / sum by (node) (node_memory_MemTotal_bytes)) * on (node)"
    " group_left (label_kubernetes_azure_com_agentpool) group by (node, label_kubernetes_azure_com_agentpool)"
    " (kube_node_labels)",
    "sum by (method) (rate(node_nfs_requests_total[30m])) > 0",
    "node_vmstat_oom_kill - node_vmstat_oom_kill offset 1h",
    "sum by (namespace) (increase(kube_pod_container_status_restarts_total[6h]))",
    "count by (reason, namespace) (kube_pod_container_status_terminated_reason)",
    "max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_used_bytes)",
)


class Both:
    """Prometheus and the sample, asked the same."""

    def __init__(self, url: str, session: requests.Session) -> None:
        self._url = url
        self._session = session

    def ask(self, endpoint: str, **parameters: object) -> tuple[requests.Response, requests.Response]:
        proxy = f"{SAMPLE_URL}/api/datasources/proxy/uid/{CLUSTER}-prometheus"
        return (
            requests.get(f"{self._url}/api/v1/{endpoint}", params=parameters, timeout=30),  # type: ignore[arg-type]
            self._session.get(f"{proxy}/api/v1/{endpoint}", params=parameters),  # type: ignore[arg-type]
        )


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    lines = openmetrics(storage_of(CLUSTER, NOW), (START - BEFORE) * 1000, NOW * 1000, FAMILIES)
    with running_prometheus("".join(lines)) as url, requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {SAMPLE_TOKEN}"
        session.mount(SAMPLE_URL, SampleAdapter(lambda: NOW))
        yield Both(url, session)


def close(ours: Any, theirs: Any) -> bool:
    """Whether two JSON values are the same but for the last digits of a value (sums are made in another order)."""
    if isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(close(ours[key], theirs[key]) for key in theirs)
    if isinstance(theirs, list):
        return len(ours) == len(theirs) and all(close(one, two) for one, two in zip(ours, theirs, strict=True))
    return ours == theirs or (isinstance(theirs, str) and _close_numbers(ours, theirs))


def _close_numbers(ours: str, theirs: str) -> bool:
    try:
        return math.isclose(float(ours), float(theirs), rel_tol=1e-9)
    except ValueError:
        return False


@pytest.mark.parametrize("step", ["1h", "7m30s"])
@pytest.mark.parametrize("query", QUERIES)
def test_a_range_query_has_the_same_answer(both: Both, query: str, step: str) -> None:
    theirs, ours = both.ask("query_range", query=query, start=START, end=END, step=step)
    assert theirs.status_code == ours.status_code == 200
    assert theirs.json()["data"]["result"]
    assert close(ours.json(), theirs.json())


@pytest.mark.parametrize(
    "query", ["jupyterhub_active_users[10m]", "up", "vector(0.00001)", "vector(1e-7)", "1e21", '"é"']
)
def test_an_instant_query_is_written_in_the_same_bytes(both: Both, query: str) -> None:
    theirs, ours = both.ask("query", query=query, time=END + 0.5)
    assert theirs.json() == ours.json()
    if query != "up":  # whose order is left open
        assert ours.content == theirs.content


@pytest.mark.parametrize(
    ("endpoint", "parameters"),
    [
        ("query_range", {"query": "up", "start": START, "end": END, "step": "0"}),
        ("query_range", {"query": "up", "start": START, "end": END, "step": "abc"}),
        ("query_range", {"query": "up", "start": START, "end": END, "step": ""}),
        ("query_range", {"query": "up", "start": END, "end": START, "step": "60"}),
        ("query_range", {"query": "up", "start": "x", "end": START, "step": "60"}),
        ("query_range", {"query": "up", "start": 0, "end": 11001, "step": "1"}),
        ("query_range", {"query": "up[5m]", "start": START, "end": END, "step": "60"}),
        ("query_range", {"query": "up{", "start": START, "end": END, "step": "60"}),
        ("query", {}),
        ("query", {"query": "rate(up)"}),
        ("query", {"query": "up", "time": "yesterday"}),
        ("query", {"query": "up", "timeout": "x"}),
        ("query", {"query": "kube_pod_labels * on (namespace) kube_pod_created", "time": END}),
        ("series", {}),
        ("series", {"match[]": "{}"}),
        ("series", {"match[]": "up{"}),
        ("series", {"match[]": "up", "start": "x"}),
        ("series", {"match[]": ["up", "jupyterhub_total_users"], "start": START, "end": END}),
        ("series", {"match[]": "up", "start": END, "end": START}),
        ("labels", {"match[]": "up", "start": START, "end": END}),
        ("label/namespace/values", {"match[]": "up", "start": START, "end": END}),
        ("label/bad-name/values", {}),
        ("nosuch", {}),
    ],
)
def test_other_answers_and_refusals_are_the_same(both: Both, endpoint: str, parameters: dict[str, Any]) -> None:
    theirs, ours = both.ask(endpoint, **parameters)
    assert ours.status_code == theirs.status_code
    if "json" not in theirs.headers["Content-Type"]:
        assert ours.text == theirs.text
    elif endpoint == "query" and theirs.status_code == 422:
        assert ours.json()["error"].partition("{")[0] == theirs.json()["error"].partition("{")[0]
    else:
        assert ours.json() == theirs.json()
