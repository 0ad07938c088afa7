"""Around the routes with which Streamlit signs people in: the link that brought somebody, and what went wrong.

Streamlit sends everybody who has signed in to the first page, and says nothing where signing in fails: a bare line of
text when the provider cannot be reached, the first page once more when its answer is refused. This goes around the app
that does it: a page's link is kept in a cookie of the visitor's browser until the way back, and a failure ends on the
first page with a word about it. Without it, as where `streamlit_app.py` is run by itself, signing in works all the
same. What is kept decides nothing: it is only ever an address of one of our own pages.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from lib import cache
from lib.core.access_settings import beyond_loopback
from lib.core.errors import AppError
from lib.core.link_preview import PATHS
from lib.ui import visitor
from lib.ui.gate import FAILED

KEPT = "hubscope_link"  # the cookie
SIGNED_IN = "_streamlit_user"  # the cookie that Streamlit's server signs
_LONGEST = 3_000  # bytes; browsers keep 4,096 of a cookie
_SECONDS = 600  # how long signing in may take
_LOGIN, _BACK = "/auth/login", "/oauth2callback"
_LOG = logging.getLogger("hubscope")
Headers = Iterable[tuple[bytes, bytes]]


def people_sign_in() -> bool:
    """Whether there is anything to sign in to; not where the settings cannot be read."""
    try:
        return cache.settings().access.sign_in
    except AppError:
        return False


def tell_operator() -> None:
    """In the log, at the start: why nobody can use the app, or that everybody can who reaches it."""
    try:
        settings = cache.settings()
        visitor.check_reach(settings)
    except AppError as error:
        _LOG.error("Nobody can use Hubscope: %s %s", error.message, error.hint)
        return
    if not settings.access.sign_in and beyond_loopback(config.get_option("server.address")):
        _LOG.warning("Nobody has to sign in: whoever reaches this server sees everything it shows (docs/access.md).")


class SignIn:
    """ASGI middleware: pages are remembered while nobody is signed in; the two routes end on a page of the app."""

    def __init__(self, app: ASGIApp, people_sign_in: Callable[[], bool] = people_sign_in) -> None:
        self._app, self._people_sign_in = app, people_sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        path, cookies = scope.get("path", ""), _cookies(scope["headers"])
        base, _, page = path.rpartition("/")

        async def keep(message: Message) -> None:
            await send(_keeping(message, scope, base, page))

        async def end(message: Message) -> None:
            await send(_ending(message, base_of(path), cookies.get(KEPT, "")))

        # A provider sends people to the second route without a question too: when they have signed out there.
        answers = path.endswith(_LOGIN) or b"state=" in scope.get("query_string", b"")
        if path.endswith((_LOGIN, _BACK)) and answers:
            await self._end_well(scope, receive, end)
        elif page in PATHS and SIGNED_IN not in cookies and self._people_sign_in():
            await self._app(scope, receive, keep)
        else:
            await self._app(scope, receive, send)

    async def _end_well(self, scope: Scope, receive: Receive, end: Send) -> None:
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = True
            await end(message)

        try:
            await self._app(scope, receive, watch)
        except Exception:  # whatever Authlib raises, the visitor gets a page; the log says the rest
            if begun:
                raise
            _LOG.warning("Signing in failed.", exc_info=True)
            await end({"type": "http.response.start", "status": 500, "headers": []})
            await end({"type": "http.response.body", "body": b""})


def base_of(path: str) -> str:
    """The path under which the app is served, without a slash at its end: "" for the root."""
    return path.removesuffix(_LOGIN).removesuffix(_BACK)


def _keeping(message: Message, scope: Scope, base: str, page: str) -> Message:
    """A page on its way, with the cookie that remembers its link, or forgets an older one where it has none."""
    query = scope.get("query_string", b"").decode("latin-1")
    link = quote(f"{page}?{query}" if query else page, safe="")
    if message["type"] != "http.response.start" or message["status"] != 200 or f"{FAILED}=" in query:
        return message
    fits = bool(link) and len(link) <= _LONGEST
    cookie = _cookie(link if fits else "", _SECONDS if fits else 0, base)
    return {**message, "headers": [*message["headers"], cookie]}


def _ending(message: Message, base: str, kept: str) -> Message:
    """The answer of one of the two routes: on to the provider or to the link that was kept, or back with a word."""
    if message["type"] == "http.response.body":
        return {**message, "body": b""} if message.get("body") else message
    headers = [(name.lower(), value) for name, value in message["headers"]]
    target = dict(headers).get(b"location", b"").decode("latin-1")
    if target.startswith(("http://", "https://")):
        return message  # to the provider
    others = [(name, value) for name, value in headers if name not in (b"location", b"content-length", b"content-type")]
    if _came_in(others):
        onward = f"{base}/{link_of(kept)}"
        return _redirect([*others, _cookie("", 0, base)], onward)
    return _redirect(others, f"{base}/?{FAILED}=failed")


def _redirect(headers: list[tuple[bytes, bytes]], target: str) -> Message:
    return {
        "type": "http.response.start",
        "status": 302,
        "headers": [*headers, (b"location", target.encode("latin-1")), (b"content-length", b"0")],
    }


def _came_in(headers: Headers) -> bool:
    """Whether an answer brings the cookie of a sign-in, and does not only take an old one away."""
    start = f"{SIGNED_IN}=".encode()
    brought = (value for name, value in headers if name == b"set-cookie" and value.startswith(start))
    return any(not value.startswith((start + b'""', start + b";")) for value in brought)


def link_of(kept: str) -> str:
    """The link that a cookie holds, from the name of a page on; "" for anything that is not one of our pages."""
    page, mark, query = unquote(kept).partition("?")
    if page not in PATHS or len(kept) > _LONGEST:
        return ""
    return f"{page}{mark}{quote(query, safe='=&%+:/,~@!$()*;?-._')}"


def _cookie(value: str, seconds: int, base: str) -> tuple[bytes, bytes]:
    text = f"{KEPT}={value}; Max-Age={seconds}; Path={base or '/'}; HttpOnly; SameSite=Lax"
    return b"set-cookie", text.encode("latin-1")


def _cookies(headers: Headers) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        if name.lower() == b"cookie":
            try:
                found |= {key: morsel.value for key, morsel in SimpleCookie(value.decode("latin-1")).items()}
            except CookieError:
                continue
    return found
