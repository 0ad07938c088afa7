"""Drift: which queries of the upstream dashboards are new, gone or changed since they were recorded.

The record keeps a hash of each query, not its text.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lib.core.dashboard_json import line_of, mappings, model_of, panels, targets
from lib.core.errors import PresetError

_FIELDS = ("dashboard", "panel", "ref", "sha256")


@dataclass(frozen=True, order=True)
class Place:
    """Where a query stands upstream: the titles of dashboard and panel, and its letter in the panel."""

    dashboard: str
    panel: str
    ref: str


@dataclass(frozen=True)
class Drift:
    """What differs from the record, each in order; empty when nothing does."""

    added: tuple[Place, ...] = ()
    removed: tuple[Place, ...] = ()
    changed: tuple[Place, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass
class Queries:
    """The queries of some dashboards by place; panels of one title share theirs. `dashboards` are their titles."""

    texts: dict[Place, list[str]] = field(default_factory=dict)
    dashboards: set[str] = field(default_factory=set)

    def add(self, place: Place, text: str) -> None:
        """One more query."""
        self.texts.setdefault(place, []).append(text)
        self.dashboards.add(place.dashboard)


def read_record(text: str) -> dict[Place, frozenset[str]]:
    """The recorded hashes by place, from TOML: `[[panel]]` with dashboard, panel, ref and sha256.

    Raises PresetError.
    """
    try:
        entries = tomllib.loads(text).get("panel")
    except ValueError as error:  # TOMLDecodeError, or a number of 4,300 digits
        raise PresetError(f"The record is not TOML: {error}.", "Take it from the repository again.") from None
    found: dict[Place, frozenset[str]] = {}
    for entry in mappings(entries):
        values = [entry.get(name) for name in _FIELDS]
        if not all(isinstance(value, str) for value in values):
            raise PresetError(f"A panel of the record lacks one of {', '.join(_FIELDS)}.", "Record it again.")
        *names, digest = (str(value) for value in values)
        place = Place(*names)
        found[place] = found.get(place, frozenset()) | {digest}
    return found


def add_queries(queries: Queries, found: object) -> None:
    """Adds the queries of a rendered dashboard, or of a list of objects with dashboard, panel, ref and expr.

    Raises PresetError for anything else.
    """
    if isinstance(found, list):
        _add_listed(queries, mappings(found))
        return
    model = model_of(found)
    title = line_of(model.get("title"), 500)
    queries.dashboards.add(title)
    for panel in panels(model):
        for target in targets(panel):
            queries.add(Place(title, line_of(panel.get("title"), 500), target.ref), target.expr)


def compare(recorded: Mapping[Place, frozenset[str]], queries: Queries, *, only_these: bool = False) -> Drift:
    """What is new, gone or changed. With `only_these`, recorded dashboards that were not read do not count as gone.

    White space at the ends of a query is no change.
    """
    known = {place for place in recorded if not only_these or place.dashboard in queries.dashboards}
    present = set(queries.texts)
    changed = (place for place in known & present if not _same(recorded[place], queries.texts[place]))
    return Drift(tuple(sorted(present - known)), tuple(sorted(known - present)), tuple(sorted(changed)))


def hash_of(expr: str) -> str:
    """The SHA-256 of a query's text in UTF-8, in hex."""
    return hashlib.sha256(expr.encode("utf-8", "surrogatepass")).hexdigest()


def _same(recorded: frozenset[str], texts: Iterable[str]) -> bool:
    met = [{hash_of(text), hash_of(text.strip())} & recorded for text in texts]
    return all(met) and set().union(*met) == recorded


def _add_listed(queries: Queries, entries: list[Mapping[str, Any]]) -> None:
    for entry in entries:
        texts = [entry.get(name) for name in ("dashboard", "panel", "ref", "expr")]
        if not all(isinstance(text, str) for text in texts):
            raise PresetError("A panel of this list lacks dashboard, panel, ref or expr.", "Give rendered dashboards.")
        *names, expr = (str(text) for text in texts)
        queries.add(Place(*names), expr)
