"""Finds out why an answer is empty: leads the investigation of every cluster, side by side, through other caches."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from lib.cache.answers import ask
from lib.cache.metadata import label_values
from lib.core.emptiness import MOST_PROBES, Look, Probe, Probing, Reason, Told, Values, investigate, of_hubs
from lib.core.result import Answer
from lib.sources import Source

MOST_SECONDS = 15.0  # after which no further probe is sent


def reasons(sources: Sequence[Source], look: Look) -> dict[str, Reason | None]:
    """By the id of each source, why the query has no series there; None where that was not found out.

    Clusters that go the same way share their probes, so each costs at most eight requests, and mostly one to five.
    """
    started, found = time.monotonic(), dict[str, Reason | None]()
    running = {source: investigate(look) for source in sources}
    told: dict[str, Told] = {}
    for _ in range(MOST_PROBES + 1):
        waiting = _next(running, told, found)
        running = {source: running[source] for source in waiting}
        if not waiting or time.monotonic() - started > MOST_SECONDS:
            break
        told = _tell(waiting)
    return {source.id: of_hubs(found.get(source.id), source.hubs) for source in sources}


def _next(
    running: Mapping[Source, Probing], told: Mapping[str, Told], found: dict[str, Reason | None]
) -> dict[Source, Probe]:
    """What each investigation asks next, after what it was told; one that has ended leaves its reason in `found`."""
    waiting = {}
    for source, probing in running.items():
        try:
            waiting[source] = probing.send(told.get(source.id))
        except StopIteration as ended:
            found[source.id] = ended.value
    return waiting


def _tell(waiting: Mapping[Source, Probe]) -> dict[str, Told]:
    told: dict[str, Told] = {}
    for probe in dict.fromkeys(waiting.values()):
        sources = [source for source, asked in waiting.items() if asked == probe]
        told |= _values(sources, probe) if isinstance(probe, Values) else _answers(sources, probe)
    return told


def _values(sources: Sequence[Source], probe: Values) -> dict[str, Told]:
    by_name = label_values(sources, probe.label, probe.match, probe.start, probe.end)
    return {source.id: by_name.get(source.name) for source in sources}


def _answers(sources: Sequence[Source], probe: Probe) -> dict[str, Told]:
    assert not isinstance(probe, Values)
    outcomes = ask(sources, probe)
    return {each.source_id: each.answer if isinstance(each.answer, Answer) else None for each in outcomes}
