"""Where the numbers of a file or a report come from: the question, the queries as sent, who answered and who did not.

The same answer gives the same text, byte for byte: nothing here reads a clock, and nothing in it is secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.core.question import Put, Question
from lib.core.result import Report, Result
from lib.core.time_range import format_duration
from lib.core.zones import UTC_NAME, iso

APP, VERSION = "Hubscope", "0.1"


@dataclass(frozen=True)
class Fetched:
    """A cluster that answered: its name on screen, and when its oldest part was fetched (Unix seconds)."""

    cluster: str
    at: float


@dataclass(frozen=True)
class Provenance:
    """Everything needed to ask the same again, and to know what the answer lacks.

    - `title` is the question in words, `preset` its id, "" for a query that somebody wrote; `unit` a key of UNITS.
    - `queries`: (name, PromQL as it was sent), the name "" where there is one.
    - `start`, `end`: the first and last instant asked about, as Unix seconds; `typed` the same as somebody typed it.
      `step` is in seconds, 0 for an instant query; `points` is how many instants there are; `zone` an IANA name.
    - `split` says how series were added up, `transforms` what was done to them after, in order, in words.
    - `hidden`: how many series of staging hubs were left out.
    - `failed`: (cluster, why in one sentence); `warnings`, `infos`: (cluster, the server's own text).
    - `series`, `rows`: what the file has after split and transforms; a row is one value.
    """

    title: str
    preset: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    start: int
    end: int
    typed: tuple[str, str]
    step: int
    points: int
    zone: str
    split: str
    transforms: tuple[str, ...]
    hidden: int
    answered: tuple[Fetched, ...]
    failed: tuple[tuple[str, str], ...]
    warnings: tuple[tuple[str, str], ...]
    infos: tuple[tuple[str, str], ...]
    series: int
    rows: int
    version: str = VERSION

    @property
    def fetched_at(self) -> float:
        """When the oldest part of the answer was fetched, in Unix seconds; 0 where no cluster answered."""
        return min((each.at for each in self.answered), default=0.0)

    @property
    def complete(self) -> bool:
        """True when every cluster that was asked answered."""
        return not self.failed

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON has it. Moments are ISO 8601 with the offset of the zone, those of fetching in UTC."""
        return {
            "app": f"{APP} {self.version}",
            "question": self.title,
            "preset": self.preset or None,
            "unit": self.unit,
            "queries": [{"name": name, "expr": expr} for name, expr in self.queries],
            "range": self._range(),
            "split": self.split,
            "transforms": list(self.transforms),
            "staging_series_hidden": self.hidden,
            "series": self.series,
            "rows": self.rows,
            "clusters_answered": [{"cluster": each.cluster, "fetched_at": _utc(each.at)} for each in self.answered],
            "clusters_failed": [{"cluster": cluster, "reason": reason} for cluster, reason in self.failed],
            "warnings": [{"cluster": cluster, "text": text} for cluster, text in self.warnings],
            "infos": [{"cluster": cluster, "text": text} for cluster, text in self.infos],
        }

    def _range(self) -> dict[str, Any]:
        first, last = self._moments()
        return {
            "from": first,
            "to": last,
            "from_as_typed": self.typed[0],
            "to_as_typed": self.typed[1],
            "step": format_duration(self.step) if self.step else None,
            "points": self.points,
            "time_zone": self.zone,
        }

    def _moments(self) -> list[str]:
        return iso(np.array([self.start, self.end]), self.zone)

    def as_json(self) -> str:
        """The same as JSON text, indented, with a line break at its end."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2) + "\n"

    def as_lines(self) -> list[tuple[str, str]]:
        """The same for people, as (what, which), in the order in which one wants to know it; nothing empty."""
        first, last = self._moments()
        told = [
            ("Question", self.title),
            ("Preset", self.preset),
            *((f"Query {name}".strip(), expr.strip()) for name, expr in self.queries),
            ("Time", f"{first} to {last}" if self.step else last),
            ("Time as chosen", " to ".join(filter(None, self.typed))),
            ("Step", f"{format_duration(self.step)}, {self.points:,} points" if self.step else ""),
            ("Time zone", self.zone),
            ("Split", self.split),
            ("Transforms", "; ".join(self.transforms)),
            ("Staging hubs", f"{self.hidden:,} series left out" if self.hidden else ""),
            ("Unit", self.unit if self.unit != "short" else ""),
            ("Size", f"{self.series:,} series, {self.rows:,} values"),
            ("Clusters that answered", ", ".join(each.cluster for each in self.answered) or "none"),
            *(("Cluster that failed", f"{cluster}: {reason}") for cluster, reason in self.failed),
            *(("Warning", f"{cluster}: {text}") for cluster, text in self.warnings),
            *(("Note", f"{cluster}: {text}") for cluster, text in self.infos),
            ("Fetched", _utc(self.fetched_at) or ""),
            ("Made with", f"{APP} {self.version}"),
        ]
        return [(what, which) for what, which in told if which]


def provenance(
    result: Result,
    question: Question,
    puts: Sequence[Put],
    *,
    split: str = "series",
    transforms: Sequence[str] = (),
    unit: str = "",
    hidden: int = 0,
    typed: tuple[str, str] = ("", ""),
) -> Provenance:
    """Where `result` comes from: the answer to a question as it was put, after split and transforms.

    `unit` where transforms made it another one than the question has. Pure.
    """
    grid = puts[0].query.grid
    return Provenance(
        title=question.title if question.preset else "A query that somebody wrote",
        preset=question.preset.id if question.preset else "",
        unit=unit or question.unit,
        queries=tuple((put.name, put.sent.expr) for put in puts),
        start=int(grid.instants[0]),
        end=int(grid.instants[-1]),
        typed=typed,
        step=0 if question.instant else grid.step,
        points=grid.points,
        zone=grid.zone,
        split=split,
        transforms=tuple(transforms),
        hidden=hidden,
        answered=tuple(Fetched(each.cluster, each.fetched_at) for each in result.reports if each.error is None),
        failed=tuple((each.cluster, each.error.message) for each in result.reports if each.error),
        warnings=_said(result.reports, "warnings"),
        infos=_said(result.reports, "infos"),
        series=len(result.series),
        rows=result.rows,
    )


def _said(reports: Iterable[Report], field: str) -> tuple[tuple[str, str], ...]:
    return tuple((report.cluster, text) for report in reports for text in getattr(report, field))


def _utc(seconds: float) -> str | None:
    return iso(np.array([int(seconds)]), UTC_NAME)[0] if seconds else None
