"""The page that chats preview: titled by its link, whole, and never the one that was kept for another address."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message

from lib.core.link_preview import LinkPreview
from lib.ui.preview import Preview, titled

FOLDER = Path(streamlit.__file__).parent / "static"
INDEX = (FOLDER / "index.html").read_bytes()
KEPT = {"if-none-match": "*", "if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT", "accept-encoding": "gzip"}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(app: ASGIApp, address: str, method: str = "GET", **headers: str) -> Reply:
    """What an ASGI app answers."""
    parts, sent = urlsplit(address), list[Message]()
    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": parts.path, "query_string": parts.query.encode()}

    async def receive() -> Message:
        return await asyncio.Event().wait()  # type: ignore[return-value]  # nobody hangs up

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app({**scope, "root_path": "", "headers": lines, "extensions": {}}, receive, send))
    got = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Reply(sent[0]["status"], got, b"".join(each["body"] for each in sent[1:]))


def echo(path: str, parameters: Mapping[str, list[str]]) -> LinkPreview:
    return LinkPreview(f"{path}|{parameters}", "what it is")


FILES = GZipMiddleware(StaticFiles(directory=FOLDER, html=True))
APP = Preview(FILES, echo)  # type: ignore[arg-type]


def title_of(page: bytes) -> str:
    (found,) = re.findall("<title>(.*?)</title>", page.decode(), re.DOTALL)
    return html.unescape(found)


def test_a_page_is_that_of_the_server_but_for_its_title_and_its_description() -> None:
    reply = ask(APP, "/?preset=x&a=1&a=2")
    assert reply.status == 200 and reply.headers["content-length"] == str(len(reply.body))
    assert title_of(reply.body) == "|{'preset': ['x'], 'a': ['1', '2']}"
    before, _, after = INDEX.partition(b"<title>Streamlit</title>")
    assert reply.body.startswith(before) and reply.body.endswith(after)
    for place in ('property="og:title"', 'property="og:description"', 'name="description"'):
        assert reply.body.count(place.encode()) == 1


def test_a_browser_that_kept_one_page_gets_the_other_under_its_own_title() -> None:
    first = ask(APP, "/?preset=one")
    assert not {"etag", "last-modified", "accept-ranges"} & first.headers.keys()
    again = ask(APP, "/?preset=two", **KEPT, range="bytes=0-9")
    assert again.status == 200 and "content-encoding" not in again.headers and "two" in title_of(again.body)


def test_head_says_what_get_would_send() -> None:
    asked, got = ask(APP, "/?preset=x", "HEAD"), ask(APP, "/?preset=x")
    assert (asked.status, asked.headers, asked.body) == (got.status, got.headers, b"")


@pytest.mark.parametrize("address", ["/favicon.png", "/no-such.js", "/static/"])
@pytest.mark.parametrize("headers", [{}, KEPT], ids=["anew", "kept"])
def test_whatever_is_no_page_passes_untouched(address: str, headers: dict[str, str]) -> None:
    def tried(app: ASGIApp) -> Reply | str:
        try:
            return ask(app, address, **headers)
        except HTTPException as error:  # StaticFiles leaves its 404 to the app around it
            return repr(error)

    assert tried(APP) == tried(FILES)


@given(st.text(), st.text())
def test_no_text_leaves_its_place(title: str, description: str) -> None:
    page = titled(INDEX, LinkPreview(title.replace("\x00", ""), description)).decode("utf-8", "strict")
    assert page.count("<meta ") == INDEX.count(b"<meta") - INDEX.count(b"<meta\n") + 3
    assert page.count("<script") == INDEX.count(b"<script") and page.count("</title>") == 1


def test_hostile_parameters_of_a_link_leave_the_page_as_it_is() -> None:
    hostile = {"preset": '"><script>alert(1)</script>', "expr": "</title>\r\nX: y", "from": "\\1\\g<0>"}
    reply = ask(APP, f"/?{urlencode(hostile)}")
    assert b"<script>alert" not in reply.body and reply.body.count(b"</title>") == 1
    assert "\\g<0>" in title_of(reply.body).replace("\\\\", "\\")


def test_a_page_without_a_title_stays_as_it_is() -> None:
    assert titled(b"<p>x</p>", LinkPreview()) == b"<p>x</p>"
