"""Two journeys: the same answer again, in a notebook or next month; and the first connection to a Grafana.

Each counts the clicks that it takes. That the copied Python runs and gives the rows of the file is held by
`tests/test_take_along.py`.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lib.core.code_text import Look, command, library_cell
from lib.core.time_text import resolve_range
from tests.double import TOKEN, grafana_double
from tests.e2e.app import App, serve_app
from tests.e2e.browsing import Visits, chart, download, settled
from tests.e2e.test_secrets import files_of, places_of, text_of
from tests.e2e.test_variants import clicks, count_clicks

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
LAST_MONTH = "now-1M/M"
CLUSTERS = ("birch", "cedar")
LINK = f"?preset=daily-users&from={LAST_MONTH}&to={LAST_MONTH}" + "".join(f"&cluster={name}" for name in CLUSTERS)
REFUSED = "glsa_expired0canary0expired0canary_0ff1ce00"


def look() -> Look:
    """What makes the look behind LINK again."""
    start, end = resolve_range(LAST_MONTH, LAST_MONTH, time.time())
    return Look("daily-users", True, start, end, "UTC", "hub", clusters=CLUSTERS)


def exported(text: str, folder: Path) -> bytes:
    """What a command copied from the page writes where nothing is configured."""
    words = shlex.split(text)
    assert words[:4] == ["python", "-m", "lib", "export"]
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    line = [sys.executable, *words[1:], "--output", "-"]
    return subprocess.run(line, cwd=folder, env=surroundings, capture_output=True, timeout=120, check=True).stdout


def pasted(page: Page) -> str:
    """What is on the clipboard. Pages of the app may not read it by themselves, so it is pasted as people do."""
    page.evaluate("() => document.body.append(Object.assign(document.createElement('textarea'), {id: 'pasted'}))")
    page.evaluate("() => document.getElementById('pasted').focus()")
    page.keyboard.press("Control+V")
    return page.locator("#pasted").input_value()


def test_the_same_in_a_notebook_is_three_clicks_and_on_a_terminal_one_command(
    sample_app: App, visit: Visits, tmp_path: Path
) -> None:
    page = visit(f"{sample_app.url}/{LINK}", permissions=["clipboard-read", "clipboard-write"])
    chart(page)
    file = download(page)
    count_clicks(page)
    page.get_by_role("tab", name="Query").click()
    page.get_by_role("button", name="Take along").click()
    cells = page.get_by_test_id("stPopoverBody").get_by_test_id("stCode")
    expect(cells).to_have_count(2)  # the sample is behind no Grafana that could be asked with curl
    cells.first.hover()
    cells.first.get_by_role("button", name="Copy to clipboard").click()
    assert clicks(page) == 3
    assert pasted(page).strip() == library_cell(look()).strip()
    shown = cells.nth(1).locator("code").inner_text()
    assert shown.strip() == command(look()).strip()
    assert exported(shown, tmp_path) == file.content


def test_with_nothing_configured_there_is_a_chart_and_three_steps_to_ones_own(sample_app: App, visit: Visits) -> None:
    page = visit(sample_app.url)
    assert chart(page)
    count_clicks(page)
    page.get_by_role("link", name="Sources").click()
    expect(page.get_by_role("heading", name="Connect your Grafana")).to_be_visible()
    settled(page)
    assert clicks(page) == 1
    steps = page.get_by_test_id("stMain").locator("ol > li")
    told = ("add a token", "Write both into a file called .env", "Start Hubscope again")
    expect(steps).to_have_text([re.compile(re.escape(each)) for each in told])
    expect(page.locator("code").filter(has_text="GRAFANA_TOKEN=")).to_be_visible()


def opened_sources(visit: Visits, app: App) -> Page:
    page = visit(f"{app.url}/sources")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sources")
    settled(page)
    return page


def test_two_settings_lead_to_the_list_of_clusters_and_one_click_to_the_first_chart(visit: Visits) -> None:
    with (
        grafana_double({"one": "alpha", "two": "beta", "refused": "gamma"}) as double,
        serve_app({"GRAFANA_URL": double.url, "GRAFANA_TOKEN": TOKEN}) as app,
    ):
        page = opened_sources(visit, app)
        expect(page.get_by_text("3 clusters behind 1 address · 2 answer, 1 does not")).to_be_visible()
        page.get_by_role("combobox", name="Clusters").click()
        expect(page.get_by_role("option")).to_have_text(["Select all", "alpha", "beta", "gamma"])
        page.keyboard.press("Escape")
        expect(page.get_by_role("option")).to_have_count(0)
        main = page.get_by_test_id("stMain")
        expect(main.get_by_text("No answer")).to_have_count(1)
        expect(main.get_by_text("gamma", exact=True)).to_be_visible()
        expect(page.get_by_text("Grafana could not get an answer from this data source (502).")).to_be_visible()
        expect(page.get_by_text("Try again in a minute.")).to_be_visible()
        count_clicks(page)
        page.get_by_role("link", name="Open the first chart").click()
        assert {trace["name"] for trace in chart(page)} == {"alpha", "beta"}
        assert clicks(page) == 1


def test_a_token_that_grafana_refuses_is_said_with_what_to_do_and_never_shown(visit: Visits) -> None:
    with (
        grafana_double({"one": "alpha"}) as double,
        serve_app({"GRAFANA_URL": double.url, "GRAFANA_TOKEN": REFUSED}) as app,
    ):
        page = opened_sources(visit, app)
        main = page.get_by_test_id("stMain")
        expect(main.get_by_text("No list of clusters")).to_be_visible()
        expect(main.get_by_text("Grafana refused the token or password (401).")).to_be_visible()
        expect(main.get_by_text("It may have expired; make a new one")).to_be_visible()
        expect(page.get_by_role("link", name="Open the first chart")).to_have_count(0)
        assert double.log
        places = {"page": text_of(page), **{f"frame {n}": frame for n, frame in enumerate(visit.frames)}}
        assert places_of(REFUSED, places | files_of(app)) == set()
