"""Why a text has no tree: it is no PromQL, or it cannot be read here."""

from __future__ import annotations


class SyntaxFault(Exception):
    """A query that is not PromQL. `at` is the offset in characters where that shows."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


class UnreadableError(ValueError):
    """A query that may be PromQL and that cannot be read here: nested too deeply, or with a pattern of RE2's own."""
