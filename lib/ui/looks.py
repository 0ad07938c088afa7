"""The look at an answer that a visit has before it: split, ranked and named once, not at every run of the page."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from lib.core.question import Question
from lib.core.result import Outcome
from lib.core.view import Choices, View, view
from lib.ui.asking import Asked

_LOOK = "_look"


@dataclass(frozen=True, eq=False)
class _Kept:
    """A view and what it was made of. It holds the outcomes themselves: an address in memory may be used again."""

    outcomes: tuple[tuple[Outcome, ...], ...]
    question: Question
    choices: Choices
    view: View


def look(asked: Asked, choices: Choices) -> View:
    """The answer as chosen. What was chosen before is not worked out again, nor is anything for another chart type."""
    kept: _Kept | None = st.session_state.get(_LOOK)
    usual = replace(choices, chart="")
    if kept is None or kept.outcomes is not asked.outcomes or (kept.question, kept.choices) != (asked.question, usual):
        made = view(asked.result, asked.question, usual)
        kept = st.session_state[_LOOK] = _Kept(asked.outcomes, asked.question, usual, made)
    return replace(kept.view, chart=kept.view.chart_for(choices.chart, asked.question))
