"""Asks a question once and keeps the answer while the visitor looks at it from all sides.

Streamlit runs the page again at every click. Restyling must not ask a cluster again, nor must a cluster that failed be
asked again unless somebody says so; so a visit remembers its latest answers, each for the question as it was put.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from lib import cache
from lib.core.promql import Filled
from lib.core.query import Query
from lib.core.question import Question
from lib.core.result import Outcome, Result, merge
from lib.sources import Source
from lib.ui.frame import Scope

_ANSWERS = "_answers"
_MOST = 8  # answers that a visit remembers


@dataclass(frozen=True, eq=False)
class Asked:
    """A question, put to the data sources of a scope at a moment, and what they answered."""

    question: Question
    query: Query
    filled: Filled
    outcomes: tuple[Outcome, ...]
    result: Result
    asked_at: float


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
    """Asks those that failed, and nobody else, the same query again."""
    missing = {report.source_id for report in asked.result.failed}
    again = cache.ask([source for source in scope.sources if source.id in missing], asked.query)
    by_source = {outcome.source_id: outcome for outcome in again}
    outcomes = tuple(by_source.get(outcome.source_id, outcome) for outcome in asked.outcomes)
    known: OrderedDict[object, Asked] = st.session_state[_ANSWERS]
    known[_key(asked.question, scope)] = replace(asked, outcomes=outcomes, result=merge(asked.query, outcomes))


def forget(question: Question, scope: Scope) -> None:
    """Makes the next `ask` put the question anew."""
    st.session_state.get(_ANSWERS, {}).pop(_key(question, scope), None)


def _ask(question: Question, scope: Scope) -> Asked:
    query, filled = scope.moments.query(question)
    outcomes = _with_placeholder(scope.sources, query)
    return Asked(question, query, filled, outcomes, merge(query, outcomes), scope.moments.now)


def _with_placeholder(sources: Sequence[Source], query: Query) -> tuple[Outcome, ...]:
    slot = st.empty()
    with slot.container():
        st.caption(f"Asking {len(sources)} cluster{'s' * (len(sources) != 1)} …")
        st.skeleton(height=330)
    try:
        return cache.ask(sources, query)
    finally:
        slot.empty()


def _key(question: Question, scope: Scope) -> object:
    return question, scope.typed, tuple((source.id, source.credential_id) for source in scope.sources)
