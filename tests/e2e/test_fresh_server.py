"""The very first request to a server that has just started is a link to one of its pages.

Until somebody has met the frame, Streamlit would run a file of `pages/` by itself: see `lib/ui/frame.py`.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.double import Double
from tests.e2e.app import App, serve_app
from tests.e2e.asked import questions, settings_of
from tests.e2e.browsing import Visits, chart, names, settled, wait_for_traces

pytestmark = pytest.mark.browser
PAGES = ["Presets", "PromQL", "Chart", "Sources"]
LINK = "chart?preset=daily-users&by=cluster&chart=area"


@pytest.mark.prometheus
def test_a_link_to_a_chart_asks_the_same_and_shows_the_same_as_where_it_was_copied(
    grafana: Double, grafana_app: App, visit: Visits
) -> None:
    with serve_app(settings_of(grafana)) as one, serve_app(settings_of(grafana)) as other:
        mark = len(grafana.log)
        copied = visit(f"{one.url}/{LINK}")
        first, asked = wait_for_traces(copied, ["alpha", "beta"]), questions(grafana.log[mark:])
        mark = len(grafana.log)
        pasted = visit(copied.url.replace(one.url, other.url))
        assert wait_for_traces(pasted, ["alpha", "beta"]) == first
        assert questions(grafana.log[mark:]) == asked
        assert len(asked) == 2
