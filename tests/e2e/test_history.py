"""The history in a browser: it outlives a visit where somebody wants that, and needs nothing where it may not."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.app import App
from tests.e2e.browsing import Visits, csv_button, settled, type_query

pytestmark = pytest.mark.browser
KEPT = "window.localStorage.getItem('hubscope.history')"
REFUSED = (
    "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('refused', 'SecurityError') } })"
)
EXPR = "max by (namespace) (jupyterhub_total_users)"


def ask(page: Page) -> None:
    expect(page.get_by_role("textbox", name="PromQL")).to_be_visible()
    settled(page)
    type_query(page, EXPR)
    expect(csv_button(page)).to_be_visible()
    settled(page)


def open_history(page: Page) -> None:
    page.get_by_role("button", name="History").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    settled(page)


def test_the_browser_keeps_the_history_once_somebody_says_so_and_no_longer(sample_app: App, visit: Visits) -> None:
    page = visit(f"{sample_app.url}/promql?from=now-2d&to=now")
    ask(page)
    assert page.evaluate(KEPT) is None
    open_history(page)
    page.get_by_text("Keep in this browser").click()
    page.wait_for_function(f"() => ({KEPT} || '').includes('jupyterhub_total_users')")
    page.goto(f"{sample_app.url}/promql")  # another visit
    settled(page)
    open_history(page)
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Back from the history.")).to_be_visible()
    expect(page.get_by_role("textbox", name="PromQL")).to_contain_text("jupyterhub_total_users")
    assert "from=now-2d" in page.url
    open_history(page)
    page.get_by_text("Keep in this browser").click()
    page.wait_for_function(f"() => {KEPT} === null")


def test_where_the_browser_refuses_to_keep_anything_the_visit_has_its_history_all_the_same(
    sample_app: App, visit: Visits
) -> None:
    page = visit("about:blank")
    page.add_init_script(REFUSED)
    visit.asked.append(sample_app.url)
    visit._opened.add(sample_app.url.removeprefix("http://"))
    page.goto(f"{sample_app.url}/promql?from=now-2d&to=now")
    ask(page)
    open_history(page)
    page.get_by_text("Keep in this browser").click()
    expect(page.get_by_text("This browser keeps nothing for this site")).to_be_visible()
    expect(page.get_by_role("button", name="Restore")).to_be_visible()
