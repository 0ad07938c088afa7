"""The catalogue of presets: TOML files, one table a preset.

To add one, add a table to a file in `lib/presets/`; its name is the preset's id. Everything else follows: the page,
links, search, a test of its own. A field that is unknown, missing or of the wrong form is refused by an error that
names file, preset and field.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from lib.core.charts import CHART_TYPES
from lib.core.errors import AppError, PresetError
from lib.core.presets import SUBJECTS, Audience, Covers, Difference, NamedQuery, Preset, Upstream
from lib.core.time_range import parse_duration
from lib.core.units import UNITS
from lib.core.variables import LABEL_VARIABLES, NumberVariable

FOLDER = Path(__file__).parent.parent / "presets"
TABLE = "table"  # what a preset names instead of a chart type where a table shows it best
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RANGE = re.compile(r"now-[1-9][0-9]{0,3}[hdwMy]")
_KNOWN = ({field.name for field in fields(Preset)} | {"expr", "mode", "variables"}) - {"id", "instant", "numbers"}
_NEEDED = {"question", "title", "subject", "means", "care", "unit", "chart", "range", "covers", "adds"}


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
    return in_order(found)


def in_order(presets: Mapping[str, Preset]) -> dict[str, Preset]:
    """Presets in the order of their subjects; within a subject as they came."""
    return dict(sorted(presets.items(), key=lambda item: SUBJECTS.index(item[1].subject)))


def read_file(path: Path) -> list[Preset]:
    """The presets of one TOML file. Raises PresetError, which names file, preset and field."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # TOMLDecodeError, UnicodeDecodeError, or a number of 4,300 digits
        raise PresetError(f"{path.name} is not a TOML file: {error}.", "Compare it with a file that works.") from None
    return [read_table(path.name, name, table) for name, table in tables.items()]


@dataclass(frozen=True)
class _Fields:
    """The fields of one preset as they stand in the file, and the words that name the place."""

    where: str
    table: Mapping[str, Any]

    def refuse(self, field: str, what: str, hint: str) -> PresetError:
        return PresetError(f"{self.where}: {field} {what}.", hint)

    def text(self, field: str, default: str | None = None) -> str:
        value = self.table.get(field, default)
        if not isinstance(value, str) or (not value.strip() and default is None):
            raise self.refuse(field, "is not a text", f'Write {field} = "…".')
        return value.strip()

    def one_of(self, field: str, known: Any, default: str | None = None) -> str:
        value = self.text(field, default)
        if value not in known:
            raise self.refuse(field, f"is {value}, which is unknown", f"Known: {', '.join(sorted(known))}.")
        return value

    def flag(self, field: str) -> bool:
        value = self.table.get(field, False)
        if not isinstance(value, bool):
            raise self.refuse(field, "is neither true nor false", f"Write {field} = true.")
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        value = self.table.get(field, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise self.refuse(field, "is not a list of texts", f'Write {field} = ["…", "…"].')
        return tuple(value)

    def tables(self, field: str) -> Mapping[str, Any]:
        value = self.table.get(field, {})
        if not isinstance(value, Mapping):
            raise self.refuse(field, "is not a table", f"Write [{field}] or {field} = {{…}}.")
        return value


def read_table(file: str, name: str, table: Any) -> Preset:
    """One preset from its table. Raises PresetError, which names file, preset and field."""
    where = f"{file}, [{name}]"
    if not isinstance(table, Mapping):
        raise PresetError(f"{where} is not a table.", "Each preset is a table: [its-id].")
    if not _ID.fullmatch(name):
        raise PresetError(f"{where}: an id has small letters, digits and hyphens.", "Write it as [daily-users].")
    _check_names(where, table)
    of = _Fields(where, table)
    preset = Preset(
        id=name,
        question=of.text("question"),
        title=of.text("title"),
        subject=of.one_of("subject", SUBJECTS),
        means=of.text("means"),
        care=of.text("care"),
        unit=of.one_of("unit", UNITS),
        chart=of.one_of("chart", {*CHART_TYPES, TABLE}),
        queries=_queries(of),
        range=_range(of),
        step=_step(of),
        covers=Covers(of.one_of("covers", {str(member) for member in Covers})),
        adds=of.flag("adds"),
        instant=of.one_of("mode", ("range", "now"), "range") == "now",
        legend=of.text("legend", ""),
        by=of.text("by", ""),
        told=of.text("told", ""),
        synonyms=of.texts("synonyms"),
        audience=Audience(of.one_of("audience", {str(member) for member in Audience}, "everyone")),
        upstream=_upstream(of),
        differs=of.text("differs", ""),
        differs_in=_differs_in(of),
        numbers=_numbers(of),
        first=of.flag("first"),
    )
    return _with_known_variables(where, preset)


def _check_names(where: str, table: Mapping[str, Any]) -> None:
    if unknown := sorted(set(table) - _KNOWN):
        raise PresetError(f"{where}: the field {unknown[0]} is unknown.", f"Known fields: {', '.join(sorted(_KNOWN))}.")
    if missing := sorted(_NEEDED - set(table)):
        raise PresetError(f"{where}: the field {missing[0]} is missing.", "Every preset says what its number means.")


def _queries(of: _Fields) -> tuple[NamedQuery, ...]:
    named = of.tables("queries")
    if ("expr" in of.table) == bool(named):
        raise of.refuse("expr", "must stand there, or a table queries, and not both", "Write expr = '''…'''.")
    inner = _Fields(f"{of.where}, queries", named)
    return tuple(NamedQuery(name, inner.text(name)) for name in named) or (NamedQuery("", of.text("expr")),)


def _range(of: _Fields) -> str:
    value = of.text("range")
    if not _RANGE.fullmatch(value):
        raise of.refuse("range", f"is {value}", "Write it as now-30d.")
    return value


def _step(of: _Fields) -> int:
    try:
        return parse_duration(of.text("step")) if "step" in of.table else 0
    except AppError as error:
        raise PresetError(f"{of.where}: step: {error.message}", error.hint) from None


def _upstream(of: _Fields) -> Upstream | None:
    table = of.tables("upstream")
    names = ("dashboard", "panel", "url")
    if not table:
        return None
    if set(table) != set(names):
        raise of.refuse("upstream", "needs dashboard, panel and url, and nothing else", "See another preset.")
    inner = _Fields(f"{of.where}, upstream", table)
    return Upstream(*(inner.text(name) for name in names))


def _differs_in(of: _Fields) -> tuple[Difference, ...]:
    """The kinds of difference. A sentence and its kinds go together, and with a panel to differ from."""
    kinds, known = of.texts("differs_in"), [str(each) for each in Difference]
    if unknown := next((kind for kind in kinds if kind not in known), ""):
        raise of.refuse("differs_in", f"has {unknown}, which is unknown", f"Known: {', '.join(known)}.")
    if bool(kinds) != bool(of.text("differs", "")):
        raise of.refuse("differs_in", "and differs go together", 'Write differs = "…" and differs_in = ["…"].')
    if kinds and not of.tables("upstream"):
        raise of.refuse("differs", "needs a panel to differ from", "Name it in upstream.")
    return tuple(map(Difference, kinds))


def _numbers(of: _Fields) -> tuple[NumberVariable, ...]:
    return tuple(_number(of, name, table) for name, table in of.tables("variables").items())


def _number(of: _Fields, name: str, table: Any) -> NumberVariable:
    inner = _Fields(f"{of.where}, variables.{name}", table if isinstance(table, Mapping) else {})
    default = inner.table.get("default")
    if not _NAME.fullmatch(name) or name in LABEL_VARIABLES:
        raise inner.refuse("its name", "is taken or has no good form", "Use small letters, such as hours.")
    if isinstance(default, bool) or not isinstance(default, (int, float)):
        raise inner.refuse("default", "is not a number", "Write default = 8.")
    if set(inner.table) - {"words", "default", "unit"}:
        raise inner.refuse("it", "may have words, default and unit only", "See another preset.")
    return NumberVariable(name, inner.text("words"), float(default), inner.one_of("unit", {"", *UNITS}, ""))


def _with_known_variables(where: str, preset: Preset) -> Preset:
    try:
        _ = preset.variables
    except PresetError as error:
        raise PresetError(f"{where}: {error.message}", error.hint) from None
    return preset
