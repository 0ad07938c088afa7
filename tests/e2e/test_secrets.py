"""The token goes into the header of requests to its Grafana and nowhere else, whatever goes wrong.

A canary with characters that change in an address is configured, and every page is looked at, with
clusters that fail in many ways, some by repeating the token. Then everything that came out is searched for it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

import pytest
from playwright.sync_api import expect

from tests.double import Double, grafana_double
from tests.e2e import audited
from tests.e2e.app import App, serve_app
from tests.e2e.asked import settings_of
from tests.e2e.browsing import Visits, chart, download, type_query
from tests.e2e.canary import CANARY, FAULTS, files_of, left_behind, places_of, text_of

pytestmark = pytest.mark.browser
CLUSTERS = {"one": "alpha", "two": "beta"} | {uid: uid for uid in FAULTS.split()}
PAGES = ("", "?preset=servers-running", "chart?preset=daily-users&chart=table", "sources")


def test_every_spelling_of_a_secret_is_found() -> None:
    plain = CANARY.encode()
    hidden = {f"base64 after {n}": base64.b64encode(b"x" * n + plain + b"yz") for n in range(6)}
    hidden |= {"hexadecimal": b"0x" + plain.hex().encode(), "JSON": CANARY.replace("/", "\\/").encode()}
    hidden |= {"address": f"/?token={quote_plus(CANARY)}".encode(), "text": b"<" + plain + b">"}
    assert places_of(CANARY, hidden) == set(hidden)
    assert places_of(CANARY, {"other": base64.b64encode(plain[::-1]), "half": plain[:20]}) == set()


@pytest.fixture
def grafana() -> Iterator[Double]:
    with grafana_double(CLUSTERS, token=CANARY) as double:
        yield double


@pytest.fixture
def connections(tmp_path: Path) -> Path:
    """The file that gets the addresses to which the app connects."""
    return tmp_path / "connections"


@pytest.fixture
def app(grafana: Double, connections: Path) -> Iterator[App]:
    """The app, with every connection it makes written down."""
    program = (audited.__file__, str(connections))
    with serve_app(settings_of(grafana, HUBSCOPE_TIMEOUT="5", HUBSCOPE_CACHE="kept"), program=program) as running:
        yield running


def test_the_token_is_nowhere_but_in_the_header_of_requests_to_its_grafana(
    app: App, grafana: Double, connections: Path, visit: Visits
) -> None:
    places: dict[str, bytes] = {}
    for path in PAGES:
        page = visit(f"{app.url}/{path}")
        expect(page.get_by_text(re.compile("2 of 12 clusters answered|3 answer, 9 do not"))).to_be_visible()
        places[f"/{path}"] = text_of(page)
    page = visit(f"{app.url}/promql")
    type_query(page, "up")
    chart(page)
    file = download(page)
    for tab in ("Query", "Clusters asked"):
        page.get_by_role("tab", name=tab).click()
    places |= {"/promql": text_of(page), file.name: file.content, "name of the file": file.name.encode()}
    type_query(page, "rate(")
    expect(page).to_have_url(re.compile("rate"))
    places["/promql, another query"] = text_of(page)

    places |= left_behind(app, visit)
    assert b"http-403" in b"".join(visit.frames)  # the frames are legible: a compressed one would hide anything
    assert any(place.startswith("work/kept/") for place in places) and any("/media/" in place for place in places)
    assert len(places) > 200
    assert places_of(CANARY, places) == set()
    planted = {place: content + b" " + CANARY.encode() for place, content in places.items()}
    assert places_of(CANARY, planted) == set(planted)  # the search does see what is there
    assert len(grafana.log) > 40
    assert {entry.authorization for entry in grafana.log} == {f"Bearer {CANARY}"}
    elsewhere = {f"{n}": f"{e.asked.target} {e.asked.body!r}".encode() for n, e in enumerate(grafana.log)}
    assert places_of(CANARY, elsewhere) == set()

    lines = connections.read_text().split("\n")
    connected = {line.split(" ")[1] for line in lines if line.startswith(("socket.connect ", "socket.sendto "))}
    assert connected == {urlsplit(grafana.url).netloc}
    assert grafana.sink_log == []


@pytest.mark.parametrize(
    "token", [CANARY.replace("_", "’", 1), f"\ufeff{CANARY}"], ids=["curly quote", "byte order mark"]
)
def test_a_token_that_cannot_be_used_is_refused_without_being_shown(grafana: Double, visit: Visits, token: str) -> None:
    with serve_app({"GRAFANA_URL": grafana.url, "GRAFANA_TOKEN": token}) as app:
        page = visit(app.url)
        expect(page.get_by_role("alert")).to_contain_text("GRAFANA_TOKEN is not a token")
        places = {"page": text_of(page), **{f"frame {n}": frame for n, frame in enumerate(visit.frames)}}
        assert places_of("canary/with+signs&more=than%letters_c0ffee00", places | files_of(app)) == set()
    assert grafana.log == []


def test_a_token_with_the_line_end_of_its_file_is_used_without_it(grafana: Double, visit: Visits) -> None:
    with serve_app({"GRAFANA_URL": grafana.url, "GRAFANA_TOKEN": f"{CANARY}\n"}) as app:
        chart(visit(f"{app.url}/?cluster=alpha"))
        assert places_of(CANARY, files_of(app)) == set()
    assert {entry.authorization for entry in grafana.log} == {f"Bearer {CANARY}"}
