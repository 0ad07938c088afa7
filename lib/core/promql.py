"""PromQL as text: the variables of Grafana filled in, and a position in the filled text led back to the typed one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import promql_parser

from lib.core.errors import QueryError
from lib.core.time_range import TimeRange, format_duration

MAX_LENGTH = 10_000  # characters; parsing much longer text is slow on the server whatever its own time limit
SCRAPE_INTERVAL = 60  # seconds; what the Prometheus chart of the JupyterHub deployments sets

MOST_OPERATORS = 150
# A text that does not end takes in all the rest, so that no query makes the search start over at each of its quotes.
COMMENT_OR_STRING = re.compile(
    r"""#[^\n]*|"(?:\\.|[^"\\])*(?:"|\\?\Z)|'(?:\\.|[^'\\])*(?:'|\\?\Z)|`[^`]*(?:`|\Z)""", re.DOTALL
)
_TOKEN = re.compile(
    COMMENT_OR_STRING.pattern + r"|(?P<operator>[-+*/%^<>=(\[]|\b(?:and|or|unless|atan2)\b)", re.DOTALL | re.IGNORECASE
)
_HALF = re.compile("[\ud800-\udfff]")  # of a pair of UTF-16, which no encoding of text has alone
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
VARIABLE = re.compile(rf"\$(?:\{{(?P<braced>{_NAME})(?::\w+)?\}}|(?P<plain>{_NAME}))|\[\[(?P<square>{_NAME})\]\]")


@dataclass(frozen=True)
class Filled:
    """PromQL with its variables filled in.

    `text` is what is sent; `pieces` are one per variable: (start in typed, end in typed, start in filled, end in
    filled).
    """

    text: str
    typed: str
    pieces: tuple[tuple[int, int, int, int], ...] = ()

    def position_in_typed(self, line: int, column: int) -> tuple[int, int]:
        """Where line and column of the filled text (from 1, in characters) lie in the typed one."""
        return line_and_column(self.typed, self.offset_in_typed(offset_of(self.text, line, column)))

    def offset_in_typed(self, offset: int) -> int:
        """Where an offset of the filled text lies in the typed one; inside of a value, where its variable begins."""
        for typed_start, typed_end, filled_start, filled_end in reversed(self.pieces):
            if offset >= filled_end:
                return offset - filled_end + typed_end
            if offset >= filled_start:
                return typed_start
        return offset


def fill(typed: str, grid: TimeRange, scrape: int = SCRAPE_INTERVAL) -> Filled:
    """The query with `$__interval`, `$__rate_interval` and `$__range` (also `_ms` and `_s`) filled in.

    The interval is the step; with `scrape`, how often values are collected (seconds), the rate interval is
    max(step + scrape interval, 4 x scrape interval), as Grafana has it (grafana.com/docs: Prometheus, template
    variables). The forms `${name}`, `${name:format}` and `[[name]]` count too; `$1` is a capture group of label_replace
    and is left alone, as is a named one. Raises QueryError for a variable that is not known, since Prometheus would
    answer nothing without a word.
    """
    values = _values(grid, scrape)
    parts: list[str] = []
    pieces: list[tuple[int, int, int, int]] = []
    last = length = 0
    for found in VARIABLE.finditer(typed):
        value = values.get(name := found["braced"] or found["plain"] or found["square"])
        if value is None and f"(?P<{name}>" in typed:
            continue
        if value is None:
            raise _unknown(typed, found.start(), name)
        before = typed[last : found.start()]
        start = length + len(before)
        parts += [before, value]
        length = start + len(value)
        pieces.append((found.start(), found.end(), start, length))
        last = found.end()
    return Filled("".join([*parts, typed[last:]]), typed, tuple(pieces))


def check(typed: str) -> None:
    """Refuses before sending: a query that is empty, only comments, too long, or no text. Raises QueryError."""
    if len(typed) > MAX_LENGTH:
        raise QueryError(f"The query has {len(typed):,} characters; the most is {MAX_LENGTH:,}.", "Make it shorter.")
    if not any(line.strip() and not line.lstrip().startswith("#") for line in typed.splitlines()):
        raise QueryError("The query is empty.", "Write PromQL, for example up.", line=1, column=1)
    if half := _HALF.search(typed):
        line, column = line_and_column(typed, half.start())
        message = f"Line {line}, column {column}: half a character cannot be sent."
        raise QueryError(message, "Write it anew.", line=line, column=column)


def parse(expr: str) -> Any:
    """The tree of a complete query, made of the node classes of `promql_parser`. Raises ValueError for what has none.

    The parser recurses without a limit, and some hundred levels would end the whole process; so a query with more than
    150 operators and brackets has no tree here. A server may still answer it.
    """
    if len(expr) > MAX_LENGTH or sum(1 for found in _TOKEN.finditer(expr) if found["operator"]) > MOST_OPERATORS:
        raise ValueError("too many operators and brackets to read")
    return promql_parser.parse(expr)


def _values(grid: TimeRange, scrape: int) -> dict[str, str]:
    span = grid.end - grid.start
    rate = max(grid.step + scrape, 4 * scrape)
    return {
        "__interval": format_duration(grid.step),
        "__interval_ms": str(grid.step * 1000),
        "__rate_interval": format_duration(rate),
        "__range": format_duration(max(span, 1)),
        "__range_s": str(span),
        "__range_ms": str(span * 1000),
    }


def _unknown(typed: str, offset: int, name: str) -> QueryError:
    line, column = line_and_column(typed, offset)
    hint = "Replace it by a value; its matcher can go: no matcher means all."
    return QueryError(f"The variable ${name} is not known here.", hint, line=line, column=column)


def offset_of(text: str, line: int, column: int) -> int:
    """The offset, from 0, of a line and a column in a text; never more than its length."""
    lines = text.split("\n")
    before = sum(len(each) + 1 for each in lines[: max(line - 1, 0)])
    return min(before + max(column - 1, 0), len(text))


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, in characters, of an offset in a text."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
