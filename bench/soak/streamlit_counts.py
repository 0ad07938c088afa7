"""What Streamlit counts of itself, where its metrics are reachable: open visits, and bytes of files to download."""

from __future__ import annotations

import re
from dataclasses import dataclass

import requests

_LINE = re.compile(r"^(\w+)(?:\{([^}]*)\})? (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Counts:
    """Open visits, and bytes of files that are kept for downloads; -1 where the app does not tell."""

    sessions: int = -1
    media: int = -1


def counts(url: str) -> Counts:
    """Asks an app."""
    reply = requests.get(f"{url}/_stcore/metrics", timeout=10)
    return read(reply.text) if reply.ok else Counts()


def read(text: str) -> Counts:
    """What Streamlit's metrics say, in Prometheus' own format."""
    sessions, media = -1, 0
    for name, labels, value in _LINE.findall(text):
        if name == "active_sessions":
            sessions = int(float(value))
        elif name == "cache_memory_bytes" and "media" in labels:
            media += int(float(value))
    return Counts(sessions, media)
