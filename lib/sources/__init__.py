"""The only sockets: what can be asked, how to find it, and how to ask all of it at once.

To add a kind of data source, add a module here with a function under `@source_kind("name")` that turns `Settings`
into `Discovery`, and import it below; settings decide which kinds have work to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from lib.core.settings import Settings
from lib.sources import grafana, prometheus, sample  # noqa: F401  their import registers them
from lib.sources.base import (
    SOURCE_KINDS,
    Discovery,
    Source,
    hubs_of,
    narrowed,
    scrape_of,
    source_kind,
    with_distinct_names,
)
from lib.sources.deadline import Cancel
from lib.sources.exchange import origin_of
from lib.sources.fan_out import FanOut, Progress, ask_all
from lib.sources.side_by_side import side_by_side
from lib.sources.transport import Transport
from lib.sources.watch import Watch

__all__ = [
    "SOURCE_KINDS",
    "Cancel",
    "Discovery",
    "FanOut",
    "Progress",
    "Source",
    "ask_all",
    "connect",
    "hubs_of",
    "narrowed",
    "scrape_of",
    "sender",
    "side_by_side",
    "source_kind",
]


def sender(settings: Settings) -> Transport:
    """What sends requests to everything that the settings name, and nowhere else. Raises ConfigError."""
    return Transport(settings, _origins(settings))


def connect(
    settings: Settings,
    *,
    transport: Callable[[Settings, Iterable[str]], Transport] = Transport,
    watch: Watch | None = None,
) -> Discovery:
    """Every data source of the settings, under distinct names, and what could not be listed, with the reason.

    Each shows the hubs of the settings and no others.

    Asks each Grafana for its list; one that is down does not hide another. Raises ConfigError for settings that no
    request could be sent with. `transport` builds what sends, from the settings and the origins it may talk to.
    `watch` looks on while the sources are asked.
    """
    sends = transport(settings, _origins(settings))
    found = Discovery()
    for discover in SOURCE_KINDS.values():
        found += discover(settings, sends)
    sources = tuple(narrowed(source, settings.hubs) for source in with_distinct_names(found.sources))
    return Discovery(tuple(replace(each, watch=watch or each.watch) for each in sources), found.failures)


def _origins(settings: Settings) -> list[str]:
    addresses = [each.url for each in settings.grafanas] + [each.url for each in settings.prometheuses]
    return sorted({origin_of(address) for address in addresses})
