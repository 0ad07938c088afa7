"""On which line of a TOML file a table or a field stands, for messages: `tomllib` does not say."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"#[^\n]*|'''.*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'[^'\n]*'|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)
_POSITION = re.compile(r"\(at line ([0-9]+), column [0-9]+\)")


def line_of(text: str, table: str, field: str = "") -> int:
    """The line (from 1) of a field of a table, or of the table's header where the field is nowhere.

    `field` may be dotted, as in `variables.hours`. 1 when the table is nowhere either.
    """
    lines = _TOKEN.sub(_blank, text).split("\n")
    name = rf"[\"']?{re.escape(table)}[\"']?"
    start = _first(lines, rf"\s*(\[\s*{name}\s*[\].]|{name}\s*[.=])")
    if start is None:
        return 1
    if not field:
        return start + 1
    end = _first(lines, rf"\s*\[(?!\s*{name}\s*\.)", start + 1)
    section = lines[:end]
    first, whole = re.escape(field.split(".")[0]), re.escape(field)
    for form in (rf"\s*\[\s*{name}\.{whole}\s*\]", rf"\s*{whole}\s*[.=]", rf"\s*(\[\s*{name}\.)?{first}\s*[.=\]]"):
        found = _first(section, form, start)
        if found is not None:
            return found + 1
    return start + 1


def line_in(message: str, text: str) -> int:
    """The line that a message of `tomllib` names; the last one where it says that the file ends too early."""
    found = _POSITION.search(message)
    return int(found[1]) if found else text.count("\n") + 1


def _first(lines: list[str], form: str, start: int = 0) -> int | None:
    pattern = re.compile(form)
    return next((place for place in range(start, len(lines)) if pattern.match(lines[place])), None)


def _blank(found: re.Match[str]) -> str:
    """Nothing for a comment, only the line ends of a long string, whose lines look like tables; the rest as it is."""
    token = found[0]
    if token.startswith("#"):
        return ""
    return "\n" * token.count("\n") if token.startswith(("'''", '"""')) else token
