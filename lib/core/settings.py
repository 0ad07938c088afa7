"""What may be configured: the Grafanas and Prometheuses to ask, and the limits to keep. Reads mappings, not the world.

The order is: the environment, then `.env`, then `.streamlit/secrets.toml`, then nothing, which means the built-in
sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib.core.access_settings import AccessSettings, read_access, read_hubs
from lib.core.errors import ConfigError
from lib.core.guard_settings import GuardSettings, guard_of
from lib.core.relative_time import LANGUAGES
from lib.core.server_settings import GrafanaSettings, PrometheusSettings, grafana_of, prometheus_of
from lib.core.setting_names import SETTINGS
from lib.core.zones import UTC_NAME, is_zone


@dataclass(frozen=True)
class Settings:
    """Everything that was configured. With neither a Grafana nor a Prometheus the built-in sample serves.

    `timeout` is the time limit of one request in seconds, `max_bytes` the most decoded bytes that are held of one
    answer, `ca_bundle` the path of a file of certificate authorities to trust instead of the usual ones ("" for the
    usual), `presets` the path of a folder of one's own presets ("" for none). `places` is how many requests one origin
    gets at once; answers are kept in `memory_bytes` of memory and, with a path in `cache`, in `cache_bytes` of disk.
    `plain_editor` asks for a plain field of text. `periods` is the path of a file of named periods, `zone` the time
    zone that visitors start with, `languages` those besides English in which days may be typed, `fiscal_start` the
    month (1 to 12) that begins a fiscal year, `scrape` how often values are collected, in seconds. `max_rows` is the
    most values that one file may have. `log_json` asks for lines of log in JSON, `metrics_port` is where the app
    serves numbers about itself, 0 for nowhere. `access` says who may do what; `hubs` are the only ones that anybody
    may see, None for all. `own_tokens` lets visitors use Grafana tokens of their own. `guard` is about the
    server itself.
    """

    grafanas: tuple[GrafanaSettings, ...] = ()
    prometheuses: tuple[PrometheusSettings, ...] = ()
    timeout: float = 30.0
    max_bytes: int = 32 * 1024 * 1024
    ca_bundle: str = ""
    presets: str = ""
    places: int = 8
    memory_bytes: int = 256 * 2**20
    cache: str = ""
    cache_bytes: int = 2**30
    plain_editor: bool = False
    periods: str = ""
    zone: str = UTC_NAME
    fiscal_start: int = 1
    languages: tuple[str, ...] = ()
    scrape: int = 60
    max_rows: int = 5_000_000
    log_json: bool = False
    metrics_port: int = 0
    access: AccessSettings = AccessSettings()
    hubs: tuple[str, ...] | None = None
    own_tokens: bool = False
    guard: GuardSettings = GuardSettings()

    @property
    def sample(self) -> bool:
        """True when nothing is configured, so that the built-in sample serves."""
        return not (self.grafanas or self.prometheuses)


def load_settings(*layers: Mapping[str, Any]) -> Settings:
    """Settings from layers of names and values, the most important layer first; a blank value counts as absent.

    Besides the flat names of `SETTINGS` a layer may hold the tables `grafana` and `prometheus`, each a list of tables,
    for more than one of a kind (TOML: `[[grafana]]` with name, url, token or token_file, uids), the list of tables
    `group`, and the table `auth`. Raises ConfigError, which names the setting and never shows a token.
    """
    flat = _first_values(layers)
    own = _one_of(flat, "HUBSCOPE_OWN_TOKENS", ("off", "on")) == "on"
    tables = _tables(layers, "grafana")
    grafanas = [*_flat_grafana(flat, own), *(grafana_of(table, "[[grafana]]", tokenless=own) for table in tables)]
    prometheuses = [*_flat_prometheus(flat), *(prometheus_of(table) for table in _tables(layers, "prometheus"))]
    _refuse_same_names([*(grafana.name for grafana in grafanas), *(server.name for server in prometheuses)])
    return Settings(
        grafanas=tuple(grafanas),
        prometheuses=tuple(prometheuses),
        timeout=_number(flat, "HUBSCOPE_TIMEOUT", 1, 120, 30),
        places=int(_number(flat, "HUBSCOPE_PLACES", 1, 64, 8)),
        memory_bytes=int(_number(flat, "HUBSCOPE_MEMORY_MB", 16, 1_000_000, 256) * 2**20),
        cache=flat.get("HUBSCOPE_CACHE", ""),
        cache_bytes=int(_number(flat, "HUBSCOPE_CACHE_MB", 16, 1_000_000, 1_024) * 2**20),
        plain_editor=_one_of(flat, "HUBSCOPE_EDITOR", ("promql", "plain")) == "plain",
        ca_bundle=flat.get("HUBSCOPE_CA_BUNDLE", ""),
        presets=flat.get("HUBSCOPE_PRESETS", ""),
        periods=flat.get("HUBSCOPE_PERIODS", ""),
        zone=_zone(flat.get("HUBSCOPE_ZONE", UTC_NAME).strip()),
        languages=_languages(flat.get("HUBSCOPE_LANGUAGES", "")),
        fiscal_start=int(_number(flat, "HUBSCOPE_FISCAL_START", 1, 12, 1)),
        scrape=int(_number(flat, "HUBSCOPE_SCRAPE_SECONDS", 1, 3_600, 60)),
        max_rows=int(_number(flat, "HUBSCOPE_MAX_ROWS", 1_000, 50_000_000, 5_000_000)),
        log_json=_one_of(flat, "HUBSCOPE_LOG", ("text", "json")) == "json",
        metrics_port=int(_number(flat, "HUBSCOPE_METRICS_PORT", 1, 65_535, 0))
        if "HUBSCOPE_METRICS_PORT" in flat
        else 0,
        access=read_access(flat, _auth(layers), _tables(layers, "group")),
        hubs=read_hubs(flat["HUBSCOPE_HUBS"], "HUBSCOPE_HUBS") if "HUBSCOPE_HUBS" in flat else None,
        own_tokens=own,
        guard=guard_of(flat),
    )


def _first_values(layers: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for setting in SETTINGS:
        values = (layer.get(setting.name) for layer in layers)
        texts = (str(value) for value in values if value is not None and str(value).strip())
        found[setting.name] = next(texts, "")
    return {name: value for name, value in found.items() if value}


def _tables(layers: Sequence[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    tables: Any = next((layer[name] for layer in layers if layer.get(name)), [])
    if not isinstance(tables, Sequence) or not all(isinstance(table, Mapping) for table in tables):
        raise ConfigError(f"[{name}] is not a list of tables.", f"Write [[{name}]] with two brackets.")
    return list(tables)


def _auth(layers: Sequence[Mapping[str, Any]]) -> object:
    """The table `[auth]`; a variable of the environment that happens to be called so is none."""
    return next((layer["auth"] for layer in layers if "auth" in layer and not isinstance(layer["auth"], str)), None)


def _flat_grafana(flat: Mapping[str, str], tokenless: bool) -> list[GrafanaSettings]:
    if not {"GRAFANA_URL", "GRAFANA_TOKEN", "GRAFANA_TOKEN_FILE"} & flat.keys():
        return []
    names = {key: f"GRAFANA_{key.upper()}" for key in ("name", "url", "token", "token_file", "uids")}
    table = {key: flat.get(name, "") for key, name in names.items()}
    return [grafana_of(table, "", names, tokenless=tokenless)]


def _flat_prometheus(flat: Mapping[str, str]) -> list[PrometheusSettings]:
    if "PROMETHEUS_URL" not in flat:
        return []
    keys = ("name", "url", "username", "password", "org")
    return [prometheus_of({key: flat.get(f"PROMETHEUS_{key.upper()}", "") for key in keys}, "PROMETHEUS_URL")]


def _number(flat: Mapping[str, str], name: str, low: int, high: int, usual: int) -> float:
    try:
        number = float(flat.get(name, usual))
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise ConfigError(f"{name} is not a number from {low} to {high}.", f"Leave it out for {usual}.")
    return number


def _one_of(flat: Mapping[str, str], name: str, words: Sequence[str]) -> str:
    """The word that was chosen, the first where none was."""
    text = flat.get(name, words[0])
    if text not in words:
        raise ConfigError(f"{name} is neither {' nor '.join(words)}.", f"Leave it out for {words[0]}.")
    return text


def _languages(text: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in LANGUAGES]
    if unknown:
        hint = f"Write two letters each, as de,fr. Known: {', '.join(sorted(LANGUAGES))}."
        raise ConfigError(f"HUBSCOPE_LANGUAGES has {unknown[0][:20]}, which is not a language here.", hint)
    return tuple(name for name in names if name != "en")


def _zone(name: str) -> str:
    if not is_zone(name):
        raise ConfigError("HUBSCOPE_ZONE is not a time zone.", "Write it as UTC, Europe/Berlin or America/New_York.")
    return name


def refreshed(settings: Settings) -> Settings:
    """The same settings with the tokens that are in their files now."""
    if not any(grafana.file for grafana in settings.grafanas):
        return settings
    grafanas = (replace(each, token=each.file.token()) if each.file else each for each in settings.grafanas)
    return replace(settings, grafanas=tuple(grafanas))


def _refuse_same_names(names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"Two data sources are called {twice[0]}.", "Give each its own name.")
