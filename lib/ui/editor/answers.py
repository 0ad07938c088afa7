"""What the editor asks while somebody types, answered from what the chosen clusters know together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.core.errors import SourceError
from lib.core.metadata import KnownMetric, MetricCatalogue
from lib.core.time_range import DAY
from lib.sources import Source
from lib.ui import permitted, visitor

PATIENCE = 3.0  # seconds; a completion that comes later than that is in the way
MOST_VALUES = 5_000  # label values in one answer
MOST_HELPS = 10_000  # metrics up to which every help text is sent along; some 100 bytes each


@dataclass(frozen=True)
class Completions:
    """What is completed from: the data sources of the chosen clusters, and whole days (Unix seconds)."""

    sources: tuple[Source, ...]
    start: int
    end: int

    @classmethod
    def over(cls, sources: Sequence[Source], start: float, end: float) -> Completions:
        """From the first to the last day that is touched, so that moments of one day ask the same."""
        return cls(tuple(sources), int(start // DAY * DAY), int(end // DAY * DAY) + DAY)

    @property
    def scope(self) -> str:
        """A text that differs where the answers may."""
        return repr((sorted((source.id, source.hubs) for source in self.sources), self.start, self.end))

    def types(self) -> Mapping[str, str]:
        """The type of each metric, such as `counter`, where a cluster tells it."""
        return {metric.name: metric.info.type for metric in self._metrics().metrics if metric.info.type}

    def answer(self, ask: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one question of the editor, as it is sent back.

        What cannot be found out is empty; `whole` says whether every cluster answered, so that the editor asks again.
        """
        match = str(ask.get("match") or "")
        found: dict[str, Any] = {"values": [], "whole": True}
        if not visitor.may_write():  # a tab that was open before somebody signed out; the page says so next
            return {"id": ask.get("id"), **found}
        if ask.get("kind") == "catalogue":
            found = self._catalogue()
        elif ask.get("kind") == "labels":
            found = self._union(permitted.label_names(self.sources, match, self.start, self.end, patience=PATIENCE))
            found["values"] = [value for value in found["values"] if value != "__name__"]
        elif ask.get("kind") == "values":
            name = str(ask.get("label"))
            found = self._union(
                permitted.label_values(self.sources, name, match, self.start, self.end, patience=PATIENCE)
            )
        return {"id": ask.get("id"), **found}

    def _union(self, found: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        values = {value for values in found.values() for value in values if value}
        return {"values": sorted(values)[:MOST_VALUES], "whole": len(found) == len(self.sources)}

    def _catalogue(self) -> dict[str, Any]:
        """Names, types and help texts, as parallel lists."""
        catalogue = self._metrics()
        metrics = catalogue.metrics
        asked = len(self.sources) - len(catalogue.silent)
        lists = {
            "names": [metric.name for metric in metrics],
            "types": [metric.info.type for metric in metrics],
            "helps": [_help(metric, asked) for metric in metrics] if len(metrics) <= MOST_HELPS else [],
        }
        return {"catalogue": lists, "whole": not catalogue.silent}

    def _metrics(self) -> MetricCatalogue:
        try:
            return permitted.metric_catalogue(self.sources, self.start, self.end, patience=PATIENCE)
        except SourceError:
            return MetricCatalogue(silent=tuple(source.name for source in self.sources))


def _help(metric: KnownMetric, asked: int) -> str:
    """The help text, and where not every cluster has the metric, which do."""
    only = f"Only in {', '.join(metric.clusters)}." if len(metric.clusters) < asked else ""
    return "\n".join(filter(None, [metric.info.help, only]))
