"""On a phone: a page is as wide as the screen, and the file can be had."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.app import App
from tests.e2e.browsing import Visits, chart, csv_button, download, settled, type_query

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}

# How far anything in the page's main part can be scrolled to the side; tables and rows of pills scroll by themselves.
_TOO_WIDE = """() => [document.documentElement, document.querySelector("[data-testid=stMain]")]
    .map(element => element.scrollWidth - window.innerWidth)"""


@pytest.mark.parametrize("path", ["", "promql", "chart", "chart?chart=table", "sources"])
def test_no_page_is_wider_than_a_phone(sample_app: App, visit: Visits, path: str) -> None:
    page = visit(f"{sample_app.url}/{path}", **PHONE)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settled(page)
    if path == "promql":
        type_query(page, "max by (namespace) (jupyterhub_running_servers)")
    if path in ("", "promql", "chart"):
        chart(page)
    assert max(page.evaluate(_TOO_WIDE)) <= 0
    assert page.evaluate("window.innerWidth") == 390


@pytest.mark.parametrize("path", ["", "chart"])
def test_the_file_can_be_had_on_a_phone(sample_app: App, visit: Visits, path: str) -> None:
    page = visit(f"{sample_app.url}/{path}", **PHONE)
    button = csv_button(page)
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["height"] >= 24  # pixels: the smallest target of WCAG 2.2
    assert download(page, button).rows
