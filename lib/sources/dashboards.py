"""The dashboards of a connected Grafana: which ones the token may see, and one of them as presets.

They go through the same `Transport` as every question, with the same limits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lib.core.dashboards import Dashboard, read_dashboard
from lib.core.errors import Kind, SourceError
from lib.core.server_settings import GrafanaSettings
from lib.sources.deadline import Cancel
from lib.sources.exchange import Credential, Request, origin_of
from lib.sources.grafana import read_entries, read_json
from lib.sources.paths import UID
from lib.sources.statuses import clean
from lib.sources.transport import Transport

MOST = 1_000  # dashboards in a list; Grafana's own default
SEARCH = f"/api/search?type=dash-db&limit={MOST}"
ONE = "/api/dashboards/uid/{uid}"
_UID = re.compile(UID)
_LONGEST = 100  # characters of a title

T = TypeVar("T")


@dataclass(frozen=True)
class ListedDashboard:
    """A dashboard as Grafana lists it. `folder` is "" for those outside of folders."""

    uid: str
    title: str
    folder: str = ""


def list_dashboards(
    grafana: GrafanaSettings, transport: Transport, cancel: Cancel | None = None
) -> tuple[ListedDashboard, ...]:
    """The dashboards that the token may see, at most 1,000, in Grafana's order. Raises SourceError."""
    request = Request("GET", grafana.url + SEARCH, _credential(grafana), cancel=cancel)
    entries = _translated(lambda: read_entries(transport.send(request)))
    return tuple(
        ListedDashboard(uid, _text(entry.get("title")) or uid, _text(entry.get("folderTitle")))
        for entry in entries
        if isinstance(uid := entry.get("uid"), str) and _UID.fullmatch(uid)
    )


def fetch_dashboard(
    grafana: GrafanaSettings, uid: str, transport: Transport, cancel: Cancel | None = None
) -> Dashboard:
    """One dashboard's panels as presets, with links to them. Raises SourceError, and PresetError when it is none."""
    if not _UID.fullmatch(uid):
        raise SourceError(Kind.CONFIG, "That is not the uid of a dashboard.", "Choose one from the list.")
    request = Request("GET", grafana.url + ONE.format(uid=uid), _credential(grafana), cancel=cancel)
    found = _translated(lambda: read_json(transport.send(request)))
    return read_dashboard(found, grafana.url)


def _credential(grafana: GrafanaSettings) -> Credential:
    return Credential(origin_of(grafana.url), grafana.token)


def _translated(work: Callable[[], T]) -> T:
    """Does the work; what Grafana says of a data source is said of a dashboard here."""
    try:
        return work()
    except SourceError as failure:
        raise _of_dashboards(failure) from None


def _of_dashboards(failure: SourceError) -> SourceError:
    if failure.kind is Kind.FORBIDDEN:
        hint = "The token needs the role Viewer, and leave to see the dashboard: dashboards:read."
        return SourceError(failure.kind, "Grafana does not show dashboards to this token (403).", hint, failure.detail)
    if "dashboard not found" in failure.detail.lower():
        hint = "Load the list of dashboards again."
        return SourceError(Kind.NOT_FOUND, "Grafana knows no such dashboard (any more).", hint, failure.detail)
    return failure


def _text(value: object) -> str:
    return clean(value)[:_LONGEST] if isinstance(value, str) else ""
