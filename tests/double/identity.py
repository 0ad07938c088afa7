"""What a Grafana tells of the token that asks it: its permissions to all, the rest to those who may read it.

Permissions are a small part of those that the roles have on Grafana 12 (rbac-fixed-basic-role-definitions); a Viewer
may write annotations there. The forms are those of pkg/services/accesscontrol/api/api.go, pkg/api/user.go and
pkg/services/serviceaccounts/api/token.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.double.behaviours import BEHAVIOURS
from tests.double.wire import Exchange

PERMISSIONS, IDENTITY = "/api/access-control/user/permissions", "/api/user"
NUMBER = 14
TOKENS = f"/api/serviceaccounts/{NUMBER}/tokens"

_VIEWER = {
    "annotations:create": ["annotations:type:dashboard"],
    "annotations:read": ["*"],
    "annotations:write": ["annotations:type:dashboard"],
    "dashboards:read": ["folders:uid:general"],
    "datasources:query": ["datasources:*"],
    "datasources:read": ["datasources:*"],
    "orgs:read": [""],
    "plugins.app:access": ["plugins:*"],
}
_EDITOR = _VIEWER | {"alert.rules:write": ["folders:*"], "dashboards:create": ["folders:*"], "folders:create": [""]}
_ADMIN = _EDITOR | {"datasources:write": ["datasources:*"], "serviceaccounts:read": ["*"], "teams:create": [""]}
_READS_ACCOUNTS = _VIEWER | {"serviceaccounts:read": [f"serviceaccounts:id:{NUMBER}"]}
ROLES = {"Viewer": _VIEWER, "Editor": _EDITOR, "Admin": _ADMIN, "Viewer of accounts": _READS_ACCOUNTS}


@dataclass(frozen=True)
class Account:
    """The service account of the token: its role, a key of `ROLES`, and its tokens.

    `days` until each token of the account expires, None for never, below 0 for one that has expired. `identified` is
    whether `/api/user` names service accounts, as Grafana does since 11. `behaviour` is shown by all these routes
    instead, if any.
    """

    role: str = "Viewer"
    days: Sequence[float | None] = (None,)
    identified: bool = True
    behaviour: str = ""


def is_theirs(path: str) -> bool:
    """True for the path of one of these routes."""
    return path in (PERMISSIONS, IDENTITY) or path.startswith("/api/serviceaccounts/")


async def show(exchange: Exchange, path: str, account: Account) -> None:
    """Answers one of these routes as the rights of the account allow."""
    permissions = ROLES[account.role]
    if account.behaviour:
        await BEHAVIOURS[account.behaviour](exchange)
    elif path == PERMISSIONS:
        await exchange.answer_json(200, permissions)
    elif path == IDENTITY and account.identified:
        found = {"id": 0, "uid": f"service-account:{NUMBER}", "login": "sa-1-hubscope", "orgId": 1}
        await exchange.answer_json(200, found)
    elif path == IDENTITY:
        await exchange.answer_json(404, {"message": "user not found"})
    elif path == TOKENS and "serviceaccounts:read" in permissions:
        await exchange.answer_json(200, [_token(number, days) for number, days in enumerate(account.days, start=1)])
    else:
        text = "You'll need additional permissions to perform this action. Permissions needed: serviceaccounts:read"
        await exchange.answer_json(403, {"message": text, "title": "Access denied"})


def _token(number: int, days: float | None) -> dict[str, object]:
    now = datetime.now(UTC)
    ends = None if days is None else now + timedelta(days=days)
    return {
        "id": number,
        "name": f"token {number}",
        "created": now.isoformat(),
        "expiration": None if ends is None else ends.isoformat().replace("+00:00", "Z"),
        "secondsUntilExpiration": 0,  # Grafana gives it only for the last seven days
        "hasExpired": ends is not None and ends < now,
        "isRevoked": False,
    }
