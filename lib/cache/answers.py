"""Answers to queries: what was fetched is kept, but never a failure, an answer with warnings, or what may still change.

What lies in the past is kept for a day, in case data comes late, and on disk where a folder is configured. A whole
answer that ends now is kept for ten minutes. The open part of a long one is not kept at all: it is asked for each time.
What a visitor's own token fetched is kept apart from all that: in a store of the visit, never on disk, gone with it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from pathlib import Path

import streamlit as st

from lib.cache.disk import Folder
from lib.cache.given import settings
from lib.cache.store import Store, Terms
from lib.cache.watching import watch
from lib.core.query import Query
from lib.core.result import Answer, Outcome
from lib.core.secret import Secret
from lib.core.time_range import DAY
from lib.sources import Cancel, FanOut, Source

ANSWER_SECONDS = 600  # activity metrics change once an hour, so minutes lose nothing
PAST_SECONDS = DAY
OWN_BYTES = 32 * 2**20  # of answers to one visitor's own tokens

_PAST = Terms(PAST_SECONDS, on_disk=True)
_NOW = Terms(ANSWER_SECONDS)
_OPEN = Terms(0)


def start(
    sources: Sequence[Source],
    queries: Sequence[Query],
    *,
    known: Sequence[Sequence[Outcome]] = (),
    anew: bool = False,
    seconds: float | None = None,
) -> FanOut:
    """Puts queries to sources, side by side, and returns at once. To be called where Streamlit runs a page.

    What the outcomes `known` have answered is not asked again. `anew` asks, whatever is kept. `seconds` is a shorter
    time limit than that of the sources, if any.
    """
    shared = _asker(*_store(), anew)
    own = _asker(_own_store(), None, anew) if any(source.own for source in sources) else shared

    def ask_one(source: Source, query: Query, stop: Cancel) -> Answer:
        return (own if source.own else shared)(source, query, stop)

    return FanOut(sources, queries, ask=ask_one, known=known, seconds=seconds)


def ask(sources: Sequence[Source], query: Query) -> tuple[Outcome, ...]:
    """What the sources answer to one query, side by side, in their order. A failure is an outcome, never a hole."""
    under_way = start(sources, [query])
    under_way.wait()
    return under_way.outcomes()[0]


def _asker(kept: Store, folder: Folder | None, anew: bool) -> Callable[[Source, Query, Cancel], Answer]:
    def ask_one(source: Source, query: Query, stop: Cancel) -> Answer:
        def through(asked: Query, lasting: bool, fetch: Callable[[], Answer], stop: Cancel) -> Answer:
            whole = asked.grid.points == query.grid.points
            terms = _PAST if lasting else _NOW if whole else _OPEN
            return kept.get(_key(source, asked, folder), terms, fetch, stop, anew=anew)

        return source.ask(query, stop, through)

    return ask_one


def _key(source: Source, query: Query, folder: Folder | None) -> Hashable:
    """What changes an answer, who asks included, never a token. On disk, a mark of it that outlives the process."""
    if folder is None:
        return source.id, source.origin, source.credential_id, query
    credential = source.api.credential
    asker = (credential.username, credential.org, _mark(credential.secret, folder.key))
    return source.id, source.origin, asker, query


_mark = lru_cache(maxsize=1_000)(Secret.mark)


@st.cache_resource(show_spinner=False)
def _store() -> tuple[Store, Folder | None]:
    """The one store of this process, and its folder."""
    given = settings()
    folder = Folder(Path(given.cache), given.cache_bytes) if given.cache else None
    return Store(given.memory_bytes, folder, found=watch().found), folder


@st.cache_resource(scope="session", show_spinner=False)
def _own_store() -> Store:
    """The store of one visit, for what the visitor's own tokens fetched."""
    return Store(min(settings().memory_bytes, OWN_BYTES), found=watch().found)


def forget_own() -> None:
    """Drops what this visitor's own tokens fetched."""
    _own_store.clear()
