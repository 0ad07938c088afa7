"""Before and after a crowd: a warm-up that fills what may stay full, and whether memory comes back at the end."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bench.process import taken
from bench.upstream import Mood, Remote
from bench.visiting.acts import presets
from bench.visiting.visitor import visiting

SETTINGS = {"HUBSCOPE_EDITOR": "plain", "HUBSCOPE_MEMORY_MB": "16"}  # a store that the warm-up fills
TTL = 30  # seconds that Streamlit keeps a closed tab's state: .streamlit/config.toml
AFTERWARDS = 60  # seconds more until memory is looked at
_LARGE = 45  # answers of 420 kB fill the store


def warm_up(url: str, remote: Remote) -> None:
    """Somebody sees every first question and fills the store of answers; what that costs is not for each visitor."""
    remote.tell(Mood(delay=0.005))
    with visiting(url) as visitor:
        visitor.open()
        for title in presets():
            visitor.choose("Questions", title)
        visitor.download("CSV (")
        visitor.select("Time", "Last 12 months")
        visitor.select("Step", "One point every 1 h")
        visitor.open("promql")
        for number in range(_LARGE):
            visitor.type("PromQL", f"up + {number}")
            visitor.press("Run")
        visitor.download("CSV (")


def visit_once(url: str) -> None:
    """Somebody comes and goes: at a connection Streamlit lets go of the states of those who have left."""
    with visiting(url):
        time.sleep(1)


def left(url: str, process: Path, memory: dict[str, float]) -> dict[str, Any]:
    """Memory after everybody has left, in MiB: first without anybody coming, then after one visit.

    `before`: after the warm-up, with a full store and one visitor. `returned`: `after` is at most a tenth above it.
    """
    time.sleep(TTL + AFTERWARDS)
    memory["after"] = taken(process).memory
    visit_once(url)
    memory["after_visit"] = taken(process).memory
    told: dict[str, Any] = {name: round(value / 2**20, 1) for name, value in memory.items()}
    told["returned"] = memory["after"] <= memory["before"] * 1.1
    told["returned_after_visit"] = memory["after_visit"] <= memory["before"] * 1.1
    return told
