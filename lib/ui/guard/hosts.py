"""Who is meant: the names under which the app may be visited, and whether a page of ours opened the web socket.

A name of somebody else can be made to lead to this machine, and a page of theirs would then speak to the app as if it
were its own (DNS rebinding). An address in digits cannot: nobody looks it up.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import Scope

_HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")  # RFC 9110, less what nobody uses
LOOPBACK = ("localhost", "*.localhost")  # RFC 6761 keeps them on this machine


def values(scope: Scope, name: bytes) -> list[str]:
    """What a request says under the name of one header, in small letters; as often as it says it."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def host_name(text: str) -> str | None:
    """The host of a Host header in small letters, without port, brackets and last dot; None where it is malformed."""
    found = _HOST.fullmatch(text)
    return found["name"].strip("[]").lower().removesuffix(".") if found else None


def is_allowed(text: str, names: Iterable[str]) -> bool:
    """Whether a Host header is one of these names (`*.` for all below), of this machine, or an address in digits."""
    host = host_name(text)
    if host is None:
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return any(_fits(host, name) for name in (*LOOPBACK, *names))
    return True


def _fits(host: str, name: str) -> bool:
    return host.endswith(name[1:]) and host != name[2:] if name.startswith("*.") else host == name


def is_named(scope: Scope, names: Iterable[str]) -> bool:
    """Whether a request names exactly one host, and one under which the app may be visited."""
    hosts = values(scope, b"host")
    return len(hosts) == 1 and is_allowed(hosts[0], names)


def is_our_page(scope: Scope) -> bool:
    """Whether a web socket was opened by a page of the same host and port. Every browser says which page it was.

    One that came over https is not spoken to by a page that came over http.
    """
    hosts, origins = values(scope, b"host"), values(scope, b"origin")
    if len(hosts) != 1 or len(origins) != 1:
        return False
    try:
        origin = urlsplit(origins[0])
    except ValueError:
        return False
    schemes = ("https",) if scope.get("scheme") == "wss" else ("http", "https")
    return origin.scheme in schemes and origins[0] == f"{origin.scheme}://{hosts[0]}"
