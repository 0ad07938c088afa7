"""A text that nobody gets to see: a token or a password; and what can be a token at all."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import NoReturn

from lib.core.errors import ConfigError

_TOKEN = re.compile(r"(?=.{8,512}$)[A-Za-z0-9._~+/-]+=*")  # RFC 6750, section 2.1


class Secret:
    """A text that never shows itself: it prints as `***`, does not compare, cannot be pickled, and is its own copy.

    `label` is random and says nothing about the text: it tells one secret from another in the keys of caches.
    """

    __slots__ = ("_text", "label")

    def __init__(self, text: str) -> None:
        self._text = text
        self.label = secrets.token_hex(8)

    def reveal(self) -> str:
        """The text itself. Called where a request gets its header, and where logs are told what to hide."""
        return self._text

    def same(self, other: Secret) -> bool:
        """Whether another secret has the same text."""
        return self._text == other._text

    @property
    def missing(self) -> bool:
        """True for an empty text: there is no secret."""
        return not self._text

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


def check_token(text: str, setting: str) -> Secret:
    """A token, stripped of white space and surrounding quotes, as a Secret. Raises ConfigError without showing it."""
    token = text.strip().strip("\"'").strip()
    if not token:
        raise ConfigError(f"{setting} is empty.", "Make a service account token in Grafana (role Viewer), paste it.")
    if not _TOKEN.fullmatch(token):
        raise ConfigError(
            f"{setting} is not a token: it is too short, too long, or has characters that no token has.",
            "Copy it again from Grafana; it is one line, usually starting with glsa_.",
        )
    return Secret(token)
