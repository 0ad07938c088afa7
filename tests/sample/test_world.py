"""The made-up samples: the same whenever they are asked for, and believable together."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from lib.sample.history import KEPT, PERIODS, PODS_KEPT
from lib.sample.hubs import CLUSTERS
from lib.sample.machine_load import RESTART, RESTARTED
from lib.sample.people import DAY
from lib.sample.promql import Matcher, SeriesSamples, Windows
from lib.sample.restarts import SILENCE
from lib.sample.world import METRICS, SampleStorage, storage_of

NOW = int(datetime(2026, 11, 22, 18, 30, 17, tzinfo=UTC).timestamp())
LIVE = [cluster.name for cluster in CLUSTERS if not cluster.down]
JUPYTERHUB = ("jupyterhub_active_users", "jupyterhub_total_users", "jupyterhub_running_servers")
HOMES = "dirsize_total_size_bytes"
RARE = ("kube_pod_status_reason", "kube_pod_init_container_status_last_terminated_reason")


def picked(storage: SampleStorage, name: str, windows: Windows, **labels: str) -> list[SeriesSamples]:
    matchers = [Matcher("__name__", "=", name), *(Matcher(key, "=", value) for key, value in labels.items())]
    return storage.select(matchers, windows)


def days_back(days: float, now: int = NOW, step: int = 60) -> Windows:
    return Windows((now - int(days * DAY)) * 1000, now * 1000, step * 1000, 59_999)


def by_labels(found: list[SeriesSamples]) -> dict[tuple[tuple[str, str], ...], dict[int, float]]:
    return {
        tuple(sorted(one.labels.items())): dict(zip(one.times.tolist(), one.values.tolist(), strict=True))
        for one in found
    }


@pytest.mark.parametrize("name", [metric.name for metric in METRICS])
def test_the_past_does_not_change_as_time_goes_on(name: str) -> None:
    earlier = NOW - 3 * DAY
    hours, step = (240, 6 * 3600) if name in RARE else (6, 1800)
    span = Windows((earlier - hours * 3600) * 1000, earlier * 1000, step * 1000, 60_000)
    for cluster in LIVE:
        before = by_labels(picked(storage_of(cluster, earlier), name, span))
        after = by_labels(picked(storage_of(cluster, NOW), name, span))
        assert before and before == after


def test_what_is_asked_for_does_not_depend_on_how_it_is_asked() -> None:
    storage = storage_of("birch", NOW)
    whole = by_labels(picked(storage, "jupyterhub_running_servers", days_back(3.1)))
    windows = Windows((NOW - 3 * DAY) * 1000 + 77, NOW * 1000, 3_600_000, 300_000)
    parts = by_labels(picked(storage, "jupyterhub_running_servers", windows))
    ends = range(windows.start, windows.end + 1, windows.step)
    inside = {time for end in ends for time in range(end - windows.width, end + 1) if time % 60_000 == 0}
    assert {key: {time: value for time, value in one.items() if time in inside} for key, one in whole.items()} == parts


@pytest.mark.parametrize("cluster", LIVE)
def test_more_people_come_in_more_days_and_all_have_accounts(cluster: str) -> None:
    storage = storage_of(cluster, NOW)
    times = np.arange(NOW - KEPT, NOW, 5 * 3600 + 420)
    for hub in storage.history.hubs:
        day, week, month = (hub.active_people(period, times) for period in PERIODS)
        alive = times < (hub.hub.gone or NOW) * DAY
        assert (day <= week).all() and (week <= month).all() and (month <= hub.accounts(times))[alive].all()
        assert (hub.running(times) >= 0).all()


@pytest.mark.parametrize("period", PERIODS)
def test_active_users_are_the_different_people_of_the_sessions(period: str) -> None:
    hub = next(hub for hub in storage_of("aurora", NOW).history.hubs if hub.hub.name == "prod")
    sessions = hub.sessions
    for time in range(NOW - 200 * DAY, NOW, 17 * DAY):
        touching = (sessions.start <= time) & (sessions.last_use >= time - PERIODS[period])
        assert hub.active_people(period, np.array([time]))[0] == len(set(sessions.person[touching].tolist()))


@pytest.mark.parametrize("cluster", LIVE)
def test_nobody_has_two_servers_on_one_hub(cluster: str) -> None:
    for hub in storage_of(cluster, NOW).history.hubs:
        order = np.lexsort((hub.sessions.start, hub.sessions.person))
        person, start, end = hub.sessions.person[order], hub.sessions.start[order], hub.sessions.end[order]
        same = person[1:] == person[:-1]
        assert (start[1:][same] - end[:-1][same] > 300).all()


@pytest.mark.parametrize("cluster", LIVE)
def test_active_users_are_recomputed_hourly_from_the_start_of_the_process(cluster: str) -> None:
    for one in picked(storage_of(cluster, NOW), "jupyterhub_active_users", days_back(20), period="24h"):
        changes = one.times[1:][np.diff(one.values) != 0]
        assert len({int(time) % 3_600_000 for time in changes}) <= 1


@pytest.mark.parametrize("cluster", LIVE)
def test_counters_fall_only_where_a_new_process_begins(cluster: str) -> None:
    storage = storage_of(cluster, NOW)
    counters = [metric.name for metric in METRICS if metric.type in ("counter", "histogram")]
    assert len(counters) == 13
    for name in counters:
        for one in picked(storage, name, days_back(3, step=300)):
            falls = one.times[1:][np.diff(one.values) < 0]
            of_core = name == "node_cpu_seconds_total" and "-core-" in one.labels["node"]
            assert all(of_core and (time // 1000 - RESTART) % RESTARTED < 300 for time in falls), one.labels


@pytest.mark.parametrize("name", [metric.name for metric in METRICS if metric.type in ("counter", "histogram")])
def test_the_oldest_counters_are_whole_too(name: str) -> None:
    oldest = NOW - KEPT
    for cluster in LIVE:
        span = Windows(oldest * 1000, (oldest + 2 * DAY) * 1000, 3_600_000, 60_000)
        now = by_labels(picked(storage_of(cluster, NOW), name, span))
        earlier = by_labels(picked(storage_of(cluster, NOW - 90 * DAY), name, span))
        assert all(earlier[labels].items() >= samples.items() for labels, samples in now.items())


def test_a_restart_is_four_minutes_of_silence_and_a_new_instance() -> None:
    storage = storage_of("aurora", NOW)
    hub = next(hub for hub in storage.history.hubs if hub.hub.name == "prod")
    assert 10 <= len([one for one in hub.processes if NOW - 365 * DAY < one.start <= NOW]) <= 40
    for before, after in zip(hub.processes, hub.processes[1:], strict=False):
        assert after.start - before.end == SILENCE
        assert after.start - before.start < 34 * DAY
        assert after.address != before.address
    last = max(process.start for process in hub.processes if process.start < NOW)
    found = picked(storage, "jupyterhub_server_spawn_duration_seconds_count", days_back(30), namespace="prod")
    restarted = [one for one in found if one.labels["instance"] == hub.processes[-1].address]
    assert {int(one.times[0]) for one in restarted} == {last * 1000}
    assert {float(one.values[0]) for one in restarted} <= {0.0, 1.0}


def test_the_histogram_counts_the_starts_of_the_sessions() -> None:
    storage = storage_of("birch", NOW)
    hub = next(hub for hub in storage.history.hubs if hub.hub.name == "prod")
    process = hub.processes[-1]
    name, windows = "jupyterhub_server_spawn_duration_seconds", Windows(NOW * 1000, NOW * 1000, 0, 60_000)
    seen = (hub.sessions.ready >= process.start) & (hub.sessions.ready <= NOW // 60 * 60)
    for status, worked in (("success", True), ("failure", False)):
        of_status = {"namespace": "prod", "status": status, "instance": process.address}
        count = picked(storage, f"{name}_count", windows, **of_status)[0].values[-1]
        total = picked(storage, f"{name}_sum", windows, **of_status)[0].values[-1]
        buckets = {one.labels["le"]: one.values[-1] for one in picked(storage, f"{name}_bucket", windows, **of_status)}
        ours = seen & (hub.sessions.worked == worked)
        assert count == buckets["+Inf"] == ours.sum()
        assert total == pytest.approx(hub.sessions.seconds[ours].sum())
        assert list(buckets.values()) == sorted(buckets.values())
        edges = (0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0)
        assert list(buckets) == [*(str(edge) for edge in edges), "+Inf"]


def test_running_servers_are_the_sessions_open_at_that_moment() -> None:
    storage = storage_of("birch", NOW)
    for hub in storage.history.hubs:
        for time in range(NOW - 14 * DAY, NOW, 7 * 3600):
            open_now = hub.sessions.worked & (hub.sessions.ready <= time) & (hub.sessions.end > time)
            assert hub.running(np.array([time]))[0] == open_now.sum()


def test_every_running_server_has_a_pod_that_names_its_person() -> None:
    storage = storage_of("cedar", NOW)
    moment = Windows((NOW // 60 * 60) * 1000, (NOW // 60 * 60) * 1000, 0, 0)
    running = {one.labels["namespace"]: one.values[-1] for one in picked(storage, "jupyterhub_running_servers", moment)}
    for hub, servers in running.items():
        pods = picked(storage, "kube_pod_labels", moment, namespace=hub, label_component="singleuser-server")
        named = picked(storage, "kube_pod_annotations", moment, namespace=hub)
        assert len(pods) >= servers
        assert len([one for one in named if one.labels.get("annotation_hub_jupyter_org_username")]) == len(pods)


def test_monitoring_was_lost_for_days_on_one_cluster_only() -> None:
    storage = storage_of("cedar", NOW)
    start, end = next(outage for outage in storage.history.outages if outage[0] > NOW - KEPT and outage[1] < NOW)
    assert 5 * DAY <= end - start <= 7 * DAY
    around = Windows((start - 3600) * 1000, (end + 3600) * 1000, 60_000, 0)
    for name in (*JUPYTERHUB, "up", "node_filesystem_avail_bytes", "kube_node_labels"):
        times = np.unique(np.concatenate([one.times for one in picked(storage, name, around)]))
        assert not ((times >= start * 1000) & (times < end * 1000)).any()
        assert (times < start * 1000).any() and (times >= end * 1000).any()
    assert [name for name in LIVE if storage_of(name, NOW).history.outages] == ["cedar"]


def test_a_hub_begins_in_june_and_another_is_gone_in_january() -> None:
    found = picked(storage_of("cedar", NOW), "jupyterhub_total_users", days_back(400, step=3600))
    spans: dict[str, list[int]] = {}
    for one in found:
        spans.setdefault(one.labels["namespace"], []).extend((int(one.times[0]) // 1000, int(one.times[-1]) // 1000))
    assert datetime.fromtimestamp(min(spans["fieldschool-2026"]), UTC).date().isoformat() == "2026-06-08"
    assert datetime.fromtimestamp(max(spans["fieldschool-2025"]), UTC).date().isoformat() == "2026-01-30"


def test_a_workshop_fills_a_quiet_hub_for_five_days() -> None:
    hub = next(hub for hub in storage_of("aurora", NOW).history.hubs if hub.hub.name == "hackweek")
    nights = np.arange(NOW // DAY * DAY - 60, NOW - 365 * DAY, -DAY)
    people = hub.active_people("24h", nights)
    busy = [datetime.fromtimestamp(int(time), UTC).date().isoformat() for time in nights[people > 60]]
    assert sorted(busy) == [f"2026-11-0{day}" for day in range(2, 7)]
    assert np.median(people) <= 1


def test_an_empty_night_is_zero_not_missing() -> None:
    found = picked(storage_of("birch", NOW), "jupyterhub_running_servers", days_back(30, step=600), namespace="highmem")
    values = np.concatenate([one.values for one in found])
    assert len(values) > 4000
    assert 0.1 < (values == 0).mean() < 0.9


def test_robots_start_a_server_on_staging_every_working_day() -> None:
    found = picked(storage_of("aurora", NOW), "kube_pod_annotations", days_back(13.9), namespace="staging")
    robots = [one for one in found if one.labels.get("annotation_hub_jupyter_org_username", "").startswith("deploy")]
    assert len({one.labels["uid"] for one in robots}) in (9, 10)


def test_names_are_of_all_kinds_and_escaped_where_kubernetes_needs_it() -> None:
    found = picked(storage_of("birch", NOW), "kube_pod_annotations", days_back(13, step=600))
    pods = {one.labels.get("annotation_hub_jupyter_org_username", ""): one.labels["pod"] for one in found}
    assert any("@" in name for name in pods) and any(not name.isascii() for name in pods)
    assert all(set(pod) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for pod in pods.values())
    assert len({pods[name] for name in pods if name}) == len(pods) - ("" in pods)


def test_history_begins_400_days_ago_and_single_pods_14_days_ago() -> None:
    storage = storage_of("birch", NOW)
    before = picked(
        storage, "jupyterhub_total_users", Windows((NOW - KEPT - DAY) * 1000, (NOW + DAY) * 1000, 600_000, 59_999)
    )
    times = np.concatenate([one.times for one in before])
    assert 0 <= times.min() / 1000 - (NOW - KEPT) < 600 and 0 <= NOW - times.max() / 1000 < 600
    assert not picked(
        storage, "kube_pod_labels", Windows((NOW - 20 * DAY) * 1000, (NOW - PODS_KEPT - 60) * 1000, 60_000, 0)
    )


def test_each_pod_uses_memory_twice_as_cadvisor_says_it_and_stays_within_its_limit() -> None:
    storage = storage_of("aurora", NOW)
    windows = days_back(1, step=600)
    used = picked(storage, "container_memory_working_set_bytes", windows, namespace="prod", container="notebook")
    whole = picked(storage, "container_memory_working_set_bytes", windows, namespace="prod", container="")
    limits = {
        one.labels["uid"]: one.values[0]
        for one in picked(storage, "kube_pod_container_resource_limits", windows, resource="memory")
    }
    pods = {one.labels["pod"] for one in used}
    assert pods and pods <= {one.labels["pod"] for one in whole}
    for one in used:
        assert one.labels["name"]
        assert one.values.max() < limits[one.labels["id"].split("/")[3].removeprefix("pod")]


@pytest.mark.parametrize("cluster", LIVE)
def test_what_is_used_on_the_shared_disk_is_what_the_homes_hold(cluster: str) -> None:
    storage = storage_of(cluster, NOW)
    moment = Windows((NOW // 300 * 300) * 1000, (NOW // 300 * 300) * 1000, 0, 0)
    for hub in storage.history.hubs:
        labels = {"namespace": hub.hub.name}
        free = picked(storage, "node_filesystem_avail_bytes", moment, **labels)
        size = picked(storage, "node_filesystem_size_bytes", moment, **labels)
        if not size:
            assert hub.hub.gone is not None
            continue
        # The newest accounts have not been looked at yet: their homes are on the disk, but have no size of their own.
        homes = sum(one.values[-1] for one in picked(storage, HOMES, moment, **labels))
        assert homes <= size[0].values[0] - free[0].values[0] + len(hub.people.number)
        assert homes >= 0.97 * (size[0].values[0] - free[0].values[0])


@pytest.mark.parametrize("cluster", LIVE)
def test_no_label_set_has_two_lives_at_once(cluster: str) -> None:
    storage = storage_of(cluster, NOW)
    for metric in METRICS:
        found = picked(storage, metric.name, Windows((NOW - 3600) * 1000, NOW * 1000, 300_000, 60_000))
        keys = [tuple(sorted(one.labels.items())) for one in found]
        assert len(keys) == len(set(keys)), metric.name
        assert all(one.labels.get("namespace") or metric.name.startswith("kube_node") for one in found)


@pytest.mark.parametrize("year", [2024, 2027, 2033])
def test_the_sample_works_in_other_years(year: int) -> None:
    now = int(datetime(year, 2, 29 if year == 2024 else 28, tzinfo=UTC).timestamp())
    for cluster in LIVE:
        found = picked(storage_of(cluster, now), "jupyterhub_active_users", days_back(300, now, DAY), period="30d")
        assert max(one.values.max() for one in found) > 20
