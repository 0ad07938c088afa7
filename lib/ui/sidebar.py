"""The sidebar's widgets for clusters and staging hubs, the same on every page. Those for time are in `lib.ui.when`."""

from __future__ import annotations

import streamlit as st

from lib.core.fence import said
from lib.sources import Discovery, Source
from lib.ui import messages


def choose_sources(found: Discovery) -> tuple[Source, ...]:
    """The data sources to ask: all, unless some were chosen."""
    names = [source.name for source in found.sources]
    chosen = [name for name in st.session_state.get("cluster", ()) if name in names]
    st.session_state["cluster"] = chosen
    st.multiselect("Clusters", names, key="cluster", placeholder=f"All {len(names)} clusters", format_func=str)
    chosen = st.session_state["cluster"]
    for name, error in found.failures:
        st.warning(f"**{messages.md(name)}** gives no list of clusters: {messages.reason(error)}.")
    return tuple(source for source in found.sources if source.name in chosen or not chosen)


def choose_staging() -> bool:
    """Whether hubs with `staging` in their name are left out; they are unless somebody asks for them."""
    st.session_state["_hide_staging"] = st.session_state.get("staging") != "show"
    st.toggle("Hide staging hubs", key="_hide_staging", on_change=_take_staging)
    return bool(st.session_state["_hide_staging"])


def _take_staging() -> None:
    st.session_state["staging"] = "" if st.session_state["_hide_staging"] else "show"


def say_which_hubs(hubs: tuple[str, ...] | None) -> None:
    """The only hubs that are shown here; nothing where all are."""
    if hubs is not None:
        st.caption(messages.md(said(hubs)))


def say_where_data_comes_from(sample: bool) -> None:
    """One line about the data: whose it is."""
    if sample:
        st.caption("Sample data: made-up hubs.")
        st.page_link("pages/sources.py", label="Connect your own", icon=":material/add_link:")
