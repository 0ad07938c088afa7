"""Presets written down: one as the table of a TOML file, held against the reader, and put into one's own folder."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
import tomllib
import unicodedata
from collections.abc import Container
from dataclasses import replace
from pathlib import Path

from lib.core.errors import PresetError, QueryError
from lib.core.preset_files import read_table
from lib.core.presets import Audience, Preset
from lib.core.promql import check, fill, parse
from lib.core.time_range import DAY, HOUR, TimeRange, format_duration
from lib.core.variables import put_in

LONGEST_ID = 64  # characters, as in an address
_ANY_GRID = TimeRange(0, DAY, HOUR)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def id_of(title: str) -> str:
    """An id made from a title: `Daily users, 2026` gives `daily-users-2026`; "" where no letter or digit is left."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:LONGEST_ID].strip("-")


def as_toml(preset: Preset) -> str:
    """The preset as a table of a TOML file. `lib.core.preset_files` reads the same preset out of it."""
    texts = {
        "question": preset.question,
        "title": preset.title,
        "subject": preset.subject,
        "means": preset.means,
        "care": preset.care,
        "unit": preset.unit,
        "chart": preset.chart,
        "range": preset.range,
        "step": format_duration(preset.step) if preset.step else "",
        "covers": str(preset.covers),
        "mode": "now" if preset.instant else "",
        "legend": preset.legend,
        "by": preset.by,
        "told": preset.told,
        "audience": "" if preset.audience is Audience.EVERYONE else str(preset.audience),
    }
    lines = [f"[{preset.id}]", *(f"{name} = {_text(text)}" for name, text in texts.items() if text)]
    lines.append(f"adds = {'true' if preset.adds else 'false'}")
    lines += ["first = true"] if preset.first else []
    lines += [f"differs = {_text(preset.differs)}"] if preset.differs else []
    kinds = [_text(str(kind)) for kind in preset.differs_in]
    lines += [f"differs_in = [{', '.join(kinds)}]"] if kinds else []
    lines += [f"synonyms = [{', '.join(map(_text, preset.synonyms))}]"] if preset.synonyms else []
    return "\n".join([*lines, *_queries(preset), *_tables(preset), ""])


def _queries(preset: Preset) -> list[str]:
    if len(preset.queries) == 1 and not preset.queries[0].name:
        return [f"expr = {_query(preset.expr)}"]
    named = [f"{_key(query.name)} = {_query(query.expr)}" for query in preset.queries]
    return ["", f"[{preset.id}.queries]", *named]


def _tables(preset: Preset) -> list[str]:
    lines: list[str] = []
    for number in preset.numbers:
        lines += ["", f"[{preset.id}.variables.{number.name}]", f"words = {_text(number.words)}"]
        lines += [
            f"default = {repr(number.default).removesuffix('.0')}",
            *([f"unit = {_text(number.unit)}"] if number.unit else []),
        ]
    if preset.upstream:
        source = preset.upstream
        lines += ["", f"[{preset.id}.upstream]", f"dashboard = {_text(source.dashboard)}"]
        lines += [f"panel = {_text(source.panel)}", f"url = {_text(source.url)}"]
    return lines


def _text(text: str) -> str:
    """A basic string of TOML, which escapes as JSON does, DEL besides (toml.io/en/v1.0.0#string)."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _query(expr: str) -> str:
    """PromQL letter for letter between three apostrophes, where it has nothing that may not stand there."""
    if "'''" in expr or expr.endswith("'") or _CONTROLS.search(expr):
        return _text(expr)
    return f"'''\n{expr}\n'''"


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _text(name)


def checked(preset: Preset) -> str:
    """The table of a preset, when the reader takes it and its queries can be asked. Raises PresetError."""
    if not preset.id or id_of(preset.id) != preset.id:
        raise PresetError("An id has small letters, digits and hyphens.", "Write it as daily-users.")
    text = as_toml(preset)
    try:
        tables = tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, or a number of 4,300 digits
        raise PresetError(f"This cannot be written as TOML: {error}.", "Leave out unusual characters.") from None
    read = read_table("this preset", preset.id, tables.get(preset.id))
    if read != replace(preset, id=read.id):
        raise PresetError("The file would not say the same as this form.", "Leave out spaces at the ends of texts.")
    for query in read.queries:
        _check_query(put_in(query.expr, read.variables, {}))
    return text


def _check_query(expr: str) -> None:
    try:
        check(expr)
        filled = fill(expr, _ANY_GRID).text
    except QueryError as error:
        raise PresetError(error.message, error.hint) from None
    if re.search(r"\{\s*,?\s*\}", filled):
        with contextlib.suppress(ValueError):
            parse(filled)
            return
        raise PresetError("Without a choice a selector would be empty.", "Name its metric, or add a matcher.")


def write_into(folder: str | Path, preset: Preset, taken: Container[str]) -> Path:
    """Puts a preset into a folder as a file of its own, whole or not at all; returns its path.

    Never overwrites: an id in `taken`, and a file that is there, are refused. Raises PresetError.
    """
    text = checked(preset)  # an id has letters, digits and hyphens only, so none leads elsewhere
    path = Path(folder) / f"{preset.id}.toml"
    if preset.id in taken:
        raise PresetError(f"There is a preset {preset.id} already.", "Give it another title, or another id.")
    try:
        _create(path, text)
    except FileExistsError:
        raise PresetError(f"There is a file {path.name} already.", "Give it another title, or another id.") from None
    except (OSError, ValueError):
        hint = "HUBSCOPE_PRESETS must name a folder that this app may write to. Download the file instead."
        raise PresetError("The file could not be written.", hint) from None
    return path


def _create(path: Path, text: str) -> None:
    """A new file that is never seen half written: written under another name, then linked, which overwrites nothing."""
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.link(name, path)
    finally:
        Path(name).unlink()
