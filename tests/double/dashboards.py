"""Grafana's two routes for dashboards, with its rights: one lists them, one shows a dashboard."""

from __future__ import annotations

from collections.abc import Mapping

from tests.double.behaviours import BEHAVIOURS
from tests.double.wire import Exchange

_SEARCH, _ONE = "/api/search", "/api/dashboards/uid/"


def is_theirs(path: str) -> bool:
    """True for the path of one of the two routes."""
    return path == _SEARCH or path.startswith(_ONE)


async def show(exchange: Exchange, path: str, dashboards: Mapping[str, object] | None) -> None:
    """Lists the dashboards or shows one. A dashboard that is a text is the name of the behaviour to show instead."""
    if dashboards is None:
        text = "You'll need additional permissions to perform this action. Permissions needed: dashboards:read"
        await exchange.answer_json(403, {"message": text, "title": "Access denied"})
    elif path == _SEARCH:
        await exchange.answer_json(200, [_entry(uid, found) for uid, found in dashboards.items()])
    elif (uid := path.removeprefix(_ONE)) not in dashboards:
        await exchange.answer_json(404, {"message": "Dashboard not found"})
    elif isinstance(behaviour := dashboards[uid], str):
        await BEHAVIOURS[behaviour](exchange)
    else:
        await exchange.answer_json(200, {"meta": {"canSave": False}, "dashboard": dashboards[uid]})


def _entry(uid: str, found: object) -> dict[str, object]:
    title = found.get("title", uid) if isinstance(found, Mapping) else uid
    return {"id": 1, "uid": uid, "title": title, "type": "dash-db", "folderTitle": "Hubs", "url": f"/d/{uid}"}
