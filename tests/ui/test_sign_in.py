"""The routes of the sign-in end on pages of the app: the link that somebody came by, and never any other address."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from lib.ui.sign_in import KEPT, SIGNED_IN, SignIn, link_of, tell_operator
from tests.pages.conftest import forget

BASES = ["", "/services/usage"]


@dataclass
class Browser:
    """Sends requests to an app, follows nothing, and keeps cookies."""

    app: ASGIApp
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._get(path))

    async def _get(self, path: str) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://usage.example.org", cookies=self.cookies
        ) as client:
            answer = await client.get(path)
            self.cookies = client.cookies
            return answer


def client(base: str = "", *, sign_in: bool = True) -> Browser:
    """Streamlit's server in small, under a prefix, with people who sign in or nobody who does."""

    async def login(request: Request) -> Response:
        if "boom" in request.query_params:
            raise RuntimeError("the provider is down")
        if "down" in request.query_params:
            return PlainTextResponse("Authentication error", 400)
        return RedirectResponse("https://login.example.org/authorize?x=1", 302)

    async def back(request: Request) -> Response:
        answer = RedirectResponse(f"{base}/", 302)
        if "good" in request.query_params:
            answer.set_cookie(SIGNED_IN, "signed")
        else:
            answer.delete_cookie(SIGNED_IN)
        return answer

    async def page(_: Request) -> Response:
        return HTMLResponse("<title>page</title>")

    routes = [
        Route(f"{base}/auth/login", login),
        Route(f"{base}/oauth2callback", back),
        *(Route(f"{base}/{name}", page) for name in ("", "chart", "promql", "static/x")),
    ]
    return Browser(SignIn(Starlette(routes=routes), lambda: sign_in))


@pytest.mark.parametrize("base", BASES)
def test_who_has_signed_in_is_back_where_the_link_led(base: str) -> None:
    browser = client(base)
    browser.get(f"{base}/chart?preset=daily-users&v.hub=a%26b&expr=up%20%2B%201")
    answer = browser.get(f"{base}/oauth2callback?state=x&good=1")
    assert answer.headers["location"] == f"{base}/chart?preset=daily-users&v.hub=a%26b&expr=up%20%2B%201"
    assert KEPT not in browser.cookies and SIGNED_IN in browser.cookies
    assert browser.get(f"{base}/oauth2callback?state=x&good=1").headers["location"] == f"{base}/"


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("path", ["auth/login?down=1", "auth/login?boom=1", "oauth2callback?state=x"])
def test_a_sign_in_that_fails_ends_on_the_first_page_with_a_word_about_it(base: str, path: str) -> None:
    browser = client(base)
    browser.get(f"{base}/chart?preset=daily-users")
    answer = browser.get(f"{base}/{path}")
    assert (answer.status_code, answer.headers["location"]) == (302, f"{base}/?sign-in=failed")
    assert answer.text == "" and KEPT in browser.cookies
    browser.get(answer.headers["location"])
    assert browser.get(f"{base}/oauth2callback?state=x&good=1").headers["location"].endswith("preset=daily-users")


def test_the_way_to_the_provider_and_the_way_back_from_signing_out_stay_as_they_are() -> None:
    browser = client()
    assert browser.get("/auth/login").headers["location"] == "https://login.example.org/authorize?x=1"
    assert browser.get("/oauth2callback").headers["location"] == "/"


def test_nothing_is_kept_where_nobody_signs_in_or_somebody_has() -> None:
    browser = client(sign_in=False)
    assert "set-cookie" not in browser.get("/chart?preset=daily-users").headers
    browser = client()
    assert "set-cookie" not in browser.get("/static/x").headers
    for link in ("/", f"/chart?expr={'x' * 5_000}"):
        browser.get("/chart?preset=daily-users")
        assert KEPT in browser.cookies
        browser.get(link)
        assert KEPT not in browser.cookies
    browser.cookies.set(SIGNED_IN, "signed")
    assert "set-cookie" not in browser.get("/chart?preset=daily-users").headers


def test_the_cookie_of_a_link_is_for_the_server_only_and_for_this_app_only() -> None:
    browser = client("/services/usage")
    said = browser.get("/services/usage/chart?preset=daily-users").headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/services/usage", "Max-Age=600"} <= set(said.split("; "))


ELSEWHERE = (
    *("//evil.example", "https://evil.example", "/\\evil.example", "..%2F", "%2F%2Fevil.example", "evil.example"),
    *("chart%2F..%2Fx", "auth/logout", "oauth2callback?state=x", "@evil.example", "chart#//evil", "nothing"),
)


@pytest.mark.parametrize("kept", ELSEWHERE)
def test_what_is_no_page_of_the_app_is_forgotten(kept: str) -> None:
    assert link_of(kept) == ""


@given(st.text())
def test_a_link_that_was_kept_never_leads_out_of_the_app_or_breaks_a_header(kept: str) -> None:
    for text in (kept, f"chart?{kept}", f"?{kept}"):
        link = link_of(text)
        assert link.isascii() and not set(link) & set("\r\n\0\"'<> \\")
        there = urlsplit(f"http://usage.example.org/{link}")
        assert there.netloc == "usage.example.org" and there.path.strip("/") in ("", "chart", "promql", "sources")


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.LogCaptureFixture]:
    before = streamlit.config.get_option("server.address")
    monkeypatch.delenv("HUBSCOPE_ALLOW", raising=False)
    forget()
    with caplog.at_level(logging.WARNING, "hubscope"):
        yield caplog
    streamlit.config.set_option("server.address", before)
    forget()


def test_the_log_says_at_the_start_that_nobody_has_to_sign_in(said: pytest.LogCaptureFixture) -> None:
    streamlit.config.set_option("server.address", "127.0.0.1")
    tell_operator()
    assert said.messages == []
    streamlit.config.set_option("server.address", "0.0.0.0")
    tell_operator()
    assert ["Nobody has to sign in" in line for line in said.messages] == [True]


def test_the_log_says_at_the_start_why_nobody_can_use_the_app(
    said: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBSCOPE_ALLOW", "*")
    tell_operator()
    assert ["Nobody can use Hubscope: HUBSCOPE_ALLOW" in line for line in said.messages] == [True]
