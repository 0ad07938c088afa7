"""A token that a visitor types leaves the browser once, for the server, and the server for its Grafana; and no more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.double import Account, Double, grafana_double
from tests.e2e.app import App, serve_app
from tests.e2e.browsing import Visits, chart, download, settled
from tests.e2e.test_secrets import CANARY, files_of, places_of, text_of

pytestmark = pytest.mark.browser
CLUSTERS = {"one": "alpha", "two": "beta"} | {uid: uid for uid in ["reflect", "reflect-in-data", "http-401", "rst"]}
STORAGE = "() => JSON.stringify([localStorage, sessionStorage, document.cookie, history.state])"


@pytest.fixture
def grafana() -> Iterator[Double]:
    with grafana_double(CLUSTERS, token=CANARY, account=Account()) as double:
        yield double


@pytest.fixture
def app(grafana: Double, tmp_path: Path) -> Iterator[App]:
    """The app before a Grafana that it has no token for, with a folder for answers."""
    settings = {"GRAFANA_URL": grafana.url, "GRAFANA_NAME": "north", "HUBSCOPE_OWN_TOKENS": "on"}
    with serve_app({**settings, "HUBSCOPE_TIMEOUT": "5", "HUBSCOPE_CACHE": str(tmp_path / "kept")}) as running:
        yield running


def give(page: Page, token: str) -> None:
    """Types a token into the field and uses it."""
    page.get_by_label("Token for north").fill(token)
    page.get_by_role("button", name="Use for this visit").click()


def left_in(page: Page) -> bytes:
    """What the browser keeps: storage, cookies, history, and the values of fields, which are not in the page's text."""
    values = page.locator("input").evaluate_all("all => all.map(each => each.value)")
    return f"{page.evaluate(STORAGE)} {json.dumps(values)}".encode()


def test_what_is_typed_is_sent_once_and_is_nowhere_else(
    app: App, grafana: Double, visit: Visits, tmp_path: Path
) -> None:
    page = visit(f"{app.url}/sources")
    expect(page.get_by_text("with your own token only")).to_be_visible()
    give(page, f"“{CANARY}”")
    expect(page.get_by_text("What you typed is not a token")).to_be_visible()
    expect(page.get_by_label("Token for north")).to_have_value("")
    spoilt, places = len(visit.sent), {"after one that is none": text_of(page), "left by it": left_in(page)}
    assert grafana.log == []
    give(page, CANARY)
    expect(page.get_by_text("is asked with your token")).to_be_visible()
    expect(page.get_by_label("Token for north")).to_have_value("")
    expect(page.get_by_text(re.compile("3 answer, 3 do not"))).to_be_visible()
    places |= {"sources": text_of(page), "left by sources": left_in(page)}
    for name, ready in (("Presets", "CSV ("), ("Chart", "PNG"), ("PromQL", "Ask in PromQL")):
        page.get_by_test_id("stSidebarNavItems").get_by_role("link", name=name).click()
        expect(page.get_by_text(ready).first).to_be_visible()
        places |= {name: text_of(page), f"left by {name}": left_in(page)}
        if name == "Presets":
            chart(page)
            file = download(page)
            places |= {file.name: file.content, "name of the file": file.name.encode()}
    page.get_by_test_id("stSidebarNavItems").get_by_role("link", name="Sources").click()
    expect(page.get_by_text("is asked with your token")).to_be_visible()

    other = visit(f"{app.url}/")
    expect(other.get_by_text("No cluster to ask.")).to_be_visible()
    expect(other.get_by_text("alpha")).to_have_count(0)

    page.get_by_role("button", name="Forget my token").click()
    expect(page.get_by_text("with your own token only")).to_be_visible()
    settled(page)
    mark = len(grafana.log)
    page.get_by_role("button", name="Check again").click()
    settled(page)
    assert grafana.log[mark:] == []

    holding = [number for number, frame in enumerate(visit.sent) if places_of(CANARY, {"frame": frame})]
    assert [number >= spoilt for number in holding] == [False, True] and len(visit.sent) > 10
    places |= {f"frame {number}": frame for number, frame in enumerate(visit.frames)}
    places |= {f"request {number}": address.encode() for number, address in enumerate(visit.asked)}
    places |= files_of(app)
    assert not (tmp_path / "kept").exists() or not list((tmp_path / "kept").glob("*/*"))
    assert b"with your own token only" in b"".join(visit.frames)
    assert places_of(CANARY, places) == set()
    assert {entry.authorization for entry in grafana.log} == {f"Bearer {CANARY}"}
    assert grafana.sink_log == []
