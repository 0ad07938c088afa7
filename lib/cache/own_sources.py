"""What a visitor's own Grafana tokens reach: found and remembered for that visit alone, and gone with it.

The tokens are in the state of the session, as Secrets, and nowhere else. What they find is in caches of the session,
which Streamlit clears when the visitor leaves. Threads that fetch cannot read the state of a session, so what they look
up by name is kept in such a cache too.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import streamlit as st

from lib.cache.configured import (
    discovery,
    forget_discovery,
    grafana_named,
    source_named,
    still_good,
    transport,
)
from lib.cache.given import settings
from lib.cache.watching import watch
from lib.core.errors import ConfigError
from lib.core.secret import Secret, check_token
from lib.core.server_settings import GrafanaSettings
from lib.sources import Discovery, Source, connect, narrowed

_TOKENS = "_own_tokens"

Key = tuple[str, str, str]


@dataclass
class _Reach:
    """What a visitor's own tokens reach: Grafanas by name and label of the token, data sources by their key."""

    grafanas: Mapping[tuple[str, str], GrafanaSettings] = field(default_factory=dict)
    sources: Mapping[Key, Source] = field(default_factory=dict)


@st.cache_resource(scope="session", show_spinner=False)
def _reach() -> _Reach:
    return _Reach()


def own_tokens() -> Mapping[str, Secret]:
    """This visitor's tokens by the name of their Grafana; none while the switch is off, whatever a session holds."""
    found = st.session_state.get(_TOKENS) if settings().own_tokens else None
    if not isinstance(found, dict):
        return {}
    names = {grafana.name for grafana in settings().grafanas}
    return {name: token for name, token in found.items() if name in names and isinstance(token, Secret)}


def give_token(name: str, text: str) -> None:
    """Takes a visitor's token for a configured Grafana, until the visit ends.

    Raises ConfigError, which never shows the text, for one that is no token, for a Grafana that is not configured, and
    while the switch is off.
    """
    if not settings().own_tokens or name not in {grafana.name for grafana in settings().grafanas}:
        raise ConfigError("That Grafana takes no token of yours.", "Choose one from the list.")
    token = check_token(text, "What you typed")
    st.session_state[_TOKENS] = {**own_tokens(), name: token}


def drop_token(name: str) -> None:
    """Forgets a visitor's token, and the data sources that it has found."""
    st.session_state[_TOKENS] = {kept: token for kept, token in own_tokens().items() if kept != name}
    _own_discovery.clear()
    _reach.clear()


def visitor_grafanas() -> tuple[GrafanaSettings, ...]:
    """The configured Grafanas as this visitor asks them: with the own token where there is one."""
    own = own_tokens()
    if not own:
        return settings().grafanas
    return tuple(
        replace(grafana, token=own[grafana.name], file=None, own=True) if grafana.name in own else grafana
        for grafana in settings().grafanas
    )


def visitor_discovery() -> Discovery:
    """The data sources as this visitor asks them, and what could not be listed, with its reason. Raises ConfigError."""
    if not own_tokens():
        return discovery()
    grafanas = visitor_grafanas()
    found = _own_discovery(tuple(grafana.token.label for grafana in grafanas))[0]
    reach = _reach()
    reach.grafanas = {(grafana.name, grafana.token.label): grafana for grafana in grafanas if grafana.own}
    reach.sources = {(each.id, each.origin, each.credential_id): each for each in found.sources if each.own}
    return found


@st.cache_resource(scope="session", max_entries=1, show_spinner=False, validate=still_good)
def _own_discovery(credential_ids: tuple[str, ...]) -> tuple[Discovery, float]:
    asked = replace(settings(), grafanas=visitor_grafanas())
    return connect(asked, transport=lambda *given: transport(), watch=watch()), time.monotonic()


def forget_sources() -> None:
    """Makes the next discovery ask every Grafana again."""
    forget_discovery()
    if own_tokens():
        _own_discovery.clear()


def own_source_named(source_id: str, origin: str, credential_id: str, hubs: tuple[str, ...] | None) -> Source:
    """The data source that a key stands for in this visit, for those who see these hubs only, None for all.

    Raises SourceError when it is gone.
    """
    found = _reach().sources.get((source_id, origin, credential_id))
    return narrowed(found, hubs) if found else source_named(source_id, origin, credential_id, hubs)


def own_grafana_named(name: str, credential_id: str) -> GrafanaSettings:
    """The Grafana that a key stands for in this visit. Raises SourceError when it is gone."""
    return _reach().grafanas.get((name, credential_id)) or grafana_named(name, credential_id)
