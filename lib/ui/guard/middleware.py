"""The guard itself, as ASGI middleware: refuses, slows down, and puts headers on every answer.

Without it, as where `streamlit_app.py` is run by itself, the app works, open to what this keeps out: docs/deploy.md.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib import cache
from lib.core.errors import ConfigError
from lib.core.guard_settings import GuardSettings
from lib.core.link_preview import PATHS
from lib.ui.guard import doors, frames
from lib.ui.guard.floods import TOO_OFTEN, Clock, Crowd, Pace, Sleep, Turnstile
from lib.ui.guard.headers import adding_headers
from lib.ui.guard.hosts import host_name, is_named, is_our_page


@dataclass(frozen=True)
class Refusal:
    """A status of HTTP and one sentence, the same for everybody: nothing of the request is repeated."""

    status: int
    sentence: str


NOT_FOUND = Refusal(404, "Not found.")
METHOD = Refusal(405, "Only GET and HEAD are answered here.")
HOST = Refusal(421, "The app is not visited under this name. Whoever runs it can add the name to HUBSCOPE_HOSTS.")
ORIGIN = Refusal(403, "Only pages of this app may open its web socket.")
FULL = Refusal(503, "Too many pages are open. Close some of them, or come back in a minute.")


def configured() -> GuardSettings:
    """The settings as they are; those that nothing was set in where one is wrong, which the first page then says."""
    try:
        settings = cache.settings().guard
    except ConfigError:
        settings = GuardSettings()
    bound = host_name(str(st.get_option("server.address") or ""))
    return replace(settings, hosts=(*settings.hosts, *([bound] if bound else [])))


class Guard:
    """ASGI middleware before everything else. `settings` are read once, when the first request comes.

    `base` is what all addresses of the app begin with; what Streamlit is told by default.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Callable[[], GuardSettings] = configured,
        base: str | None = None,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._app, self._read, self._base = app, settings, base
        self._clock, self._sleep = clock, sleep

    @functools.cached_property
    def _settings(self) -> GuardSettings:
        return self._read()

    @functools.cached_property
    def crowd(self) -> Crowd:
        """The web sockets that are open."""
        return Crowd(self._settings.sockets, self._settings.per_address)

    @functools.cached_property
    def _turnstile(self) -> Turnstile:
        return Turnstile(clock=self._clock, sleep=self._sleep)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, one web socket, or the life of the server."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        send = adding_headers(send, https=self._settings.https)
        refusal = self._refusal(scope)
        if refusal is not None:
            await _refuse(refusal, scope, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Refusal | None:
        base = str(st.get_option("server.baseUrlPath") or "") if self._base is None else self._base
        socket = scope["type"] == "websocket"
        if doors.is_closed(scope, base):
            return NOT_FOUND
        if not socket and scope["method"] not in doors.METHODS:
            return METHOD
        if not doors.is_health(scope, base) and not is_named(scope, self._settings.hosts):
            return HOST
        if socket and not is_our_page(scope):
            return ORIGIN
        page = scope["path"].rpartition("/")[2] in PATHS
        return FULL if (socket or page) and self.crowd.is_full_for(_address(scope)) else None

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = _address(scope)
        self.crowd.enter(address)
        try:
            await self._app(scope, self._slowed(receive, send), send)
        finally:
            self.crowd.leave(address)

    def _slowed(self, receive: Receive, send: Send) -> Receive:
        """A `receive` that hands on frames at the pace of a person; what is none of a browser's ends the socket.

        What no page of ours says is left out. Of the rest, what starts a run waits until the server has time for it.
        """
        pace = Pace(clock=self._clock)

        async def slowly() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                wait, kind = pace.delay(), frames.kind_of(message.get("bytes") or b"")
                if not kind or pace.in_a_row > TOO_OFTEN:
                    return await _end(send, 1008 if kind else 1003)
                await self._sleep(wait)
                if kind in frames.RUNS:
                    await self._turnstile.wait()
                if kind in frames.HEARD:
                    return message

        return slowly


def _address(scope: Scope) -> str:
    """Where a request comes from: uvicorn has put what a proxy said in place of the proxy, if it is a trusted one."""
    client = scope.get("client")
    return str(client[0]) if client else ""


async def _end(send: Send, code: int) -> Message:
    await send({"type": "websocket.close", "code": code})
    return {"type": "websocket.disconnect", "code": code}


async def _refuse(refusal: Refusal, scope: Scope, send: Send) -> None:
    """Answers without having read what was sent, and hangs up, so that nobody goes on sending it."""
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    if scope["type"] == "websocket" and kind not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    body = b"" if scope.get("method") == "HEAD" else refusal.sentence.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(refusal.sentence)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    if refusal is METHOD:
        headers.append((b"allow", ", ".join(doors.METHODS).encode()))
    await send({"type": f"{kind}.start", "status": refusal.status, "headers": headers})
    await send({"type": f"{kind}.body", "body": body})
