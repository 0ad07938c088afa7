"""What Grafana tells of the token that asks it: its role, when it expires; and how its clock goes.

A Viewer may read its own permissions, and no more than that: the role is read from them, since no route names the role
of a service account. When a token expires is told only to one that may read service accounts, which a Viewer may not.
Whatever Grafana does not tell, by a 403, a 404 or a form that is not known here, stays unsaid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lib.core.errors import SourceError
from lib.core.server_settings import GrafanaSettings
from lib.sources.exchange import Credential, Request, origin_of
from lib.sources.grafana import read_json
from lib.sources.transport import Transport

# Signed-in is enough for these two (pkg/services/accesscontrol/api/api.go, pkg/api/user.go).
PERMISSIONS = "/api/access-control/user/permissions"
IDENTITY = "/api/user"
# This one takes serviceaccounts:read for that account (pkg/services/serviceaccounts/api/api.go).
TOKENS = "/api/serviceaccounts/{number}/tokens"

# Permissions to change what others see. Not every one that ends in `write`: a Viewer may write annotations.
_CHANGES = re.compile(
    r"(dashboards|folders|datasources|alert\.rules|alert\.provisioning|library\.panels|serviceaccounts|apikeys|users"
    r"|org\.users|orgs|teams|plugins)(\.permissions)?:(create|write|delete|add|remove|install)"
)
# What an Admin has beyond an Editor (rbac-fixed-basic-role-definitions).
_ADMINS = re.compile(r"(datasources|serviceaccounts|apikeys|users|org\.users|orgs|teams|plugins)[.:].+")
_ACCOUNT = re.compile(r"service-account:([0-9]{1,18})")


@dataclass(frozen=True)
class TokenFacts:
    """What is known of a token; "" and None where Grafana does not tell.

    - `role`: the least of "Viewer", "Editor" and "Admin" that may do as much.
    - `change`: a permission by which it may change something, if there is one.
    - `expires`: when it ends, in Unix seconds.
    - `ahead`: by how many seconds Grafana's clock is ahead of ours; 0 when it does not say.
    """

    role: str = ""
    change: str = ""
    expires: float | None = None
    ahead: float = 0.0


def token_facts(grafana: GrafanaSettings, transport: Transport, seconds: float) -> TokenFacts:
    """What a Grafana tells of its token, asked with one request to three, each within `seconds`. Raises nothing."""
    permissions, ahead = _asked(grafana, PERMISSIONS, transport, seconds)
    if not isinstance(permissions, Mapping) or not permissions:
        return TokenFacts(ahead=ahead)
    changes = sorted(name for name in map(str, permissions) if _CHANGES.fullmatch(name))
    admins = [name for name in changes if _ADMINS.fullmatch(name)]
    expires = _expiry(grafana, transport, seconds) if "serviceaccounts:read" in permissions else None
    role = "Admin" if admins else "Editor" if changes else "Viewer"
    return TokenFacts(role, next(iter([*admins, *changes]), ""), expires, ahead)


def _expiry(grafana: GrafanaSettings, transport: Transport, seconds: float) -> float | None:
    """When the token ends, where its account has only one that is valid: which of several is ours is not told."""
    identity, _ = _asked(grafana, IDENTITY, transport, seconds)
    found = _ACCOUNT.fullmatch(str(identity.get("uid", ""))) if isinstance(identity, Mapping) else None
    if not found:
        return None
    listed, _ = _asked(grafana, TOKENS.format(number=found[1]), transport, seconds)
    entries = [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []
    valid = [entry for entry in entries if not entry.get("hasExpired") and not entry.get("isRevoked")]
    return _instant(valid[0].get("expiration")) if len(valid) == 1 else None


def _asked(grafana: GrafanaSettings, path: str, transport: Transport, seconds: float) -> tuple[Any, float]:
    """What a path of Grafana answers as JSON, None where it does not; and by how much its clock is ahead of ours."""
    credential = Credential(origin_of(grafana.url), grafana.token)
    try:
        reply = transport.send(Request("GET", grafana.url + path, credential, seconds=seconds))
    except SourceError:
        return None, 0.0
    try:
        return read_json(reply), reply.ahead
    except SourceError:
        return None, reply.ahead


def _instant(text: object) -> float | None:
    """A time as Grafana writes it (RFC 3339) in Unix seconds; None for none."""
    try:
        return datetime.fromisoformat(text).timestamp() if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None
