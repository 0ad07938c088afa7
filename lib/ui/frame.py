"""What surrounds every page: navigation, the choice of time and clusters, and the address that mirrors it all.

Who is not let in (`lib.ui.gate`) gets past none of this: the pages are named first, so that Streamlit knows them and
runs nothing else, then the visitor is looked at, and only then is anybody asked anything.

A folder named `pages/` sets a trap. Until some visitor has run `st.navigation`, Streamlit takes the files in it for
pages of its own and runs one **without** the entry point: for the first visitor of a fresh server who opens a link to a
page, and in tests. The cure is one invariant: a scope exists exactly while the frame surrounds the page. Each page
begins by asking for it; `scope()`, finding none, names the pages and starts over.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import cache
from lib.core import permalink
from lib.core.access import Access, Refusal
from lib.core.errors import AccessError, AppError
from lib.core.question import Moments
from lib.core.written import LETTERS, from_state, left_open, name_parameter, parameter
from lib.sources import Discovery, Source, hubs_of, narrowed, scrape_of
from lib.ui import gate, messages, sidebar, under_way, visitor, visitor_sources, when


@dataclass(frozen=True)
class Scope:
    """What a page is asked about: which data sources, which time, and whether staging hubs are left out.

    `typed` is the time as it was chosen, which stays equal while the clock moves on. `choices` is the place in the
    sidebar for what only this page lets one choose. `path` is that of the page's address, "" for the first page.
    """

    sources: tuple[Source, ...]
    discovery: Discovery
    moments: Moments
    typed: tuple[str, ...]
    hide_staging: bool
    sample: bool
    choices: DeltaGenerator
    path: str = ""

    @property
    def all_sources(self) -> bool:
        """True when no data source was left out."""
        return len(self.sources) == len(self.discovery.sources)


# Not in the session's state, which cannot be changed any more once a page has called st.stop().
_surrounding: ContextVar[Scope | None] = ContextVar("scope", default=None)

PRESETS, PROMQL, CHART, SOURCES = "pages/presets.py", "pages/promql.py", "pages/chart.py", "pages/sources.py"
# What the address of each page says; the rest of the state stays in the session.
_QUERIES = (*(parameter(letter) for letter in LETTERS), *(name_parameter(letter) for letter in LETTERS), "mode")
_COMMON = ("from", "to", "tz", "step", "cluster", "staging")
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "": ("preset", "dashboard", *_COMMON, "by"),
    "promql": (*_QUERIES, *_COMMON, "by"),
    "chart": ("preset", "dashboard", *_QUERIES, *_COMMON, "by", "do", "chart", "top", "title", "zero"),
    "sources": _COMMON,
}


def navigation() -> Any:
    """The pages, their titles, icons and order; returns the one that was asked for.

    The menu leaves out what this visitor cannot use, and is hidden from one who is not let in. The pages stay known, so
    that their addresses lead to a sentence about it.
    """
    promql: Literal["visible", "hidden"] = "visible" if visitor.may_write() else "hidden"
    return st.navigation(
        [
            st.Page(PRESETS, title="Presets", icon=":material/quiz:", default=True),
            st.Page(PROMQL, title="PromQL", icon=":material/code:", visibility=promql),
            st.Page(CHART, title="Chart", icon=":material/show_chart:"),
            st.Page(SOURCES, title="Sources", icon=":material/dns:"),
        ],
        position="hidden" if visitor.kept_out() else "sidebar",
    )


def scope() -> Scope:
    """What this page is asked about. Where the frame is missing, starts over with it and does not return."""
    found = _surrounding.get()
    if found is None:
        st.set_page_config(page_icon="static/icon.svg")  # else the browser fetches the page's own icon from Google
        navigation()
        st.rerun()
    return found


def draw() -> None:
    """Draws the frame and, inside it, the page."""
    page = navigation()
    try:
        access = visitor.standing()
        if isinstance(access, Refusal):
            under_way.end_all()
            gate.draw(access)
            return
        _draw_inside(page, access)
    except AppError as error:
        messages.show_error(error)
        if isinstance(error, AccessError):
            st.page_link(PRESETS, label="Choose a question", icon=":material/quiz:")
    finally:
        _surrounding.set(None)


def _draw_inside(page: Any, access: Access) -> None:
    st.logo("static/logo.svg", icon_image="static/icon.svg", size="large")
    _restore_state(page.url_path)
    _surrounding.set(_scope(page.url_path, access))
    _write_address(page.url_path)  # a page may end early, and nothing can be written after that
    under_way.run(page.run)
    _write_address(page.url_path)


def remember(**values: permalink.Value | None) -> None:
    """Sets parts of the state, to be read on the next run; None takes a part out.

    What is out is an empty text: a name that is missing would be filled again from the address.
    """
    for name, value in values.items():
        st.session_state[name] = "" if value is None else value


def _restore_state(path: str) -> None:
    """The address fills gaps, the session wins, and widgets of other pages are remembered.

    Streamlit forgets the value of a widget that a page does not draw; setting it to what it is keeps it.
    """
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    linked = permalink.decode({name: values for name, values in query.items() if _belongs(name, path)})
    kept = {name: value for name, value in st.session_state.items() if permalink.parameter_of(str(name))}
    for name, value in (linked | kept).items():
        st.session_state[name] = value
    if "asked" not in st.session_state:
        st.session_state["asked"] = "expr" if "expr" in linked and "preset" not in linked else "preset"


def _belongs(name: str, path: str) -> bool:
    """Whether the address of a page says this; variables go where presets and queries go."""
    names = PARAMETERS[path]
    return name in names or (name.startswith(permalink.VARIABLE) and ("preset" in names or "expr" in names))


def _scope(path: str, access: Access) -> Scope:
    now = time.time()
    found = visitor_sources.discovery()
    found = replace(found, sources=tuple(narrowed(source, access.hubs) for source in found.sources))
    with st.sidebar:
        moments, typed = when.choose_time(now)
        sources = sidebar.choose_sources(found)
        visitor_sources.way_to_own_token(found)
        hide = sidebar.choose_staging()
        choices = st.container()
        sidebar.say_which_hubs(hubs_of(sources))
        sidebar.say_where_data_comes_from(cache.settings().sample)
        gate.who(access)
    moments = replace(moments, scrape=scrape_of(sources, moments.scrape), hubs=hubs_of(sources))
    return Scope(sources, found, moments, typed, hide, cache.settings().sample, choices, path)


def address(path: str) -> dict[str, list[str]]:
    """What the address of a page says of the state, by parameter: all that it takes to show the same elsewhere."""
    names = [str(name) for name in st.session_state if _belongs(str(name), path)]
    queries = path == "promql" or (path == "chart" and st.session_state["asked"] != "preset")
    if queries:
        left_open_here = {permalink.VARIABLE + each.name for each in left_open(from_state(st.session_state))}
        names = [name for name in names if name in left_open_here or not name.startswith(permalink.VARIABLE)]
    if path == "chart":
        left_out = ("preset", "dashboard") if queries else _QUERIES
        names = [name for name in names if name not in left_out]
    return permalink.encode({name: st.session_state[name] for name in names})


def _write_address(path: str) -> None:
    parameters = address(path)
    if {name: st.query_params.get_all(name) for name in st.query_params} != parameters:
        st.query_params.from_dict(parameters)
