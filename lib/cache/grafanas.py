"""What the Grafanas themselves tell: their dashboards, and what is known of the token that asks them."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from lib.cache.configured import LIST_SECONDS, grafana_named, transport
from lib.cache.own_sources import own_grafana_named, visitor_discovery, visitor_grafanas
from lib.core.dashboards import Dashboard
from lib.core.errors import Kind, SourceError
from lib.core.server_settings import GrafanaSettings
from lib.sources import side_by_side
from lib.sources.dashboards import ListedDashboard, fetch_dashboard, list_dashboards
from lib.sources.token_facts import TokenFacts, token_facts

FACTS_SECONDS = 3.0  # for one request about a token
FACTS_PATIENCE = 5.0  # for all that is asked about tokens; they are a courtesy


def dashboards() -> tuple[tuple[str, str], ...]:
    """The dashboards of every Grafana that this visitor's token for it may see, as (key, title). Raises SourceError."""
    found: list[tuple[str, str]] = []
    for grafana in _listed():
        keep = _own_dashboards if grafana.own else _dashboards
        listed = keep(grafana.name, grafana.token.label)
        found += [(f"{grafana.name}/{each.uid}", each.title) for each in listed]
    return tuple(found)


def dashboard(key: str) -> Dashboard:
    """The panels of one dashboard as presets. Raises SourceError and PresetError."""
    name, _, uid = key.rpartition("/")
    grafana = next((each for each in _listed() if each.name == name), None)
    if grafana is None:
        raise SourceError(Kind.NOT_FOUND, "This Grafana is not connected.", "Choose another dashboard.")
    keep = _own_dashboard if grafana.own else _dashboard
    return keep(name, grafana.token.label, uid)


def _listed() -> list[GrafanaSettings]:
    """The Grafanas that gave this visitor a list of data sources."""
    groups = {source.group for source in visitor_discovery().sources}
    return [grafana for grafana in visitor_grafanas() if grafana.name in groups]


@st.cache_data(ttl=LIST_SECONDS, max_entries=100, show_spinner=False)
def _dashboards(name: str, credential_id: str) -> tuple[ListedDashboard, ...]:
    return list_dashboards(grafana_named(name, credential_id), transport())


@st.cache_data(scope="session", ttl=LIST_SECONDS, max_entries=10, show_spinner=False)
def _own_dashboards(name: str, credential_id: str) -> tuple[ListedDashboard, ...]:
    return list_dashboards(own_grafana_named(name, credential_id), transport())


@st.cache_data(ttl=LIST_SECONDS, max_entries=100, show_spinner=False)
def _dashboard(name: str, credential_id: str, uid: str) -> Dashboard:
    return fetch_dashboard(grafana_named(name, credential_id), uid, transport())


@st.cache_data(scope="session", ttl=LIST_SECONDS, max_entries=10, show_spinner=False)
def _own_dashboard(name: str, credential_id: str, uid: str) -> Dashboard:
    return fetch_dashboard(own_grafana_named(name, credential_id), uid, transport())


def tokens_known() -> dict[str, TokenFacts]:
    """By the name of each Grafana that gave a list, what it tells of the token. All are asked side by side."""
    context, grafanas = get_script_run_ctx(), _listed()

    def ask_one(grafana: GrafanaSettings) -> TokenFacts:
        add_script_run_ctx(ctx=context)
        return (_own_facts if grafana.own else _facts)(grafana.name, grafana.token.label)

    found = side_by_side(grafanas, ask_one, FACTS_PATIENCE)
    return {
        grafana.name: facts for grafana, facts in zip(grafanas, found, strict=True) if isinstance(facts, TokenFacts)
    }


@st.cache_data(ttl=LIST_SECONDS, max_entries=100, show_spinner=False)
def _facts(name: str, credential_id: str) -> TokenFacts:
    return token_facts(grafana_named(name, credential_id), transport(), FACTS_SECONDS)


@st.cache_data(scope="session", ttl=LIST_SECONDS, max_entries=10, show_spinner=False)
def _own_facts(name: str, credential_id: str) -> TokenFacts:
    return token_facts(own_grafana_named(name, credential_id), transport(), FACTS_SECONDS)


def forget_own() -> None:
    """Drops what this visitor's own tokens were shown."""
    for kept in (_own_dashboards, _own_dashboard, _own_facts):
        kept.clear()
