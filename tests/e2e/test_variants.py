"""From a preset to one's own variant of it, and from a new query to one tidy file, with as little as possible to do."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.app import App
from tests.e2e.asked import Upstream
from tests.e2e.browsing import Visits, chart, csv_button, download, settled

pytestmark = pytest.mark.browser
_COUNT = "window.clicks = 0; addEventListener('click', event => { if (event.detail) window.clicks++; }, true)"


def count_clicks(page: Page) -> None:
    """From now on, clicks of a mouse are counted; one that a key makes is none."""
    page.evaluate(_COUNT)


def clicks(page: Page) -> int:
    return int(page.evaluate("window.clicks"))


def test_one_click_leads_from_a_preset_to_its_query_and_three_keys_to_a_variant(sample_app: App, visit: Visits) -> None:
    page = visit(f"{sample_app.url}/?preset=servers-running&from=now-7d&to=now&step=6h&cluster=birch")
    chart(page)
    before = {(row["time"], row["namespace"]): float(row["value"]) for row in download(page).rows}
    count_clicks(page)
    page.get_by_role("button", name="Edit").click()
    editor = page.get_by_role("textbox", name="PromQL")
    expect(editor).to_contain_text("jupyterhub_running_servers")
    expect(page.get_by_role("button", name="$hub: all")).to_be_visible()
    chart(page)  # the answer is there already
    editor.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("*2")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("%2A2|\\*2"))
    expect(page.get_by_text("changed by you")).to_be_visible()
    chart(page)
    assert clicks(page) == 1
    for kept in ("from=now-7d", "step=6h", "cluster=birch"):
        assert kept in page.url
    after = {(row["time"], row["namespace"]): float(row["value"]) for row in download(page).rows}
    shared = before.keys() & after.keys()
    assert len(shared) > 20
    assert {key: after[key] for key in shared} == {key: 2 * before[key] for key in shared}
    page.get_by_role("link", name="back to the preset").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("How many servers ran"))


def test_a_new_query_over_all_clusters_is_one_click_from_one_tidy_file(upstream: Upstream, visit: Visits) -> None:
    page = visit(f"{upstream.app.url}/promql")
    editor = page.get_by_role("textbox", name="PromQL")
    expect(editor).to_be_visible()
    count_clicks(page)
    editor.focus()
    page.keyboard.insert_text('max by (namespace) (jupyterhub_active_users{period="24h", namespace=~"$hub"})')
    page.keyboard.press("Control+Enter")
    chart(page)
    settled(page)
    expect(page.get_by_text(re.compile("1 point every"))).to_be_visible()
    (told,) = re.findall(r"[\d,]+", csv_button(page).inner_text())
    file = download(page)
    assert clicks(page) == 1
    assert list(file.rows[0]) == ["time", "cluster", "namespace", "value"]
    assert len(file.rows) == int(told.replace(",", ""))
    assert len({row["cluster"] for row in file.rows}) >= 2
    assert len({(row["time"], row["cluster"], row["namespace"]) for row in file.rows}) == len(file.rows)
