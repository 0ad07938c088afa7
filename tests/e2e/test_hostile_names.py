"""Names of hubs and clusters that mean harm are shown letter for letter: in the page, in the chart and in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lib.core.export import unescape
from tests.double import Double, grafana_double
from tests.e2e import hostile
from tests.e2e.app import App, serve_app
from tests.e2e.asked import settings_of
from tests.e2e.browsing import Visits, chart, download, settled, type_query

pytestmark = pytest.mark.browser
NAMES = [label for label in hostile.LABELS if label.strip()]
_WINDOW = {"viewport": {"width": 1280, "height": 1700}}


@pytest.fixture(scope="module")
def grafana() -> Iterator[Double]:
    """One cluster whose hubs have these names, and as many clusters that have them themselves and do not answer."""
    clusters = {f"n{place}": name for place, name in enumerate(NAMES)}
    refusing = dict.fromkeys(clusters, "http-403")
    with grafana_double({"hostile": "one"} | clusters, behaviours=refusing) as double:
        yield double


@pytest.fixture(scope="module")
def app(grafana: Double) -> Iterator[App]:
    with serve_app(settings_of(grafana)) as running:
        yield running


def only_text(page: Page) -> None:
    """Nothing in the page was made by a name: no link in a picture, no picture but ours."""
    assert page.locator("svg a").count() == 0
    assert page.locator("a[href*=phishing], [style*='font-size:60px'], [style*='font-size: 60px'], .katex").count() == 0
    sources = page.locator("img").evaluate_all("found => found.map(each => each.src)")
    assert all(source.startswith(("data:", page.url.split("/promql")[0].split("/sources")[0])) for source in sources)


def hovered(page: Page) -> set[str]:
    """What stands beside the pointer over the chart."""
    box = page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    assert box
    for share in (0.3, 0.333):  # where a third of the hours stand; the pointer must be near a value
        page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] * 0.5)
    expect(page.locator(".hoverlayer text").first).to_be_visible()
    return {re.sub(" : [0-9]+$", "", text) for text in page.locator(".hoverlayer text").all_text_contents()}


def test_names_of_hubs_are_shown_letter_for_letter_in_chart_and_table_and_are_whole_in_the_file(
    app: App, visit: Visits
) -> None:
    in_chart, in_table, in_file = set(), set(), set()
    page = visit(f"{app.url}/promql?from=now-3h&to=now&step=1h&cluster=one", **_WINDOW)
    for number in range(hostile.PARTS):
        page.get_by_role("radio", name="Over time").click()
        type_query(page, f"part_{number}")
        expect(page.get_by_text(f"The value of part_{number}.")).to_be_visible()
        expect(page.locator(".infolayer .legendtext")).to_have_count(len(hostile.part(number)))
        chart(page)
        in_chart |= set(page.locator(".infolayer .legendtext").all_text_contents()) | hovered(page)
        in_file |= {unescape(row["namespace"]) for row in download(page).rows}
        only_text(page)
        page.get_by_role("radio", name="Now").click()
        first = next(hostile.shown(name) for name in hostile.part(number) if name)
        expect(
            page.locator("canvas [role=gridcell][aria-colindex='2']").get_by_text(first, exact=True)
        ).to_be_attached()
        in_table |= set(page.locator("canvas [role=gridcell][aria-colindex='2']").all_text_contents())
    assert in_file == set(hostile.LABELS)
    assert {label for label in hostile.LABELS if hostile.shown(label) not in in_table} == set()
    cut = {label for label in hostile.LABELS if hostile.shown(label) not in in_chart}
    assert cut == {hostile.LONG, ""} and "(no namespace)" in in_chart
    assert any(re.fullmatch("x{20,}…x{20,}", name) for name in in_chart)


def test_names_are_shown_letter_for_letter_among_the_choices_and_what_is_chosen_is_asked_for(
    app: App, grafana: Double, visit: Visits
) -> None:
    page = visit(f"{app.url}/promql?from=now-3h&to=now&step=1h&cluster=one", **_WINDOW)
    type_query(page, 'part_0{namespace=~"$hub"}')
    page.get_by_role("button", name="$hub: all").click()
    page.get_by_role("combobox", name="$hub").click()
    expect(page.get_by_role("option").first).to_be_visible()
    offered = set(page.get_by_role("option").all_text_contents())
    for _ in range(len(hostile.LABELS) // 4 + 1):
        for _ in range(4):  # the list holds a few more than can be seen
            page.keyboard.press("ArrowDown")
        offered |= set(page.get_by_role("option").all_text_contents())
    assert {label for label in NAMES if f"{hostile.shown(label)} · one" not in offered} == set()
    only_text(page)


def test_names_of_clusters_are_shown_letter_for_letter_where_they_are_said_not_to_answer(
    app: App, visit: Visits
) -> None:
    page = visit(f"{app.url}/sources", **_WINDOW)
    expect(page.get_by_text(re.compile("1 answers?, [0-9]+ do(es)? not"))).to_be_visible()
    settled(page)
    told = set(page.locator("[data-testid=stMarkdownContainer] strong").all_text_contents())
    folded = {label: hostile.shown(" ".join(label.split())) for label in NAMES}
    missing = {label for label, name in folded.items() if name not in told and label not in hostile.MARKED}
    assert missing <= {hostile.LONG}
    only_text(page)
