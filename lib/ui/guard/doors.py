"""What is open: the addresses of Streamlit that the app needs. Everything else of its own answers 404."""

from __future__ import annotations

from starlette.types import Scope

METHODS = ("GET", "HEAD")  # nothing is uploaded, and nothing is changed but through the web socket
# What follows `_stcore/`. Not there: upload_file, metrics, script-health-check, agent/..., bidi-components/...
# A later Streamlit that adds an address does not open it here.
CORE, SOCKET, HEALTH = "_stcore/", "stream", "health"
OPEN = frozenset({HEALTH, "host-config", SOCKET})
CLOSED = "component/"  # of packaged components: there are none


def core_address(path: str) -> str | None:
    """What follows `_stcore/` in a path, under whatever prefix; None where it is not in it.

    Browsers look for it below each page as well, so that the prefix is not known.
    """
    before, found, after = path.rpartition(CORE)
    return after if found and (before == "" or before.endswith("/")) else None


def is_health(scope: Scope) -> bool:
    """Whether this asks if the server is up. Whoever watches it may not know the name under which it is visited."""
    return scope["type"] == "http" and core_address(scope["path"]) == HEALTH


def is_closed(scope: Scope, base: str = "") -> bool:
    """Whether nothing is to be found under the path of a request. `base` is what all addresses of the app begin with.

    The first part is looked for again in what is encoded once more: no proxy before or behind reads another path.
    """
    path = scope["path"]
    core = core_address(path)
    if scope["type"] == "websocket":
        return core != SOCKET
    inside = path.removeprefix(f"/{base.strip('/')}" if base.strip("/") else "").lstrip("/")
    return inside.startswith(CLOSED) or (core is not None and core not in OPEN - {SOCKET})
