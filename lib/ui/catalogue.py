"""The presets that this visitor can choose from: those of the app, one's own, and the panels of a chosen dashboard."""

from __future__ import annotations

import streamlit as st

from lib import cache
from lib.core.errors import AppError
from lib.core.presets import Preset


def known_presets() -> dict[str, Preset]:
    """All presets by id. A dashboard that cannot be read adds none; the gallery says why."""
    key = st.session_state.get("dashboard", "")
    try:
        panels = cache.dashboard(key).presets if key else ()
    except AppError:
        panels = ()
    return cache.catalogue() | {panel.id: panel for panel in panels}


def current_preset() -> Preset:
    """The preset that was chosen, else the first of the catalogue."""
    known = known_presets()
    return known.get(st.session_state.get("preset", "")) or next(iter(known.values()))
