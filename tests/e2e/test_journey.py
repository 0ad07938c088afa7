"""From a question to numbers in a file: what the page shows is what the servers said, and a link shows it again."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from tests.double import Double
from tests.e2e.app import App
from tests.e2e.asked import Upstream, Values, questions
from tests.e2e.browsing import (
    Download,
    Visits,
    chart,
    choose,
    csv_button,
    download,
    names,
    settled,
    type_query,
    wait_for_traces,
)
from tests.e2e.hubs import DAY

pytestmark = pytest.mark.browser
SEVENTHS = "avg by (namespace) (jupyterhub_running_servers) / 7"  # digits to the last place


def in_file(file: Download) -> Values:
    """The values of a CSV that has one row per value."""
    found = {(row["time"], row["cluster"], row["namespace"]): float(row["value"]) for row in file.rows}
    assert len(found) == len(file.rows)
    return found


def without_staging(values: Values) -> Values:
    return {key: value for key, value in values.items() if "staging" not in key[2]}


def shown_query(page: Page) -> str:
    """The query as the page says it was sent."""
    page.get_by_role("tab", name="Query").click()
    return page.get_by_role("tabpanel", name="Query").locator("code").inner_text()


def check_file(page: Page, upstream: Upstream, mark: int) -> None:
    """The file has every value of the servers and no other, as many as its button says, under a mark of its own."""
    file = download(page)
    times = [row["time"] for row in file.rows]
    expected = without_staging(upstream.answers(mark, shown_query(page), times, step=DAY))
    assert len(expected) > 60
    assert in_file(file) == expected
    expect(csv_button(page)).to_have_text(re.compile(rf"CSV \({len(expected):,} rows\)"))
    assert re.search(r"_[0-9a-f]{16}\.csv$", file.name)


def check_picture(page: Page, shift: int = 0) -> None:
    """The chart has a trace for every hub, with the values of the file at their times, `shift` seconds earlier.

    A chart is drawn from floats of 32 bits, which no eye tells from those of 64 in the file.
    """
    drawn = {
        (trace["name"], (trace["x0"] + place * trace["dx"]) / 1000): value
        for trace in chart(page)
        for place, value in enumerate(trace["y"])
        if value is not None
    }
    rows = download(page).rows
    named = {(f"{row['cluster']} / {row['namespace']}", seconds(row["time"]) - shift): row["value"] for row in rows}
    assert drawn == pytest.approx({key: float(value) for key, value in named.items()}, rel=2**-23)


def seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


def test_the_first_page_shows_a_chart_without_a_click_and_its_file_has_the_servers_values(
    upstream: Upstream, visit: Visits
) -> None:
    mark = upstream.mark()
    page = visit(upstream.app.url)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("How many people used each hub"))
    check_picture(page, shift=DAY)
    check_file(page, upstream, mark)


def test_a_typed_query_runs_from_the_keyboard_and_its_file_has_the_servers_values(
    upstream: Upstream, visit: Visits
) -> None:
    mark = upstream.mark()
    page = visit(f"{upstream.app.url}/promql")
    type_query(page, SEVENTHS)
    check_picture(page)
    check_file(page, upstream, mark)


def test_a_link_opened_elsewhere_asks_the_same_and_shows_the_same_chart(upstream: Upstream, visit: Visits) -> None:
    page = visit(f"{upstream.app.url}/?preset=servers-running&from=now-7d&to=now&step=6h&staging=show")
    choose(page, "By cluster")
    expect(page).to_have_url(re.compile("by=cluster"))
    first, asked = chart(page), shown_query(page)
    elsewhere = visit(page.url)
    assert chart(elsewhere) == first
    assert shown_query(elsewhere) == asked
    assert elsewhere.url == page.url


def test_a_wrong_query_is_answered_with_line_column_and_the_words_of_the_server(
    upstream: Upstream, visit: Visits
) -> None:
    page = visit(f"{upstream.app.url}/promql")
    type_query(page, "sum by (namespace) (\n  rtae(jupyterhub_running_servers[5m])\n)")
    alert = page.get_by_role("alert").filter(has_text="Line 2, column 3")
    expect(alert).to_be_visible()
    expect(page.locator("code").filter(has_text='unknown function with name "rtae"')).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(0)


@pytest.mark.prometheus
def test_a_copied_address_shows_the_same_chart_elsewhere_and_asks_the_servers_nothing_new(
    grafana: Double, grafana_app: App, visit: Visits
) -> None:
    page = visit(f"{grafana_app.url}/?preset=servers-running")
    choose(page, "By cluster")
    first = wait_for_traces(page, ["alpha", "beta"])
    settled(page)
    asked = len(grafana.log)
    elsewhere = visit(page.url)
    assert wait_for_traces(elsewhere, ["alpha", "beta"]) == first
    assert len(grafana.log) == asked
    assert elsewhere.url == page.url


@pytest.mark.prometheus
@pytest.mark.parametrize("path", ["promql", "chart"])
def test_a_link_with_a_query_in_it_sends_nothing_until_run_is_clicked(
    grafana: Double, grafana_app: App, visit: Visits, path: str
) -> None:
    before = len(grafana.log)
    query = f"sum(jupyterhub_running_servers) + {len(path)}"
    page = visit(f"{grafana_app.url}/{path}?expr={query.replace('+', '%2B')}")
    expect(page.get_by_text("This link brings a query.")).to_be_visible()
    settled(page)
    assert questions(grafana.log[before:]) == []
    page.get_by_role("button", name=re.compile("^Run")).click()
    assert names(chart(page)) == ["alpha", "beta"]
    assert {entry.asked.form["query"] for entry in grafana.log[before:] if entry.uid} == {query}
    assert len(questions(grafana.log[before:])) == 2


@pytest.mark.prometheus
def test_looking_at_an_answer_from_all_sides_asks_the_servers_nothing(
    grafana: Double, grafana_app: App, visit: Visits
) -> None:
    page = visit(f"{grafana_app.url}/chart?preset=daily-users")
    hubs = ["alpha / prod", "alpha / workshop", "beta / prod"]
    wait_for_traces(page, hubs)
    asked = len(grafana.log)
    choose(page, "Total")
    wait_for_traces(page, ["Total"])
    choose(page, "By cluster")
    wait_for_traces(page, ["alpha", "beta"])
    choose(page, "By hub")
    wait_for_traces(page, hubs)
    page.get_by_text("Hide staging hubs").click()
    hubs += ["alpha / staging", "beta / staging"]
    assert {trace["type"] for trace in wait_for_traces(page, hubs)} == {"bar"}
    choose(page, "Lines")
    expect(page.locator(".js-plotly-plot .trace.scatter").first).to_be_visible()
    page.get_by_role("combobox", name="Series").click()
    page.get_by_role("option", name=re.compile("^5 largest")).click()
    expect(page).to_have_url(re.compile("top=5"))
    settled(page)
    assert len(grafana.log) == asked
