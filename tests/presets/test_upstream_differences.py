"""Why presets differ from upstream, kind by kind, on a real Prometheus: small numbers that can be counted by hand.

The short queries on upstream's side are of the same kind as those of its panels; the other side is the preset itself.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from lib.core.preset_files import read_catalogue
from lib.core.promql import fill
from lib.core.time_range import HOUR, MINUTE, TimeRange
from lib.core.variables import put_in
from tests.prometheus_server import running_prometheus

pytestmark = pytest.mark.prometheus

START = 1_790_000_000 // HOUR * HOUR
END = START + 4 * HOUR
CATALOGUE = read_catalogue()
FAILED = 'status="failure",namespace="a",instance='
SERVER = 'namespace="{hub}",pod="jupyter-alice"'


def line(name: str, labels: str, minute: int, value: float) -> str:
    return f"{name}{{{labels}}} {value} {START + minute * MINUTE}\n"


def samples() -> str:
    """Four hours, a sample a minute. Every number below is counted from here."""
    spawns, uses, phases, created, labels, disks = [], [], [], [], [], []
    for minute in range(4 * 60 + 1):
        # Three failures in the middle of the third hour, then a restart of the hub: the counter begins again at 0.
        before = 5 if minute < 150 else 8
        spawns += [line("spawn_count", FAILED + '"1"', minute, before)] * (minute < 200)
        spawns += [line("spawn_count", FAILED + '"1"', minute, 0)] * (minute >= 200)
        for hub, used in (("a", 100.0), ("b", 900.0)):
            where = SERVER.format(hub=hub) + ',name="x",container="notebook"'
            uses.append(line("container_memory_working_set_bytes", where, minute, used))
            labels.append(line("kube_pod_labels", SERVER.format(hub=hub) + ',instance="1"', minute, 1))
        # For ten minutes around the third hour two kube-state-metrics report the same.
        for exporter in ("1", "2") if 175 <= minute <= 185 else ("1",):
            for hub, running in (("a", 1), ("b", 0)):
                where = SERVER.format(hub=hub) + f',instance="{exporter}"'
                phases.append(line("kube_pod_status_phase", f'phase="Pending",{where}', minute, 1 - running))
                phases.append(line("kube_pod_status_phase", f'phase="Running",{where}', minute, running))
                created.append(line("kube_pod_created", where, minute, START - HOUR))
        for node in ("n1", "n2", "n3"):
            where = f'namespace="a",persistentvolumeclaim="home-nfs",instance="{node}"'
            disks.append(line("kubelet_volume_stats_used_bytes", where, minute, 50))
    renamed = "jupyterhub_server_spawn_duration_seconds_count"
    families = {
        renamed: [each.replace("spawn_count", renamed) for each in spawns],
        "container_memory_working_set_bytes": uses,
        "kube_pod_status_phase": phases,
        "kube_pod_created": created,
        "kube_pod_labels": labels,
        "kubelet_volume_stats_used_bytes": disks,
    }
    return "".join(f"# TYPE {name} gauge\n{_by_series(lines)}" for name, lines in families.items()) + "# EOF\n"


def _by_series(lines: list[str]) -> str:
    return "".join(sorted(lines, key=lambda each: each.partition("}")[0]))


class Asked:
    """A Prometheus, asked at whole hours."""

    def __init__(self, url: str) -> None:
        self._url = url

    def get(self, expr: str) -> requests.Response:
        hours = {"query": expr, "start": str(START + HOUR), "end": str(END), "step": str(HOUR)}
        return requests.get(f"{self._url}/api/v1/query_range", params=hours, timeout=10)

    def values(self, expr: str) -> dict[str, list[float]]:
        """One list of values per series, by its labels' values joined."""
        found = self.get(expr).json()["data"]["result"]
        return {"/".join(each["metric"].values()): [float(value) for _, value in each["values"]] for each in found}

    def preset(self, name: str) -> dict[str, list[float]]:
        preset = CATALOGUE[name]
        text = put_in(preset.expr, preset.variables, {})
        return self.values(fill(text, TimeRange(START + HOUR, END, HOUR)).text)


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    with running_prometheus(samples()) as url:
        yield Asked(url)


def test_a_fixed_window_of_two_minutes_misses_what_the_step_counts(asked: Asked) -> None:
    theirs = asked.values("sum by (status) (increase(jupyterhub_server_spawn_duration_seconds_count[2m]))")
    assert theirs == {"failure": [0, 0, 0, 0]}
    ours = asked.preset("failed-starts")["a/failure"]
    assert ours == pytest.approx([0, 0, 3, 0], abs=0.1)


def test_a_raw_difference_goes_negative_at_a_restart_and_an_increase_does_not(asked: Asked) -> None:
    counter = "jupyterhub_server_spawn_duration_seconds_count"
    assert min(asked.values(f"sum({counter} - {counter} offset 1h)")[""]) == -8
    assert min(asked.preset("failed-starts")["a/failure"]) == 0


def test_pods_of_one_name_on_two_hubs_are_added_up_unless_hubs_stay_apart(asked: Asked) -> None:
    assert asked.values("sum by (pod) (container_memory_working_set_bytes)") == {"jupyter-alice": [1000.0] * 4}
    assert asked.preset("memory-used") == {"a": [100.0] * 4, "b": [900.0] * 4}


def test_a_second_kube_state_metrics_doubles_a_sum_and_not_ours(asked: Asked) -> None:
    theirs = asked.values('sum by (phase) (kube_pod_status_phase{phase!="Running"})')
    assert theirs == {"Pending": [1, 1, 2, 1]}
    assert asked.preset("stuck-pods-anywhere") == {"a/Pending": [0] * 4, "b/Pending": [1] * 4}


def test_a_second_kube_state_metrics_fails_a_join_and_not_ours(asked: Asked) -> None:
    theirs = asked.get("time() - kube_pod_created * on (namespace, pod) group by (namespace, pod) (kube_pod_labels)")
    assert theirs.status_code == 422
    assert "many-to-many" in theirs.json()["error"] or "multiple matches" in theirs.json()["error"]
    assert asked.preset("server-ages") == {hub: [2.0 * HOUR, 3.0 * HOUR, 4.0 * HOUR, 5.0 * HOUR] for hub in "ab"}


def test_a_waiting_server_counts_as_running_where_pods_are_matched_by_name(asked: Asked) -> None:
    by_name = (
        'sum by (namespace) (group by (pod) (kube_pod_status_phase{phase="Running"})'
        " * on (pod) group_right () group by (namespace, pod) (kube_pod_labels))"
    )
    assert asked.values(by_name) == {"a": [1] * 4, "b": [1] * 4}
    assert asked.preset("servers-by-kubernetes") == {"a": [1] * 4}


def test_a_volume_counts_once_and_not_once_a_machine(asked: Asked) -> None:
    claim = "sum by (namespace, persistentvolumeclaim) (kubelet_volume_stats_used_bytes)"
    assert asked.values(claim) == {"a/home-nfs": [150.0] * 4}
    assert asked.preset("file-server-disk") == {"a/home-nfs": [50.0] * 4}
