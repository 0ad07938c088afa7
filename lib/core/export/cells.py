"""Cells of text that no spreadsheet takes for a formula, and the way back."""

from __future__ import annotations

import re

# What starts a formula, also in its full-width form, after spaces, quotes or what has no width.
_FORMULA = re.compile("[\\s'\"\u200b\ufeff]*[=+@＝＋－＠-]|(?:[^\\S\t\r\n]|['\"\u200b\ufeff])*[\t\r\n\0]")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may run this text once it stands in a cell (OWASP, CSV injection)."""
    return _FORMULA.match(text) is not None


def escape(text: str) -> str:
    """A cell of text that no spreadsheet runs: with a leading apostrophe if it would start a formula."""
    return f"'{text}" if is_formula(text) else text


def unescape(cell: str) -> str:
    """The text that `escape` was given."""
    return cell[1:] if cell.startswith("'") and is_formula(cell[1:]) else cell


def readable(text: str) -> str:
    """The text as UTF-8 can hold it: a lone surrogate becomes a question mark."""
    return text.encode("utf-8", "replace").decode()
