"""In the browser: a query explained before it is run, and metrics found, looked into and put into the query."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.app import App
from tests.e2e.browsing import Visits, settled

pytestmark = pytest.mark.browser


def open_query(visit: Visits, app: App, expr: str) -> Page:
    return visit(f"{app.url}/promql?expr={quote(expr)}")


def draft(page: Page) -> str:
    return page.get_by_role("textbox", name="PromQL").inner_text()


def test_a_query_that_was_not_run_is_explained_step_by_step_and_a_step_can_be_tried(visit, sample_app):
    page = open_query(
        visit, sample_app, 'rate(up[$__rate_interval]) > 0 or max by (namespace) (jupyterhub_total_users{a!="b"})'
    )
    page.get_by_role("button", name="Explain").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The first, or else the second.")).to_be_visible()
    expect(dialog.get_by_text("For each hub, the largest of jupyterhub_total_users.")).to_be_visible()
    expect(dialog.get_by_text("Every series of jupyterhub_total_users where a is not b.")).to_be_visible()
    expect(dialog.get_by_text("How fast a counter grows")).to_be_visible()
    expect(dialog.get_by_text("series on")).to_have_count(0)  # nothing is asked before a click
    dialog.get_by_role("button", name="Try").last.click()
    expect(dialog.get_by_text("series on 3 clusters")).to_be_visible()


def test_a_metric_is_found_by_words_and_its_value_becomes_a_matcher_of_the_query(visit, sample_app):
    page = open_query(visit, sample_app, "sum(jupyterhub_active_users) / ")
    page.get_by_role("button", name="Metrics").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Search metrics").fill("number active")
    dialog.get_by_role("button", name="jupyterhub_active_users").click()
    expect(dialog.get_by_text("Series now: aurora")).to_be_visible()
    expect(dialog.get_by_text("drift could not say")).to_be_visible()
    dialog.get_by_role("radio", name="period").click()
    dialog.get_by_role("button", name="24h").click()
    expect(dialog).to_have_count(0)
    settled(page)
    assert draft(page) == 'sum(jupyterhub_active_users{period="24h"}) / '
    page.get_by_role("button", name="Metrics").click()
    dialog.get_by_role("button", name="jupyterhub_active_users").click()
    dialog.get_by_role("button", name="Insert metric").click()
    expect(dialog).to_have_count(0)
    settled(page)
    assert draft(page).strip() == 'sum(jupyterhub_active_users{period="24h"}) / jupyterhub_active_users'
