"""Every flat setting by name, with its help. `docs/settings.md` and `.env.example` are checked against it."""

from __future__ import annotations

from dataclasses import dataclass

from lib.core import guard_settings


@dataclass(frozen=True)
class Setting:
    """A flat setting: the name it has in the environment, in `.env` and in `secrets.toml`, and what it does."""

    name: str
    help: str


SETTINGS = (
    Setting("GRAFANA_URL", "Address of your Grafana, such as https://grafana.example.org; a sub-path is fine."),
    Setting("GRAFANA_TOKEN", "Token of a service account with the role Viewer. Sent to that Grafana only."),
    Setting(
        "GRAFANA_TOKEN_FILE", "File with that token instead, such as a mounted secret; read again when it changes."
    ),
    Setting("GRAFANA_NAME", "What to call this Grafana on screen. Default: its host name."),
    Setting("GRAFANA_UIDS", "Data sources by uid, as uid=name,uid=name, where the token may not list them."),
    Setting("PROMETHEUS_URL", "Address of a Prometheus to ask directly, without a Grafana."),
    Setting("PROMETHEUS_NAME", "What to call it on screen. Default: its host name."),
    Setting("PROMETHEUS_USERNAME", "User name for HTTP basic auth, if it asks for one."),
    Setting("PROMETHEUS_PASSWORD", "Password for HTTP basic auth."),
    Setting("PROMETHEUS_ORG", "Tenant to ask, where one server holds several: the header X-Scope-OrgID."),
    Setting("HUBSCOPE_TIMEOUT", "Time limit of one request in seconds, 1 to 120. Default: 30."),
    Setting("HUBSCOPE_PRESETS", "Folder of your own presets: TOML files, or dashboards of Grafana as JSON."),
    Setting("HUBSCOPE_PLACES", "How many requests one Grafana or Prometheus gets at once, 1 to 64. Default: 8."),
    Setting("HUBSCOPE_MEMORY_MB", "Memory for answers that are kept, in MiB. Default: 256."),
    Setting("HUBSCOPE_CACHE", "Folder to keep answers about the past in, across restarts. Default: none."),
    Setting("HUBSCOPE_CACHE_MB", "The most that folder may take, in MiB. Default: 1024."),
    Setting("HUBSCOPE_EDITOR", "Set to `plain` for a plain text field in place of the PromQL editor."),
    Setting("HUBSCOPE_PERIODS", "File of named periods, such as terms and workshops (docs/time.md)."),
    Setting("HUBSCOPE_ZONE", "Time zone that visitors start with, such as Europe/Berlin. Default: UTC."),
    Setting("HUBSCOPE_LANGUAGES", "Languages besides English in which days may be typed, as de,fr,es."),
    Setting("HUBSCOPE_FISCAL_START", "Month in which your fiscal year begins, 1 to 12. Default: 1."),
    Setting(
        "HUBSCOPE_SCRAPE_SECONDS",
        "How often your Prometheus collects values where Grafana does not say, 1 to 3600 seconds. Default: 60.",
    ),
    Setting("HUBSCOPE_MAX_ROWS", "The most values in one file, 1000 to 50000000. Default: 5000000."),
    Setting("HUBSCOPE_LOG", "Set to `json` for a line of JSON for every request. Default: `text`, failures only."),
    Setting("HUBSCOPE_METRICS_PORT", "Port on this machine for numbers about the app: `/metrics`. Default: none."),
    Setting("HUBSCOPE_ALLOW", "Who may come in once signed in: ada@example.org, @example.org, group:staff or *."),
    Setting("HUBSCOPE_CONTACT", "Whom to ask to be let in; shown to those who are not."),
    Setting(
        "HUBSCOPE_PROMQL", "Set to `no` for ready-made questions only; a [[group]] may have its own. Default: yes."
    ),
    Setting("HUBSCOPE_HUBS", "The only hubs that anybody may see, by namespace, as a,b,c. Default: all."),
    Setting("HUBSCOPE_OPEN", "Set to `yes` to serve your data beyond this machine without sign-in (docs/access.md)."),
    Setting("HUBSCOPE_OWN_TOKENS", "Set to `on` to let visitors use Grafana tokens of their own (docs/connect.md)."),
    Setting("HUBSCOPE_CA_BUNDLE", "File of certificate authorities to trust, for a Grafana with a private one."),
    *(Setting(name, text) for name, text in guard_settings.NAMES),
)
