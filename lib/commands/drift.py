"""`presets drift`: compares upstream's dashboards with the record of the queries that ours were borrowed from.

They are given as a checkout, in Jsonnet, or rendered, in JSON.
"""

from __future__ import annotations

from pathlib import Path

from lib.commands.checkout import render, sources
from lib.core.dashboard_json import load
from lib.core.drift import Drift, Place, Queries, add_queries, compare, read_record
from lib.core.errors import PresetError

RECORD = Path(__file__).parent.parent.parent / "docs" / "upstream" / "panels.toml"


def run(name: str, record: Path = RECORD) -> int:
    """Prints what is new, gone or changed in a file or a folder of dashboards; 1 if anything is, 2 if it cannot say."""
    path, queries = Path(name), Queries()
    try:
        recorded = read_record(_text(record).decode("utf-8"))
        for file in _files(path):
            _add(queries, file, path)
    except (PresetError, UnicodeDecodeError) as error:
        print(f"{error} {getattr(error, 'hint', '')}".strip())
        return 2
    if not queries.texts:
        print(f"{path}: no dashboard with PromQL is there.")
        return 2
    found = compare(recorded, queries, only_these=not path.is_dir() and len(queries.dashboards) == 1)
    _tell(found)
    return 1 if found else 0


def _files(path: Path) -> list[Path]:
    """What to read: the Jsonnet sources of a checkout; where there are none, every JSON file."""
    if not path.is_dir():
        return [path]
    return sources(path) or sorted(path.rglob("*.json"))


def _add(queries: Queries, file: Path, path: Path) -> None:
    """Adds one dashboard. A JSON file among others that is none is left out; a source must be one."""
    try:
        root = path if path.is_dir() else file.parent
        add_queries(queries, render(file, root) if file.suffix == ".jsonnet" else load(_text(file)))
    except PresetError as error:
        if file == path or file.suffix == ".jsonnet":
            raise PresetError(f"{file}: {error.message}", error.hint) from None
        print(f"{file}: left out. {error.message}")


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise PresetError(f"{path} cannot be read.", "Check that it is there, and its permissions.") from None


def _tell(drift: Drift) -> None:
    for word, places in (("added", drift.added), ("removed", drift.removed), ("changed", drift.changed)):
        for place in places:
            print(f"{word}: {_words(place)}")
    counts = f"{len(drift.added)} added, {len(drift.removed)} removed, {len(drift.changed)} changed"
    print(f"Upstream has moved: {counts}." if drift else "Upstream is as it was recorded.")


def _words(place: Place) -> str:
    return f"{place.dashboard} / {place.panel} / {place.ref}"
