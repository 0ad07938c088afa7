"""The journeys of a community manager, click by click: from opening the app to what a director can read.

Each counts the clicks that it takes, and holds what it comes to against what the servers say.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.app import App
from tests.e2e.asked import Upstream
from tests.e2e.browsing import Visits, chart, csv_button, download, settled, wait_for_traces
from tests.e2e.hubs import DAY

pytestmark = pytest.mark.browser
LAST_MONTH = "now-1M/M"


class Clicks:
    """A visitor who counts the clicks."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, place: Locator) -> None:
        """One more."""
        self.count += 1
        place.click()


def headlines(page: Page) -> dict[str, str]:
    """The numbers above the chart, by name."""
    expect(page.get_by_test_id("stMetric")).to_have_count(4)
    texts = [metric.inner_text() for metric in page.get_by_test_id("stMetric").all()]
    lines = [[line for line in text.split("\n") if line.strip()] for text in texts]
    assert lines and all(len(each) == 2 for each in lines)
    return dict(lines)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def opened_report(visit: Visits, page: Page, clicks: Clicks, folder: Path) -> Page:
    """The report as whoever it was sent to has it: a file on a computer without a network."""
    with page.expect_download() as waiting:
        clicks.on(page.get_by_role("button", name="Report (HTML)"))
    waiting.value.save_as(folder / "report.html")
    report = visit("about:blank", offline=True)
    report.goto((folder / "report.html").as_uri())
    return report


def test_how_many_people_used_our_hubs_last_month_is_two_clicks_from_a_file(upstream: Upstream, visit: Visits) -> None:
    page, clicks = visit(upstream.app.url), Clicks()
    assert chart(page)  # nothing was clicked yet
    mark = upstream.mark()
    clicks.on(button(page, "Last full month"))
    expect(page).to_have_url(re.compile("from=now-1M"))
    expect(page.get_by_text(re.compile(r"^1 \w+ – (28|29|30|31) \w+ \d{4} · all"))).to_be_visible()
    settled(page)
    clicks.count += 1
    file = download(page)
    assert clicks.count == 2

    page.get_by_role("tab", name="Query").click()
    query = page.get_by_role("tabpanel", name="Query").locator("code").inner_text()
    served = upstream.answers(mark, query, [row["time"] for row in file.rows], DAY)
    served = {key: value for key, value in served.items() if "staging" not in key[2]}
    assert {(row["time"], row["cluster"], row["namespace"]): float(row["value"]) for row in file.rows} == served
    by_day: dict[str, float] = defaultdict(float)
    for (time, _, _), value in served.items():
        by_day[time] += value
    mean, peak = round(sum(by_day.values()) / len(by_day)), round(max(by_day.values()))
    assert headlines(page)["Average day"] == f"{mean:,}"
    assert headlines(page)["Highest day"] == f"{peak:,}"
    button(page, "Share").click()
    expect(page.get_by_text(re.compile(rf"^In \w+ \d{{4}} on average {mean:,} people a day used"))).to_be_visible()


@pytest.mark.prometheus
def test_all_communities_side_by_side_is_one_click_that_asks_nobody(grafana_app: App, grafana, visit: Visits) -> None:
    page, clicks = visit(grafana_app.url), Clicks()
    before = chart(page)
    asked = len(grafana.log)
    clicks.on(page.get_by_role("radio", name="By cluster", exact=True))
    after = wait_for_traces(page, ["alpha", "beta"])
    assert clicks.count == 1 and len(grafana.log) == asked

    def totals(traces: list[dict[str, list[float]]]) -> list[float]:
        return [sum(value or 0 for value in values) for values in zip(*(trace["y"] for trace in traces), strict=True)]

    assert totals(after) == pytest.approx(totals(before))
    assert sum(totals(after)) == pytest.approx(sum(float(row["value"]) for row in download(page).rows), rel=1e-9)


def test_what_a_number_means_and_what_is_missing_is_read_without_a_click(sample_app: App, visit: Visits) -> None:
    page, clicks = visit(sample_app.url), Clicks()
    chart(page)
    expect(page.get_by_text("3 of 4 clusters answered")).to_be_visible()
    expect(page.get_by_text("drift: no answer behind Grafana")).to_be_visible()
    expect(page.get_by_text("drift: left out, not counted as zero.")).to_be_visible()
    expect(page.get_by_text("Different people who did something on a hub during each day")).to_be_visible()
    expect(page.get_by_text("Someone active on two hubs counts twice.")).to_be_visible()
    expect(button(page, "Ask again")).to_be_visible()
    clicks.on(page.get_by_role("tab", name="Query"))
    expect(page.locator("code").filter(has_text="jupyterhub_active_users")).to_be_visible()
    assert clicks.count == 1


def test_a_link_and_a_report_for_a_director_are_one_and_two_clicks_away(
    sample_app: App, visit: Visits, tmp_path: Path
) -> None:
    page, clicks = visit(f"{sample_app.url}/?preset=daily-users&from={LAST_MONTH}&to={LAST_MONTH}"), Clicks()
    drawn, told = chart(page), headlines(page)
    expect(page).to_have_title(re.compile(r"^Daily users · 1 \w+ – \d\d \w+ \d{4} · 4 clusters · Hubscope$"))
    clicks.on(button(page, "Share"))
    shown = page.get_by_test_id("stPopoverBody").locator("code")
    link, sentence = shown.first.inner_text(), shown.nth(1).inner_text()
    assert clicks.count == 1
    assert link.startswith(sample_app.url) and parse_qs(urlsplit(link).query) == parse_qs(urlsplit(page.url).query)

    report = opened_report(visit, page, clicks, tmp_path)
    assert clicks.count == 2
    words = report.locator("body").inner_text()
    assert all(each in words for each in (sentence, *told.values(), "drift:", "What this number means"))
    assert len(re.findall(rb"/Type\s*/Page\b", report.pdf(format="A4", prefer_css_page_size=True))) == 1
    report.set_viewport_size({"width": 390, "height": 800})
    assert report.evaluate("document.documentElement.scrollWidth") == 390

    button(page, "Freeze dates").click()
    expect(page).to_have_url(re.compile(r"from=\d{4}-\d\d-01&to=\d{4}-\d\d-\d\d&"))
    settled(page)
    for address in (link, page.url):
        elsewhere = visit(address)
        assert (chart(elsewhere), headlines(elsewhere)) == (drawn, told)
    expect(csv_button(page)).to_be_visible()


def test_the_monthly_report_is_made_of_the_questions_that_were_chosen(
    sample_app: App, visit: Visits, tmp_path: Path
) -> None:
    page = visit(sample_app.url)
    chart(page)
    button(page, "Share").click()
    button(page, "Several questions").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Make report").click()
    with page.expect_download() as waiting:
        dialog.get_by_role("button", name=re.compile(r"^Save \(\d+ kB\)$")).click()
    assert re.fullmatch(
        r"monthly-community-report_\d{4}-\d\d-01_\d{4}-\d\d-\d\d_[0-9a-f]{16}\.html", waiting.value.suggested_filename
    )
    waiting.value.save_as(tmp_path / "report.html")
    report = visit("about:blank", offline=True)
    report.goto((tmp_path / "report.html").as_uri())
    expect(report.get_by_role("heading", level=1)).to_have_text("Monthly community report")
    expect(report.get_by_text("Without an answer to at least one question: drift.")).to_be_visible()
    assert report.locator("svg.wide").count() == 7
