"""Bugs that are planted on purpose, one at a time, in a copy of the project: each must turn its tests red.

To add one, write a table into `bugs.toml`: where, what stands there, what shall stand there instead, and which tests
must notice. `python -m tests.planted` plants them all and says how many were caught.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("bugs.toml")


@dataclass(frozen=True)
class Bug:
    """One planted bug: `old` stands in `file` exactly once and becomes `new`; one of `tests` has to fail then."""

    name: str
    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def planted(self, text: str) -> str:
        """The text of the file with the bug in it. Raises ValueError when its place is not there, or is twice."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: {self.file} has its place {text.count(self.old)} times.")
        return text.replace(self.old, self.new)


def bugs() -> tuple[Bug, ...]:
    """All bugs of the list, in its order."""
    tables = tomllib.loads(LIST.read_text("utf-8"))
    return tuple(Bug(name, **{**table, "tests": tuple(table["tests"])}) for name, table in tables.items())
