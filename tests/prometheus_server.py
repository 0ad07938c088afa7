"""Real servers for tests, Prometheus and VictoriaMetrics: over samples given as OpenMetrics text, for one `with`."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import requests

_READY_WITHIN = 20.0


@contextlib.contextmanager
def running_prometheus(openmetrics_text: str, *flags: str) -> Iterator[str]:
    """Start a Prometheus that holds these samples and give its base URL; stop it and forget its data afterwards.

    `flags` are further ones for the server. Skips the test where Prometheus is not installed, except in continuous
    integration (`CI=true`), where it must be.
    """
    demand_programs("prometheus", "promtool", package="prometheus")
    with tempfile.TemporaryDirectory(prefix="prometheus-") as folder:
        home, port = Path(folder), free_port()
        _load(home, openmetrics_text)
        with _serving(home, port, flags):
            yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def running_victoria_metrics(openmetrics_text: str) -> Iterator[str]:
    """The same with a VictoriaMetrics, which speaks Prometheus' HTTP API in its own way. Skips as Prometheus does."""
    demand_programs("victoria-metrics", package="victoria-metrics")
    with tempfile.TemporaryDirectory(prefix="victoria-metrics-") as folder:
        home, port = Path(folder), free_port()
        command = [
            "victoria-metrics",
            f"-httpListenAddr=127.0.0.1:{port}",
            f"-storageDataPath={home / 'data'}",
            "-retentionPeriod=100y",
            "-search.latencyOffset=0s",  # samples of this very second are answered, too
            "-memory.allowedBytes=64MiB",
        ]
        url = f"http://127.0.0.1:{port}"
        with _running(command, f"{url}/health", home / "log"):
            _import(url, openmetrics_text)
            yield url


def _import(url: str, openmetrics_text: str) -> None:
    """Send the samples with their times in milliseconds, and wait until they can be asked for."""
    lines = (line for line in openmetrics_text.splitlines() if line and not line.startswith("#"))
    sample = "\n".join(
        f"{before} {float(at) * 1_000:.0f}" for before, _, at in (line.rpartition(" ") for line in lines)
    )
    requests.post(f"{url}/api/v1/import/prometheus", data=sample.encode(), timeout=60).raise_for_status()
    requests.get(f"{url}/internal/force_flush", timeout=60).raise_for_status()


def demand_programs(*names: str, package: str) -> None:
    """Skip the test where one of these programs is missing; fail it in continuous integration (`CI=true`)."""
    missing = [name for name in names if shutil.which(name) is None]
    if not missing:
        return
    reason = f"{' and '.join(missing)} not installed: apt-get install {package}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _load(home: Path, openmetrics_text: str) -> None:
    """Write the samples into blocks. Without the hidden flag promtool reads the text once for every two hours."""
    (home / "prometheus.yml").write_text("global: {}\n")
    samples = home / "samples.om"
    samples.write_text(openmetrics_text)
    command = ["promtool", "tsdb", "create-blocks-from", "--max-block-duration=8760h", "openmetrics", "-q"]
    subprocess.run([*command, str(samples), str(home / "data")], check=True, capture_output=True)
    samples.unlink()


@contextlib.contextmanager
def _serving(home: Path, port: int, flags: Sequence[str] = ()) -> Iterator[None]:
    """Run the server. Retention counts from the newest block, so a century keeps samples of any date."""
    command = [
        "prometheus",
        f"--config.file={home / 'prometheus.yml'}",
        f"--storage.tsdb.path={home / 'data'}",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
        *flags,
    ]
    with _running(command, f"http://127.0.0.1:{port}/-/ready", home / "log"):
        yield


@contextlib.contextmanager
def _running(command: list[str], ready: str, log_file: Path) -> Iterator[None]:
    """Run a server until the `with` ends, from the moment that it answers at the address `ready`."""
    with log_file.open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            _wait_until_ready(ready, process, log_file)
            yield
        finally:
            process.terminate()
            process.wait(timeout=_READY_WITHIN)


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(requests.RequestException):
            if requests.get(url, timeout=1).ok:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args[0]} did not start: {log.read_text(errors='replace')[-2000:]}")
