"""The sidebar's widgets for time: the range, by name or as typed, the time zone, and the step."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from lib import cache
from lib.core import wording
from lib.core.errors import TimeError
from lib.core.periods import FISCAL, USUAL, Period
from lib.core.question import Moments
from lib.core.relative_time import Calendar
from lib.core.time_doubts import EXAMPLES
from lib.core.time_range import STEPS, format_duration, parse_duration
from lib.core.time_text import resolve_range
from lib.core.zones import UTC_NAME, is_zone, local, zone_names
from lib.ui import messages
from lib.ui.catalogue import current_preset

_SUGGESTED, _CUSTOM = "suggested", "custom"
_NAMES = ("from", "to")
_LAST_MONTH = ("now-1M/M", "now-1M/M")
_FIRST_DAY, _LAST_DAY = date(1970, 1, 2), date(2199, 12, 31)


def choose_time(now: float) -> tuple[Moments, tuple[str, ...]]:
    """The time range, its zone and its step; and the same as texts, which do not move with the clock.

    What cannot be used is said, and the suggestion taken. The moments, with their zone, stand below.
    """
    periods, usual = _periods(), _suggested()
    typed = _typed()
    st.session_state["_period"] = _option_of(typed, periods)
    options = [_SUGGESTED, *periods, _CUSTOM]
    st.selectbox(
        "Time", options, key="_period", format_func=lambda option: _name(option, periods, usual), on_change=_take_period
    )
    if typed != _LAST_MONTH:  # what reports are written about, one click away
        st.button(
            "Last full month",
            key="_last_month",
            type="tertiary",
            icon=":material/calendar_month:",
            on_click=_take_last_month,
        )
    for problem in cache.periods().problems[:3]:
        st.caption(f":material/warning: {messages.md(f'{problem.message} {problem.hint}')}")
    rules = Calendar(_zone(), cache.settings().fiscal_start, cache.settings().languages)
    if st.session_state["_period"] == _CUSTOM:
        _type_dates(now, rules, usual)
    start, end = _moments(now, rules, usual)
    st.caption(f"{wording.span(start, end, rules.zone)} · {messages.md(rules.zone)}")
    _choose_zone()
    step = _choose_step()
    given = cache.settings()
    moments = Moments(start, end, now, step, rules.zone, given.scrape, max_days=given.max_days)
    return moments, (*_texts(usual), str(step), rules.zone)


def _typed() -> tuple[str, str]:
    return st.session_state.get("from", ""), st.session_state.get("to", "")


def _periods() -> dict[str, Period]:
    """The periods on offer by the option that stands for them: first one's own, as they are few."""
    fiscal = FISCAL if cache.settings().fiscal_start > 1 else ()
    offered = (*cache.periods().periods, *USUAL, *fiscal)
    return {f"{period.start} {period.end}": period for period in offered}


def _option_of(typed: tuple[str, str], periods: dict[str, Period]) -> str:
    option = " ".join(typed)
    if st.session_state.get("_custom") or (any(typed) and option not in periods):
        return _CUSTOM
    return option if any(typed) else _SUGGESTED


def _name(option: str, periods: dict[str, Period], usual: tuple[str, str]) -> str:
    if option == _SUGGESTED:
        return f"{_name_of(usual)}, suggested"
    return periods[option].name if option in periods else "Other dates …"


def _name_of(period: tuple[str, str]) -> str:
    """The name of a suggested range: a usual one, or any other that a preset has, such as `now-6h`."""
    for usual in USUAL:
        if period == (usual.start, usual.end):
            return usual.name
    amount, unit = period[0].removeprefix("now-")[:-1], period[0][-1]
    words = {"h": "hours", "d": "days", "w": "weeks", "M": "months", "y": "years"}
    return f"Last {amount} {words[unit]}" if amount != "1" else f"Last {words[unit].removesuffix('s')}"


def _take_period() -> None:
    choice = st.session_state["_period"]
    st.session_state["_custom"] = choice == _CUSTOM
    if choice == _CUSTOM:
        chosen = tuple(st.session_state.get(name) or usual for name, usual in zip(_NAMES, _suggested(), strict=True))
    else:
        chosen = ("", "") if choice == _SUGGESTED else tuple(choice.split(" "))
    st.session_state["from"], st.session_state["to"] = chosen


def _take_last_month() -> None:
    st.session_state["_custom"] = False
    st.session_state["from"], st.session_state["to"] = _LAST_MONTH


def _suggested() -> tuple[str, str]:
    asked = st.session_state.get("asked") == "preset"
    return current_preset().range if asked else "now-30d", "now"


def _type_dates(now: float, rules: Calendar, usual: tuple[str, str]) -> None:
    """Two boxes for what people type, and a calendar that fills them."""
    left, right = st.columns(2)
    left.text_input("From", key="from", max_chars=64, placeholder="last month", help=EXAMPLES)
    right.text_input("To", key="to", max_chars=64, placeholder="now")
    days = _days(now, rules, usual)
    key = f"_days {days}"
    value: list[Any] = [*days]
    st.date_input("Days", value, _FIRST_DAY, _LAST_DAY, key=key, format="YYYY-MM-DD", on_change=_take_days, args=(key,))


def _days(now: float, rules: Calendar, usual: tuple[str, str]) -> list[str]:
    """The first and the last day of what is typed, as ISO dates; none where that cannot be used."""
    try:
        moments = resolve_range(*_texts(usual), now, rules)
    except TimeError:  # said below the boxes
        return []
    days = (local(moment, rules.zone).date() for moment in moments)
    return [min(max(day, _FIRST_DAY), _LAST_DAY).isoformat() for day in days]


def _take_days(key: str) -> None:
    days = st.session_state[key]
    if len(days) == 2:  # after the first click there is one
        st.session_state["from"], st.session_state["to"] = (day.isoformat() for day in days)


def _texts(usual: tuple[str, str]) -> tuple[str, str]:
    """Start and end as typed or suggested. An end that is left out stays out: the start may name a span."""
    start, end = _typed()
    return start or usual[0], end if start else end or usual[1]


def _moments(now: float, rules: Calendar, usual: tuple[str, str]) -> tuple[float, float]:
    try:
        return resolve_range(*_texts(usual), now, rules)
    except TimeError as error:
        st.warning(messages.md(f"{error.message} {error.hint} Shown instead: {_name_of(usual).lower()}."))
        return resolve_range(*usual, now, rules)


def _zone() -> str:
    """The zone of the link, else the one that the settings name. A link's name that is none counts as missing."""
    chosen = str(st.session_state.get("tz") or "")
    return chosen if is_zone(chosen) else cache.settings().zone


def _choose_zone() -> None:
    browser = st.context.timezone or ""
    first = dict.fromkeys(name for name in (cache.settings().zone, UTC_NAME, browser, _zone()) if is_zone(name))
    st.session_state["_zone"] = _zone()
    st.selectbox(
        "Time zone",
        [*first, *(name for name in zone_names() if name not in first)],
        key="_zone",
        format_func=lambda name: f"{name}, as in your browser" if name == browser else name,
        on_change=_take_zone,
    )


def _take_zone() -> None:
    chosen = st.session_state["_zone"]
    st.session_state["tz"] = "" if chosen == cache.settings().zone else chosen


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
