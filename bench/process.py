"""What a running app takes of the machine, read from /proc (proc(5)): memory, processor, threads, files, sockets."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

_TICKS, _PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
_CLOSE_WAIT = "08"  # the other side has closed, and nobody here has noticed


@dataclass(frozen=True)
class Taken:
    """`memory` in bytes, `cpu` in seconds so far; how many threads, open files, and sockets that wait to be closed."""

    memory: int
    cpu: float
    threads: int
    files: int
    close_wait: int

    def told(self) -> dict[str, float]:
        """For a line of figures: memory in MiB."""
        return asdict(self) | {"memory": round(self.memory / 2**20, 1), "cpu": round(self.cpu, 2)}


def process_of(url: str) -> Path:
    """The folder in /proc of the server that listens at an address. Raises RuntimeError when there is none."""
    port = f"--server.port={urlsplit(url).port}"
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if port in (process / "cmdline").read_text().split("\0"):
                return process
    raise RuntimeError("The server is gone.")


def taken(process: Path) -> Taken:
    """What a process takes now. Raises OSError when it has ended."""
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    files = list(_targets(process / "fd"))
    return Taken(
        memory=int((process / "statm").read_text().split()[1]) * _PAGE,
        cpu=(int(fields[11]) + int(fields[12])) / _TICKS,
        threads=int(fields[17]),
        files=len(files),
        close_wait=len(_waiting(process) & {target for target in files if target.startswith("socket:")}),
    )


def _targets(folder: Path) -> Iterator[str]:
    for link in folder.iterdir():
        with contextlib.suppress(OSError):
            yield str(link.readlink())


def _waiting(process: Path) -> set[str]:
    """The sockets of the machine in CLOSE_WAIT, named as links to them are: field 4 the state, field 10 the inode."""
    lines = [line.split() for name in ("tcp", "tcp6") for line in (process / "net" / name).read_text().splitlines()[1:]]
    return {f"socket:[{line[9]}]" for line in lines if line[3] == _CLOSE_WAIT}


def count_files(folder: Path) -> int:
    """How many files lie in a folder and below; 0 where there is none."""
    return sum(1 for path in folder.rglob("*") if path.is_file())
