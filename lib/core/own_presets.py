"""One's own presets: TOML files as in the catalogue and dashboards of Grafana as JSON, dropped into a folder.

A bad file or table becomes a `Problem` that says where, and takes nothing else away.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lib.core.dashboard_json import load
from lib.core.dashboards import read_dashboard
from lib.core.errors import PresetError
from lib.core.preset_files import read_table
from lib.core.presets import Preset
from lib.core.toml_lines import line_in, line_of

LARGEST = 5_000_000  # bytes of a file
LEFT_OUT = "The other panels of this dashboard are there."
_FIELD = re.compile(r"(?:, (?P<table>[a-z_.0-9]+))?: (?:the field )?(?P<field>[a-z_]+)\b")
_NO_FIELD = ("a", "an", "it", "its", "the")


class Problem(PresetError):
    """What is wrong in a file of presets.

    `message` has the place and the sentence; `file`, `line` (from 1; 0 when unknown), `preset`, `field` and `sentence`
    have them one by one, "" where there is none.
    """

    def __init__(
        self, sentence: str, hint: str = "", *, file: str, line: int = 0, preset: str = "", field: str = ""
    ) -> None:
        place = (file, f"line {line}" if line else "", f"[{preset}]" if preset else "", field)
        said = place[:3] if field in sentence else place
        super().__init__(f"{', '.join(part for part in said if part)}: {sentence}", hint)
        self.sentence = sentence
        self.file = file
        self.line = line
        self.preset = preset
        self.field = field


@dataclass(frozen=True)
class OwnPresets:
    """What a folder holds: presets by id, in the order of file names and then of the file, and what is wrong."""

    presets: dict[str, Preset] = field(default_factory=dict)
    problems: tuple[PresetError, ...] = ()


def read_own(folder: str | Path, taken: Container[str] = ()) -> OwnPresets:
    """The presets of a folder's `*.toml` and `*.json`. An id in `taken`, or of an earlier file, is a problem.

    "" is no folder, and holds nothing. Never raises.
    """
    if not str(folder):
        return OwnPresets()
    try:
        paths = sorted(path for path in Path(folder).iterdir() if path.suffix in (".toml", ".json") and path.is_file())
    except (OSError, ValueError):
        hint = "HUBSCOPE_PRESETS names a folder of TOML files; make it, or correct the setting."
        return OwnPresets({}, (Problem("This folder cannot be read.", hint, file=str(folder)),))
    return read_files(paths, taken)


def read_files(paths: Iterable[Path], taken: Container[str] = ()) -> OwnPresets:
    """The presets of some files, each TOML or JSON. An id in `taken`, or of an earlier file, is a problem."""
    whole = OwnPresets()
    for path in paths:
        found = _read_file(path)
        presets, problems = dict(whole.presets), [*whole.problems, *found.problems]
        for preset in found.presets.values():
            if preset.id in taken or preset.id in presets:
                problems.append(_clash(path, preset.id))
            else:
                presets[preset.id] = preset
        whole = OwnPresets(presets, tuple(problems))
    return whole


def fingerprint(folder: str | Path) -> str:
    """A text that changes whenever a file of the folder does: from names, times and sizes. "" for no folder."""
    if not str(folder):
        return ""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (OSError, ValueError):
        return ""
    facts = "\0".join(f"{entry.name}\0{_age_and_size(entry)}" for entry in entries)
    return hashlib.sha256(facts.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def where(path: Path, preset: str, field: str = "") -> int:
    """The line of a preset, or of one of its fields, in a TOML file; 0 in another file, or one that is gone."""
    if path.suffix == ".json":
        return 0
    try:
        return line_of(path.read_text(encoding="utf-8"), preset, field)
    except (OSError, UnicodeDecodeError):
        return 0


def _age_and_size(entry: os.DirEntry[str]) -> str:
    try:
        facts = entry.stat()
    except OSError:  # a link that leads nowhere
        return ""
    return f"{facts.st_mtime_ns} {facts.st_size}"


def _clash(path: Path, preset: str) -> Problem:
    hint = "Give it another id: the built-in presets, and those of earlier files, stay as they are."
    return Problem("This id is taken.", hint, file=path.name, line=where(path, preset), preset=preset)


def _read_file(path: Path) -> OwnPresets:
    try:
        if path.stat().st_size > LARGEST:
            raise PresetError(f"It has more than {LARGEST:,} bytes.", "Split it into several files.")
        body = path.read_bytes()
        return _read_json(path.name, body) if path.suffix == ".json" else _read_toml(path.name, body.decode("utf-8"))
    except UnicodeDecodeError:
        problem = Problem("It is not text in UTF-8.", "Save it as UTF-8.", file=path.name)
    except OSError:
        problem = Problem("It cannot be read.", "Check that it is there, and its permissions.", file=path.name)
    except PresetError as error:
        problem = Problem(error.message, error.hint, file=path.name)
    return OwnPresets({}, (problem,))


def _read_json(file: str, body: bytes) -> OwnPresets:
    """A dashboard of Grafana. Raises PresetError when it is none; a panel that is left out is a problem."""
    dashboard = read_dashboard(load(body))
    problems = tuple(Problem(f"{each.panel}: {each.reason}", LEFT_OUT, file=file) for each in dashboard.left_out)
    return OwnPresets({preset.id: preset for preset in dashboard.presets}, problems)


def _read_toml(file: str, text: str) -> OwnPresets:
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of 4,300 digits is no TOMLDecodeError
        sentence = f"This is not TOML: {str(error).partition(' (at ')[0]}."
        line = line_in(str(error), text)
        return OwnPresets({}, (Problem(sentence, "Compare it with a file that works.", file=file, line=line),))
    presets, problems = {}, []
    for name, table in tables.items():
        try:
            presets[name] = read_table(file, name, table)
        except PresetError as error:
            problems.append(_problem(error, file, text, name, table))
    return OwnPresets(presets, tuple(problems))


def _problem(error: PresetError, file: str, text: str, name: str, table: object) -> Problem:
    """The error of a table with its line and its field, which stands first in the error's sentence."""
    rest = error.message.removeprefix(f"{file}, [{name}]")
    found = _FIELD.match(rest)
    field = ""
    if found and (found["table"] or found["field"] not in _NO_FIELD):
        field = found["table"] or found["field"]
    elif ": The variable" in rest:
        field = "queries" if isinstance(table, dict) and "queries" in table else "expr"
    sentence = rest.removeprefix(f", {field}").removeprefix(": ").removeprefix(f"{field}: ")
    if sentence.startswith(" "):
        sentence = f"This{sentence}"
    if sentence.split(" ")[0] in _NO_FIELD:
        sentence = sentence[:1].upper() + sentence[1:]
    line = line_of(text, name, field)
    return Problem(sentence, error.hint, file=file, line=line, preset=name, field=field)
