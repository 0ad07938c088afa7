"""A text that nobody gets to see: a token or a password."""

from __future__ import annotations

import hashlib
import secrets
from typing import NoReturn


class Secret:
    """A text that never shows itself: it prints as `***`, does not compare, cannot be pickled, and is its own copy.

    `label` is random and says nothing about the text: it tells one secret from another in the keys of caches.
    """

    __slots__ = ("_text", "label")

    def __init__(self, text: str) -> None:
        self._text = text
        self.label = secrets.token_hex(8)

    def reveal(self) -> str:
        """The text itself. Called in one place: where a request gets its Authorization header."""
        return self._text

    def mark(self, salt: bytes) -> str:
        """What tells this text from another in every process that knows the same salt: the name of a file needs it.

        Slow on purpose (scrypt, RFC 7914: some 30 ms), so that nobody can try words until one gives the same mark.
        """
        return hashlib.scrypt(
            self._text.encode("utf-8", "surrogateescape"), salt=salt, n=2**14, r=8, p=1, dklen=8
        ).hex()

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret cannot be pickled.")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self
