"""Seeded samples for the PromQL tests: made-up hubs, and shapes that are hard to evaluate (gaps, resets, NaN)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from lib.sample.promql import SeriesSamples

MINUTE = 60_000
HOUR = 60 * MINUTE
# 2024-03-01 00:00 UTC, and as long as every query needs.
START = 1_709_251_200_000
END = START + 8 * HOUR

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_NODES = ("node-a", "node-b")
_USERS = ("ada", "bob", "cy-2dx")
_BOUNDS = ("0.5", "1", "2.5", "5", "10", "+Inf")


def samples() -> list[SeriesSamples]:
    """All series, the same ones every time."""
    return list(Samples(np.random.default_rng(20240301)).all())


class Samples:
    """The series, drawn from one random generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def all(self) -> Iterator[SeriesSamples]:
        """Every series."""
        yield from self._odd_shapes()
        for namespace in ("staging", "prod"):
            yield from self._hub(namespace)
            yield from self._pods(namespace)
        yield from self._nodes()
        yield from self._volumes()

    def _times(self, begin: float = 0.0, end: float = 1.0, gaps: bool = False) -> Ints:
        span = END - START
        times = np.arange(START + int(begin * span), START + int(end * span), MINUTE)
        times = times + int(self._rng.integers(0, MINUTE)) + self._rng.integers(0, 20, len(times))
        if gaps:
            times = times[self._rng.random(len(times)) > 0.1]
            hole = START + int(self._rng.uniform(0.2, 0.7) * span)
            times = times[(times < hole) | (times > hole + 25 * MINUTE)]
        return times

    def _series(self, name: str, values: Floats, times: Ints, /, **labels: str) -> SeriesSamples:
        return SeriesSamples({"__name__": name, **labels}, times, values)

    def _constant(self, name: str, value: float, /, **labels: str) -> SeriesSamples:
        times = self._times()
        return self._series(name, np.full(len(times), value), times, **labels)

    def _gauge(self, name: str, level: float = 100.0, /, gaps: bool = False, **labels: str) -> SeriesSamples:
        times = self._times(gaps=gaps)
        walk = level + np.cumsum(self._rng.normal(0, level / 50, len(times)))
        return self._series(name, np.abs(walk), times, **labels)

    def _whole(self, name: str, most: int, /, gaps: bool = False, **labels: str) -> SeriesSamples:
        times = self._times(gaps=gaps)
        return self._series(name, self._rng.integers(0, most, len(times)).astype(float), times, **labels)

    def _counter(self, name: str, speed: float = 3.0, /, gaps: bool = True, **labels: str) -> SeriesSamples:
        times = self._times(gaps=gaps)
        return self._series(name, self._rising(len(times), speed), times, **labels)

    def _rising(self, count: int, speed: float) -> Floats:
        """A counter that starts anew about every two hours."""
        steps = self._rng.poisson(speed, count) * self._rng.choice([0.0, 1.0, 1.5], count)
        total = np.cumsum(steps)
        for reset in np.sort(self._rng.integers(1, count, 4)):
            total[reset:] -= total[reset]
        return total

    def _histogram(self, name: str, /, **labels: str) -> Iterator[SeriesSamples]:
        times = self._times(gaps=True)
        seen = self._rng.poisson(1.0, (len(_BOUNDS), len(times))).cumsum(axis=0)
        reset = len(times) // 2
        totals = np.concatenate([seen[:, :reset].cumsum(axis=1), seen[:, reset:].cumsum(axis=1)], axis=1).astype(float)
        for bound, values in zip(_BOUNDS, totals, strict=True):
            yield self._series(f"{name}_bucket", values, times, le=bound, **labels)
        yield self._series(f"{name}_count", totals[-1], times, **labels)
        yield self._series(f"{name}_sum", totals[-1] * 2.25, times, **labels)

    def _odd_shapes(self) -> Iterator[SeriesSamples]:
        """Gauges `g` and `h`, a counter `c_total`, and series that come, go, or hold no proper number."""
        for color, size in (("red", "s"), ("red", "l"), ("blue", "s"), ("blue", "l"), ("", "s")):
            labels = {"size": size} | ({"color": color} if color else {})
            yield self._gauge("g", gaps=True, **labels)
            yield self._counter("c_total", **labels)
        for color in ("red", "blue", "green"):
            yield self._gauge("h", 7.0, color=color)
        times = self._times()
        odd = self._rng.choice(
            [np.nan, np.inf, -np.inf, -2.5, 0.0, 7.0], len(times), p=[0.2, 0.05, 0.05, 0.3, 0.2, 0.2]
        )
        yield self._series("odd", odd, times, kind="mixed")
        yield self._series("odd", np.full(len(times), np.nan), times, kind="nan")
        yield self._series("odd", self._rng.normal(0, 1, len(times)), times, kind="proper")
        yield self._series("two", np.ones(len(early := self._times(0, 0.4))), early, phase="early")
        yield self._series("two", np.full(len(late := self._times(0.5, 1)), 2.0), late, phase="late")
        yield self._series("twin_a", np.ones(len(early)), early, phase="same")
        yield self._series("twin_b", np.full(len(late), 2.0), late, phase="same")
        yield self._series("rare", np.arange(5.0), START + np.arange(5) * 97 * MINUTE, job="slow")
        yield self._whole("dice", 6, die="a")
        yield self._whole("dice", 6, die="b")
        yield self._gauge("stamp", 1.7e9, zone="x")
        for bound, scale in (("1", 3.0), ("1.0", 1.0), ("2", 2.0), ("5", 9.0), ("+Inf", 10.0), ("odd", 4.0)):
            yield self._gauge("crooked_bucket", scale, gaps=True, le=bound, job="j")
        yield self._gauge("endless_bucket", 3.0, le="1", job="j")

    def _hub(self, hub: str) -> Iterator[SeriesSamples]:
        for replica in ("hub-1", "hub-2"):
            yield self._whole("jupyterhub_running_servers", 40, gaps=True, namespace=hub, pod=replica)
        for period, most in (("24h", 30), ("7d", 60), ("30d", 90)):
            yield self._whole("jupyterhub_active_users", most, namespace=hub, period=period)
        yield self._whole("jupyterhub_total_users", 500, namespace=hub)
        month = 30 * 24 * HOUR
        times = self._times() - month
        yield self._series("jupyterhub_total_users", np.linspace(10, 90, len(times)), times, namespace=hub, old="yes")
        yield self._constant("up", 1.0, namespace=hub, service="hub")
        for status in ("success", "failure"):
            name = "jupyterhub_server_spawn_duration_seconds"
            yield from self._histogram(name, namespace=hub, status=status)
        for code in ("200", "503"):
            name = "jupyterhub_request_duration_seconds"
            yield from self._histogram(name, namespace=hub, app="jupyterhub", code=code, handler="tornado.web")
        for user in _USERS:
            yield self._gauge("dirsize_total_size_bytes", 1e9, namespace=hub, directory=user)
            yield self._gauge("dirsize_latest_mtime", 1.7e9, namespace=hub, directory=user)
            yield self._whole("dirsize_entries_count", 9000, namespace=hub, directory=user)
            group = "multiple" if user == "bob" else "physics"
            names = {"username": user, "username_safe": user, "username_escaped": user.replace("-", "-2d")}
            yield self._constant("jupyterhub_user_group_info", 1.0, namespace=hub, usergroup=group, **names)
        for side in ("size", "avail"):
            labels = {"namespace": hub, "mountpoint": "/shared-volume", "component": "shared-volume-metrics"}
            yield self._gauge(f"node_filesystem_{side}_bytes", 1e12, **labels)

    def _pods(self, hub: str) -> Iterator[SeriesSamples]:
        for number, user in enumerate(_USERS):
            where = {"namespace": hub, "pod": f"jupyter-{user}-{hub}"}
            yield from self._user_pod(where, user, _NODES[number % 2])
        parts = {"hub-0": "hub", "proxy-0": "proxy", f"{hub}-home-nfs-0": "nfs", f"{hub}-prometheus-server-0": "prom"}
        for pod, component in parts.items():
            where = {"namespace": hub, "pod": f"{pod}-{hub}"}
            yield self._constant("kube_pod_labels", 1.0, **where, label_app="jupyterhub", label_component=component)
            yield from self._container({**where, "container": component}, _NODES[0])
            for direction in ("receive", "transmit"):
                yield self._counter(f"container_network_{direction}_bytes_total", 1e4, **where)
        for role in ("worker", "scheduler"):
            where = {"namespace": hub, "pod": f"dask-{role}-{hub}"}
            owner = {"label_hub_jupyter_org_username": "ada", "label_gateway_dask_org_cluster": "x"}
            part = {"label_app_kubernetes_io_component": f"dask-{role}"}
            yield self._constant("kube_pod_labels", 1.0, **where, **part, **owner)
            purpose = {"container": f"dask-{role}", "k8s_dask_org_node_purpose": role, "name": "k8s"}
            yield self._gauge("container_memory_working_set_bytes", 1e9, **where, **purpose)

    def _user_pod(self, where: dict[str, str], user: str, node: str) -> Iterator[SeriesSamples]:
        kind = {"label_app": "jupyterhub", "label_component": "singleuser-server"}
        yield self._constant("kube_pod_labels", 1.0, **where, **kind)
        yield self._constant("kube_pod_annotations", 1.0, **where, annotation_hub_jupyter_org_username=user)
        yield self._constant("kube_pod_created", START / 1000 - float(self._rng.integers(0, 9 * 3600)), **where)
        yield self._constant("kube_pod_info", 1.0, **where, node=node)
        image = {"container": "notebook", "image_spec": f"scipy:{user[:1]}"}
        yield self._constant("kube_pod_container_info", 1.0, **where, **image)
        yield from self._container({**where, "container": "notebook"}, node)
        for phase in ("Running", "Pending", "Failed"):
            yield self._whole("kube_pod_status_phase", 2, **where, phase=phase)
        for reason in ("Evicted", "OOMKilled"):
            yield self._whole("kube_pod_status_reason", 2, gaps=True, **where, reason=reason)
        yield self._constant("kube_pod_status_scheduled", 1.0, **where, condition="true")

    def _container(self, labels: dict[str, str], node: str) -> Iterator[SeriesSamples]:
        """What is measured in a container and asked for it. Its resources name the node, as kube-state-metrics does."""
        measured = {**labels, "name": "k8s", "hub_jupyter_org_node_purpose": "user"}
        gpu = {
            "cloud_google_com_gke_nodepool": "nb-gpu-k80",
            "cloud_google_com_gke_accelerator": "nvidia-tesla-k80",
        }
        yield self._counter("container_cpu_usage_seconds_total", 20.0, **measured)
        yield self._gauge("container_memory_working_set_bytes", 2e9, gaps=True, **measured, **gpu)
        for resource, amount in (("cpu", 0.5), ("memory", 1e9), ("nvidia_com_gpu", 1.0)):
            for bound in ("requests", "limits"):
                name = f"kube_pod_container_resource_{bound}"
                yield self._constant(name, amount, **labels, resource=resource, node=node)
        yield self._constant("kube_pod_container_resource_limits_memory_bytes", 2e9, **labels)
        for kind in ("", "init_"):
            prefix = f"kube_pod_{kind}container_status"
            yield self._counter(f"{prefix}_restarts_total", 0.1, **labels)
            yield self._constant(f"{prefix}_last_terminated_reason", 1.0, **labels, reason="Error")
            yield self._whole(f"{prefix}_terminated_reason", 2, **labels, reason="Error")

    def _nodes(self) -> Iterator[SeriesSamples]:
        for node in _NODES:
            yield self._constant("kube_node_labels", 1.0, node=node, label_alpha_eksctl_io_nodegroup_name=f"nb-{node}")
            yield self._counter("node_vmstat_oom_kill", 0.2, node=node)
            for mode in ("idle", "user", "system"):
                yield self._counter("node_cpu_seconds_total", 50.0, node=node, mode=mode)
            for resource, amount in (("cpu", 4.0), ("memory", 3e10)):
                for name in ("capacity", "allocatable"):
                    yield self._constant(f"kube_node_status_{name}", amount, node=node, resource=resource)
            for name in ("MemFree", "Cached", "Buffers", "MemTotal"):
                yield self._gauge(f"node_memory_{name}_bytes", 1e10, node=node)
            for method in ("READ", "WRITE"):
                yield self._counter("node_nfs_requests_total", 9.0, node=node, method=method)

    def _volumes(self) -> Iterator[SeriesSamples]:
        for claim in ("hub-db-dir", "prod-home-nfs", "support-prometheus-server"):
            for name in ("available", "capacity", "used"):
                labels = {"namespace": "prod", "persistentvolumeclaim": claim}
                yield self._gauge(f"kubelet_volume_stats_{name}_bytes", 1e11, **labels)


def openmetrics(series: list[SeriesSamples]) -> str:
    """The series as OpenMetrics text. Metrics have no type: promtool stores them just as well."""
    by_name: dict[str, list[SeriesSamples]] = {}
    for one in series:
        by_name.setdefault(one.labels["__name__"], []).append(one)
    lines: list[str] = []
    for name, members in by_name.items():
        lines.append(f"# TYPE {name} unknown")
        for one in members:
            head = f"{name}{{{_labels(one)}}}"
            pairs = zip(one.times.tolist(), one.values.tolist(), strict=True)
            lines.extend(f"{head} {_number(value)} {time / 1000:.3f}" for time, value in pairs)
    return "\n".join([*lines, "# EOF", ""])


def _labels(series: SeriesSamples) -> str:
    escaped = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in series.labels.items()}
    return ",".join(f'{name}="{value}"' for name, value in escaped.items() if name != "__name__")


def _number(value: float) -> str:
    return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(repr(value), repr(value))
