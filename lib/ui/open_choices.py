"""What a typed query leaves open, as widgets beside its Run button: values of labels, numbers, texts."""

from __future__ import annotations

import streamlit as st

from lib.core.paste import Open, TextVariable
from lib.core.permalink import VARIABLE
from lib.core.variables import LabelVariable, NumberVariable
from lib.ui import choices, messages
from lib.ui.frame import Scope

_SHOWN = 30  # characters of a text on its button
_TOO_MUCH = 1e15  # browsers count whole numbers to 2 ** 53


def choose(variables: tuple[Open, ...], scope: Scope) -> None:
    """One widget for each; what is chosen stands in the state under the name of the variable, as the address has it."""
    for variable in variables:
        if isinstance(variable, LabelVariable):
            choices.choose_values(variable, scope, f"{variable.words}: all", variable.words, "content")
        elif isinstance(variable, NumberVariable):
            _number(variable)
        else:
            _text(variable)


def _number(variable: NumberVariable) -> None:
    key, widget = VARIABLE + variable.name, f"_typed_number_{variable.name}"
    st.session_state[widget] = _as_number(tuple(st.session_state.get(key, ())), variable.default)

    def take() -> None:
        value = st.session_state[widget]
        st.session_state[key] = () if value is None else (repr(float(value)).removesuffix(".0"),)

    words = messages.md(variable.words)
    with st.popover(messages.md(f"{variable.words}: {st.session_state[widget]:g}"), key=f"_open_{variable.name}"):
        st.number_input(words, key=widget, step=1.0, format="%g", on_change=take)


def _as_number(values: tuple[str, ...], default: float) -> float:
    try:
        number = float(values[-1]) if values else default
    except ValueError:
        return default
    return number if -_TOO_MUCH < number < _TOO_MUCH else default


def _text(variable: TextVariable) -> None:
    key, widget = VARIABLE + variable.name, f"_typed_text_{variable.name}"
    st.session_state[widget] = next(iter(st.session_state.get(key, ())), "")

    def take() -> None:
        value = st.session_state[widget].strip()
        st.session_state[key] = (value,) if value else ()

    value = str(st.session_state[widget])
    told = f"{variable.words}: {value[:_SHOWN] or 'no value yet'}"
    with st.popover(messages.md(told), key=f"_open_{variable.name}"):
        st.text_input(messages.md(variable.words), key=widget, placeholder=variable.form, max_chars=200, on_change=take)
