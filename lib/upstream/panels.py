"""The queries of upstream's panels: read from JSON, kept as names and hashes, and matched with our presets."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lib.core.drift import hash_of
from lib.core.errors import PresetError
from lib.core.presets import NamedQuery, Preset

FOLDER = Path(__file__).parents[2] / "docs" / "upstream"
PANELS, NOT_TAKEN = FOLDER / "panels.toml", FOLDER / "not-taken.toml"
_FIELDS = ("id", "dashboard", "panel", "ref", "expr")


@dataclass(frozen=True)
class UpstreamQuery:
    """One query of a panel, by its names; `expr` is its text and `sha256` the hash of it."""

    id: str
    dashboard: str
    panel: str
    ref: str
    expr: str

    @property
    def sha256(self) -> str:
        """What is kept of the text: enough to see that it changed."""
        return hash_of(self.expr)


@dataclass(frozen=True)
class Known:
    """What the project keeps of an upstream query."""

    id: str
    dashboard: str
    panel: str
    ref: str
    sha256: str


def read_queries(path: Path) -> list[UpstreamQuery]:
    """Upstream's queries from a JSON list of objects with id, dashboard, panel, ref and expr. Raises PresetError."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return [UpstreamQuery(*(str(entry[field]) for field in _FIELDS)) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = f"It must be a list of objects with {', '.join(_FIELDS)}."
        raise PresetError(f"{path} is no list of upstream's queries: {error}.", hint) from None


def panels_toml(queries: Iterable[UpstreamQuery]) -> str:
    """What the project keeps of them, as TOML."""
    tables = (
        f"[[panel]]\nid = {_quoted(query.id)}\ndashboard = {_quoted(query.dashboard)}\npanel = {_quoted(query.panel)}\n"
        f"ref = {_quoted(query.ref)}\nsha256 = {_quoted(query.sha256)}\n"
        for query in queries
    )
    head = (
        "# Every query of upstream's panels, with a hash of its text; `python -m lib presets drift` shows changes.\n"
        "# Written by `python -m lib.upstream panels PATH`; do not edit.\n\n"
    )
    return head + "\n".join(tables)


def read_known(path: Path = PANELS) -> list[Known]:
    """What the project keeps of upstream's queries."""
    return [Known(**entry) for entry in tomllib.loads(path.read_text(encoding="utf-8"))["panel"]]


def read_not_taken(path: Path = NOT_TAKEN) -> dict[str, str]:
    """The upstream queries that are no preset, by id, each with the reason."""
    return dict(tomllib.loads(path.read_text(encoding="utf-8")))


def taken(known: Iterable[Known], presets: Iterable[Preset]) -> dict[str, tuple[Preset, NamedQuery]]:
    """Our preset, and which of its queries, for each upstream query that has one, by upstream's id.

    A panel's queries belong, in their order, to the queries of the presets that name the panel, in the order of the
    catalogue; where ours are more, the rest have no counterpart.
    """
    ours: dict[tuple[str, str], list[tuple[Preset, NamedQuery]]] = {}
    for preset in presets:
        if preset.upstream:
            panel = (preset.upstream.dashboard, preset.upstream.panel)
            ours.setdefault(panel, []).extend((preset, query) for query in preset.queries)
    theirs: dict[tuple[str, str], list[str]] = {}
    for query in known:
        theirs.setdefault((query.dashboard, query.panel), []).append(query.id)
    return {
        name: match for panel, names in theirs.items() for name, match in zip(names, ours.get(panel, ()), strict=False)
    }


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
