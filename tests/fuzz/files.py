"""What operators put into folders: presets, dashboards, periods. A bad file is a problem with a place, never an end."""

from __future__ import annotations

import tempfile
from pathlib import Path

import orjson

from lib.core.dashboards import read_dashboard
from lib.core.own_presets import read_files
from lib.core.periods import read_periods
from lib.core.preset_writing import as_toml
from tests.fuzz.targets import target

_FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-"))


def _file(name: str, data: bytes) -> Path:
    path = _FOLDER / name
    path.write_bytes(data)
    return path


@target("presets")
def presets(data: bytes) -> None:
    """A TOML file gives presets, each of which is written and read as the same, and problems that say where."""
    found = read_files([_file("own.toml", data)])
    for problem in found.problems:
        assert problem.message and "own.toml" in problem.message
    for preset in found.presets.values():
        again = read_files([_file("again.toml", as_toml(preset).encode())])
        assert again.presets == {preset.id: preset}


@target("dashboard")
def dashboard(data: bytes) -> None:
    """A dashboard's JSON gives panels as presets, none twice, and a reason for each that is left out."""
    read_files([_file("own.json", data)])
    try:
        found = read_dashboard(orjson.loads(data), "https://g.example")
    except orjson.JSONDecodeError:
        return
    assert len({preset.id for preset in found.presets}) == len(found.presets)
    for preset in found.presets:
        assert preset.queries and all(query.expr for query in preset.queries)
    assert all(left_out.reason for left_out in found.left_out)


@target("periods")
def periods(data: bytes) -> None:
    """A file of periods gives periods that begin before they end."""
    found = read_periods(str(_file("periods.toml", data)))
    assert all(period.start <= period.end for period in found.periods)
