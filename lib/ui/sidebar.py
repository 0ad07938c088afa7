"""The sidebar's widgets: time, step, clusters and staging hubs, the same on every page."""

from __future__ import annotations

import streamlit as st

from lib.core.errors import TimeError
from lib.core.question import Moments
from lib.core.time_range import STEPS, format_duration, parse_duration
from lib.core.time_text import resolve
from lib.sources import Discovery, Source
from lib.ui import messages, wording
from lib.ui.catalogue import current_preset

PERIODS = {
    ("now-24h", "now"): "Last 24 hours",
    ("now-7d", "now"): "Last 7 days",
    ("now-30d", "now"): "Last 30 days",
    ("now-90d", "now"): "Last 90 days",
    ("now-1y", "now"): "Last 12 months",
    ("now-1M/M", "now-1M/M"): "Last full month",
    ("now-1y/y", "now-1y/y"): "Last full year",
}
_SUGGESTED, _CUSTOM = "suggested", "custom"


def choose_time(now: float) -> tuple[Moments, tuple[str, ...]]:
    """The time range, by name or as typed, and the step; and the same as texts, which do not move with the clock.

    What cannot be used is said, and the suggestion taken.
    """
    typed = st.session_state.get("from", ""), st.session_state.get("to", "")
    st.session_state["_period"] = _period_of(typed)
    options = [_SUGGESTED, *(" ".join(period) for period in PERIODS), _CUSTOM]
    st.selectbox("Time", options, key="_period", format_func=_period_name, on_change=_take_period)
    if st.session_state["_period"] == _CUSTOM:
        st.text_input("From", key="from", max_chars=64, placeholder="now-30d, 2026-03-01, 1 month ago")
        st.text_input("To", key="to", max_chars=64, placeholder="now")
    start, end = _moments(now)
    st.caption(f"{wording.span(start, end)} {wording.ZONE}")
    step = _choose_step()
    texts = (st.session_state.get(name) or usual for name, usual in zip(_NAMES, _suggested(), strict=True))
    return Moments(start, end, now, step), (*texts, str(step))


def _period_of(typed: tuple[str, str]) -> str:
    if st.session_state.get("_custom") or (any(typed) and typed not in PERIODS):
        return _CUSTOM
    return " ".join(typed) if any(typed) else _SUGGESTED


def _period_name(option: str) -> str:
    if option == _SUGGESTED:
        return f"{_name_of(_suggested())}, suggested"
    start, _, end = option.partition(" ")
    return PERIODS.get((start, end), "Other dates …")


def _name_of(period: tuple[str, str]) -> str:
    """The name of a suggested range: one of PERIODS, or any other that a preset has, such as `now-6h`."""
    amount, unit = period[0].removeprefix("now-")[:-1], period[0][-1]
    words = {"h": "hours", "d": "days", "w": "weeks", "M": "months", "y": "years"}
    several = f"Last {amount} {words[unit]}" if amount != "1" else f"Last {words[unit].removesuffix('s')}"
    return PERIODS.get(period, several)


def _take_period() -> None:
    choice = st.session_state["_period"]
    st.session_state["_custom"] = choice == _CUSTOM
    if choice == _CUSTOM:
        chosen = tuple(st.session_state.get(name) or usual for name, usual in zip(_NAMES, _suggested(), strict=True))
    else:
        chosen = ("", "") if choice == _SUGGESTED else tuple(choice.split(" "))
    st.session_state["from"], st.session_state["to"] = chosen


_NAMES = ("from", "to")


def _suggested() -> tuple[str, str]:
    asked = st.session_state.get("asked") == "preset"
    return current_preset().range if asked else "now-30d", "now"


def _moments(now: float) -> tuple[float, float]:
    usual = _suggested()
    try:
        start = resolve(st.session_state.get("from") or usual[0], now)
        end = resolve(st.session_state.get("to") or usual[1], now, end=True)
        if end <= start:
            raise TimeError("The end lies before the start.", "Swap the two dates.")
    except TimeError as error:
        st.warning(messages.md(f"{error.message} {error.hint} Shown instead: {_name_of(usual).lower()}."))
        return resolve(usual[0], now), resolve(usual[1], now)
    return start, end


def _choose_step() -> int:
    """The step in seconds, 0 for automatic. A step from a link that is no duration counts as automatic."""
    options = ["", *(format_duration(step) for step in STEPS)]
    if (linked := st.session_state.get("step", "")) not in options:
        options += [linked] if _is_duration(linked) else []
        st.session_state["step"] = options[-1] if _is_duration(linked) else ""
    st.selectbox("Step", options, key="step", format_func=_step_name)
    chosen = st.session_state["step"]
    return parse_duration(chosen) if chosen else 0


def _is_duration(text: str) -> bool:
    try:
        return parse_duration(text) > 0
    except TimeError:
        return False


def _step_name(option: str) -> str:
    return f"One point every {wording.step(parse_duration(option))}" if option else "Automatic"


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


def say_where_data_comes_from(sample: bool) -> None:
    """One line about the data: whose it is."""
    if sample:
        st.caption("Sample data: made-up hubs.")
        st.page_link("pages/sources.py", label="Connect your own", icon=":material/add_link:")
