"""Signing in, in a browser, with a provider: who comes in, what they can reach, and that nobody else gets a byte."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import Page, expect
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from tests.double import Double, grafana_double
from tests.e2e.app import App, serve_app
from tests.e2e.asked import questions, settings_of
from tests.e2e.browsing import PATIENCE, Visits, chart, download, settled, type_query, wait_for_traces
from tests.e2e.hubs import HUBS
from tests.oidc_provider import COOKIE_SECRET, SECRET, Fault, Provider, running_provider

pytestmark = [pytest.mark.browser, pytest.mark.prometheus]

ALLOW = "ada@example.org, @staff.example.org, reader@example.org, stager@example.org"
GROUPS = """
[[group]]
name = "readers"
members = "reader@example.org"
promql = false

[[group]]
name = "stagers"
members = "stager@example.org"
hubs = ["staging"]
"""
LINKS = (
    *("chart?preset=daily-users", "", "?preset=servers-running&v.hub=prod", "promql?expr=jupyterhub_active_users"),
    *("chart?expr=jupyterhub_active_users", "sources", "nothing-here"),
)
ALL = [f"{cluster} / {hub}" for cluster, hubs in HUBS.items() for hub in hubs]
STAGING = list(HUBS)  # where there is one hub, its name goes without saying
DATA = ("alpha", "beta", "workshop", "uid-of-", "jupyterhub_active_users", "How many people used")


def verified(email: str) -> dict[str, Any]:
    return {"email": email, "email_verified": True}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture(scope="module")
def app(grafana: Double, provider: Provider) -> Iterator[App]:
    settings = settings_of(grafana, HUBSCOPE_ALLOW=ALLOW, HUBSCOPE_CONTACT="the hub team")
    with serve_app(settings, secrets=provider.secrets_toml() + GROUPS) as running:
        yield running


@pytest.fixture(autouse=True)
def by_the_book(provider: Provider, visit: Visits) -> None:
    provider.fault = Fault.NONE
    provider.person = {}
    visit.trust(provider.url)


def data_in(frames: list[bytes]) -> set[str]:
    """What of somebody's data came over the web sockets."""
    return {word for word in DATA for frame in frames if word.encode() in frame}


def expect_sign_in(page: Page) -> None:
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_test_id("stSidebarNavItems")).to_have_count(0)
    settled(page)


def sign_in(visit: Visits, app: App, provider: Provider, person: Mapping[str, Any], link: str = "") -> Page:
    """A new browser that has just come back from the provider."""
    provider.person = person
    page = visit(f"{app.url}/{link}")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name=re.compile("Sign (out|in)"))).to_be_visible()
    return page


def test_without_a_sign_in_no_link_asks_or_shows_anything(app: App, grafana: Double, visit: Visits) -> None:
    mark = len(grafana.log)  # the first of these is also the first visit of a fresh server
    page = visit(f"{app.url}/{LINKS[0]}")
    for link in LINKS:
        page.goto(f"{app.url}/{link}")
        if link == "nothing-here":
            page.get_by_role("dialog").get_by_role("button", name="Close").click()
        expect_sign_in(page)
    assert len(visit.frames) >= len(LINKS)
    assert data_in(visit.frames) == set()
    assert grafana.log[mark:] == []


def forgeries(app: App) -> dict[str, str]:
    claims = json.dumps({**verified("ada@example.org"), "is_logged_in": True, "origin": app.url, "provider": "default"})
    signed = {secret: create_signed_value(secret, "_streamlit_user", claims).decode() for secret in ("", "x" * 48)}
    return {"plain": claims.replace('"', "%22"), "unsigned": f"2|1:0|10:1|15:_streamlit_user|{claims!r}|", **signed}


def test_a_forged_cookie_is_no_sign_in(app: App, grafana: Double, visit: Visits) -> None:
    mark, page = len(grafana.log), visit(app.url)
    for value in forgeries(app).values():
        page.context.add_cookies([{"name": "_streamlit_user", "value": value, "url": app.url}])
        page.goto(f"{app.url}/chart?preset=daily-users")
        expect_sign_in(page)
    assert data_in(visit.frames) == set()
    assert grafana.log[mark:] == []


def test_who_is_allowed_comes_back_to_the_link_and_can_leave_again(
    app: App, grafana: Double, provider: Provider, visit: Visits
) -> None:
    page = sign_in(visit, app, provider, verified("Ada@Example.org"), "chart?preset=daily-users&from=now-9d&by=cluster")
    wait_for_traces(page, ["alpha", "beta"])
    assert "from=now-9d" in page.url and page.url.startswith(f"{app.url}/chart?preset=daily-users")
    expect(page.get_by_test_id("stSidebar").get_by_text("ada@example.org")).to_be_visible()
    cookies, other = page.context.cookies(), page.context.new_page()
    other.goto(f"{app.url}/?preset=servers-running")
    chart(other)

    page.get_by_role("button", name="Sign out").click()
    expect_sign_in(page)
    assert page.url == f"{app.url}/"
    mark = len(grafana.log)
    other.get_by_role("tab", name="Clusters asked").click()  # a fragment, which runs without the page around it
    expect_sign_in(other)
    copied = visit(app.url)
    copied.context.add_cookies(cookies)
    copied.goto(f"{app.url}/chart?preset=daily-users")
    expect_sign_in(copied)
    assert grafana.log[mark:] == []


REFUSED = (
    (verified("eve@example.org"), "eve@example.org"),
    (verified("eve@example.org"), "that address is not on the list of this deployment. Ask the hub team"),
    (verified("a@x.staff.example.org"), "not on the list"),
    ({**verified("ada@example.org"), "email_verified": False}, "has not verified that"),
    ({"name": "Ada"}, "says no e-mail address"),
)


def test_signed_in_is_not_allowed(app: App, grafana: Double, provider: Provider, visit: Visits) -> None:
    mark, page = len(grafana.log), visit(f"{app.url}/chart?preset=daily-users")
    for person, sentence in REFUSED:
        provider.person = person
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_test_id("stMain")).to_contain_text(sentence)
        expect(page.get_by_role("heading")).to_have_count(0)
        settled(page)
        page.get_by_role("button", name="Sign out").click()
        expect_sign_in(page)
        expect(page.get_by_role("alert")).to_have_count(0)
    assert data_in(visit.frames) == set() and grafana.log[mark:] == []


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.NONE])
def test_nobody_comes_in_by_an_answer_that_is_not_by_the_book(app: App, provider: Provider, fault: Fault) -> None:
    for now, cookie, end in ((fault, False, "/?sign-in=failed"), (Fault.NONE, True, "/")):
        provider.fault, provider.person = now, verified("ada@example.org")
        key = OctKey.import_key(COOKIE_SECRET)
        start = jwt.encode({"alg": "HS256"}, {"provider": "default", "exp": int(time.time()) + 60}, key)
        with requests.Session() as browser:
            answer = browser.get(f"{app.url}/auth/login?provider={start}", timeout=10)
            assert answer.ok and answer.url == f"{app.url}{end}"
            assert ("_streamlit_user" in browser.cookies) == cookie
        assert "Traceback" not in answer.text


def test_a_sign_in_that_goes_wrong_ends_on_a_page_that_says_so(
    app: App, grafana: Double, provider: Provider, visit: Visits
) -> None:
    mark, page = len(grafana.log), visit(app.url)
    provider.person = verified("ada@example.org")
    for provider.fault in (Fault.DOWN, Fault.SIGNATURE):
        page.goto(f"{app.url}/chart?preset=daily-users")
        expect(page.get_by_role("alert")).to_have_count(0)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"{app.url}/?sign-in=failed")
        expect(page.get_by_role("alert")).to_contain_text("Signing in did not work")
        expect_sign_in(page)
    assert data_in(visit.frames) == set() and grafana.log[mark:] == []
    provider.fault = Fault.NONE  # and the next attempt still leads to where the link said
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("chart.preset=daily-users"))
    secrets = (COOKIE_SECRET, SECRET, provider.last_code, *(each["value"] for each in page.context.cookies()))
    assert [secret for secret in (*secrets, "ada@example.org") if secret in app.log] == []


def test_who_may_ask_ready_made_questions_only_gets_their_answers_and_no_promql(
    app: App, grafana: Double, provider: Provider, visit: Visits
) -> None:
    page = sign_in(visit, app, provider, verified("reader@example.org"), "?preset=daily-users&by=cluster")
    wait_for_traces(page, ["alpha", "beta"])
    menu = page.get_by_test_id("stSidebarNavItems").get_by_role("link")
    assert [text.split("\n")[-1] for text in menu.all_inner_texts()] == ["Presets", "Chart", "Sources"]
    expect(page.get_by_role("button", name="Edit")).to_have_count(0)
    mark = len(grafana.log)
    for link in ("promql", "promql?expr=secret_metric", "chart?expr=secret_metric"):
        page.goto(f"{app.url}/{link}")
        expect(page.get_by_role("alert")).to_contain_text("ready-made questions only")
        settled(page)
    assert not [entry for entry in grafana.log[mark:] if entry.uid]
    page.get_by_test_id("stMain").get_by_role("link", name="Choose a question").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_group_sees_its_hubs_and_no_others_on_any_page(
    app: App, grafana: Double, provider: Provider, visit: Visits
) -> None:
    question = "?preset=daily-users&from=now-10d&staging=show"
    everything = sign_in(visit, app, provider, verified("bob@staff.example.org"), question)
    wait_for_traces(everything, ALL)  # so that the answer is kept
    mark, seen = len(grafana.log), len(visit.frames)

    page = sign_in(visit, app, provider, verified("stager@example.org"), question)
    wait_for_traces(page, STAGING)
    file = download(page)
    assert file.rows and b"prod" not in file.content and b"workshop" not in file.content
    page.goto(f"{app.url}/chart{question}&by=series")
    settled(page)
    page.goto(f"{app.url}/promql?staging=show")
    type_query(page, '{__name__="jupyterhub_active_users"} or jupyterhub_running_servers{namespace="prod"}')
    wait_for_traces(page, STAGING)
    page.goto(f"{app.url}/sources")
    page.get_by_text("Hubs and their clusters").click()
    expect(page.get_by_text("Hubs that had users")).to_be_visible()
    settled(page)

    frames = b"".join(visit.frames[seen:])
    assert b"staging" in frames and b"workshop" not in frames
    asked = [target + body for _, target, body in questions(grafana.log[mark:])]
    limited = [text for text in asked if "query=" in text or "match" in text]
    assert any("/label/namespace/values" in text for text in limited) and any("query_range" in text for text in limited)
    assert all("staging" in text for text in limited)
    everything.reload()
    wait_for_traces(everything, ALL)


def test_previews_of_links_say_the_title_of_the_preset_and_no_more(app: App, visit: Visits) -> None:
    page = requests.get(f"{app.url}/chart?preset=daily-users&from=now-30d&v.hub=workshop", timeout=10).text
    assert "<title>Daily users · Hubscope</title>" in page
    assert not [word for word in ("workshop", "How many people", "days", "Last") if word in page.split("<script")[0]]


def test_signing_out_ends_what_runs_also_where_the_app_runs_without_its_server_file(
    provider: Provider, visit: Visits
) -> None:
    with grafana_double({"good": "alpha", "hang": "beta"}) as double:
        settings = settings_of(double, HUBSCOPE_ALLOW=ALLOW, HUBSCOPE_TIMEOUT="120")
        with serve_app(settings, script="streamlit_app.py", secrets=provider.secrets_toml()) as plain:
            expect_sign_in(visit(f"{plain.url}/chart?preset=daily-users"))
            assert data_in(visit.frames) == set() and double.log == []

            page = sign_in(visit, plain, provider, verified("ada@example.org"))
            expect(page.get_by_text("waiting for beta")).to_be_visible()
            assert [entry.ended for entry in double.asked("hang")] == [0.0]
            page.get_by_role("button", name="Sign out").click()
            expect_sign_in(page)
            wait_until(lambda: all(entry.ended for entry in double.asked("hang")))
            assert "Traceback" not in plain.log, plain.log[-4_000:]


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE / 1_000
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
