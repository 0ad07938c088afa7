"""What visitors' own tokens fetch is kept for their own visits: two who ask the same never see each other's rows.

Each visit is a thread with the session that Streamlit would give it. The double answers with a mark of the token.
"""

from __future__ import annotations

import gc
import hashlib
import random
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
import streamlit as st
from streamlit.runtime import caching
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import ScriptRunContext, add_script_run_ctx
from streamlit.runtime.state import SafeSessionState, SessionState

from lib import cache
from lib.cache import answers, configured, given, own_sources
from lib.core.query import InstantQuery
from lib.core.result import Answer
from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from tests.double import TOKEN, Account, grafana_double

NOW = 1_770_000_000
ROUNDS = 200
TOKENS = {name: f"glsa_{name}0{name}0{name}0{name}0" for name in ("anna", "bert")}
MARKS = {name: hashlib.sha256(f"Bearer {token}".encode()).hexdigest() for name, token in TOKENS.items()}
MARKS["shared"] = hashlib.sha256(f"Bearer {TOKEN}".encode()).hexdigest()

Done = TypeVar("Done")


class Visit:
    """One visitor's session; what is done in it is done in threads of their own, as Streamlit runs scripts."""

    def __init__(self, name: str) -> None:
        state = SafeSessionState(SessionState(), lambda: None)
        nothing: Any = SimpleNamespace()
        pages = PagesManager("streamlit_app.py")
        self.context = ScriptRunContext(name, lambda message: None, "", state, nothing, "", {}, nothing, pages)
        self.id = name

    def __call__(self, work: Callable[[], Done]) -> Done:
        found: list[Any] = []

        def run() -> None:
            try:
                found.append(work())
            except Exception as error:  # noqa: BLE001  raised below, in the thread of the test
                found.append(error)

        thread = threading.Thread(target=run)
        add_script_run_ctx(thread, self.context)
        thread.start()
        thread.join()
        if isinstance(found[0], Exception):
            raise found[0]
        done: Done = found[0]
        return done

    def leave(self) -> None:
        """What Streamlit does when a browser has gone, and with it the state of the session."""
        caching.clear_session_data_cache(self.id)
        caching.clear_session_resource_cache(self.id)
        del self.context


@pytest.fixture
def grafana(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """A Grafana that visitors may ask with tokens of their own, and a folder that answers are kept in."""
    sources = {"echo": "echo", "good": "good"}
    with grafana_double(sources, tokens=tuple(TOKENS.values()), account=Account(), dashboards={}) as double:
        grafanas = (GrafanaSettings("north", double.url, Secret(TOKEN)),)
        settings = Settings(grafanas=grafanas, own_tokens=True, cache=str(tmp_path))
        monkeypatch.setattr(given, "read_once", lambda: settings)
        monkeypatch.setattr(configured, "read_once", lambda: settings)
        st.cache_data.clear()
        st.cache_resource.clear()
        yield SimpleNamespace(double=double, folder=tmp_path)
        st.cache_data.clear()
        st.cache_resource.clear()


def visit(name: str) -> Visit:
    """A visit; those that have a token give it."""
    found = Visit(name)
    if name in TOKENS:
        found(lambda: cache.give_token("north", TOKENS[name]))
    return found


def mark(query: InstantQuery, anew: bool = False) -> str:
    """Whose token a query was asked with, by the rows that came."""
    sources = [source for source in cache.visitor_discovery().sources if source.name == "echo"]
    under_way = cache.start(sources, [query], anew=anew)
    under_way.wait()
    [[outcome]] = under_way.outcomes()
    assert isinstance(outcome.answer, Answer), outcome.answer
    return str(outcome.answer.labels[0]["credential"])


def test_two_who_ask_the_same_at_the_same_time_never_get_each_others_rows(grafana):
    visits = {name: visit(name) for name in ("anna", "bert", "shared")}
    chance = random.Random(7)
    with ThreadPoolExecutor(6) as pool:
        for _ in range(ROUNDS):
            query = InstantQuery("up", NOW + chance.randrange(20))  # some are asked for the first time, some again
            names = chance.sample([*visits, *visits], 4)
            anew = chance.random() < 0.2
            found = list(pool.map(lambda name: visits[name](lambda: mark(query, anew)), names))  # noqa: B023
            assert found == [MARKS[name] for name in names]
    assert len(grafana.double.asked("echo")) < 4 * ROUNDS  # the caches did take part


def test_what_ones_own_token_fetched_is_neither_on_disk_nor_in_the_store_of_all(grafana):
    old = InstantQuery("up", NOW)  # long ago, so that it may be kept on disk
    anna, shared = visit("anna"), visit("shared")
    assert anna(lambda: mark(old)) == MARKS["anna"] and anna(lambda: mark(old)) == MARKS["anna"]
    assert len(grafana.double.asked("echo")) == 1
    assert answers._store()[0].size == 0
    assert not list(grafana.folder.glob("*/*.part"))
    assert shared(lambda: mark(old)) == MARKS["shared"]
    assert answers._store()[0].size > 0 and list(grafana.folder.glob("*/*.part"))


LISTS: dict[str, Callable[[], Any]] = {
    "values of a label": lambda: cache.label_values(_good(), "namespace", "", 0, 60),
    "names of labels": lambda: cache.label_names(_good(), "", 0, 60),
    "metrics": lambda: cache.metric_catalogue(_good(), 0, 60).metrics,
    "dashboards": lambda: cache.dashboards(),
    "facts about the token": lambda: cache.tokens_known(),
}


def _good() -> list[Any]:
    return [source for source in cache.visitor_discovery().sources if source.name == "good"]


@pytest.mark.parametrize("ask", LISTS.values(), ids=LISTS)
def test_lists_are_asked_for_by_each_visit_with_its_own_token_once(grafana, ask):
    for name, token in (*TOKENS.items(), ("shared", TOKEN)):
        person = visit(name)
        person(_good)
        grafana.double.log.clear()
        assert person(ask) == person(ask)
        assert {entry.authorization for entry in grafana.double.log} == {f"Bearer {token}"}
        assert len({entry.asked.target for entry in grafana.double.log}) == len(grafana.double.log)


@pytest.mark.parametrize("leave", [True, False], ids=["the visitor leaves", "the token is forgotten"])
def test_nothing_of_it_is_left(grafana, leave):
    anna = visit("anna")
    assert anna(lambda: mark(InstantQuery("up", NOW))) == MARKS["anna"]
    for ask in LISTS.values():
        anna(ask)
    kept = weakref.ref(anna(answers._own_store))
    reach = weakref.ref(anna(own_sources._reach))
    assert kept() and reach()
    if leave:
        anna.leave()
    else:
        anna(lambda: cache.forget_token("north"))
    gc.collect()
    assert kept() is None and reach() is None
    wanted = Secret(TOKENS["anna"])
    assert [each for each in gc.get_objects() if isinstance(each, Secret) and each.same(wanted)] == [wanted]


def test_a_forgotten_token_is_not_sent_again(grafana):
    anna = visit("anna")
    anna(lambda: mark(InstantQuery("up", NOW)))
    anna(lambda: cache.forget_token("north"))
    grafana.double.log.clear()
    assert anna(lambda: mark(InstantQuery("up", NOW))) == MARKS["shared"]
    assert f"Bearer {TOKENS['anna']}" not in {entry.authorization for entry in grafana.double.log}


def test_the_hubs_that_may_be_seen_hold_for_ones_own_token_too(grafana, monkeypatch):
    limited = replace(given.read_once(), hubs=("prod",))
    monkeypatch.setattr(given, "read_once", lambda: limited)
    anna = visit("anna")
    assert {source.hubs for source in anna(lambda: cache.visitor_discovery().sources)} == {("prod",)}
    assert anna(lambda: cache.label_values(_good(), "namespace", "", 0, 60)) == {"good": ("prod",)}
    anna(lambda: mark(InstantQuery("up", NOW)))
    assert {entry.asked.form["query"] for entry in grafana.double.asked("echo")} == {'up{namespace="prod"}'}
    assert {entry.authorization for entry in grafana.double.log} == {f"Bearer {TOKENS['anna']}"}


def test_another_token_has_another_label_and_asks_anew(grafana):
    anna = visit("anna")
    assert anna(lambda: mark(InstantQuery("up", NOW))) == MARKS["anna"]
    first = anna(lambda: cache.visitor_discovery().sources[0].credential_id)
    anna(lambda: cache.give_token("north", TOKENS["bert"]))
    assert anna(lambda: mark(InstantQuery("up", NOW))) == MARKS["bert"]
    assert anna(lambda: cache.visitor_discovery().sources[0].credential_id) != first
