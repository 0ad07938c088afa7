"""What a preset leaves open, as widgets in the sidebar: hubs, people, thresholds. Nothing chosen means all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from lib.core.permalink import VARIABLE
from lib.core.presets import Preset
from lib.core.time_range import DAY
from lib.core.units import unit_of
from lib.core.variables import Choice, LabelVariable, NumberVariable
from lib.ui import messages, permitted
from lib.ui.frame import Scope

_TOO_MUCH = 1e15  # browsers count whole numbers to 2 ** 53


def choose_variables(preset: Preset, scope: Scope) -> Mapping[str, Choice]:
    """The choices for a preset's variables, by name. Values to choose from come from all chosen clusters."""
    chosen: dict[str, Choice] = {}
    with scope.choices:
        for variable in preset.variables:
            if isinstance(variable, NumberVariable):
                chosen[variable.name] = _number(variable)
            else:
                words = variable.words.lower()
                chosen[variable.name] = choose_values(variable, scope, f"All {words}", variable.words)
    return chosen


def chosen_number(variable: NumberVariable) -> float:
    """The number that was chosen, or that of the preset."""
    return _as_number(tuple(st.session_state.get(VARIABLE + variable.name, ())), variable.default)


def _as_number(values: tuple[str, ...], default: float) -> float:
    """The number of a link, where it is one that may be typed as well."""
    try:
        number = float(values[-1]) if values else default
    except ValueError:
        return default
    return number if 0 <= number < _TOO_MUCH else default


def _number(variable: NumberVariable) -> float:
    key, widget = VARIABLE + variable.name, f"_number_{variable.name}"
    st.session_state[widget] = chosen_number(variable)
    unit = unit_of(variable.unit).many
    words = messages.md(f"{variable.words} ({unit})" if unit else variable.words)

    def take() -> None:
        value = float(st.session_state[widget])
        st.session_state[key] = () if value == variable.default else (repr(value).removesuffix(".0"),)

    st.number_input(words, key=widget, min_value=0.0, step=1.0, format="%g", on_change=take)
    return float(st.session_state[widget])


def choose_values(
    variable: LabelVariable, scope: Scope, everything: str, words: str, width: Literal["stretch", "content"] = "stretch"
) -> tuple[str, ...]:
    """Values of a label, none for all of them, under a button that says how many: `everything`, or `words: 2 chosen`.

    The list is fetched when somebody opens it: a page that nobody filters asks for none.
    """
    key = VARIABLE + variable.name
    chosen = tuple(st.session_state.get(key, ()))
    told = messages.md(f"{words}: {len(chosen)} chosen" if chosen else everything)
    opener = st.popover(told, key=f"_open_{variable.name}", on_change="rerun", width=width)
    if not opener.open:
        return chosen
    with opener:
        clusters = _clusters_by_value(variable, scope)
        options = sorted({*clusters, *chosen}, key=lambda value: (clusters.get(value, [""]), value))
        st.session_state[key] = chosen
        st.multiselect(
            words,
            options,
            key=key,
            placeholder=everything,
            format_func=lambda value: f"{value} · {', '.join(clusters.get(value, ['not there now']))}",
        )
    return tuple(st.session_state[key])


def _clusters_by_value(variable: LabelVariable, scope: Scope) -> dict[str, list[str]]:
    """Which clusters know each value, in the time that the page is about, to the day."""
    start, end = (int(moment // DAY * DAY) for moment in (scope.moments.start, scope.moments.end + DAY))
    found = permitted.values_of(variable, scope.sources, start, end)
    clusters: dict[str, list[str]] = {}
    for cluster, values in found.items():
        for value in values:
            if value:
                clusters.setdefault(value, []).append(cluster)
    return clusters
