"""The servers that settings name: each Grafana with its token, each Prometheus reached directly, read from a table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lib.core.addresses import normalise_url
from lib.core.errors import ConfigError
from lib.core.secret import Secret, check_token
from lib.core.token_file import TokenFile

_ORG = re.compile(r"[A-Za-z0-9!_.*'()|-]{0,150}")  # grafana.com/docs/mimir: about tenant IDs
_UID = re.compile(r"[A-Za-z0-9_-]{1,40}")  # Grafana's own rule (pkg/util/shortid_generator.go)


@dataclass(frozen=True)
class GrafanaSettings:
    """One Grafana: its name on screen, its address without a trailing slash, its Viewer token.

    `uids` lists data sources as (uid, cluster name) where Grafana does not let the token list them; empty means ask.
    `file` is where the token came from, if from a file. An empty token means that each visitor brings one; `own` that
    this is such a visitor's.
    """

    name: str
    url: str
    token: Secret
    uids: tuple[tuple[str, str], ...] = ()
    file: TokenFile | None = field(default=None, compare=False, repr=False)
    own: bool = False

    @property
    def service_accounts(self) -> str:
        """The address of Grafana's page where tokens are made."""
        return f"{self.url}/org/serviceaccounts"


@dataclass(frozen=True)
class PrometheusSettings:
    """One Prometheus reached directly, with HTTP basic auth where `username` is not empty.

    `org` is the tenant to ask, where one server answers for several (Mimir, Cortex, Thanos).
    """

    name: str
    url: str
    username: str = ""
    password: Secret = field(default_factory=lambda: Secret(""))
    org: str = ""


def grafana_of(
    table: Mapping[str, Any], where: str, names: Mapping[str, str] | None = None, *, tokenless: bool = False
) -> GrafanaSettings:
    """A Grafana from a table with url, token or token_file, name and uids.

    `where` is the table and `names` are its settings by key, as errors call them. `tokenless` lets the token be
    missing. Raises ConfigError, which never shows the token.
    """
    said = {key: (names or {}).get(key, f"{key} in {where}") for key in ("url", "token", "token_file", "uids")}
    if not str(table.get("url", "")).strip():
        raise ConfigError(f"{said['url']} is missing.", "Give the address of your Grafana beside its token.")
    url = normalise_url(str(table["url"]), said["url"])
    token, file = _token(table, said, tokenless)
    return GrafanaSettings(_name(table, url), url, token, _uids(table.get("uids", ""), said["uids"]), file)


def _token(table: Mapping[str, Any], said: Mapping[str, str], tokenless: bool) -> tuple[Secret, TokenFile | None]:
    text, path = (str(table.get(key, "")).strip() for key in ("token", "token_file"))
    if text and path:
        raise ConfigError(f"{said['token']} and {said['token_file']} are both set.", "Keep one of them.")
    if path:
        file = TokenFile(path, said["token_file"])
        return file.token(), file
    return (Secret(""), None) if tokenless and not text else (check_token(text, said["token"]), None)


def prometheus_of(table: Mapping[str, Any], setting: str = "url in [[prometheus]]") -> PrometheusSettings:
    """A Prometheus from a table with url, name, username, password and org. Raises ConfigError, which calls the address
    `setting`."""
    url = normalise_url(str(table.get("url", "")), setting)
    username, org = (str(table.get(key, "")).strip() for key in ("username", "org"))
    if not _ORG.fullmatch(org):
        hint = "Mimir allows letters, digits and !-_.*'(), at most 150, and | between several."
        raise ConfigError(f"{setting.replace('URL', 'ORG').replace('url', 'org')} is not the name of a tenant.", hint)
    return PrometheusSettings(_name(table, url), url, username, Secret(str(table.get("password", ""))), org)


def _name(table: Mapping[str, Any], url: str) -> str:
    return str(table.get("name", "")).strip() or str(urlsplit(url).hostname)


def _uids(value: Any, setting: str) -> tuple[tuple[str, str], ...]:
    pairs = value.items() if isinstance(value, Mapping) else _split_pairs(str(value))
    found = tuple((str(uid).strip(), str(name).strip() or str(uid).strip()) for uid, name in pairs)
    for uid, _ in found:
        if not _UID.fullmatch(uid):
            hint = "Write uid=name,uid=name; a uid stands in the address of a data source in Grafana."
            raise ConfigError(f"{setting} has something that is no uid.", hint)
    return found


def _split_pairs(text: str) -> list[tuple[str, str]]:
    return [(uid, name) for uid, _, name in (pair.partition("=") for pair in text.split(",") if pair.strip())]
