"""Faults of the app's own process: its life, its disk, its clock, its limits, and strangers at its door."""

from __future__ import annotations

import contextlib
import resource
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.chaos.faults import Stage, fault
from bench.chaos.life import Life
from bench.process import taken
from bench.visiting.visitor import Gone, visiting

_CAP = 512 * 2**20  # bytes of memory
_GROUPS = Path("/sys/fs/cgroup/memory")
FLOOD = 100
_STRANGER = "127.66.6.6"  # whoever floods has an address of its own, as an attacker has


@fault("stopped for 5 s", excused=True)
def stopped(stage: Stage) -> Iterator[None]:
    """SIGSTOP, and SIGCONT after five seconds."""
    stage.life.process.send_signal(signal.SIGSTOP)
    time.sleep(5)
    stage.life.process.send_signal(signal.SIGCONT)
    yield


@fault("killed in mid-write", excused=True)
def killed(stage: Stage) -> Iterator[None]:
    """SIGKILL in the middle of a file, after five seconds in any case; then started again, as a supervisor does."""
    stage.life.spoil(kill=True)
    with contextlib.suppress(subprocess.TimeoutExpired):
        stage.life.process.wait(5)
    stage.life.kill()
    stage.life.spoil()
    stage.life.start()
    yield


@fault("disk full")
def disk_full(stage: Stage) -> Iterator[None]:
    """The cache's small disk filled to the brim; without one, no file may be written at all (RLIMIT_FSIZE)."""
    with _filled(stage.life.kept) if stage.life.mounted else _limited(stage.life, resource.RLIMIT_FSIZE, 0):
        yield


@fault("home read-only")
def read_only(stage: Stage) -> Iterator[None]:
    """Home and temporary files; the right to write is taken away where home is no disk of its own."""
    home = stage.life.home
    turned = [["mount", "-o", f"remount,{how}", str(home)] for how in ("ro", "rw")]
    turned = turned if stage.life.mounted else [["chmod", how, str(home)] for how in ("500", "700")]
    subprocess.run(turned[0], check=False, capture_output=True)
    yield
    subprocess.run(turned[1], check=True, capture_output=True)


def _clock(name: str, seconds: float) -> None:
    @fault(name)
    def during(stage: Stage) -> Iterator[None]:
        stage.life.spoil(clock=seconds)
        yield
        stage.life.spoil()


_clock("clock an hour ahead", 3600)
_clock("clock an hour back", -3600)


@fault("no name can be resolved", clusters=True)
def no_dns(stage: Stage) -> Iterator[None]:
    """The resolver fails; connections are closed so that new ones are needed."""
    stage.life.spoil(dns=False)
    stage.upstream(resets=0.3)
    yield
    stage.life.spoil()
    stage.upstream()


@fault("512 MiB of memory")
def little_memory(stage: Stage) -> Iterator[None]:
    """A control group where one may be made (cgroup v1); else the address space may grow by 256 MiB (RLIMIT_AS)."""
    with _group(stage.life) as made:
        if made:
            yield
            return
        now = int((stage.life.proc / "statm").read_text().split()[0]) * resource.getpagesize()
        with _limited(stage.life, resource.RLIMIT_AS, now + _CAP // 2):
            yield


@fault("128 open files")
def few_files(stage: Stage) -> Iterator[None]:
    """The limit of open files, while a stranger opens so many sockets that thirty are left."""
    most = max(128, taken(stage.life.proc).files + 40)
    with (
        _limited(stage.life, resource.RLIMIT_NOFILE, most),
        _flood(stage.life, max(0, most - 30 - taken(stage.life.proc).files)),
    ):
        yield


@fault("no file left to open", excused=True)
def no_files(stage: Stage) -> Iterator[None]:
    """The same, and the stranger takes all: nobody can be let in, and no page be read, until he lets go."""
    with _limited(stage.life, resource.RLIMIT_NOFILE, max(128, taken(stage.life.proc).files + 8)), _flood(stage.life):
        yield


@fault("100 silent sockets")
def flood(stage: Stage) -> Iterator[None]:
    """A stranger opens a hundred connections and says nothing, or half a request."""
    with _flood(stage.life):
        yield


@fault("visits without an end")
def floods_of_visits(stage: Stage) -> Iterator[None]:
    """A stranger opens one web socket after the other and lets pages run."""
    over = threading.Event()

    def flood() -> None:
        with ExitStack() as stack:
            for _ in range(FLOOD // 4):
                with contextlib.suppress(Gone, LookupError):
                    visitor = stack.enter_context(visiting(stage.life.app.url, 5, _STRANGER))
                    visitor.open()
                if over.is_set():
                    return
            over.wait(30)

    crowd = [threading.Thread(target=flood, daemon=True) for _ in range(4)]
    for thread in crowd:
        thread.start()
    yield
    over.set()
    for thread in crowd:
        thread.join(30)


@contextmanager
def _limited(life: Life, what: int, soft: int) -> Iterator[None]:
    """A softer limit on a process that runs."""
    before = resource.prlimit(life.process.pid, what)
    resource.prlimit(life.process.pid, what, (soft, before[1]))
    try:
        yield
    finally:
        if life.alive:
            resource.prlimit(life.process.pid, what, before)


@contextmanager
def _filled(folder: Path) -> Iterator[None]:
    filler = folder / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def _group(life: Life) -> Iterator[bool]:
    """Puts the process into a control group with little memory; says whether that worked."""
    group = _GROUPS / f"hubscope-{life.process.pid}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(_CAP))
        (group / "cgroup.procs").write_text(str(life.process.pid))
    except OSError:
        yield False
        return
    try:
        yield True
    finally:
        with contextlib.suppress(OSError):
            (_GROUPS / "cgroup.procs").write_text(str(life.process.pid))
            group.rmdir()


@contextmanager
def _flood(life: Life, sockets: int = FLOOD) -> Iterator[None]:
    with ExitStack() as stack:
        for number in range(sockets):
            with contextlib.suppress(OSError):
                sock = socket.create_connection(("127.0.0.1", life.port), 1, source_address=(_STRANGER, 0))
                stack.enter_context(sock)
                sock.sendall(b"" if number % 2 else b"GET /_stcore/stream HTTP/1.1\r\nHost: x\r\nUpgrade: webs")
        yield
