"""A visitor with a browser: opens pages, remembers all they asked for, and reads what they show."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, WebSocket, expect

PATIENCE = 30_000  # milliseconds; a shared machine may be slow, and a broken page shows itself all the same
_INSIDE = ("data", "blob", "about")  # addresses that lead nowhere outside the page

# Tells of everything that a page was kept from by the policy it came with, also where it does without it.
_BREACHES = """document.addEventListener("securitypolicyviolation", event => window.tellOfBreach(
    `${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))"""

# What a chart shows, as the browser has it: Plotly decodes the numbers that come as base64.
_TRACES = """element => element._fullData.map(trace => ({
    name: trace.meta[0], type: trace.type, fill: trace.fill || "", x0: trace.x0, dx: trace.dx,
    y: Array.from(trace.y, value => Number.isNaN(value) ? null : value),
}))"""


@dataclass
class Visits:
    """Opens pages, each in a context of its own, as if on another computer.

    `asked` are the addresses of everything that these pages requested, `frames` what came over their web sockets and
    `sent` what went, `failures` the errors that nobody caught, `breaches` what the policy of a page kept it from.
    """

    browser: Browser
    asked: list[str] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    _opened: set[str] = field(default_factory=set)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(self, url: str, **options: Any) -> Page:
        """A page at `url` in a new context; `options` are those of Playwright's `new_context`."""
        context = self.browser.new_context(**options)
        self._contexts.append(context)
        self._opened.add(_host(url))
        context.set_default_timeout(PATIENCE)
        context.on("request", self._remember_request)
        context.expose_function("tellOfBreach", lambda text: self.breaches.append(text))
        context.add_init_script(_BREACHES)
        page = context.new_page()
        page.on("websocket", self._remember_socket)
        page.on("pageerror", lambda error: self.failures.append(str(error)))
        page.goto(url)
        return page

    @property
    def strangers(self) -> set[str]:
        """Hosts that a page talked to although none of the opened addresses leads there."""
        hosts = {_host(url) for url in self.asked if urlsplit(url).scheme not in _INSIDE}
        return hosts - self._opened

    def trust(self, url: str) -> None:
        """Pages may also talk to the host of this address."""
        self._opened.add(_host(url))

    def close(self) -> None:
        """Closes every page."""
        for context in self._contexts:
            context.close()

    def _remember_request(self, request: Request) -> None:
        self.asked.append(request.url)

    def _remember_socket(self, socket: WebSocket) -> None:
        self.asked.append(socket.url)
        socket.on("framereceived", lambda data: self.frames.append(_bytes(data)))
        socket.on("framesent", lambda data: self.sent.append(_bytes(data)))


def _bytes(data: str | bytes) -> bytes:
    return data if isinstance(data, bytes) else data.encode()


def _host(url: str) -> str:
    return urlsplit(url).netloc


def settled(page: Page) -> None:
    """Waits until all clusters have answered or failed, and the server has run the page to its end."""
    expect(page.get_by_role("button", name="Stop asking")).to_have_count(0)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def chart(page: Page) -> list[dict[str, Any]]:
    """The traces of the chart on the page, once it is drawn: name, type, x0, dx and y; times in milliseconds."""
    expect(page.locator(".js-plotly-plot .trace").first).to_be_visible()
    settled(page)
    traces: list[dict[str, Any]] = page.locator(".js-plotly-plot").first.evaluate(_TRACES)
    return traces


def names(traces: list[dict[str, Any]]) -> list[str]:
    """The names of the traces, in the order in which they are drawn."""
    return [trace["name"] for trace in traces]


def wait_for_traces(page: Page, wanted: list[str]) -> list[dict[str, Any]]:
    """The traces of the chart as soon as they have these names, in any order."""
    page.wait_for_function(
        """wanted => {
            const element = document.querySelector(".js-plotly-plot");
            const found = ((element && element._fullData) || []).map(trace => trace.meta[0]);
            return JSON.stringify(found.sort()) === JSON.stringify(wanted);
        }""",
        arg=sorted(wanted),
    )
    return chart(page)


def choose(page: Page, option: str) -> None:
    """Clicks one of several choices that stand side by side."""
    page.get_by_role("radio", name=option, exact=True).click()


def type_query(page: Page, text: str) -> None:
    """Puts PromQL in place of what stands in the editor, and runs it from the keyboard."""
    editor = page.get_by_role("textbox", name="PromQL")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)
    page.keyboard.press("Control+Enter")


def csv_button(page: Page) -> Locator:
    """The button that says how many rows its file has."""
    return page.get_by_role("button", name=re.compile(r"^CSV \("))


@dataclass(frozen=True)
class Download:
    """A file as it arrived."""

    name: str
    content: bytes

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of a CSV, by its headers."""
        return list(csv.DictReader(io.StringIO(self.content.decode("utf-8-sig"), newline="")))


def download(page: Page, button: Locator | None = None) -> Download:
    """The file behind a button, by default the CSV with one row per value."""
    with page.expect_download() as waiting:
        (button or csv_button(page)).click()
    return Download(waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes())
