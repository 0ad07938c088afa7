"""`presets check`: reads presets as the app does, and tries every query with and without choices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import promql_parser

from lib.core.errors import PresetError, QueryError
from lib.core.own_presets import Problem, read_files, where
from lib.core.preset_files import FOLDER
from lib.core.presets import NamedQuery, Preset
from lib.core.promql import check, fill
from lib.core.time_range import DAY, HOUR, TimeRange
from lib.core.variables import Choice, LabelVariable, put_in

_GRID = TimeRange(0, DAY, HOUR)
_AWKWARD = ("plain", 'a.b$c"d\\e|f')  # values that need quoting


def run(names: Sequence[str]) -> int:
    """Checks the files and folders named, or the built-in catalogue. Prints a line per problem; 1 if there is any."""
    paths = list(_files(map(Path, names))) if names else sorted(FOLDER.glob("*.toml"))
    own = [path for path in paths if path.resolve().parent != FOLDER.resolve()]
    taken = set(read_files(sorted(FOLDER.glob("*.toml"))).presets) if own else set()
    good, lines = 0, []
    for path in paths:
        found = read_files([path], taken if path in own else ())
        faults = [line for preset in found.presets.values() for line in _faults(path, preset)]
        lines += [_line(path, problem) for problem in found.problems] + faults
        good += len(found.presets) - len({line for line in faults})
        taken |= set(found.presets)
    for line in lines:
        print(line)
    print(_summary(len(lines), good, len(paths)))
    return 1 if lines else 0


def _files(paths: Iterator[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.iterdir() if each.suffix in (".toml", ".json"))
        else:
            yield path
