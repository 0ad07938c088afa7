"""The page that the server sends, with a title that says what the link is: for chats that preview links.

The page of every address is one and the same file, called Streamlit until its script runs. This goes around the app
that serves it. Without it, as where `streamlit_app.py` is run by itself, everything but previews works.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib import cache
from lib.core.errors import AppError
from lib.core.link_preview import PATHS, LinkPreview, link_preview, title_only
from lib.core.relative_time import Calendar

Describe = Callable[[str, Mapping[str, Sequence[str]]], LinkPreview]
_TITLE = re.compile(rb"<title>[^<]*</title>")
# What is asked for has to be the whole file in the clear, whatever the browser has kept of another address.
_NOT_ASKED = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range", b"if-range"}
_NOT_SENT = {b"content-length", b"etag", b"last-modified", b"accept-ranges"}  # they are those of the file


def describe(path: str, parameters: Mapping[str, Sequence[str]]) -> LinkPreview:
    """What a link says, by the catalogue and the settings; the name of the app where these cannot be read.

    Previews are made for whoever has the link. Where people sign in, they say no more than the title of the preset.
    """
    try:
        settings = cache.settings()
        if settings.access.sign_in:
            return title_only(path, parameters, cache.catalogue())
        rules = Calendar(settings.zone, settings.fiscal_start, settings.languages)
        return link_preview(path, parameters, cache.catalogue(), time.time(), rules)
    except AppError:
        return LinkPreview()


class Preview:
    """ASGI middleware: pages get the title and the description of their link. Everything else passes untouched."""

    def __init__(self, app: ASGIApp, describe: Describe = describe) -> None:
        self._app, self._describe = app, describe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. HEAD is answered as GET is, without the body."""
        path = scope.get("path", "").rpartition("/")[2]
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or path not in PATHS:
            await self._app(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name.lower() not in _NOT_ASKED]
        page = _Page(send, head=scope["method"] == "HEAD", words=lambda: self._words(path, scope))
        asked = {**scope, "method": "GET", "headers": headers, "extensions": {}}  # none that sends files past this
        await self._app(asked, receive, page.send)

    def _words(self, path: str, scope: Scope) -> LinkPreview:
        return self._describe(path, parse_qs(scope.get("query_string", b"").decode("latin-1")))


class _Page:
    """An answer on its way: held back until it is whole where it is a page, passed on where it is anything else."""

    def __init__(self, send: Send, *, head: bool, words: Callable[[], LinkPreview]) -> None:
        self._send, self._head, self._words = send, head, words
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """One message of the app."""
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)
        elif message["type"] == "http.response.body" and self._head:
            await self._send({**message, "body": b""})
        else:
            await self._send(message)

    async def _finish(self, start: Message) -> None:
        body = titled(self._body, self._words())
        kept = [(name, value) for name, value in start["headers"] if name.lower() not in _NOT_SENT]
        await self._send({**start, "headers": [*kept, (b"content-length", str(len(body)).encode())]})
        await self._send({"type": "http.response.body", "body": b"" if self._head else body})


def _is_page(start: Message) -> bool:
    headers = {name.lower(): value for name, value in start["headers"]}
    clear = b"content-encoding" not in headers
    return start["status"] == 200 and clear and headers.get(b"content-type", b"").startswith(b"text/html")


def titled(page: bytes, words: LinkPreview) -> bytes:
    """The page with this title and description, escaped; as it was where it has no title."""
    title, description = html.escape(words.title), html.escape(words.description)
    head = (
        f"<title>{title}</title>\n"
        f'    <meta property="og:title" content="{title}" />\n'
        f'    <meta property="og:description" content="{description}" />\n'
        f'    <meta name="description" content="{description}" />'
    )
    return _TITLE.sub(lambda _: head.encode(), page, count=1)
