"""What visitors meet who are not let in, and those who may ask ready-made questions only, on every page and link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from lib import cache
from lib.core.preset_files import read_catalogue
from lib.core.promql import fill, parse
from lib.core.question import Question
from lib.core.time_range import DAY, HOUR, TimeRange
from lib.core.variables import LABEL_VARIABLES, LabelVariable
from lib.sources import connect
from lib.ui import frame
from tests.core.test_access import AUTH
from tests.pages.conftest import ROOT, forget

ADA = {"is_logged_in": True, "email": "ada@example.org", "email_verified": True, "iat": 1}
READER = {**ADA, "email": "reader@example.org"}
GROUPS = [
    {"name": "readers", "members": "reader@example.org", "promql": False},
    {"name": "utopians", "members": "hub@example.org", "hubs": ["staging"]},
]
LINKS: dict[str, tuple[str, dict[str, str]]] = {
    "the first page": ("presets", {}),
    "a preset": ("presets", {"preset": "servers-running", "v.hub": "prod"}),
    "a panel": ("presets", {"dashboard": "g/x", "preset": "p"}),
    "an empty editor": ("promql", {}),
    "a query": ("promql", {"expr": "up"}),
    "a chart": ("chart", {"preset": "daily-users"}),
    "a chart of a query": ("chart", {"expr": "up", "mode": "now"}),
    "the sources": ("sources", {}),
}
Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    forget()
    yield
    forget()


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch, asked: list[str]) -> list[str]:
    """Everything that is asked: queries, and by name the look-ups of what there is."""
    for name in ("label_values", "label_names", "metric_catalogue", "metric_names", "dashboards", "dashboard"):
        look_up = getattr(cache, name)
        monkeypatch.setattr(cache, name, lambda *a, _n=name, _f=look_up, **k: (asked.append(_n), _f(*a, **k))[1])
    monkeypatch.setattr("lib.cache.configured.connect", lambda *a, **k: (asked.append("connect"), connect(*a, **k))[1])
    return asked


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a page as somebody; `flat` are further settings, without sign-in where `user` is None."""
    monkeypatch.setenv("HUBSCOPE_ALLOW", "ada@example.org, reader@example.org, hub@example.org")
    monkeypatch.setenv("HUBSCOPE_CONTACT", "usage@example.org")

    def open_page(page: str, link: dict[str, str], user: dict[str, Any] | None, **secrets: Any) -> AppTest:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30)
        app.secrets = {"auth": AUTH, "group": GROUPS, **secrets}
        app.user = dict(user or {"is_logged_in": False})
        for name, value in link.items():
            app.query_params[name] = value
        if page != "presets":
            app.switch_page(f"pages/{page}.py")
        return app.run()

    return open_page


def words(app: AppTest) -> str:
    """What the page says, as one reads it."""
    said = " ".join(str(each.value) for kind in (app.markdown, app.error, app.warning) for each in kind)
    return re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", said)


def nothing_shown(app: AppTest) -> bool:
    kinds = ("plotly_chart", "arrow_data_frame", "code", "metric", "title", "caption", "multiselect", "selectbox")
    return not any(app.get(kind) for kind in kinds) and not app.exception


KEPT_OUT: dict[str, tuple[dict[str, Any], str]] = {
    "nobody": ({"is_logged_in": False}, "Sign in to see it"),
    "nobody at all": ({}, "Sign in to see it"),
    "an address without a sign-in": ({"email": "ada@example.org"}, "Sign in to see it"),
    "somebody else": ({**ADA, "email": "eve@example.org"}, "not on the list"),
    "a look-alike": ({**ADA, "email": "\u0430da@example.org"}, "no e-mail address"),
    "not verified": ({**ADA, "email_verified": False}, "has not verified"),
    "without an address": ({"is_logged_in": True, "name": "Ada"}, "as Ada, but"),
}


@pytest.mark.parametrize(("user", "sentence"), KEPT_OUT.values(), ids=KEPT_OUT)
@pytest.mark.parametrize(("page", "link"), LINKS.values(), ids=LINKS)
def test_who_is_not_let_in_sees_one_sentence_and_nobody_is_asked(visit, upstream, page, link, user, sentence):
    app = visit(page, link, user)
    assert sentence in words(app) and nothing_shown(app)
    assert len(app.button) == 1 and app.button[0].label == ("Sign in" if "Sign in" in sentence else "Sign out")
    assert upstream == []


@pytest.mark.parametrize("user", [{**ADA, "email": "![x](http://e.example/p.png)"}, {**ADA, "email": "<b>$5 :red[x]"}])
def test_what_a_provider_calls_somebody_is_shown_as_text(visit, user):
    (shown,) = [str(each.value) for each in visit("presets", {}, user).markdown]
    markdown = re.sub(r"`[^`]*`|\\.", "", shown)  # without what is code or escaped
    assert "no e-mail address" in shown and user["email"][3] in shown
    assert not set("<[$") & set(markdown)


def test_the_state_of_a_visit_cannot_say_who_somebody_is(visit, upstream):
    app = visit("presets", {}, {"is_logged_in": False})
    for name in ("person", "access", "user", "is_logged_in", "email", "_access", "asked"):
        app.session_state[name] = "ada@example.org"
    app.run()
    assert "Sign in to see it" in words(app) and upstream == []


def test_whoever_is_let_in_sees_the_page_their_address_and_the_way_out(visit, upstream):
    app = visit("presets", {}, {**ADA, "email": "Ada@Example.org"})
    assert app.title and "connect" in upstream
    assert "`ada@example.org`" in [each.value for each in app.sidebar.caption]
    assert "Sign out" in [button.label for button in app.sidebar.button]


def test_signing_out_ends_the_sign_in_for_every_tab_that_has_it(visit, upstream):
    first, second = visit("presets", {}, ADA), visit("sources", {}, ADA)
    elsewhere = visit("presets", {}, {**ADA, "iat": 2})
    next(button for button in first.sidebar.button if button.label == "Sign out").click().run()
    upstream.clear()
    assert "Sign in to see it" in words(first) and nothing_shown(first)
    second.user = dict(ADA)
    assert "Sign in to see it" in words(second.run()) and nothing_shown(second)
    assert upstream == []
    assert elsewhere.run().title  # another browser of the same person has a sign-in of its own


REFUSED = "This deployment answers ready-made questions only"


@pytest.mark.parametrize(("page", "link"), [LINKS["an empty editor"], LINKS["a query"], LINKS["a chart of a query"]])
def test_promql_of_a_link_is_refused_to_those_who_may_only_ask_ready_made_questions(visit, upstream, page, link):
    app = visit(page, link, READER)
    assert REFUSED in words(app)
    assert {asked for asked in upstream if asked != "connect"} == set()
    assert not app.get("plotly_chart") and not app.get("bidi_component") and not app.exception


@pytest.mark.parametrize("page", ["presets", "chart"])
def test_ready_made_questions_are_answered_without_any_way_to_change_their_promql(visit, upstream, page):
    app = visit(page, {"preset": "servers-running"}, READER)
    assert app.get("plotly_chart") and not app.error
    offered = {button.label for button in app.button}
    assert "Edit" not in offered and "Try" not in offered
    with_promql = visit(page, {"preset": "servers-running"}, ADA)
    assert "Edit" in {button.label for button in with_promql.button}


def test_the_menu_leaves_out_what_cannot_be_used(visit, monkeypatch):
    seen: list[list[tuple[str, str]]] = []
    real = frame.st.navigation

    def spy(pages, **more):
        seen.append([(page.title, page.visibility) for page in pages])
        return real(pages, **more)

    monkeypatch.setattr(frame.st, "navigation", spy)
    visit("presets", {}, READER)
    visit("presets", {}, ADA)
    assert ("PromQL", "hidden") in seen[0] and ("PromQL", "visible") in seen[-1]


def test_a_setting_takes_promql_from_everybody_where_nobody_signs_in(monkeypatch, asked):
    monkeypatch.setenv("HUBSCOPE_PROMQL", "no")
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30)
    app.query_params["expr"] = "up"
    app.switch_page("pages/promql.py").run()
    assert REFUSED in words(app) and asked == []
    assert app.switch_page("pages/presets.py").run().get("plotly_chart") and not app.error


def test_the_state_of_a_visit_cannot_bring_promql_past_the_level(visit, upstream):
    app = visit("chart", {"preset": "servers-running"}, READER)
    upstream.clear()
    for name, value in {"asked": "expr", "expr": "up", "_ran": (("a", "up"),), "_drafts": {"a": "up"}}.items():
        app.session_state[name] = value
    app.run()
    assert REFUSED in words(app) and upstream == []


def test_the_step_by_step_of_a_ready_made_question_asks_nothing(visit, upstream):
    app = visit("chart", {"preset": "servers-running"}, READER)
    app.session_state["_details"] = "Query"
    app.run()
    upstream.clear()
    for toggle in app.toggle:
        if toggle.label == "Step by step":
            toggle.set_value(True)
    app.run()
    assert "Try" not in {button.label for button in app.button} and upstream == []


HOSTILE = (
    '"}) or up{x="',
    '") or vector(1) or ("',
    "$hub",
    "`} or up{`",
    '\\"} or up #',
    "a\n} or up{",
    "}] or up[1h:{",
    ".*",
    "prod|.*",
    "$__range",
    "#",
)
OPEN_PRESETS = {id_: preset for id_, preset in read_catalogue().items() if preset.variables}


@pytest.mark.parametrize("preset", OPEN_PRESETS.values(), ids=OPEN_PRESETS)
def test_no_choice_for_a_variable_brings_promql_into_a_ready_made_question(preset):
    for hostile in HOSTILE:
        for variable in preset.variables:
            if not isinstance(variable, LabelVariable):
                continue
            plain = Question.of_preset(preset, {variable.name: ("harmless",)})
            asked = Question.of_preset(preset, {variable.name: (hostile,)})
            for one, other in zip(plain.queries, asked.queries, strict=True):
                texts = [str(shape(each.expr)) for each in (one, other)]
                assert texts[0] == texts[1], hostile


def shape(expr: str) -> str:
    """The parsed query with every quoted text taken out: what is asked, whatever the values are."""
    filled = fill(expr, TimeRange(0, DAY, HOUR)).text
    return re.sub(r'"(?:\\.|[^"\\])*"|\s+', '""', parse(filled).prettify()).replace('""', "")


def test_a_number_of_a_link_is_a_number_or_nothing(visit, upstream):
    numbered = next(preset for preset in read_catalogue().values() if preset.numbers)
    name = numbered.numbers[0].name
    app = visit("presets", {"preset": numbered.id, f"v.{name}": "1) or vector(99"}, READER)
    assert not app.error and not any("vector(99" in asked for asked in upstream)


def test_values_to_choose_from_are_listed_for_the_variables_of_presets_only(visit, upstream):
    assert set(LABEL_VARIABLES) == {"hub", "namespace", "user", "group"}
    visit("presets", {"preset": "servers-running", "_open_hub": "1"}, READER)
    assert "label_names" not in upstream and "metric_catalogue" not in upstream


def test_a_deployment_that_others_can_reach_serves_no_real_data_until_somebody_says_so(monkeypatch, upstream):
    monkeypatch.setenv("PROMETHEUS_URL", "http://127.0.0.1:9")
    before = config.get_option("server.address")
    config.set_option("server.address", "0.0.0.0")
    try:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30).run()
        assert "nobody has to sign in" in words(app) and upstream == [] and nothing_shown(app)
        assert "HUBSCOPE_OPEN=yes" in words(app)
        forget()
        monkeypatch.setenv("HUBSCOPE_OPEN", "yes")
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30).run()
        assert "nobody has to sign in" not in words(app) and "connect" in upstream
        forget()
        upstream.clear()
        for name in ("HUBSCOPE_OPEN", "PROMETHEUS_URL"):
            monkeypatch.delenv(name)
        assert AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30).run().get("plotly_chart")
    finally:
        config.set_option("server.address", before)


def test_sign_in_that_is_not_set_up_right_lets_nobody_in(visit, upstream, monkeypatch):
    monkeypatch.delenv("HUBSCOPE_ALLOW")
    app = visit("chart", {"preset": "daily-users"}, ADA)
    assert "who may come in" in words(app) and nothing_shown(app) and upstream == []


def test_a_header_cannot_overrule_the_sign_in(visit, upstream):
    config.set_option("server.trustedUserHeaders", {"X-Email": "email"})
    try:
        app = visit("presets", {}, ADA)
        assert "trustedUserHeaders" in words(app) and nothing_shown(app) and upstream == []
    finally:
        config.set_option("server.trustedUserHeaders", None)


def test_a_group_sees_its_hubs_in_everything_that_is_asked(visit, monkeypatch):
    given: list[Any] = []
    start = cache.start
    monkeypatch.setattr(cache, "start", lambda sources, *a, **k: (given.extend(sources), start(sources, *a, **k))[1])
    for page in ("presets", "chart", "sources"):
        visit(page, {}, {**ADA, "email": "hub@example.org"})
    assert given and {source.hubs for source in given} == {("staging",)}
