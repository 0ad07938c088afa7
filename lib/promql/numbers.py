"""How far a number or a duration reaches, as Prometheus 2.42's lexer reads it."""

from __future__ import annotations

import re

# As far as `scanNumber` and `acceptRemainingDuration` read (promql/parser/lex.go); neither ever goes back.
_DIGITS = re.compile(r"(?>0[xX][0-9a-fA-F]*(?:\.[0-9a-fA-F]*)?|\d*(?:\.\d*)?)(?>(?:[eE][+-]?\d*)?)", re.ASCII)
_UNITS = re.compile(r"(?P<good>[smhdwy]s?(?>(?:\d+[smhdw]s?)*))(?P<rest>\d+|[A-Za-z_]?)", re.ASCII)


def measured(text: str, at: int) -> tuple[str, str | None, str]:
    """The digits at an offset; the units behind them, None where it is a number; and what spoils them as a duration."""
    found = _DIGITS.match(text, at)
    digits = found.group() if found else ""
    after = text[at + len(digits) : at + len(digits) + 1]
    if not (after.isascii() and (after.isalnum() or after == "_")):
        return digits, None, ""
    units = _UNITS.match(text, at + len(digits))
    return (digits, units["good"], units["rest"]) if units else (digits, "", "")
