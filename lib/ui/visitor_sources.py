"""The data sources of one visitor: those configured, asked with the visitor's own tokens where there are some."""

from __future__ import annotations

import streamlit as st

from lib import cache
from lib.core.errors import Kind
from lib.sources import Discovery
from lib.ui import messages

# Where a token of one's own may help.
WANTING = (Kind.NO_TOKEN, Kind.AUTH, Kind.FORBIDDEN)


def discovery() -> Discovery:
    """The data sources that this visitor may ask, and what could not be listed, with its reason. Raises ConfigError.

    The one place that says so: whatever else decides on a visitor's sources takes this and changes it.
    """
    return cache.visitor_discovery()


def way_to_own_token(found: Discovery) -> None:
    """A link to where a visitor's own token is given, when it may help; and the Grafanas that are asked with one."""
    own = cache.own_tokens()
    if own:
        names = messages.md(", ".join(own))
        st.caption(f"Asked with your own token: {names}.")
    if cache.settings().own_tokens and any(error.kind in WANTING for _, error in found.failures):
        st.page_link("pages/sources.py", label="Use your own token", icon=":material/key:")
