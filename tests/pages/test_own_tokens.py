"""A visitor's own Grafana token: given on the page Sources, used in that visit only, shown nowhere."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.cache import answers, configured
from lib.core.secret import Secret
from tests.double import TOKEN, Account, Double, grafana_double
from tests.pages.conftest import ROOT, forget
from tests.pages.test_connection_check import boxes
from tests.pages.test_pages import plain, texts

OWN = "glsa_own0canary0own0canary0own0"
Open = Callable[..., AppTest]


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens a page with a Grafana, where visitors may use tokens of their own unless told otherwise."""

    def visit(double: Double, page: str = "sources", **settings: str) -> AppTest:
        given = {"GRAFANA_URL": double.url, "GRAFANA_NAME": "north", "HUBSCOPE_OWN_TOKENS": "on", **settings}
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        forget()
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        return app

    yield visit
    forget()


def give(app: AppTest, token: str, grafana: str = "") -> AppTest:
    """Types a token and uses it."""
    if grafana:
        app.get_by_key("_own_token_grafana").set_value(grafana)
    field(app).set_value(token)
    next(button for button in app.button if button.label == "Use for this visit").click().run()
    assert not app.exception
    return app


def field(app: AppTest) -> Any:
    return next(each for each in app.text_input if each.proto.type == each.proto.PASSWORD)


def everything(app: AppTest) -> str:
    """What is left of a visit: its page as the browser gets it, its state, its address; what caches hold."""
    raw = app.session_state._state._state  # with the widgets of earlier runs
    state = (raw._old_state, raw._new_session_state, raw._new_widget_state.states)
    return f"{app.main} {app.sidebar} {state} {app.query_params} {answers._store()[0].__dict__}"


def test_a_grafana_without_a_token_waits_for_one_and_is_asked_nothing(look):
    with grafana_double({"good": "utoronto"}, tokens=(OWN,)) as double:
        app = look(double)
        assert "with your own token only" in boxes(app)["north"] and double.log == []
        assert "no token was given" in texts(app) + plain(app.sidebar.warning[0].value)
        app.switch_page("pages/presets.py").run()
        assert "No cluster to ask." in texts(app) and "answered" not in texts(app)
        assert double.log == []


def test_a_token_that_is_given_is_used_and_its_field_is_empty(look):
    with grafana_double({"good": "utoronto"}, token=OWN, account=Account()) as double:
        app = give(look(double), OWN)
        assert {entry.authorization for entry in double.log} == {f"Bearer {OWN}"}
        assert "north" not in boxes(app) and "is asked with your token" in texts(app)
        assert "Asked with your own token: north." in plain(
            app.sidebar.caption[-2].value + app.sidebar.caption[-1].value
        )
        assert field(app).value == "" and field(app).proto.value == ""
        assert "canary" not in everything(app)
        app.switch_page("pages/presets.py").run()
        assert not app.error and "no cluster" not in texts(app).lower()
        assert "canary" not in everything(app)
        assert {entry.authorization for entry in double.log} == {f"Bearer {OWN}"}


def test_ones_own_token_takes_the_place_of_the_configured_one_in_that_visit_only(look):
    with grafana_double({"good": "utoronto"}, tokens=(OWN,)) as double:
        mine = look(double, GRAFANA_TOKEN=TOKEN)
        other = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        other.switch_page("pages/sources.py").run()
        double.log.clear()
        give(mine, OWN)
        assert {entry.authorization for entry in double.log} == {f"Bearer {OWN}"}
        double.log.clear()
        configured.forget_discovery()
        other.run()
        assert {entry.authorization for entry in double.log} == {f"Bearer {TOKEN}"}
        assert "Asked with your own token" not in texts(other)


def test_a_token_that_is_forgotten_is_not_sent_again_and_what_it_brought_is_gone(look):
    with grafana_double({"good": "utoronto"}, tokens=(OWN,)) as double:
        app = give(look(double, GRAFANA_TOKEN=TOKEN), OWN)
        secret = app.session_state["_own_tokens"]["north"]
        assert any(secret.label in repr(key) for key in app.session_state["_answers"])
        double.log.clear()
        app.get_by_key("_forget_north").click().run()
        assert not app.exception and not app.session_state["_own_tokens"]
        assert not any(secret.label in repr(key) for key in app.session_state["_answers"])
        assert {entry.authorization for entry in double.log} <= {f"Bearer {TOKEN}"}
        assert "is asked with your token" not in texts(app) and "utoronto" in everything(app)


BAD = {
    "nothing": "",
    "too short": "glsa_1",
    "a newline within": f"{OWN}\n{OWN}",
    "quotes within": f'{OWN}"x',
    "a byte order mark": f"\ufeff{OWN}",
    "curly quotes": f"“{OWN}”",
    "a space within": f"{OWN} x",
    "a header": f"{OWN}\r\nX-Evil: 1",
    "another alphabet": f"{OWN}ü",
}


@pytest.mark.parametrize("token", BAD.values(), ids=BAD)
def test_what_is_no_token_is_refused_with_a_sentence_that_does_not_show_it(look, token):
    with grafana_double({"good": "utoronto"}, tokens=(OWN,)) as double:
        app = give(look(double), token)
        assert len(app.error) == 1 and "What you typed is" in app.error[0].value
        assert "canary" not in everything(app) and double.log == []


def test_a_token_that_grafana_refuses_is_said_to_be_ones_own(look):
    with grafana_double({"good": "utoronto"}) as double:
        app = give(look(double, GRAFANA_TOKEN=TOKEN), OWN)
        assert "refused the token" in boxes(app)["north"] and "That is your own token." in boxes(app)["north"]
        app.get_by_key("_forget_north").click().run()
        assert "north" not in boxes(app)


def test_a_token_for_one_grafana_never_goes_to_another(look, tmp_path):
    with grafana_double({"a": "alpha"}, tokens=(OWN,)) as one, grafana_double({"b": "beta"}, tokens=(OWN,)) as two:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        app.secrets["grafana"] = [{"name": "one", "url": one.url}, {"name": "two", "url": two.url, "token": TOKEN}]
        app.secrets["HUBSCOPE_OWN_TOKENS"] = "on"
        forget()
        app.switch_page("pages/sources.py").run()
        assert app.get_by_key("_own_token_grafana").options == ["one", "two"]  # the one that waits comes first
        give(app, OWN, "one")
        assert not app.error
        assert {entry.authorization for entry in one.log} == {f"Bearer {OWN}"}
        assert {entry.authorization for entry in two.log} == {f"Bearer {TOKEN}"}


def test_switched_off_there_is_no_field_and_a_forged_session_changes_nothing(look):
    with grafana_double({"good": "utoronto"}, tokens=(OWN,)) as double:
        app = look(double, GRAFANA_TOKEN=TOKEN, HUBSCOPE_OWN_TOKENS="off")
        assert "Your own token" not in texts(app)
        assert not [each for each in app.text_input if each.proto.type == each.proto.PASSWORD]
        app.session_state["_own_tokens"] = {"north": Secret(OWN)}
        app.session_state["_own_token_0"] = OWN
        configured.forget_discovery()
        double.log.clear()
        app.run()
        assert not app.exception and "is asked with your token" not in texts(app)
        assert {entry.authorization for entry in double.log} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize("forged", ["glsa_text0text0text", ["north"], {"north": OWN}, {"elsewhere": Secret(OWN)}])
def test_a_session_that_holds_anything_else_than_tokens_of_configured_grafanas_changes_nothing(look, forged):
    with grafana_double({"good": "utoronto"}, tokens=(OWN,)) as double:
        app = look(double, GRAFANA_TOKEN=TOKEN)
        app.session_state["_own_tokens"] = forged
        configured.forget_discovery()
        double.log.clear()
        app.run()
        assert not app.exception
        assert {entry.authorization for entry in double.log} == {f"Bearer {TOKEN}"}


def test_the_address_cannot_give_a_token(look):
    with grafana_double({"good": "utoronto"}, tokens=(OWN,)) as double:
        app = look(double)
        for name in ("_own_token_0", "_own_tokens", "token", "own_token"):
            app.query_params[name] = OWN
        app.run()
        assert double.log == [] and "canary" not in str(app.query_params)


def test_two_visits_that_ask_the_same_never_see_each_others_rows(look):
    """Through the page, with every cache: the double answers with a mark of the token that asked."""
    tokens = {name: f"glsa_{name}0{name}0{name}0{name}0" for name in ("anna", "bert")}
    marks = {name: hashlib.sha256(f"Bearer {token}".encode()).hexdigest() for name, token in tokens.items()}
    with grafana_double({"echo": "echo"}, tokens=tuple(tokens.values())) as double:
        apps = {name: give(look(double), token) if name == "anna" else None for name, token in tokens.items()}
        apps["bert"] = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        apps["bert"].switch_page("pages/sources.py").run()
        give(apps["bert"], tokens["bert"])
        for app in apps.values():
            assert app is not None
            app.session_state["expr"], app.session_state["mode"] = "up", "now"
            app.switch_page("pages/promql.py").run()
            next(button for button in app.button if button.label == "Run").click().run()
        for name, app in apps.items():
            assert app is not None
            held = {label for asked in app.session_state["_answers"].values() for label in _marks(asked)}
            assert held == {marks[name]}


def _marks(asked: Any) -> set[str]:
    series = asked.result.series
    return set(series["credential"]) if "credential" in series else set()


def test_a_token_cannot_be_pickled_with_the_state_that_holds_it(look):
    with grafana_double({"good": "utoronto"}, tokens=(OWN,)) as double:
        app = give(look(double), OWN)
        with pytest.raises(TypeError):
            pickle.dumps(app.session_state["_own_tokens"])
