"""A cluster that fails costs that cluster only: the others are drawn and added up right, and it is named with a reason.

Two of five clusters are good. Behind the others there is a login page, a data source that refuses the connection
(which Grafana says with an empty 502, and which is asked a second time after a moment), and silence.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from tests.double import Double, good_value, grafana_double
from tests.e2e.app import App, serve_app
from tests.e2e.asked import settings_of
from tests.e2e.browsing import Visits, chart, choose, csv_button, download, settled, wait_for_traces

pytestmark = pytest.mark.browser
CLUSTERS = {"one": "alpha", "two": "beta", "healing": "gamma", "refused": "delta", "hang": "epsilon"}
REASONS = {
    "gamma": "a login page instead of an answer",
    "delta": "no answer behind Grafana",
    "epsilon": "no answer in time",
}
TIMEOUT = 3  # seconds, of one request
REQUESTS = {"healing": 1, "refused": 2, "hang": 1}  # of one question to each that fails: only a 502 is asked twice


@dataclass(frozen=True)
class Running:
    """An app over a Grafana whose clusters fail; `gamma` is well again when it is asked a second time."""

    grafana: Double
    app: App

    def asked(self, since: int = 0) -> Counter[str]:
        """How often each data source was asked."""
        return Counter(entry.uid for entry in self.grafana.log[since:] if entry.uid)


@pytest.fixture
def running() -> Iterator[Running]:
    with (
        grafana_double(CLUSTERS, behaviours={"healing": ["login-html", "good"]}) as double,
        serve_app(settings_of(double, HUBSCOPE_TIMEOUT=str(TIMEOUT))) as app,
    ):
        yield Running(double, app)


def check_totals(page: Page, uids: tuple[str, ...]) -> None:
    """The total at each midnight is the sum over these data sources, on the chart and in the file."""
    choose(page, "Total")
    (total,) = wait_for_traces(page, ["Total"])
    file = {datetime.fromisoformat(row["time"]).timestamp(): float(row["value"]) for row in download(page).rows}
    assert len(file) == 30
    assert file == {moment: sum(good_value(uid, "prod", moment) for uid in uids) for moment in file}
    assert total["y"] == list(file.values())
    expect(page.get_by_test_id("stMetric").filter(has_text="Latest day")).to_contain_text(f"{total['y'][-1]:g}")


def test_two_good_clusters_are_drawn_and_three_bad_ones_named_and_asked_again_alone(
    running: Running, visit: Visits
) -> None:
    started = time.monotonic()
    page = visit(running.app.url)
    expect(page.get_by_text("2 of 5 clusters answered")).to_be_visible()
    took = time.monotonic() - started
    assert took < TIMEOUT + 20  # the browser's own start included, on a machine with other work
    (silent,) = running.grafana.asked("hang")
    settled(page)
    assert TIMEOUT - 0.5 < silent.ended - silent.started < TIMEOUT + 3
    for cluster, reason in REASONS.items():
        expect(page.get_by_text(f"{cluster}: {reason}")).to_be_visible()
    expect(page.get_by_text("gamma, delta, epsilon: left out, not counted as zero.")).to_be_visible()
    assert {trace["name"] for trace in chart(page)} == {"alpha", "beta"}
    assert {row["cluster"] for row in download(page).rows} == {"alpha", "beta"}
    expect(csv_button(page)).to_have_text(re.compile(r"\(60 rows\)"))
    check_totals(page, ("one", "two"))
    assert running.asked() == {"one": 1, "two": 1, **REQUESTS}

    before = len(running.grafana.log)
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_text("3 of 5 clusters answered")).to_be_visible()
    settled(page)
    assert running.asked(since=before) == REQUESTS
    check_totals(page, ("one", "two", "healing"))
    assert running.grafana.sink_log == []


def test_the_page_of_sources_tells_what_to_do_about_each_cluster_that_fails(running: Running, visit: Visits) -> None:
    page = visit(f"{running.app.url}/sources")
    expect(page.get_by_text("5 clusters behind 1 address · 2 answer, 3 do not")).to_be_visible()
    settled(page)
    for cluster in REASONS:
        expect(page.get_by_text(cluster, exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile("No answer$"))).to_have_count(3)
