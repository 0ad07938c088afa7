"""Presets: ready-made questions, and how the catalogue of TOML files is read.

To add one, add a table to a file in `lib/presets/`; its name is the preset's id. Everything else follows: the page,
links, the list in the docs, a test of its own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from lib.core.charts import CHART_TYPES
from lib.core.errors import AppError, PresetError
from lib.core.time_range import parse_duration
from lib.core.units import UNITS

FOLDER = Path(__file__).parent.parent / "presets"
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_RANGE = re.compile(r"now-[1-9][0-9]{0,3}[hdwMy]")


class Covers(StrEnum):
    """What a value at one instant speaks of.

    - INSTANT: that instant;
    - WINDOW: a fixed time before it (24 h, 7 days), the same whatever the step;
    - STEP: the time since the instant before.

    With a step of a day or more, WINDOW and STEP values are shown on the day they cover, not on the midnight after it.
    """

    INSTANT = "instant"
    WINDOW = "window"
    STEP = "step"


@dataclass(frozen=True)
class Upstream:
    """The Grafana panel a query was borrowed from: dashboard file, panel title, and a link to it."""

    dashboard: str
    panel: str
    url: str


@dataclass(frozen=True)
class Preset:
    """A ready-made question.

    `question` is the page's title and `title` its short name; `means` defines the number and `care` says how it
    misleads (together at most 60 words). `expr` is PromQL in which `$__interval` stands for the step. `range` is how
    far back it looks unless told otherwise (`now-30d`), `step` in seconds, 0 to let the range decide. `adds` says
    whether values of different hubs may be added up; where they may not, there is no total. `first` presets stand on
    the page itself. `by` is the split it opens with: total, cluster, hub, series or a label; "" for hub.
    """

    id: str
    question: str
    title: str
    subject: str
    means: str
    care: str
    unit: str
    chart: str
    expr: str
    range: str
    step: int
    covers: Covers
    adds: bool
    legend: str
    synonyms: tuple[str, ...]
    upstream: Upstream | None
    first: bool = False
    by: str = ""


def read_catalogue(folder: Path = FOLDER) -> dict[str, Preset]:
    """All presets of the TOML files in `folder`, by id, in the order of file names and then of the file.

    Raises PresetError, which names file, preset and field.
    """
    found: dict[str, Preset] = {}
    for path in sorted(folder.glob("*.toml")):
        for preset in read_file(path):
            if preset.id in found:
                raise PresetError(f"{path.name}: the preset {preset.id} exists already.", "Give it another id.")
            found[preset.id] = preset
    return found


def read_file(path: Path) -> list[Preset]:
    """The presets of one TOML file. Raises PresetError, which names file, preset and field."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PresetError(f"{path.name} is not a TOML file: {error}.", "Compare it with a file that works.") from None
    return [_preset(path.name, name, table) for name, table in tables.items()]


def _preset(file: str, name: str, table: Any) -> Preset:
    where = f"{file}, [{name}]"
    if not isinstance(table, Mapping):
        raise PresetError(f"{where} is not a table.", "Each preset is a table: [its-id].")
    if not _ID.fullmatch(name):
        raise PresetError(f"{where}: an id has small letters, digits and hyphens.", "Write it as [daily-users].")
    _check_fields(where, table)
    return Preset(
        id=name,
        question=_text(where, table, "question"),
        title=_text(where, table, "title"),
        subject=_text(where, table, "subject"),
        means=_text(where, table, "means"),
        care=_text(where, table, "care"),
        unit=_known(where, table, "unit", UNITS),
        chart=_known(where, table, "chart", CHART_TYPES),
        expr=_text(where, table, "expr"),
        range=_range(where, table),
        step=_step(where, table),
        covers=Covers(_known(where, table, "covers", {member.value: member for member in Covers})),
        adds=_flag(where, table, "adds"),
        legend=_text(where, table, "legend") if "legend" in table else "",
        synonyms=_words(where, table.get("synonyms", [])),
        upstream=_upstream(where, table.get("upstream")),
        first="first" in table and _flag(where, table, "first"),
        by=_text(where, table, "by") if "by" in table else "",
    )


_OPTIONAL = {"legend", "synonyms", "upstream", "first", "step", "by"}


def _check_fields(where: str, table: Mapping[str, Any]) -> None:
    known = {field.name for field in fields(Preset)} - {"id"}
    unknown = sorted(set(table) - known)
    if unknown:
        raise PresetError(f"{where}: the field {unknown[0]} is unknown.", f"Known fields: {', '.join(sorted(known))}.")
    missing = sorted(known - _OPTIONAL - set(table))
    if missing:
        raise PresetError(f"{where}: the field {missing[0]} is missing.", "Every preset says what its number means.")


def _text(where: str, table: Mapping[str, Any], field: str) -> str:
    value = table[field]
    if not isinstance(value, str) or not value.strip():
        raise PresetError(f"{where}: {field} is not a text.", f'Write {field} = "…".')
    return value.strip()


def _known(where: str, table: Mapping[str, Any], field: str, known: Mapping[str, object]) -> str:
    value = _text(where, table, field)
    if value not in known:
        raise PresetError(f"{where}: {field} is {value}, which is unknown.", f"Known: {', '.join(sorted(known))}.")
    return value


def _flag(where: str, table: Mapping[str, Any], field: str) -> bool:
    if not isinstance(table[field], bool):
        raise PresetError(f"{where}: {field} is neither true nor false.", f"Write {field} = true.")
    return bool(table[field])


def _range(where: str, table: Mapping[str, Any]) -> str:
    value = _text(where, table, "range")
    if not _RANGE.fullmatch(value):
        raise PresetError(f"{where}: range is {value}.", "Write it as now-30d.")
    return value


def _step(where: str, table: Mapping[str, Any]) -> int:
    try:
        return parse_duration(str(table["step"])) if "step" in table else 0
    except AppError as error:
        raise PresetError(f"{where}: step: {error.message}", error.hint) from None


def _words(where: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
        raise PresetError(f"{where}: synonyms is not a list of texts.", 'Write synonyms = ["…", "…"].')
    return tuple(value)


def _upstream(where: str, table: Any) -> Upstream | None:
    if table is None:
        return None
    names = ("dashboard", "panel", "url")
    if not isinstance(table, Mapping) or set(table) != set(names):
        raise PresetError(f"{where}: upstream needs dashboard, panel and url, and nothing else.", "See another preset.")
    return Upstream(*(_text(where, table, name) for name in names))
