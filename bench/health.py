"""Asks an app whether it is well, ten times a second, from a program of its own: `python -m bench.health URL`.

Each line says when (Unix seconds), after how many seconds, and the status; 0 where no answer came within five.
"""

from __future__ import annotations

import contextlib
import http.client
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_EVERY, _LIMIT = 0.1, 5.0


def main() -> None:
    """Asks until it is ended."""
    address = urlsplit(sys.argv[1])
    while True:
        started = time.time()
        status = _status(address.hostname or "", address.port or 80)
        took = time.time() - started
        print(f"{started:.3f} {took:.4f} {status}", flush=True)
        time.sleep(max(0.0, _EVERY - took))


def _status(host: str, port: int) -> int:
    connection = http.client.HTTPConnection(host, port, timeout=_LIMIT)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


@dataclass
class Pulse:
    """What was told so far: when, after how long, which status."""

    beats: list[tuple[float, float, int]] = field(default_factory=list)

    def between(self, start: float, end: float) -> list[tuple[float, float, int]]:
        """The answers to what was asked between two moments, in Unix seconds."""
        return [beat for beat in tuple(self.beats) if start <= beat[0] < end]

    def seconds(self, start: float, end: float) -> list[float]:
        """How long the answers took; a refusal counts as long as one waits for it."""
        return [took if status == 200 else _LIMIT for _, took, status in self.between(start, end)]


@contextlib.contextmanager
def pulse(url: str) -> Iterator[Pulse]:
    """Watches an app for one `with`."""
    found = Pulse()
    with subprocess.Popen(
        [sys.executable, "-m", "bench.health", url], stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:

        def read() -> None:
            for line in process.stdout or ():
                at, took, status = line.split()
                found.beats.append((float(at), float(took), int(status)))

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            yield found
        finally:
            process.terminate()
            reader.join(5)


if __name__ == "__main__":
    main()
