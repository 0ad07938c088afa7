"""A real Prometheus for tests: over samples given as OpenMetrics text, on a free port, for one `with`."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

_READY_WITHIN = 20.0


@contextlib.contextmanager
def running_prometheus(openmetrics_text: str) -> Iterator[str]:
    """Start a Prometheus that holds these samples and give its base URL; stop it and forget its data afterwards.

    Skips the test where Prometheus is not installed, except in continuous integration (`CI=true`), where it must be.
    """
    demand_programs("prometheus", "promtool", package="prometheus")
    with tempfile.TemporaryDirectory(prefix="prometheus-") as folder:
        home, port = Path(folder), free_port()
        _load(home, openmetrics_text)
        with _serving(home, port):
            yield f"http://127.0.0.1:{port}"


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
def _serving(home: Path, port: int) -> Iterator[None]:
    """Run the server. Retention counts from the newest block, so a century keeps samples of any date."""
    command = [
        "prometheus",
        f"--config.file={home / 'prometheus.yml'}",
        f"--storage.tsdb.path={home / 'data'}",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with (home / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}/-/ready", process, home / "log")
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
    raise RuntimeError(f"Prometheus did not start: {log.read_text(errors='replace')[-2000:]}")
