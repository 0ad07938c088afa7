"""What goes out and what comes back: Credential, Request and Reply, and how an address is told from another."""

from __future__ import annotations

import base64
import re
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

from lib.core.secret import Secret
from lib.sources import failures
from lib.sources.deadline import Cancel

_HEADER_VALUE = re.compile(r"[\x21-\x7e]+")
_TWO_READINGS = re.compile(r"[\x00-\x20\\\x7f-\U0010ffff]")
_SHORTEST_SECRET = 8  # characters; hiding a shorter one would tear up harmless text


@dataclass(frozen=True)
class Credential:
    """Who asks, and the only origin (`scheme://host[:port]`) that may learn it. No secret text means no header.

    With a `username` it is HTTP basic auth (RFC 7617), otherwise a bearer token (RFC 6750). `org` is the tenant that is
    asked, for the header X-Scope-OrgID; "" for none.
    """

    origin: str
    secret: Secret
    username: str = ""
    org: str = ""

    def header(self) -> tuple[str, tuple[bytes, ...]]:
        """The value of the Authorization header, "" for none, and the texts to hide wherever they come back.

        Raises SourceError (CONFIG) for a token that cannot stand in a header.
        """
        secret = self.secret.reveal()
        if self.username:
            pair = f"{self.username}:{secret}".encode("utf-8", "surrogateescape")
            value = base64.b64encode(pair).decode("ascii")
            return f"Basic {value}", _long_enough(value, secret)
        if not secret:
            return "", ()
        if not _HEADER_VALUE.fullmatch(secret):
            raise failures.unusable_credential()
        return f"Bearer {secret}", _long_enough(secret)


class Sink(Protocol):
    """Takes a body as it arrives, such as `lib.core.decode.Decoder`. `start` says that it begins, perhaps once more.

    `held`: about how many bytes of it are kept as they came.
    """

    @property
    def held(self) -> int: ...

    def start(self) -> None: ...

    def feed(self, piece: bytes) -> None: ...


@dataclass(frozen=True)
class Request:
    """One question to a server: POST with a form, or GET. `seconds` is a shorter limit than the transport's, if any.

    `into` takes the body of a reply with status 2xx, so that it is never held as a whole.
    """

    method: str
    url: str
    credential: Credential
    form: tuple[tuple[str, str], ...] = ()
    seconds: float | None = None
    cancel: Cancel | None = None
    into: Sink | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Reply:
    """What came back, whatever its status except a redirect. `seconds` to the last byte; `size` in decoded bytes.

    `body` is only the start of it, at least 4 KiB, where the request said into what the whole goes.
    `retry_after` is how many seconds the server asks to wait; None when it does not say. `ahead` is by how many seconds
    its clock is ahead of ours; 0 when it does not say.
    """

    status: int
    content_type: str
    body: bytes = field(repr=False)
    seconds: float
    size: int
    retry_after: int | None = None
    ahead: float = 0.0


def origin_of(url: str) -> str:
    """`scheme://host[:port]` of an address; "" for whatever two readers of addresses might read differently."""
    if _TWO_READINGS.search(url):
        return ""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" if port in (None, usual) else f"{parts.scheme}://{host}:{port}"


def read_retry_after(text: str) -> int | None:
    """The header Retry-After in seconds from now: it is a number or a date (RFC 9110, 10.2.3)."""
    if re.fullmatch(r"[0-9]{1,9}", text):
        return int(text)
    try:
        return max(0, round(parsedate_to_datetime(text).timestamp() - time.time()))
    except (ValueError, OverflowError):
        return None


def read_ahead(text: str) -> float:
    """By how many seconds the clock that wrote a header Date (RFC 9110, 6.6.1) is ahead of ours; 0 for no date.

    Prometheus writes it when the answer begins, and a proxy passes it on; it counts whole seconds.
    """
    try:
        return parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, OverflowError, TypeError):
        return 0.0


def _long_enough(*texts: str) -> tuple[bytes, ...]:
    return tuple(text.encode("utf-8", "surrogateescape") for text in texts if len(text) >= _SHORTEST_SECRET)
