"""What is open: the addresses of Streamlit that the app needs. Everything else of its own answers 404."""

from __future__ import annotations

from starlette.types import Scope

METHODS = ("GET", "HEAD")  # nothing is uploaded, and nothing is changed but through the web socket
# What follows `_stcore`. Not there: upload_file, metrics, script-health-check, agent/..., bidi-components/...
# A later Streamlit that adds an address does not open it here.
CORE, SOCKET, HEALTH = "_stcore", "stream", "health"
OPEN = frozenset({HEALTH, "host-config"})
CLOSED = "component"  # of packaged components: there are none


def core_address(path: str) -> str | None:
    """What follows the first `_stcore` of a path; None where there is none.

    Browsers look for it below each page as well, so that what comes before it may be anything.
    """
    parts = path.split("/")
    return "/".join(parts[parts.index(CORE) + 1 :]) if CORE in parts else None


def is_health(scope: Scope, base: str = "") -> bool:
    """Whether this asks if the server is up. Whoever watches it may not know the name under which it is visited."""
    return scope["type"] == "http" and inside(scope["path"], base) == [CORE, HEALTH]


def is_closed(scope: Scope, base: str = "") -> bool:
    """Whether nothing is to be found under the path of a request. `base` is what all addresses here begin with."""
    core = core_address(scope["path"])
    if scope["type"] == "websocket":
        return core != SOCKET
    return inside(scope["path"], base)[:1] == [CLOSED] or (core is not None and core not in OPEN)


def inside(path: str, base: str) -> list[str]:
    """The parts of a path below `base`."""
    before = base.strip("/")
    return path.removeprefix(f"/{before}" if before else "").removeprefix("/").split("/")
