"""What is found by the settings: data sources, the catalogue."""

from __future__ import annotations

import secrets
import time

import streamlit as st

from lib.cache.given import read_once, settings
from lib.cache.watching import watch
from lib.core.access import SignedOut
from lib.core.errors import Kind, PresetError, SourceError
from lib.core.own_presets import OwnPresets, fingerprint, read_own
from lib.core.periods import Periods, read_periods, state
from lib.core.preset_files import FOLDER, in_order
from lib.core.presets import Preset
from lib.core.server_settings import GrafanaSettings
from lib.sources import Discovery, Source, connect, narrowed, sender
from lib.sources.transport import Transport

FAILURE_SECONDS = 5  # how long a Grafana that could not be reached is left in peace
LIST_SECONDS = 300  # how long a list of data sources is believed


def catalogue() -> dict[str, Preset]:
    """All presets, by id: those that ship, then one's own."""
    folder = settings().presets
    return dict(_catalogue(folder, fingerprint(folder)))


@st.cache_resource(max_entries=2, show_spinner=False)
def _catalogue(folder: str, state: str) -> dict[str, Preset]:
    return in_order(_shipped().presets) | _own_presets(folder, state).presets


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


def periods() -> Periods:
    """The named periods of the file that a setting names, read again when it changes; and what is wrong there."""
    path = settings().periods
    return _periods(path, state(path))


@st.cache_resource(max_entries=2, show_spinner=False)
def _periods(path: str, changed: str) -> Periods:
    return read_periods(path)


@st.cache_resource(show_spinner=False)
def pseudonym_key() -> bytes:
    """What the pseudonyms of this process are made with: the same in all its reports, and kept nowhere."""
    return secrets.token_bytes(32)


@st.cache_resource(show_spinner=False)
def signed_out() -> SignedOut:
    """The sign-ins of this process that somebody has ended."""
    return SignedOut()


def discovery() -> Discovery:
    """The data sources of everything configured, and what could not be listed, with its reason. Raises ConfigError.

    These are asked with the configured tokens. `lib.cache.own_sources` says what a visitor's own change about them.
    """
    return _discovery(tuple(grafana.token.label for grafana in settings().grafanas))[0]


def still_good(found: tuple[Discovery, float]) -> bool:
    """Whether a list of data sources, made at a monotonic second, may still be believed."""
    limit = FAILURE_SECONDS if found[0].failures else LIST_SECONDS
    return time.monotonic() - found[1] < limit


@st.cache_resource(max_entries=2, show_spinner=False, validate=still_good)
def _discovery(credential_ids: tuple[str, ...]) -> tuple[Discovery, float]:
    return connect(settings(), transport=lambda *given: transport(), watch=watch()), time.monotonic()


@st.cache_resource(show_spinner=False)
def transport() -> Transport:
    """What sends every request of this process, whoever's token it takes: the places of an origin are shared by all."""
    return sender(read_once())


def forget_discovery() -> None:
    """Makes the next `discovery()` ask every Grafana again."""
    _discovery.clear()


def grafana_named(name: str, credential_id: str) -> GrafanaSettings:
    """The configured Grafana that a key of a cache stands for. Raises SourceError when it is gone."""
    for grafana in settings().grafanas:
        if (grafana.name, grafana.token.label) == (name, credential_id):
            return grafana
    raise SourceError(Kind.NOT_FOUND, "This Grafana is not connected.", "Reload the page.")


def source_named(source_id: str, origin: str, credential_id: str, hubs: tuple[str, ...] | None) -> Source:
    """The connected data source that a key of a cache stands for, for those who see these hubs only, None for all.

    Raises SourceError when it is gone.
    """
    wanted = (source_id, origin, credential_id)
    for source in discovery().sources:
        if (source.id, source.origin, source.credential_id) == wanted:
            return narrowed(source, hubs)
    raise SourceError(Kind.NOT_FOUND, "This data source is gone.", "Reload the page.")
