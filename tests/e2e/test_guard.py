"""The running app behind its guard: what answers, what a browser refuses to do with it, and what it is set to.

That no page needs more than the policy allows is asked by every test that visits one: see the fixture `visit`.
"""

from __future__ import annotations

import http.server
import json
import re
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from bench.process import process_of
from lib.ui.guard import headers
from tests.e2e import telling
from tests.e2e.app import App, serve_app
from tests.e2e.browsing import Visits, chart, choose, csv_button, download, settled, type_query

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
PREFIX = "/services/usage"


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[App, Path]]:
    """An app under a prefix that frees closed sessions after a second, and the file with its options."""
    told = tmp_path_factory.mktemp("options") / "options.json"
    settings = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "1", "HUBSCOPE_HTTPS": "always"}
    with serve_app(settings, program=(telling.__file__, str(told)), base=PREFIX) as app:
        yield app, told


# Every address that Streamlit registers, and what it answers to anybody who asks. One more is one to be looked at.
ROUTES = {
    "/_stcore/health": 200,
    "/_stcore/host-config": 200,
    "/_stcore/stream": 404,  # but for web sockets
    "/_stcore/metrics": 404,
    "/_stcore/upload_file/{session_id}/{file_id}": 404,
    "/_stcore/bidi-components/{path:path}": 404,
    "/_stcore/agent/interact": 404,
    "/_stcore/agent/openapi.json": 404,
    "/_stcore/agent/mcp": 404,
    "/component/{path:path}": 404,
    "/media/{file_id:path}": 404,
    "/app/static/{path:path}": 404,
    "/auth/login": 302,
    "/auth/logout": 302,
    "/oauth2callback": 302,
    "": 200,
}
ROUTES_PROGRAM = """
import asyncio, json, server
built = server.app._build_starlette_app()
print(json.dumps(sorted({route.path for route in built.routes})))
"""


def test_every_address_that_answers_is_known(sample_app: App) -> None:
    built = subprocess.run([sys.executable, "-c", ROUTES_PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(json.loads(built.stdout)) == set(ROUTES)
    found = {}
    for route in ROUTES:
        path = re.sub(r"\{.*?\}", "x", route)
        found[route] = requests.get(f"{sample_app.url}{path}", timeout=30, allow_redirects=False)
    assert {route: reply.status_code for route, reply in found.items()} == ROUTES
    policy = {reply.headers.get("Content-Security-Policy") for reply in found.values()}
    assert policy == {headers.content_policy()}
    assert {reply.headers["X-Content-Type-Options"] for reply in found.values()} == {"nosniff"}
    assert not any("Access-Control-Allow-Origin" in reply.headers for reply in found.values())


def handshake(app: App, **lines: str | None) -> int:
    """The status that opening a web socket comes to."""
    parts = urlsplit(app.url)
    asked = {"origin": f"http://{parts.netloc}", **lines}
    own = {name.replace("_", "-"): value for name, value in asked.items() if value is not None and name != "origin"}
    try:
        with connect(
            f"ws://{parts.netloc}{parts.path}/_stcore/stream",
            origin=asked["origin"],  # type: ignore[arg-type]
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers=own,
        ):
            return 101
    except InvalidStatus as refused:
        assert refused.response.headers["Content-Security-Policy"] == headers.content_policy()
        return refused.response.status_code


def test_web_sockets_of_other_pages_are_refused_before_streamlit_asks_the_internet_who_this_server_is(
    sample_app: App,
) -> None:
    port, before = urlsplit(sample_app.url).port, len(sample_app.log)
    assert handshake(sample_app, origin=None) == 403
    assert handshake(sample_app, origin="null") == 403
    assert handshake(sample_app, origin="http://evil.example") == 403
    assert handshake(sample_app, origin=f"http://localhost:{port}") == 403
    assert handshake(sample_app, origin="http://127.0.0.1:1") == 403
    told = sample_app.log[before:]
    assert "Rejecting WebSocket" not in told  # what Streamlit says after it asked for its outer address
    assert "Traceback" not in told
    assert handshake(sample_app) == 101


def test_no_image_of_the_memory_is_left_where_the_server_dies(sample_app: App) -> None:
    if not Path("/proc").exists():
        pytest.skip("what limits a process is read in /proc")
    assert re.search("Max core file size +0 +0 ", (process_of(sample_app.url) / "limits").read_text())


def test_what_is_uploaded_is_refused_before_it_has_come(sample_app: App) -> None:
    class Body:
        """A body that never ends unless somebody hangs up."""

        sent = 0

        def __iter__(self) -> Iterator[bytes]:
            while self.sent < 2**30:
                self.sent += 2**16
                yield b"x" * 2**16

    body, status = Body(), 0
    try:
        address = f"{sample_app.url}/_stcore/upload_file/a/b"
        status = requests.put(address, data=iter(body), timeout=30).status_code
    except requests.ConnectionError:
        status = 404  # hung up on while sending: the answer is lost with the connection
    assert status == 404 and body.sent < 2**26


@pytest.fixture
def stranger(sample_app: App) -> Iterator[str]:
    """The address of a page of somebody else with the app inside."""
    page = f"<title>Mine</title><iframe src='{sample_app.url}/?preset=daily-users' width=800 height=600></iframe>"

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_no_page_of_somebody_else_can_hold_the_app(browser: Browser, stranger: str) -> None:
    context = browser.new_context()
    page, sockets = context.new_page(), list[str]()
    page.on("websocket", lambda socket: sockets.append(socket.url))
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(stranger)
    page.wait_for_load_state("networkidle")
    assert page.frames[1].url.startswith("chrome-error:")
    assert sockets == [] and "frame-ancestors 'none'" in " ".join(said)
    context.close()


def test_under_a_prefix_everything_works_and_links_lead_back(short: tuple[App, Path], visit: Visits) -> None:
    app, _ = short
    for page in (visit(f"{app.url}/"), visit(app.url)):
        assert len(chart(page)) > 1
    page.get_by_role("link", name="PromQL", exact=True).click()
    expect(page).to_have_url(re.compile(rf"{PREFIX}/promql"))
    expect(page.locator(".cm-content")).to_be_visible()  # the editor came from /app/static
    type_query(page, "sum by (namespace) (jupyterhub_running_servers)")
    first = chart(page)
    assert download(page).rows
    linked = visit(page.url)
    linked.get_by_role("button", name="Run", exact=False).first.click()
    assert chart(linked) == first

    page = visit(f"{app.url}/chart?preset=daily-users&by=cluster", color_scheme="dark")
    chart(page)
    choose(page, "Table")
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    choose(page, "Area")
    chart(page)
    name = download(page, page.get_by_role("button", name="PNG", exact=True)).name  # plotly came from /app/static
    assert name.endswith(".png")
    assert {urlsplit(url).path.startswith(PREFIX) for url in visit.asked if url.startswith("http")} == {True}


def test_under_a_prefix_links_are_previewed_and_headers_sent(short: tuple[App, Path]) -> None:
    app, _ = short
    reply = requests.get(f"{app.url}/?preset=daily-users&from=2026-07-01&to=2026-07-31", timeout=30)
    assert "<title>Daily users · 1 Jul – 31 Jul 2026 · Hubscope</title>" in reply.content.decode()
    assert reply.headers["Strict-Transport-Security"] == headers.STRICT_TRANSPORT
    for path in ("_stcore/metrics", "_stcore/upload_file/a/b", "component/x"):
        assert requests.get(f"{app.url}/{path}", timeout=30).status_code == 404
    assert requests.get(app.url.removesuffix(PREFIX) + "/_stcore/health", timeout=30).status_code == 404


def test_a_file_is_gone_when_whoever_made_it_has_left(short: tuple[App, Path], browser: Browser) -> None:
    app, _ = short
    visits = Visits(browser)
    page = visits(f"{app.url}/?preset=weekly-users")
    chart(page)
    download(page, csv_button(page))
    settled(page)
    (address,) = {url for url in visits.asked if url.endswith(".csv")}
    assert requests.get(address, timeout=30).status_code == 200  # for whoever has the link, while the page is open
    visits.close()
    deadline = time.monotonic() + 30
    while requests.get(address, timeout=30).status_code != 404:
        assert time.monotonic() < deadline
        time.sleep(0.2)


# What config.toml may not lose, as threats demand it; tests of colours read the rest.
HELD = {
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.address": "127.0.0.1",
    "server.maxUploadSize": 1,
    "server.maxMessageSize": 50,
    "server.maxWidgetStateSize": 1,
    "server.enableAgentApi": False,
    "server.fileWatcherType": "none",
    "server.maxCacheDataSize": "256mb",
    "server.headless": True,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "viewer",
    "client.disableDataExport": True,
    "browser.gatherUsageStats": False,
    "logger.level": "info",
    "runner.magicEnabled": False,
    "server.scriptHealthCheckEnabled": False,
    "global.developmentMode": False,
}


def test_the_running_server_has_the_options_that_are_shipped(short: tuple[App, Path]) -> None:
    _, told = short
    options = json.loads(told.read_text(encoding="utf-8"))
    assert {name: options[name] for name in HELD} == HELD
    shipped = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    sections = ("server", "client", "browser", "runner", "logger")
    flat = {f"{section}.{name}": value for section in sections for name, value in shipped[section].items()}
    assert flat.pop("server.disconnectedSessionTTL") == 30 and options["server.disconnectedSessionTTL"] == 1
    assert {name: options[name] for name in flat} == flat
