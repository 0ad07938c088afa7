"""Every function that Streamlit caches, and nothing else: settings, data sources, the catalogue and answers.

A key holds what changes the answer, who asks included: the source's id and origin, a random label of the credential,
and the frozen query. Tokens, frames and clocks are never part of one. Failures, and answers with warnings, are not
kept.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from dotenv import dotenv_values
from streamlit.errors import StreamlitSecretNotFoundError
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from lib.core.dashboards import Dashboard
from lib.core.errors import Kind, PresetError, SourceError
from lib.core.own_presets import OwnPresets, fingerprint, read_own
from lib.core.preset_files import FOLDER, in_order
from lib.core.presets import Preset
from lib.core.query import Query
from lib.core.result import Answer, Outcome
from lib.core.settings import GrafanaSettings, Settings, load_settings
from lib.core.time_range import DAY
from lib.sources import Discovery, Source, ask_all, connect, side_by_side
from lib.sources.dashboards import ListedDashboard, fetch_dashboard, list_dashboards
from lib.sources.transport import Transport

FAILURE_SECONDS = 5  # how long a Grafana that could not be reached is left in peace
LIST_SECONDS = 300  # how long a list of data sources is believed
ANSWER_SECONDS = 600  # activity metrics change once an hour, so minutes lose nothing


def catalogue() -> dict[str, Preset]:
    """All presets, by id: those that ship, then one's own."""
    return in_order(_shipped().presets) | own_presets().presets


def preset_problems() -> tuple[PresetError, ...]:
    """What is wrong in the files of presets. A bad one takes nothing else away."""
    return _shipped().problems + own_presets().problems


@st.cache_resource(show_spinner=False)
def _shipped() -> OwnPresets:
    return read_own(FOLDER)


def own_presets() -> OwnPresets:
    """The presets of the folder that a setting names, read again when a file in it changes; and what is wrong there."""
    folder = settings().presets
    return _own_presets(folder, fingerprint(folder))


@st.cache_resource(max_entries=2, show_spinner=False)
def _own_presets(folder: str, state: str) -> OwnPresets:
    return read_own(folder, _shipped().presets)


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """What is configured in the environment, in `.env` and in `.streamlit/secrets.toml`. Raises ConfigError."""
    return load_settings(os.environ, dotenv_values(Path(".env")), _secrets())


def _secrets() -> Mapping[str, Any]:
    try:
        return st.secrets.to_dict()
    except StreamlitSecretNotFoundError:
        return {}


def discovery() -> Discovery:
    """The data sources of everything configured, and what could not be listed, with its reason. Raises ConfigError."""
    return _discovery()[0]


def _still_good(found: tuple[Discovery, float]) -> bool:
    limit = FAILURE_SECONDS if found[0].failures else LIST_SECONDS
    return time.monotonic() - found[1] < limit


@st.cache_resource(show_spinner=False, validate=_still_good)
def _discovery() -> tuple[Discovery, float]:
    return connect(settings()), time.monotonic()


def forget_sources() -> None:
    """Makes the next `discovery()` ask every Grafana again."""
    _discovery.clear()


def ask(sources: Sequence[Source], query: Query) -> tuple[Outcome, ...]:
    """What the sources answer to one query, side by side, in their order. A failure is an outcome, never a hole."""
    context = get_script_run_ctx()

    def ask_one(source: Source, query: Query) -> Answer:
        add_script_run_ctx(ctx=context)  # the threads of a fan-out belong to the visitor who asked
        try:
            return _answer(source.id, source.origin, source.credential_id, query)
        except _Incomplete as incomplete:
            return incomplete.answer

    return ask_all(sources, query, ask=ask_one)


class _Incomplete(Exception):
    """Carries an answer with warnings past the cache, which keeps what is returned and forgets what is raised."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


@st.cache_data(ttl=ANSWER_SECONDS, max_entries=1_000, max_size="200MB", show_spinner=False)
def _answer(source_id: str, origin: str, credential_id: str, query: Query) -> Answer:
    found = _source(source_id, origin, credential_id).ask(query)
    if found.warnings:
        raise _Incomplete(found)
    return found


def label_values(sources: Sequence[Source], name: str, match: str, start: int, end: int) -> dict[str, tuple[str, ...]]:
    """By cluster, the values of label `name` on the series of `match` from `start` to `end` (Unix seconds).

    A cluster that cannot say is left out; it takes only its own values away.
    """
    context = get_script_run_ctx()

    def ask_one(source: Source) -> tuple[str, ...]:
        add_script_run_ctx(ctx=context)
        return _label_values(source.id, source.origin, source.credential_id, name, match, start, end)

    limit = max((source.timeout for source in sources), default=0.0)
    found = side_by_side(sources, ask_one, limit)
    pairs = zip(sources, found, strict=True)
    return {source.name: values for source, values in pairs if not isinstance(values, SourceError)}


def metric_names(sources: Sequence[Source], now: float) -> frozenset[str]:
    """The metrics that at least one of the sources has collected in the last day; none when no source can say."""
    end = int(now // DAY * DAY) + DAY
    return frozenset(
        name for names in label_values(sources, "__name__", "", end - 2 * DAY, end).values() for name in names
    )


@st.cache_data(ttl=ANSWER_SECONDS, max_entries=1_000, show_spinner=False)
def _label_values(
    source_id: str, origin: str, credential_id: str, name: str, match: str, start: int, end: int
) -> tuple[str, ...]:
    return _source(source_id, origin, credential_id).label_values(name, match, start, end)


def dashboards() -> tuple[tuple[str, str], ...]:
    """The dashboards of every configured Grafana that its token may see, as (key, title). Raises SourceError."""
    found: list[tuple[str, str]] = []
    for grafana in settings().grafanas:
        listed = _dashboards(grafana.name, grafana.token.label)
        found += [(f"{grafana.name}/{each.uid}", each.title) for each in listed]
    return tuple(found)


@st.cache_data(ttl=LIST_SECONDS, max_entries=100, show_spinner=False)
def _dashboards(name: str, credential_id: str) -> tuple[ListedDashboard, ...]:
    return list_dashboards(*_grafana(name, credential_id))


def dashboard(key: str) -> Dashboard:
    """The panels of one dashboard as presets. Raises SourceError and PresetError."""
    name, _, uid = key.rpartition("/")
    labels = (grafana.token.label for grafana in settings().grafanas if grafana.name == name)
    return _dashboard(name, next(labels, ""), uid)


@st.cache_data(ttl=LIST_SECONDS, max_entries=100, show_spinner=False)
def _dashboard(name: str, credential_id: str, uid: str) -> Dashboard:
    grafana, transport = _grafana(name, credential_id)
    return fetch_dashboard(grafana, uid, transport)


def _grafana(name: str, credential_id: str) -> tuple[GrafanaSettings, Transport]:
    """A configured Grafana, and what sends requests to it: the same that its data sources use."""
    grafanas = (each for each in settings().grafanas if each.name == name and each.token.label == credential_id)
    transports = (source.api.transport for source in discovery().sources if source.group == name)
    grafana, transport = next(grafanas, None), next(transports, None)
    if grafana is None or transport is None:
        raise SourceError(Kind.NOT_FOUND, "This Grafana is not connected.", "Choose another dashboard.")
    return grafana, transport


def _source(source_id: str, origin: str, credential_id: str) -> Source:
    wanted = (source_id, origin, credential_id)
    for source in discovery().sources:
        if (source.id, source.origin, source.credential_id) == wanted:
            return source
    raise SourceError(Kind.NOT_FOUND, "This data source is gone.", "Reload the page.")
