"""Groups, machines, terminations and the pods that serve all: they agree with each other and with the sessions."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

import numpy as np
import pytest

from lib.sample.hubs import CLUSTERS
from lib.sample.machines import machines
from lib.sample.names import escaped_name, safe_name
from lib.sample.people import DAY
from lib.sample.promql import Matcher, Matrix, SeriesSamples, Windows, evaluate_range
from lib.sample.world import METRICS, SampleStorage, storage_of

NOW = int(datetime(2026, 11, 18, 18, 30, 17, tzinfo=UTC).timestamp())
LIVE = [cluster.name for cluster in CLUSTERS if not cluster.down]
WEEK = Windows((NOW - 7 * DAY) * 1000, NOW * 1000, 6 * 3600 * 1000, 300_000)
REQUESTS = "kube_pod_container_resource_requests"


def found(storage: SampleStorage, name: str, windows: Windows = WEEK, **labels: str) -> list[SeriesSamples]:
    matchers = [Matcher("__name__", "=", name), *(Matcher(key, "=", value) for key, value in labels.items())]
    return storage.select(matchers, windows)


def at(storage: SampleStorage, name: str, time: int, **labels: str) -> list[SeriesSamples]:
    """Return the series with a sample at the whole minute of a time in seconds."""
    moment = time // 60 * 60_000
    return found(storage, name, Windows(moment, moment, 0, 0), **labels)


def asked(cluster: str, query: str, step: int = 3600) -> Matrix:
    answer = evaluate_range(query, storage_of(cluster, NOW), (NOW - 2 * DAY) * 1000, NOW * 1000, step * 1000)
    assert isinstance(answer, Matrix)
    return answer


@pytest.mark.parametrize("name", [metric.name for metric in METRICS])
def test_every_metric_has_samples_of_the_last_week_with_plausible_values(name: str) -> None:
    series = [one for cluster in LIVE for one in found(storage_of(cluster, NOW), name)]
    assert series
    for one in series:
        assert len(one.times) == len(one.values) and (np.diff(one.times) > 0).all()
        assert (one.values >= 0).all() and np.isfinite(one.values).all(), one.labels


@pytest.mark.parametrize("cluster", LIVE)
def test_those_in_groups_have_accounts_and_all_who_have_one_are_named(cluster: str) -> None:
    storage = storage_of(cluster, NOW)
    time = NOW // 3600 * 3600
    groups: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in at(storage, "jupyterhub_user_group_info", time):
        groups[one.labels["namespace"]][one.labels["username"]].add(one.labels["usergroup"])
        assert one.labels["username_safe"] == safe_name(one.labels["username"])
        assert one.labels["username_escaped"] == escaped_name(one.labels["username"])
    for hub in storage.history.hubs:
        of_people = groups[hub.hub.name]
        assert len(of_people) == hub.accounts(np.array([time]))[0]
        for own in of_people.values():
            assert ("multiple" in own) == (len(own - {"multiple"}) > 1)
            assert "none" not in own or len(own) == 1
            assert len(own - {"multiple"}) <= 3


@pytest.mark.parametrize(
    ("name", "escaped"),
    [("ada", "ada"), ("Ada-1", "ada-2d1"), ("jo.do@x.org", "jo-2edo-40x-2eorg"), ("zoë", "zo-c3-ab")],
)
def test_old_kubespawner_escapes_by_bytes(name: str, escaped: str) -> None:
    assert escaped_name(name) == escaped


@pytest.mark.parametrize("cluster", LIVE)
@pytest.mark.parametrize("resource", ["cpu", "memory"])
def test_pods_ask_for_no_more_than_their_machine_has_to_give(cluster: str, resource: str) -> None:
    storage = storage_of(cluster, NOW)
    for time in range(NOW - 7 * DAY, NOW, 5 * 3600 + 600):
        room = {
            one.labels["node"]: one.values[-1]
            for one in at(storage, "kube_node_status_allocatable", time, resource=resource)
        }
        asked_for: dict[str, float] = defaultdict(float)
        for one in at(storage, REQUESTS, time, resource=resource):
            asked_for[one.labels["node"]] += float(one.values[-1])
        assert asked_for.keys() <= room.keys()
        assert all(amount <= room[node] for node, amount in asked_for.items())


@pytest.mark.parametrize("cluster", LIVE)
def test_no_container_is_limited_to_less_than_it_asks_for(cluster: str) -> None:
    storage = storage_of(cluster, NOW)
    for resource in ("cpu", "memory"):
        limits = {
            (one.labels["uid"], one.labels["container"]): one.values[0]
            for one in found(storage, "kube_pod_container_resource_limits", resource=resource)
        }
        for one in found(storage, REQUESTS, resource=resource):
            assert one.values[0] <= limits.get((one.labels["uid"], one.labels["container"]), np.inf)


@pytest.mark.parametrize("cluster", LIVE)
def test_a_machine_is_busy_for_exactly_as_long_as_it_is_up(cluster: str) -> None:
    modes = asked(cluster, "sum by (node, cpu) (rate(node_cpu_seconds_total[10m]))")
    rates = modes.values[modes.present]
    # A window in which a machine begins or ends is not full.
    assert len(rates) > 600 and rates.max() < 1.01 and np.mean(rates > 0.99) > 0.9
    busy = asked(cluster, 'sum by (node, cpu) (rate(node_cpu_seconds_total{mode!="idle"}[10m]))')
    assert busy.values[busy.present].min() > 0 and busy.values[busy.present].max() < 0.96


@pytest.mark.parametrize("cluster", LIVE)
def test_the_memory_of_a_machine_is_what_its_containers_take_and_more(cluster: str) -> None:
    storage = storage_of(cluster, NOW)
    for time in range(NOW - 2 * DAY, NOW, 3 * 3600):
        total, *others = (
            {one.labels["node"]: float(one.values[-1]) for one in at(storage, f"node_memory_{kind}_bytes", time)}
            for kind in ("MemTotal", "MemFree", "Cached", "Buffers")
        )
        containers: dict[str, float] = defaultdict(float)
        for one in at(storage, "container_memory_working_set_bytes", time):
            containers[one.labels["instance"]] += float(one.values[-1]) if one.labels.get("name") else 0
        for node, taken in containers.items():
            assert taken < total[node] - sum(kind[node] for kind in others) < total[node]


@pytest.mark.parametrize("cluster", LIVE)
def test_every_kill_by_the_kernel_is_a_container_that_ended_for_want_of_memory(cluster: str) -> None:
    storage = storage_of(cluster, NOW)
    nodes = {one.labels["uid"]: one.labels["node"] for one in found(storage, "kube_pod_info")}
    for one in found(storage, "kube_pod_container_status_last_terminated_reason", reason="OOMKilled"):
        time = int(one.times[-1]) // 1000
        counted = at(storage, "node_vmstat_oom_kill", time, node=nodes[one.labels["uid"]])
        assert counted[0].values[-1] >= 1


def test_pods_end_as_they_are_said_to() -> None:
    for cluster in LIVE:
        storage = storage_of(cluster, NOW)
        time = NOW - NOW % DAY + 8 * 3600
        phases = {one.labels["uid"]: one.labels["phase"] for one in at_one(storage, "kube_pod_status_phase", time)}
        evicted = {one.labels["uid"] for one in at(storage, "kube_pod_status_reason", time)}
        reasons = "kube_pod_container_status_terminated_reason"
        ended = {one.labels["uid"]: one.labels["reason"] for one in at(storage, reasons, time)}
        init = {
            one.labels["uid"]
            for one in at(storage, "kube_pod_init_container_status_terminated_reason", time, reason="Error")
        }
        assert evicted | init <= {uid for uid, phase in phases.items() if phase == "Failed"}
        assert {uid for uid, reason in ended.items() if reason == "Completed"} == {
            uid for uid, phase in phases.items() if phase == "Succeeded"
        }
        assert ended.keys() | init == {uid for uid, phase in phases.items() if phase in ("Succeeded", "Failed")}


def at_one(storage: SampleStorage, name: str, time: int) -> list[SeriesSamples]:
    return [one for one in at(storage, name, time) if one.values[-1] == 1]


def test_a_container_that_was_killed_goes_on_under_a_new_name_from_zero() -> None:
    storage = storage_of("birch", NOW)
    span = Windows((NOW - 3 * DAY) * 1000, NOW * 1000, 60_000, 59_999)
    reason = "kube_pod_container_status_last_terminated_reason"
    killed = next(one for one in found(storage, reason, span, container="notebook"))
    lives = found(storage, "container_cpu_usage_seconds_total", span, pod=killed.labels["pod"], container="notebook")
    lives = [one for one in lives if killed.labels["uid"] in one.labels["id"]]
    assert len(lives) == len({one.labels["name"] for one in lives}) == 2
    first, second = sorted(lives, key=lambda one: int(one.times[0]))
    assert first.times[-1] < second.times[0] and second.values[0] < 120


def test_dask_clusters_belong_to_people_whose_servers_run() -> None:
    storage = storage_of("aurora", NOW)
    servers = defaultdict(list)
    for one in found(storage, "kube_pod_labels", label_component="singleuser-server"):
        servers[one.labels["label_hub_jupyter_org_username"]].extend(one.times.tolist())
    workers = found(storage, "kube_pod_labels", label_app_kubernetes_io_component="dask-worker")
    assert workers
    for one in workers:
        assert set(one.times.tolist()) <= set(servers[one.labels["label_hub_jupyter_org_username"]])
    assert not found(storage_of("birch", NOW), "kube_pod_labels", label_app_kubernetes_io_component="dask-worker")


def test_gpus_are_on_machines_that_have_some() -> None:
    storage = storage_of("aurora", NOW)
    asking = found(storage, REQUESTS, resource="nvidia_com_gpu")
    having = found(storage, "kube_node_status_capacity", resource="nvidia_com_gpu")
    assert asking and {one.labels["node"] for one in asking} <= {one.labels["node"] for one in having}
    pool = {"cloud_google_com_gke_nodepool": "nb-gpu-k80", "container": "notebook"}
    assert found(storage, "container_memory_working_set_bytes", **pool)


@pytest.mark.parametrize("cluster", LIVE)
def test_machines_come_and_go_with_the_servers_they_carry(cluster: str) -> None:
    history = storage_of(cluster, NOW).history
    there = [one for one in machines(history.cluster, history.last_day, NOW - 30 * DAY, NOW) if one.day >= 0]
    assert len({one.name for one in there}) == len(there) > 30
    assert max(one.end - one.start for one in there) < 2 * DAY
    for time in range(NOW - 30 * DAY, NOW, 5 * 3600):
        carrying = any(one.start <= time < one.end for one in there)
        assert carrying or not any(hub.running(np.array([time]))[0] for hub in history.hubs)


def test_what_serves_all_is_there_in_every_cluster() -> None:
    for cluster in LIVE:
        storage = storage_of(cluster, NOW)
        pods = [one.labels["pod"] for one in at(storage, "kube_pod_info", NOW)]
        for part in ("hub-", "proxy-", "user-scheduler-", "storage-quota-home-nfs-", "support-prometheus-server-"):
            assert any(pod.startswith(part) for pod in pods)
        claims = {one.labels["persistentvolumeclaim"] for one in found(storage, "kubelet_volume_stats_used_bytes")}
        assert claims == {"hub-db-dir", "home-nfs", "support-prometheus-server"}
