"""The app as chaos needs it: killed and started again in one place, its folders, clock and resolver in our hand."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.app import STREAMLIT, App, copy_shipped, end, environment_of, wait_until_healthy
from tests.prometheus_server import free_port

_INJECTED = Path(__file__).parent / "injected"
_DISK, _HOME = "2m", "16m"  # the sizes of the small disks


@dataclass
class Life:
    """A running app. `mounted` tells whether cache and home are small disks of their own (as root on Linux)."""

    app: App
    port: int
    environment: Mapping[str, str]
    mounted: bool
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def kept(self) -> Path:
        """Where the app keeps answers."""
        return self.app.folder / "kept"

    @property
    def home(self) -> Path:
        """Its home, and where its temporary files go."""
        return self.app.folder / "home"

    @property
    def proc(self) -> Path:
        """Its folder in /proc."""
        return Path("/proc") / str(self.process.pid)

    @property
    def alive(self) -> bool:
        """Whether it runs, or is only stopped."""
        return self.process.poll() is None

    def start(self) -> None:
        """Starts it and waits until it is well."""
        command = [sys.executable, *STREAMLIT, "run", "server.py", f"--server.port={self.port}"]
        with (self.app.folder / "log").open("ab") as log:
            work, environment = self.app.folder / "work", dict(self.environment)
            self.process = subprocess.Popen(command, cwd=work, env=environment, stdout=log, stderr=log)
        wait_until_healthy(self.app, self.process)

    def kill(self) -> None:
        """Ends it without a word."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def spoil(self, *, clock: float = 0.0, dns: bool = True, kill: bool = False) -> None:
        """Moves its clock by so many seconds; lets names be resolved, or not; ends it in the middle of a file."""
        path = Path(self.environment["HUBSCOPE_CHAOS"])
        path.with_suffix(".new").write_text(json.dumps({"clock": clock, "dns": dns, "kill": kill}))
        path.with_suffix(".new").replace(path)
        time.sleep(0.2)


@contextlib.contextmanager
def living(settings: Mapping[str, str]) -> Iterator[Life]:
    """An app for one `with`, in an empty folder."""
    folder, port = Path(tempfile.mkdtemp(prefix="hubscope-chaos-")), free_port()
    copy_shipped(folder / "work")
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        disks = [stack.enter_context(_disk(folder / name, size)) for name, size in (("kept", _DISK), ("home", _HOME))]
        more = {"HUBSCOPE_CACHE": "../kept", "PYTHONPATH": str(_INJECTED), "HUBSCOPE_CHAOS": str(folder / "chaos.json")}
        environment = environment_of(folder, {**settings, **more})
        life = Life(App(f"http://127.0.0.1:{port}", folder), port, environment, all(disks))
        life.start()
        try:
            yield life
        finally:
            life.process.send_signal(signal.SIGCONT)
            end(life.process)


@contextlib.contextmanager
def _disk(folder: Path, size: str) -> Iterator[bool]:
    """A folder that is a small disk of its own where that is allowed; says whether it is."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)
