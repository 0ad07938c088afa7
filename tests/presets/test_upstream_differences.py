"""Why presets differ from upstream, kind by kind, on a real Prometheus: small numbers that can be counted by hand.

The short queries on upstream's side are of the same kind as those of its panels; the other side is the preset itself.
A preset that differs names the kinds of its difference (`differs_in`), and each of them is shown here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from lib.core.preset_files import read_catalogue
from lib.core.presets import Difference
from lib.core.promql import fill
from lib.core.time_range import HOUR, MINUTE, TimeRange
from lib.core.variables import put_in
from tests.prometheus_server import running_prometheus

pytestmark = pytest.mark.prometheus

START = 1_790_000_000 // HOUR * HOUR
HOURS = 4
END = START + HOURS * HOUR
CATALOGUE = read_catalogue()
VERDICTS = Path(__file__).parents[2] / "docs" / "upstream" / "verdicts.md"
FAILED = 'status="failure",namespace="a",instance='
STARTS = "jupyterhub_server_spawn_duration_seconds"
CPU, MEMORY = "container_cpu_usage_seconds_total", "container_memory_working_set_bytes"
PHASE, REQUESTED, DISK = (
    "kube_pod_status_phase",
    "kube_pod_container_resource_requests",
    "kubelet_volume_stats_used_bytes",
)
ALICE = 'namespace="{hub}",pod="jupyter-alice"'
PEOPLE = {"alice": 100.0, "bob": 300.0, "carol": 200.0}  # the memory that their servers on hub a use
SHOWN: dict[Difference, str] = {}


def shows(*kinds: Difference) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Says which kinds of difference a test explains."""

    def note(test: Callable[..., None]) -> Callable[..., None]:
        SHOWN.update(dict.fromkeys(kinds, test.__name__))
        return test

    return note


class Samples:
    """Samples by metric, a line each; a minute is one since START."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def add(self, name: str, labels: str, minute: int, value: float) -> None:
        self._lines.setdefault(name, []).append(f"{name}{{{labels}}} {value} {START + minute * MINUTE}\n")

    def openmetrics(self) -> str:
        families = ((name, sorted(lines, key=_series)) for name, lines in self._lines.items())
        return "".join(f"# TYPE {name} unknown\n{''.join(lines)}" for name, lines in families) + "# EOF\n"


def _series(line: str) -> str:
    return line.partition("}")[0]


def samples() -> str:
    """Four hours, a sample a minute. Every number below is counted from here."""
    made = Samples()
    for minute in range(HOURS * 60 + 1):
        _hub(made, minute)
        _servers(made, minute)
        # For ten minutes around the third hour two kube-state-metrics report the same.
        for exporter in ("1", "2") if 175 <= minute <= 185 else ("1",):
            _states(made, minute, exporter)
        for node in ("n1", "n2", "n3"):
            made.add(DISK, f'namespace="a",persistentvolumeclaim="home-nfs",instance="{node}"', minute, 50)
        # One directory of a name on each of two hubs; two exporters report that of hub a.
        for hub, size, exporters in (("a", 30.0, "12"), ("b", 10.0, "1")):
            for exporter in exporters:
                made.add(
                    "dirsize_total_size_bytes", f'namespace="{hub}",directory="x",instance="{exporter}"', minute, size
                )
            written = START - (2 if hub == "a" else 1) * HOUR
            made.add("dirsize_latest_mtime", f'namespace="{hub}",directory="x"', minute, written)
        made.add("dirsize_total_size_bytes", 'namespace="a",directory="y",instance="1"', minute, 70)
        made.add("node_memory_MemTotal_bytes", 'node="n1"', minute, 100)
        for name, free in (("MemFree", 20), ("Cached", 4), ("Buffers", 1)):
            made.add(f"node_memory_{name}_bytes", 'node="n1"', minute, free)
    return made.openmetrics()


def _hub(made: Samples, minute: int) -> None:
    """Three failures in the middle of the third hour, then a restart of the hub: the counter begins again at 0."""
    made.add(f"{STARTS}_count", FAILED + '"1"', minute, 0 if minute >= 200 else 5 if minute < 150 else 8)
    # Starts of hub a take up to 10 s, one a minute; those of hub b up to 60 s.
    for hub, slow in (("a", False), ("b", True)):
        for edge in ("10.0", "60.0", "+Inf"):
            there = minute - (200 if minute >= 200 else 0)
            made.add(
                f"{STARTS}_bucket",
                f'status="success",namespace="{hub}",le="{edge}"',
                minute,
                0 if slow and edge == "10.0" else there,
            )
    # Servers run in the second half of the second hour only.
    made.add("jupyterhub_running_servers", 'namespace="a"', minute, 7 if 95 <= minute < 115 else 0)
    # The hub is silent from ten minutes before the second hour to two minutes after it.
    if not 110 <= minute <= 122:
        made.add("jupyterhub_active_users", 'period="24h",namespace="a"', minute, 12)
    made.add("jupyterhub_total_users", 'namespace="a"', minute, 40)
    made.add("jupyterhub_total_users", 'namespace="b"', minute, 40)


def _servers(made: Samples, minute: int) -> None:
    for name, used in PEOPLE.items():
        made.add(MEMORY, f'namespace="a",pod="jupyter-{name}",name="x",container="notebook"', minute, used)
    made.add(MEMORY, ALICE.format(hub="b") + ',name="x",container="notebook"', minute, 900)
    for hub in "ab":
        made.add("kube_pod_labels", ALICE.format(hub=hub) + ',instance="1"', minute, 1)
        limit = 110 if hub == "a" else 9000
        made.add(
            "kube_pod_container_resource_limits",
            ALICE.format(hub=hub) + ',container="notebook",resource="memory"',
            minute,
            limit,
        )
    # Two containers, 0.4 cores each, but for the last six minutes of every hour, which are idle.
    busy = minute // 60 * 54 + min(minute % 60, 54)
    for container in ("notebook", "sidecar"):
        made.add(
            CPU,
            f'namespace="a",pod="jupyter-alice",name="{container}",container="{container}"',
            minute,
            busy * MINUTE * 0.4,
        )
    made.add(CPU, 'namespace="b",pod="jupyter-bob",name="n",container="notebook"', minute, minute * MINUTE * 0.3)
    made.add(CPU, 'namespace="b",pod="jupyter-bob",name="s",container="sidecar"', minute, minute * MINUTE * 0.3)
    made.add("node_nfs_requests_total", 'node="n1",method="READ"', minute, busy * MINUTE)


def _states(made: Samples, minute: int, exporter: str) -> None:
    """What kube-state-metrics says: alice runs on hub a and waits on hub b, a job is over, a system pod waits."""
    pods = {
        ("a", "jupyter-alice"): "Running",
        ("b", "jupyter-alice"): "Pending",
        ("a", "job"): "Succeeded",
        ("kube-system", "dns"): "Pending",
    }
    for (namespace, pod), phase in pods.items():
        where = f'namespace="{namespace}",pod="{pod}",instance="{exporter}"'
        for each in ("Pending", "Running", "Succeeded"):
            made.add(PHASE, f'phase="{each}",{where}', minute, float(phase == each))
        made.add(REQUESTED, f'resource="cpu",container="c",node="n1",{where}', minute, 1)
        if pod == "jupyter-alice":
            made.add("kube_pod_created", where, minute, START - HOUR)
    made.add("kube_node_status_allocatable", f'resource="cpu",node="n1",instance="{exporter}"', minute, 4)
    # An image that ran for twenty minutes of the second hour.
    if 80 <= minute < 100:
        made.add(
            "kube_pod_container_info",
            f'namespace="a",pod="jupyter-bob",container="notebook",image_spec="old",instance="{exporter}"',
            minute,
            1,
        )


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

    def preset(self, name: str, query: int = 0) -> dict[str, list[float]]:
        preset = CATALOGUE[name]
        text = put_in(preset.queries[query].expr, preset.variables, {})
        return self.values(fill(text, TimeRange(START + HOUR, END, HOUR)).text)


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    with running_prometheus(samples()) as url:
        yield Asked(url)


def test_every_kind_of_difference_is_shown_here() -> None:
    assert set(SHOWN) == set(Difference)


def test_every_row_that_differs_names_its_kinds_and_the_sentence_of_its_preset() -> None:
    """So no query of upstream can differ without a test that shows why ours is right."""
    rows = [row.split(" | ") for row in VERDICTS.read_text(encoding="utf-8").splitlines() if " | differs: " in row]
    assert len(rows) > 30
    for _, _, _, name, verdict, kinds, _ in rows:
        preset = CATALOGUE[name.split(" / ")[0]]
        assert verdict.startswith(f"differs: {preset.differs}")
        assert preset.differs
        assert {Difference(kind) for kind in kinds.split(", ")} == set(preset.differs_in) <= SHOWN.keys()


@shows(Difference.SHORT_WINDOW)
def test_a_fixed_window_of_two_minutes_misses_what_the_step_counts(asked: Asked) -> None:
    theirs = asked.values(f"sum by (status) (increase({STARTS}_count[2m]))")
    assert theirs == {"failure": [0] * 4}
    ours = asked.preset("failed-starts")["a/failure"]
    assert ours == pytest.approx([0, 0, 3, 0], abs=0.1)


@shows(Difference.SHORT_WINDOW)
def test_the_last_two_samples_say_nothing_of_a_step(asked: Asked) -> None:
    assert asked.values("sum by (method) (irate(node_nfs_requests_total[5m]))") == {"READ": [0] * 4}
    assert asked.preset("nfs-requests-by-kind") == {"READ": pytest.approx([0.9] * 4, abs=0.02)}


@shows(Difference.ONE_MOMENT)
def test_what_comes_and_goes_within_a_step_is_not_seen_at_its_end(asked: Asked) -> None:
    assert asked.values("max by (namespace) (jupyterhub_running_servers)") == {"a": [0] * 4}
    assert asked.preset("servers-running") == {"a": [0, 7, 0, 0]}
    assert asked.values("sum by (image_spec, namespace) (kube_pod_container_info)") == {}
    assert asked.preset("software-images") == {"old/a": [1]}


@shows(Difference.SILENT_MOMENT)
def test_a_hub_that_is_silent_at_the_hour_has_a_gap_there_and_not_with_us(asked: Asked) -> None:
    assert asked.values('max by (namespace) (jupyterhub_active_users{period="24h"})') == {"a": [12] * 3}
    assert asked.preset("daily-users") == {"a": [12] * 4}


@shows(Difference.RAW_DIFFERENCE)
def test_a_raw_difference_goes_negative_at_a_restart_and_an_increase_does_not(asked: Asked) -> None:
    counter = f"{STARTS}_count"
    assert min(asked.values(f"sum({counter} - {counter} offset 1h)")[""]) == -8
    assert min(asked.preset("failed-starts")["a/failure"]) == 0


@shows(Difference.RAW_DIFFERENCE, Difference.RAW_HEATMAP, Difference.MIXED_HUBS)
def test_a_heatmap_of_all_hubs_hides_that_one_is_slow_and_turns_negative(asked: Asked) -> None:
    """Hub a starts a server within 10 s, hub b never does; in the last hour both restart."""
    bucket = f"{STARTS}_bucket"
    theirs = asked.values(f"sum by (le) ({bucket} - {bucket} offset 1h)")
    assert theirs == {"10.0": [60, 60, 60, -140], "60.0": [120] * 3 + [-280], "+Inf": [120] * 3 + [-280]}
    ours = asked.preset("start-times")
    assert ours == {"a": pytest.approx([5] * 4), "b": pytest.approx([35] * 4)}


@shows(Difference.RAW_HEATMAP)
def test_a_heatmap_has_a_series_for_every_server_and_three_lines_say_the_same(asked: Asked) -> None:
    theirs = asked.values(f'sum by (namespace, pod) ({MEMORY}{{name!=""}})')
    assert theirs == {f"a/jupyter-{name}": [used] * 4 for name, used in PEOPLE.items()} | {"b/jupyter-alice": [900] * 4}
    middle, most = asked.preset("memory-per-server", 0), asked.preset("memory-per-server", 2)
    assert middle == {"a": [200.0] * 4, "b": [900.0] * 4}  # half of 100, 200 and 300 are below 200
    assert most == {"a": [300.0] * 4, "b": [900.0] * 4}


@shows(Difference.MIXED_HUBS)
def test_pods_of_one_name_on_two_hubs_are_added_up_unless_hubs_stay_apart(asked: Asked) -> None:
    theirs = asked.values(f"sum by (pod) ({MEMORY})")
    assert theirs["jupyter-alice"] == [1000.0] * 4
    assert asked.preset("memory-used") == {"a": [600.0] * 4, "b": [900.0] * 4}


@shows(Difference.MIXED_HUBS, Difference.REPORTED_TWICE)
def test_shares_of_all_hubs_and_of_what_is_reported_twice_are_too_small(asked: Asked) -> None:
    """Hub a has 30 bytes in x, reported twice, and 70 in y; hub b has 10 in x."""
    size = "dirsize_total_size_bytes"
    theirs = asked.values(f"max by (directory) ({size}) / ignoring (directory) group_left sum({size})")
    assert theirs == {"x": pytest.approx([30 / 140] * 4), "y": pytest.approx([70 / 140] * 4)}
    ours = asked.preset("home-shares")
    assert ours == {"x/a": pytest.approx([0.3] * 4), "y/a": pytest.approx([0.7] * 4), "x/b": [1] * 4}


@shows(Difference.REPORTED_TWICE, Difference.MIXED_HUBS)
def test_a_second_kube_state_metrics_doubles_a_sum_and_not_ours(asked: Asked) -> None:
    theirs = asked.values(f'sum by (phase) ({PHASE}{{phase="Pending"}})')
    assert theirs == {"Pending": [2, 2, 4, 2]}
    waiting = {name: values for name, values in asked.preset("stuck-pods-anywhere").items() if any(values)}
    assert waiting == {"b/Pending": [1] * 4, "kube-system/Pending": [1] * 4}


@shows(Difference.ENDED_PODS, Difference.OTHER_NAMESPACES)
def test_jobs_that_ended_well_and_pods_of_the_system_are_no_stuck_pods_of_a_hub(asked: Asked) -> None:
    theirs = asked.values(f'max by (namespace, phase) ({PHASE}{{phase!="Running"}}) > 0')
    assert theirs.keys() == {"a/Succeeded", "b/Pending", "kube-system/Pending"}
    assert {name for name, values in asked.preset("stuck-pods").items() if any(values)} == {"b/Pending"}


@shows(Difference.ENDED_PODS)
def test_a_job_that_is_over_holds_nothing_reserved(asked: Asked) -> None:
    """Four pods of one core each on a machine of four, one of them over."""
    theirs = asked.values(f"sum by (node) ({REQUESTED}) / sum by (node) (kube_node_status_allocatable)")
    assert theirs == {"n1": [1.0] * 4}
    assert asked.preset("machine-cpu-reserved") == {"n1": [0.75] * 4}


@shows(Difference.FAILING_JOIN)
def test_a_second_kube_state_metrics_fails_a_join_and_not_ours(asked: Asked) -> None:
    theirs = asked.get("time() - kube_pod_created * on (namespace, pod) group by (namespace, pod) (kube_pod_labels)")
    assert theirs.status_code == 422
    assert "many-to-many" in theirs.json()["error"] or "multiple matches" in theirs.json()["error"]
    assert asked.preset("server-ages") == {hub: [2.0 * HOUR, 3.0 * HOUR, 4.0 * HOUR, 5.0 * HOUR] for hub in "ab"}


@shows(Difference.MATCHED_BY_NAME)
def test_a_waiting_server_counts_as_running_where_pods_are_matched_by_name(asked: Asked) -> None:
    by_name = (
        f'sum by (namespace) (group by (pod) ({PHASE}{{phase="Running"}})'
        " * on (pod) group_right () group by (namespace, pod) (kube_pod_labels))"
    )
    assert asked.values(by_name) == {"a": [1] * 4, "b": [1] * 4}
    assert asked.preset("servers-by-kubernetes") == {"a": [1] * 4}


@shows(Difference.ONCE_A_MACHINE)
def test_a_volume_counts_once_and_not_once_a_machine(asked: Asked) -> None:
    assert asked.values(f"sum by (namespace, persistentvolumeclaim) ({DISK})") == {"a/home-nfs": [150.0] * 4}
    assert asked.preset("file-server-disk") == {"a/home-nfs": [50.0] * 4}


@shows(Difference.ONE_CONTAINER)
def test_a_server_of_two_containers_is_busier_than_either(asked: Asked) -> None:
    """Both containers of bob's server use 0.3 cores: none more than 0.5, the server does."""
    assert asked.values(f"max by (namespace, pod) (irate({CPU}[5m])) > 0.5") == {}
    assert asked.preset("busy-servers") == {"b/jupyter-bob": pytest.approx([0.6] * 4)}


@shows(Difference.NEEDLESS_JOIN)
def test_without_labels_of_machines_nothing_is_left_of_a_join_with_them(asked: Asked) -> None:
    used = "1 - (node_memory_MemFree_bytes + node_memory_Cached_bytes + node_memory_Buffers_bytes)"
    theirs = f"{used} / node_memory_MemTotal_bytes * on (node) group_left () group by (node) (kube_node_labels)"
    assert asked.values(theirs) == {}
    assert asked.preset("machine-memory") == {"n1": pytest.approx([0.75] * 4)}


@shows(Difference.DEAD_METRIC)
def test_a_metric_that_was_renamed_finds_nothing_and_its_successor_does(asked: Asked) -> None:
    """Alice uses 100 of 110 bytes on hub a. The exporter is of the version after the renaming, as all are today."""
    limits = "sum by (namespace, pod) (kube_pod_container_resource_limits_memory_bytes)"
    assert asked.values(f"max by (namespace, pod) ({MEMORY}) / {limits} > 0.8") == {}
    assert asked.preset("servers-near-limit") == {"a/jupyter-alice": pytest.approx([100 / 110] * 4)}


@shows(Difference.ANOTHER_NUMBER, Difference.MIXED_HUBS)
def test_the_date_of_the_oldest_directory_of_a_name_says_nothing_of_the_others(asked: Asked) -> None:
    """Written two hours before the start on hub a, and one hour before it on hub b."""
    assert asked.values("min by (directory) (dirsize_latest_mtime) * 1000") == {"x": [(START - 2 * HOUR) * 1000] * 4}
    ages = {"x/a": 2 * HOUR, "x/b": HOUR}
    assert asked.preset("home-last-change") == {
        name: [age + hour * HOUR for hour in (1, 2, 3, 4)] for name, age in ages.items()
    }
