"""The app as a program of its own: a copy of what is shipped, in an empty home, on a free port, for one `with`."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.prometheus_server import free_port

_REPOSITORY = Path(__file__).parents[2]
SHIPPED = ("server.py", "streamlit_app.py", "pages", "lib", "static", ".streamlit/config.toml")
_HEALTHY_WITHIN = 90.0  # seconds; it takes five on a machine with nothing else to do
STREAMLIT = ("-m", "streamlit")


@dataclass(frozen=True)
class App:
    """A running app. `folder` holds all it may write: `work`, where it runs, `home`, and `log`, what it said."""

    url: str
    folder: Path

    @property
    def log(self) -> str:
        """Everything the app has written to stdout and stderr so far."""
        return (self.folder / "log").read_text(errors="replace")


@contextlib.contextmanager
def serve_app(
    settings: Mapping[str, str],
    *,
    script: str = "server.py",
    program: Sequence[str] = STREAMLIT,
    secrets: str = "",
    base: str = "",
) -> Iterator[App]:
    """`streamlit run <script>` with these settings and nothing else in its environment; ends it afterwards.

    It runs in a copy, so that neither an `.env` nor a `secrets.toml` of the developer is read. `program` are the
    arguments of Python before `run`, `secrets` what its own `secrets.toml` says, `base` what every address begins with,
    such as `/services/usage`. Raises RuntimeError, with the log, when the server does not become healthy.
    """
    with tempfile.TemporaryDirectory(prefix="hubscope-") as name:
        folder, port = Path(name), free_port()
        _copy(folder / "work")
        if secrets:
            (folder / "work" / ".streamlit" / "secrets.toml").write_text(secrets, encoding="utf-8")
        (folder / "home").mkdir()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "home"),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "STREAMLIT_SERVER_BASE_URL_PATH": base,
            **settings,
        }
        command = [sys.executable, *program, "run", script, f"--server.port={port}"]
        app = App(f"http://127.0.0.1:{port}{base}", folder)
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(command, cwd=folder / "work", env=environment, stdout=log, stderr=log) as process,
        ):
            try:
                _wait_until_healthy(app, process)
                yield app
            finally:
                _end(process)


def _copy(work: Path) -> None:
    for name in SHIPPED:
        source, target = _REPOSITORY / name, work / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("node_modules"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def _wait_until_healthy(app: App, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _HEALTHY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(requests.RequestException):
            if requests.get(f"{app.url}/_stcore/health", timeout=5).ok:
                return
        time.sleep(0.1)
    raise RuntimeError(f"The app did not become healthy:\n{app.log[-4000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
