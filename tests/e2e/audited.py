"""`python audited.py FILE run ...`: Streamlit, with every address it connects to written to FILE, one a line.

Python's audit events come from the socket itself, so no library can connect unseen (docs.python.org: sys.addaudithook).
"""

from __future__ import annotations

import runpy
import sys
from typing import Any

_EVENTS = {"socket.connect", "socket.sendto", "socket.getaddrinfo"}


def _watch(path: str) -> None:
    file = open(path, "a", buffering=1)  # noqa: SIM115  open as long as the program runs

    def hook(event: str, details: tuple[Any, ...]) -> None:
        if event in _EVENTS:
            host, port = details[:2] if event == "socket.getaddrinfo" else (*details[1], "")[:2]
            file.write(f"{event} {host}:{port}\n")

    sys.addaudithook(hook)


if __name__ == "__main__":
    _watch(sys.argv.pop(1))
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
