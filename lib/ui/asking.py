"""Asks a question once and keeps the answer while the visitor looks at it from all sides.

Streamlit runs the page again at every click. Restyling must not ask a cluster again, nor must a cluster that failed be
asked again unless somebody says so; so a visit remembers its latest answers, each for the question as it was put.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace

import streamlit as st

from lib import cache
from lib.core.question import Put, Question
from lib.core.result import Answer, Outcome, Result, combine, merge
from lib.ui.frame import Scope

_ANSWERS = "_answers"
_MOST = 8  # answers that a visit remembers


@dataclass(frozen=True, eq=False)
class Asked:
    """A question, put to the data sources of a scope at a moment, and what they answered."""

    question: Question
    puts: tuple[Put, ...]
    outcomes: tuple[tuple[Outcome, ...], ...]
    asked_at: float
    result: Result = field(init=False)

    def __post_init__(self) -> None:
        answers = [(put.name, merge(put.query, found)) for put, found in zip(self.puts, self.outcomes, strict=True)]
        object.__setattr__(self, "result", combine(answers))


def ask(question: Question, scope: Scope) -> Asked:
    """The answer to a question, remembered for ten minutes. Raises QueryError and TimeError before anything is sent."""
    known: OrderedDict[object, Asked] = st.session_state.setdefault(_ANSWERS, OrderedDict())
    key = _key(question, scope)
    found = known.get(key)
    if found is None or scope.moments.now - found.asked_at > cache.ANSWER_SECONDS:
        found = known[key] = _ask(question, scope)
    known.move_to_end(key)
    while len(known) > _MOST:
        known.popitem(last=False)
    return found


def ask_failed_again(asked: Asked, scope: Scope) -> None:
    """Asks those that failed, and nobody else, the same again."""
    outcomes = tuple(_again(put, found, scope) for put, found in zip(asked.puts, asked.outcomes, strict=True))
    known: OrderedDict[object, Asked] = st.session_state[_ANSWERS]
    known[_key(asked.question, scope)] = replace(asked, outcomes=outcomes)


def _again(put: Put, outcomes: tuple[Outcome, ...], scope: Scope) -> tuple[Outcome, ...]:
    missing = {outcome.source_id for outcome in outcomes if not isinstance(outcome.answer, Answer)}
    again = cache.ask([source for source in scope.sources if source.id in missing], put.query)
    by_source = {outcome.source_id: outcome for outcome in again}
    return tuple(by_source.get(outcome.source_id, outcome) for outcome in outcomes)


def forget(question: Question, scope: Scope) -> None:
    """Makes the next `ask` put the question anew."""
    st.session_state.get(_ANSWERS, {}).pop(_key(question, scope), None)


def remembered(preset_id: str) -> Asked | None:
    """The latest answer to a preset that this visit remembers; asks nobody."""
    known: OrderedDict[object, Asked] = st.session_state.get(_ANSWERS, OrderedDict())
    answers = (asked for asked in reversed(known.values()) if asked.question.slug == preset_id)
    return next(answers, None)


def _ask(question: Question, scope: Scope) -> Asked:
    puts = scope.moments.put(question)
    slot = st.empty()
    with slot.container():
        st.caption(f"Asking {len(scope.sources)} cluster{'s' * (len(scope.sources) != 1)} …")
        st.skeleton(height=330)
    try:
        outcomes = tuple(cache.ask(scope.sources, put.query) for put in puts)
    finally:
        slot.empty()
    return Asked(question, puts, outcomes, scope.moments.now)


def _key(question: Question, scope: Scope) -> object:
    return question, scope.typed, tuple((source.id, source.credential_id) for source in scope.sources)
