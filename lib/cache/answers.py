"""Answers to queries: kept for ten minutes, but never a failure, nor an answer with warnings."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from lib.cache.configured import source_named
from lib.core.query import Query
from lib.core.result import Answer, Outcome
from lib.sources import Source, ask_all

ANSWER_SECONDS = 600  # activity metrics change once an hour, so minutes lose nothing


def ask(sources: Sequence[Source], query: Query) -> tuple[Outcome, ...]:
    """What the sources answer to one query, side by side, in their order. A failure is an outcome, never a hole."""
    context = get_script_run_ctx()

    def ask_one(source: Source, query: Query) -> Answer:
        add_script_run_ctx(ctx=context)  # the threads of a fan-out belong to the visitor who asked
        try:
            return _answer(source.id, source.origin, source.credential_id, query)
        except _Incomplete as incomplete:
            return incomplete.answer

    return ask_all(sources, query, ask=ask_one)


class _Incomplete(Exception):
    """Carries an answer with warnings past the cache, which keeps what is returned and forgets what is raised."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


@st.cache_data(ttl=ANSWER_SECONDS, max_entries=1_000, max_size="200MB", show_spinner=False)
def _answer(source_id: str, origin: str, credential_id: str, query: Query) -> Answer:
    found = source_named(source_id, origin, credential_id).ask(query)
    if found.warnings:
        raise _Incomplete(found)
    return found
