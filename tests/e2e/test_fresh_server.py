"""The very first request to a server that has just started is a link to one of its pages.

Until somebody has met the frame, Streamlit would run a file of `pages/` by itself: see `lib/ui/frame.py`.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.double import Double
from tests.e2e.app import App, serve_app
from tests.e2e.asked import questions, settings_of
from tests.e2e.browsing import Visits, chart, settled, wait_for_traces

pytestmark = pytest.mark.browser


def check_frame(page: Page, title: str) -> None:
    """The page stands in its frame: all pages in the menu, once, and the choice of time beside it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    settled(page)
    menu = page.get_by_test_id("stSidebarNavItems").get_by_role("link")
    assert [text.split("\n")[-1] for text in menu.all_inner_texts()] == ["Presets", "PromQL", "Chart", "Sources"]
    expect(page.get_by_role("combobox", name="Time", exact=True)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.prometheus
def test_a_link_to_a_chart_asks_the_same_and_shows_the_same_as_where_it_was_copied(
    grafana: Double, grafana_app: App, visit: Visits
) -> None:
    mark = len(grafana.log)
    copied = visit(f"{grafana_app.url}/chart?preset=daily-users&from=now-12d&by=cluster&chart=area")
    first, asked = wait_for_traces(copied, ["alpha", "beta"]), questions(grafana.log[mark:])
    with serve_app(settings_of(grafana)) as fresh:
        mark = len(grafana.log)
        pasted = visit(copied.url.replace(grafana_app.url, fresh.url))
        assert wait_for_traces(pasted, ["alpha", "beta"]) == first
        assert questions(grafana.log[mark:]) == asked
        assert len(asked) == 2
        check_frame(pasted, "Chart")
        assert pasted.url.removeprefix(fresh.url) == copied.url.removeprefix(grafana_app.url)


@pytest.mark.parametrize(("path", "title"), [("sources", "Sources"), ("promql?expr=up", "Ask in PromQL")])
def test_a_link_to_another_page_is_that_page_in_its_frame(visit: Visits, path: str, title: str) -> None:
    with serve_app({}) as fresh:
        page = visit(f"{fresh.url}/{path}")
        check_frame(page, title)
        assert page.url == f"{fresh.url}/{path}"


def test_the_app_also_runs_without_its_server_file(visit: Visits) -> None:
    with serve_app({}, script="streamlit_app.py") as plain:
        page = visit(f"{plain.url}/chart?preset=weekly-users")
        assert len(chart(page)) > 1
        check_frame(page, "Chart")
        page.get_by_role("link", name="Presets").click()
        expect(page).to_have_url(f"{plain.url}/?preset=weekly-users&by=hub")
        assert len(chart(page)) > 1
