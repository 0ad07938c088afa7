"""What Prometheus says about a query against what is said offline: whether it is PromQL, where it is not, and why."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import requests

from lib.core.diagnosis import diagnose

_PLACE = re.compile(r"(\d+):(\d+): parse error: (.*)", re.DOTALL)
CLOSE = 2  # characters
EDITOR = Path(__file__).parents[2] / "lib" / "ui" / "editor"


@dataclass(frozen=True)
class Said:
    """A refusal: offset in characters, and words."""

    at: int
    words: str


@dataclass(frozen=True)
class Row:
    """One query of one group: what Prometheus said, and what was said offline; None means that it is PromQL."""

    group: str
    name: str
    query: str
    theirs: Said | None
    ours: Said | None

    @property
    def agrees(self) -> bool:
        """Whether both take it or both refuse it."""
        return (self.theirs is None) == (self.ours is None)

    @property
    def close(self) -> bool:
        """Whether both refuse it within two characters of each other."""
        return bool(self.theirs and self.ours) and abs(self.theirs.at - self.ours.at) <= CLOSE


Reader = Callable[[str], Said | None]


def rows(corpus: dict[str, dict[str, str]], theirs: Reader, ours: Reader) -> list[Row]:
    """Both readings of every query."""
    return [
        Row(group, name, query, theirs(query), ours(query))
        for group, queries in corpus.items()
        for name, query in queries.items()
    ]


def offline(query: str) -> Said | None:
    """Our own reading: the first fault."""
    faults = diagnose(query)
    if not faults:
        return None
    before = query.split("\n")[: faults[0].line - 1]
    return Said(sum(len(line) + 1 for line in before) + faults[0].column - 1, faults[0].message)


def prometheus(url: str) -> Reader:
    """The reading of the Prometheus at `url`, whose positions count bytes."""
    session = requests.Session()

    def read(query: str) -> Said | None:
        reply = session.post(f"{url}/api/v1/query", data={"query": query, "time": "0"}).json()
        if reply["status"] == "success" or reply["errorType"] != "bad_data":
            return None
        found = _PLACE.search(reply["error"])
        assert found, reply["error"]
        lines = query.encode().split(b"\n")
        before = b"\n".join([*lines[: int(found[1]) - 1], lines[int(found[1]) - 1][: int(found[2]) - 1]])
        return Said(len(before.decode("utf-8", "ignore")), found[3])

    return read


def browser(queries: list[str], folder: Path = EDITOR) -> Reader:
    """The reading of the editor's linter, which runs in Node. In its folder, `npm ci` was run."""
    command = ["node", str(folder / "lint.mjs")]
    ran = subprocess.run(command, input=json.dumps(queries), capture_output=True, text=True, check=True)
    said = dict(zip(queries, json.loads(ran.stdout), strict=True))

    def read(query: str) -> Said | None:
        if not said[query]:
            return None
        before = query.encode("utf-16-le")[: 2 * said[query]["at"]]  # a browser counts in halves of UTF-16
        return Said(len(before.decode("utf-16-le", "ignore")), said[query]["message"])

    return read


def agreement(table: Iterable[Row]) -> float:
    """The share of queries on whose verdict both agree."""
    found = [row.agrees for row in table]
    return sum(found) / len(found)


def closeness(table: Iterable[Row]) -> float:
    """The share of what Prometheus refuses that is refused offline within two characters of the same place."""
    found = [row.close for row in table if row.theirs]
    return sum(found) / len(found)


def as_markdown(readers: dict[str, list[Row]]) -> str:
    """The document, from the rows of each offline reader by its name."""
    parts = [_HEAD]
    for name, table in readers.items():
        parts += [f"## {name}", "", *_summary(table), "", *_counts(table), "", *_differences(table), ""]
    return "\n".join(parts)


_HEAD = """# What is said offline about a query, and what Prometheus says

Made by `PYTHONPATH=. python docs/promql/make.py`, with a real Prometheus 2.42 that holds nothing; do not edit. The
queries are in `tests/promql/` and where that refers to: upstream's, those of the presets, those the sample is tested
with, and odd ones of every kind. Only whether they can be read is compared, not what they answer.

A place is the same within two characters; a message is the same word for word.

Our own reading is the verdict that somebody sees. After each pause in typing the editor underlines what it says: in red
what no Prometheus takes, in orange what a later one may take. What is red is sent only where somebody insists.

The linter of the editor only stands in where Python takes longer than a second and a half to answer. It knows later
versions, says things in its own words, and looks neither into patterns nor into escapes; when our own reading arrives,
what the linter said goes.
"""


def _summary(table: list[Row]) -> list[str]:
    broken = sum(row.theirs is not None for row in table)
    return [
        f"{len(table)} queries, of which Prometheus refuses {broken}. The verdict is the same for "
        f"{agreement(table):.1%}, the place for {closeness(table):.1%} of those refused."
    ]


def _counts(table: list[Row]) -> list[str]:
    lines = [
        "| Queries | | Refused by Prometheus | Same verdict | Same place | Same message |",
        "|---|---|---|---|---|---|",
    ]
    for group, each in groupby(table, key=lambda row: row.group):
        found = list(each)
        told = [row for row in found if row.theirs and row.ours]
        cells = (
            len(found),
            sum(row.theirs is not None for row in found),
            sum(row.agrees for row in found),
            sum(row.close for row in found),
            sum(row.theirs.words == row.ours.words for row in told if row.theirs and row.ours),
        )
        lines.append(f"| {group} | {' | '.join(map(str, cells))} |")
    return lines


def _differences(table: list[Row]) -> list[str]:
    found = [row for row in table if not row.agrees or (row.theirs and not row.close)]
    if not found:
        return ["There is no query on which they disagree."]
    lines = ["| Query | | Prometheus | Offline |", "|---|---|---|---|"]
    for row in found:
        lines.append(f"| {row.group}: {row.name} | {_code(row.query)} | {_told(row.theirs)} | {_told(row.ours)} |")
    return lines


def _told(said: Said | None) -> str:
    return f"at {said.at + 1}: {_code(said.words)}" if said else "takes it"


def _code(text: str) -> str:
    shown = "".join(each if each.isprintable() else repr(each)[1:-1] for each in text).replace("|", "\\|")
    fence = "``" if "`" in shown else "`"
    return f"{fence} {shown} {fence}" if shown.strip() else "(nothing)"
