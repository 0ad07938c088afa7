"""Finds Prometheus behind Grafana and asks through its proxy: the source kind `grafana`.

The only addresses are those of the configured Grafana. A data source's own address, which Grafana lists too, is never
contacted, kept or shown: it lies inside somebody's cluster.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import quote

from lib.core import strict_json
from lib.core.errors import Kind, SourceError, TimeError
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from lib.core.time_range import HOUR, parse_duration
from lib.core.visible import sentence
from lib.sources.base import Discovery, Source, source_kind
from lib.sources.exchange import Credential, Reply, Request, origin_of
from lib.sources.failures import ADDRESS, DOWN, NARROWER, login_page, no_token
from lib.sources.paths import UID
from lib.sources.prometheus import PrometheusApi
from lib.sources.side_by_side import side_by_side
from lib.sources.statuses import is_answer, is_web_page, of_status
from lib.sources.transport import Transport

# Grafana 13 freezes /api in favour of /apis: should it go one day, these two lines are all there is to change.
LIST = "/api/datasources"
PROXY = "/api/datasources/proxy/uid/{uid}"

TYPES = ("prometheus",)
LISTING_SECONDS = 6.0
_UID = re.compile(UID)
_LONGEST_NAME = 100


@dataclass(frozen=True)
class _Listed:
    """A data source as Grafana lists it; of everything it says only this is kept. `scrape`: see `Source`."""

    uid: str
    name: str
    scrape: int = 0


@source_kind("grafana")
def grafana_sources(settings: Settings, transport: Transport) -> Discovery:
    """Every Prometheus behind every Grafana of the settings. The Grafanas are asked side by side."""
    seconds = min(LISTING_SECONDS, settings.timeout)
    grafanas = tuple(grafana for grafana in settings.grafanas if not grafana.token.missing)
    missing = tuple((grafana.name, no_token()) for grafana in settings.grafanas if grafana.token.missing)
    found = side_by_side(grafanas, lambda grafana: discover(grafana, transport, seconds), seconds + 0.5)
    whole = Discovery((), missing)
    for grafana, part in zip(grafanas, found, strict=True):
        whole += part if isinstance(part, Discovery) else Discovery((), ((grafana.name, part),))
    return whole


def discover(grafana: GrafanaSettings, transport: Transport, seconds: float, kind: str = "grafana") -> Discovery:
    """The sources of one Grafana, listed within `seconds`. Raises SourceError when there is no list to be had."""
    listed = _listed_or_configured(grafana, transport, seconds)
    hint = "Give it another uid in Grafana: letters, digits, - and _, at most 40."
    unusable = SourceError(Kind.CONFIG, "The uid of this data source cannot stand in an address.", hint)
    sources = tuple(
        replace(source_of(grafana, entry.uid, entry.name, transport, kind), scrape=entry.scrape)
        for entry in listed
        if _UID.fullmatch(entry.uid)
    )
    failed = tuple((entry.name, unusable) for entry in listed if not _UID.fullmatch(entry.uid))
    return Discovery(sources, failed)


def source_of(grafana: GrafanaSettings, uid: str, name: str, transport: Transport, kind: str = "grafana") -> Source:
    """One data source of a Grafana, asked through its proxy. Raises SourceError (CONFIG) for a uid that is none."""
    if not _UID.fullmatch(uid):
        raise SourceError(Kind.CONFIG, "That is not the uid of a data source.", "Choose one from the list.")
    credential = _credential(grafana)
    return Source(
        id=f"{quote(grafana.name, safe='')}/{uid}",
        name=name,
        kind=kind,
        origin=credential.origin,
        credential_id=grafana.token.label,
        group=grafana.name,
        own=grafana.own,
        api=PrometheusApi(transport, grafana.url + PROXY.format(uid=uid), credential, peer="Grafana"),
    )


def _credential(grafana: GrafanaSettings) -> Credential:
    return Credential(origin_of(grafana.url), grafana.token)


def _listed_or_configured(grafana: GrafanaSettings, transport: Transport, seconds: float) -> list[_Listed]:
    """What Grafana lists; where the token may not list, what the settings name instead."""
    request = Request("GET", grafana.url + LIST, _credential(grafana), seconds=seconds)
    try:
        entries = read_entries(transport.send(request))
    except SourceError as failure:
        if NARROWER in failure.hint:  # a list has no range
            failure.hint = DOWN
        if failure.kind is not Kind.FORBIDDEN:
            raise
        if not grafana.uids:
            failure.hint = f"{failure.hint} Or name the data sources in GRAFANA_UIDS, as uid=name,uid=name."
            raise
        return [_Listed(uid, name) for uid, name in dict(grafana.uids).items()]
    return _prometheuses(entries)


def read_entries(reply: Reply) -> list[dict[str, object]]:
    """The objects that one of Grafana's lists has. Raises SourceError for whatever else came."""
    found = read_json(reply)
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise SourceError(Kind.CONFIG, "That address answers, but not as Grafana does.", ADDRESS)
    return found


def read_json(reply: Reply) -> object:
    """What Grafana answered, as Python values. Raises SourceError for a refusal, a web page, or what is not JSON."""
    if not is_answer(reply):
        raise of_status(reply, "Grafana")
    if is_web_page(reply):
        raise login_page()
    try:
        return strict_json.loads(reply.body)
    except strict_json.NotStrict:
        raise SourceError(Kind.NOT_JSON, "That address answers, but not with JSON.", ADDRESS) from None


def _prometheuses(entries: list[dict[str, object]]) -> list[_Listed]:
    """Those of a list that are a Prometheus, each uid once: a cluster that stands twice would count twice.

    Raises SourceError (NOT_FOUND) when none is.
    """
    found = [entry for entry in entries if entry.get("type") in TYPES]
    if not found:
        types = sorted({sentence(str(entry.get("type", "")))[:40] for entry in entries})
        message = "It lists no Prometheus that this token may ask."
        if types:
            message = f"It lists data sources, but none of the type prometheus: {', '.join(types[:5])}."
        hint = "Add a Prometheus in Grafana, or let the token query the one that is there."
        raise SourceError(Kind.NOT_FOUND, message, hint if types else f"{hint} {ADDRESS}")
    listed: dict[str, _Listed] = {}
    for entry in found:
        uid = entry.get("uid")
        one = _Listed(uid if isinstance(uid, str) else "", _name(entry), _scrape(entry))
        listed.setdefault(one.uid or f"without uid: {one.name}", one)
    return list(listed.values())


def _scrape(entry: dict[str, object]) -> int:
    """The scrape interval that the data source's settings name, in seconds; 0 for none, or one that cannot be.

    Grafana keeps it as `jsonData.timeInterval` (docs/sources/datasources/prometheus, provisioning).
    """
    settings = entry.get("jsonData")
    typed = settings.get("timeInterval") if isinstance(settings, dict) else None
    try:
        seconds = parse_duration(typed) if isinstance(typed, str) and typed else 0
    except TimeError:
        return 0
    return seconds if seconds <= HOUR else 0


def _name(entry: dict[str, object]) -> str:
    texts = (entry.get(key) for key in ("name", "uid"))
    names = [sentence(text)[:_LONGEST_NAME] for text in texts if isinstance(text, str)]
    return next(filter(None, names), "without a name")
