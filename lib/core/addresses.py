"""Addresses of servers as people type them, brought into one form; what could lead a token astray is refused."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from lib.core.errors import ConfigError

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")


def normalise_url(text: str, setting: str) -> str:
    """An address as scheme, host, port and sub-path, without a slash at the end.

    Raises ConfigError for another scheme than http(s), for user names or passwords in it, a query, a fragment, or
    characters that no host or path has: each is a way for a token to go astray.
    """
    text = text.strip()
    if re.search(r"[\s\x00-\x1f\x7f\\]", text):  # urlsplit would drop some of these without a word
        raise ConfigError(f"{setting} is not an address.", _URL_HINT)
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
    except ValueError:
        raise ConfigError(f"{setting} is not an address.", _URL_HINT) from None
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise ConfigError(f"{setting} holds a user name or password.", "Take it out; the token has its own setting.")
    if "?" in text or "#" in text:
        raise ConfigError(f"{setting} holds a “?” or a “#”.", "Give the address up to where Grafana begins.")
    path = re.sub("/{2,}", "/", parts.path).rstrip("/").removesuffix("/login")
    usable = (
        parts.scheme in ("http", "https")
        and port != 0
        and _HOST.fullmatch(_host(parts.netloc))
        and _PATH.fullmatch(path)
    )
    if not usable or {".", ".."} & set(path.split("/")):
        raise ConfigError(f"{setting} is not an address.", _URL_HINT)
    host = _host(parts.netloc).lower()
    return urlunsplit((parts.scheme, f"{host}:{port}" if port else host, path, "", ""))


_URL_HINT = "Write it as https://grafana.example.org, with a sub-path if Grafana has one."


def _host(netloc: str) -> str:
    return re.sub(r":\d*$", "", netloc)
