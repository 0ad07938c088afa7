"""`presets check`: reads presets as the app does, and parses every query, filled with and without choices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from lib.core.errors import AppError, PresetError
from lib.core.own_presets import Problem, read_files, where
from lib.core.preset_files import FOLDER
from lib.core.presets import Preset
from lib.core.promql import check, fill, parse
from lib.core.time_range import DAY, HOUR, TimeRange
from lib.core.variables import Choice, LabelVariable, put_in

_GRID = TimeRange(0, DAY, HOUR)
_AWKWARD = ("plain", 'a.b$c"d\\e|f')  # values that need quoting


def run(names: Sequence[str]) -> int:
    """Checks the files and folders named, or the built-in catalogue. Prints a line per problem; 1 if there is any."""
    built_in = sorted(FOLDER.glob("*.toml"))
    paths = [file for name in names for file in _files(Path(name))] if names else built_in
    taken = set() if _all_in(paths, FOLDER) else set(read_files(built_in).presets)
    lines: list[str] = []
    count = 0
    for path in paths:
        found = read_files([path], taken)
        taken |= found.presets.keys()
        count += len(found.presets)
        lines += [_line(path, problem) for problem in found.problems]
        lines += [
            _line(path, problem) for preset in found.presets.values() for problem in _query_problems(path, preset)
        ]
    print(*lines, _summary(count, len(paths), len(lines)), sep="\n")
    return 1 if lines else 0


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(each for each in path.iterdir() if each.suffix in (".toml", ".json"))


def _all_in(paths: Iterable[Path], folder: Path) -> bool:
    return all(path.resolve().parent == folder.resolve() for path in paths)


def _query_problems(path: Path, preset: Preset) -> Iterator[Problem]:
    for query in preset.queries:
        sentence = _refusal(query.expr, preset)
        if sentence:
            field = f"queries.{query.name}" if query.name else "expr"
            line = where(path, preset.id, field)
            yield Problem(sentence, file=path.name, line=line, preset=preset.id, field=field)


def _refusal(expr: str, preset: Preset) -> str:
    """Why a query cannot be sent, filled with no choice and with awkward ones; "" when it can."""
    chosen: Mapping[str, Choice] = {
        variable.name: _AWKWARD for variable in preset.variables if isinstance(variable, LabelVariable)
    }
    for words, choices in (("", {}), (" with values chosen", chosen)):
        try:
            check(expr)
            parse(fill(put_in(expr, preset.variables, choices), _GRID).text)
        except ValueError as error:
            return f"This is not PromQL{words}: {str(error).rstrip('.')}."
        except AppError as error:
            return error.message
    return ""


def _line(path: Path, problem: PresetError) -> str:
    """`file:line: field: sentence`, without what is not known."""
    if not isinstance(problem, Problem):
        return f"{path}: {problem.message}"
    place = f"{path}:{problem.line}" if problem.line else str(path)
    return ": ".join(part for part in (place, problem.field, problem.sentence) if part)


def _summary(presets: int, files: int, problems: int) -> str:
    said = f"{problems:,} {'problem' if problems == 1 else 'problems'}" if problems else "no problems"
    return f"{presets:,} presets in {files:,} {'file' if files == 1 else 'files'}: {said}."
