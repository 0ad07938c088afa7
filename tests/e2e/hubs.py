"""Hand-made hubs as OpenMetrics text for a real Prometheus: two clusters that have hubs of the same names."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

DAY = 86_400
EVERY = 300  # seconds between samples: as long as Prometheus looks back, so that every instant has a value
HUBS = {"alpha": ("prod", "staging", "workshop"), "beta": ("prod", "staging")}


def people(cluster: str, hub: str, time: int) -> int:
    """How many used a hub in the day before `time` (Unix seconds): another number at noon than at midnight."""
    return crc32(f"{cluster} {hub}".encode()) % 40 + time // DAY % 7 * 3 + time // 3_600 % 24


def servers(cluster: str, hub: str, time: int) -> float:
    """How many servers ran. Of course they are whole; these are not, so that all digits of a float are at stake."""
    return people(cluster, hub, time) / 7


def openmetrics(cluster: str, start: int, end: int) -> str:
    """The samples of one cluster from `start` to `end` (Unix seconds), one every five minutes."""
    return "".join(_lines(cluster, range(start // EVERY * EVERY, end + 1, EVERY)))


def _lines(cluster: str, times: range) -> Iterator[str]:
    yield "# TYPE jupyterhub_active_users gauge\n"
    for hub in HUBS[cluster]:
        labels = f'{{namespace="{hub}",period="24h"}}'
        yield from (f"jupyterhub_active_users{labels} {people(cluster, hub, time)} {time}\n" for time in times)
    yield "# TYPE jupyterhub_running_servers gauge\n"
    for hub in HUBS[cluster]:
        labels = f'{{namespace="{hub}"}}'
        yield from (f"jupyterhub_running_servers{labels} {servers(cluster, hub, time)!r} {time}\n" for time in times)
    yield "# EOF\n"
