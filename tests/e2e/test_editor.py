"""The PromQL editor in a browser: from the first letter to the file by keyboard alone, and nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.double import Double, Logged
from tests.e2e.app import App
from tests.e2e.asked import Upstream
from tests.e2e.browsing import Visits, chart, csv_button, download, settled, type_query

pytestmark = pytest.mark.browser
MOST_STOPS = 60  # presses of Tab until a page has certainly been walked through


def runs_of_the_page(frames: list[bytes]) -> int:
    """How many times the server has begun to run the whole page, not only a part of it."""
    messages = (ForwardMsg.FromString(frame) for frame in frames)
    begun = (message for message in messages if message.WhichOneof("type") == "new_session")
    return sum(not message.metadata.run.fragment_ids for message in begun)


def editor(page: Page) -> Locator:
    return page.get_by_role("textbox", name="PromQL")


def lines(page: Page) -> str:
    """What stands in the editor."""
    return editor(page).inner_text().replace("\n\n", "\n")


def tab_to(page: Page, wanted: Locator) -> None:
    """Walks to something with the Tab key."""
    expect(wanted).to_be_visible()
    for _ in range(MOST_STOPS):
        if wanted.evaluate("element => element.matches(':focus')"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("The Tab key does not lead there.")


def queries(grafana: Double) -> list[Logged]:
    """What was asked with a query; what is asked with GET is what the editor completes from."""
    return [entry for entry in grafana.log if entry.uid and entry.method == "POST"]


def write(page: Page, text: str) -> None:
    """Puts a text in place of what stands in the editor."""
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def accept(page: Page, option: str) -> None:
    """Waits for a completion to be the first one offered, and takes it."""
    expect(page.get_by_role("option").first).to_contain_text(option)
    expect(page.get_by_role("option", selected=True)).to_contain_text(option)
    page.wait_for_timeout(100)  # the list takes no key in its first moments, so that nobody accepts it by accident
    page.keyboard.press("Enter")


def test_a_query_is_typed_completed_run_and_taken_home_by_keyboard_alone(upstream: Upstream, visit: Visits) -> None:
    page = visit(f"{upstream.app.url}/promql")
    tab_to(page, editor(page))
    settled(page)
    before = runs_of_the_page(visit.frames)
    page.keyboard.type("jupyterhub_ac", delay=20)
    expect(page.get_by_role("option").first).to_contain_text("jupyterhub_active_users")
    accept(page, "jupyterhub_active_users")
    page.keyboard.type('{namespace="', delay=20)
    expect(page.get_by_role("option", name="prod", exact=True)).to_be_visible()
    page.keyboard.type("pro", delay=20)
    accept(page, "prod")
    expect(editor(page)).to_have_text('jupyterhub_active_users{namespace="prod"}')
    page.wait_for_timeout(1_000)  # longer than the pause after which the server is told
    settled(page)
    assert runs_of_the_page(visit.frames) == before
    page.keyboard.press("Control+Enter")
    assert chart(page)
    assert runs_of_the_page(visit.frames) == before + 1
    with page.expect_download() as waiting:
        tab_to(page, csv_button(page))
        page.keyboard.press("Enter")
    head, *rows = waiting.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert head.startswith("time,") and len(rows) > 20


def test_functions_and_labels_are_completed_too(sample_app: App, visit: Visits) -> None:
    page = visit(f"{sample_app.url}/promql")
    editor(page).click()
    page.keyboard.type("histogram_q", delay=20)
    expect(page.get_by_text("Calculate quantiles from native histograms and from conventional")).to_be_visible()
    accept(page, "histogram_quantile")
    page.keyboard.press("Control+A")
    page.keyboard.type("jupyterhub_active_users{per", delay=20)
    accept(page, "period")
    expect(editor(page)).to_have_text("jupyterhub_active_users{period}")


def test_a_mistake_is_named_at_its_place_before_anything_is_asked(
    grafana_app: App, grafana: Double, visit: Visits
) -> None:
    page = visit(f"{grafana_app.url}/promql")
    editor(page).click()
    settled(page)
    before, asked = runs_of_the_page(visit.frames), len(queries(grafana))
    message, underlined = page.locator(".cm-message"), page.locator(".cm-lintRange, .cm-lintPoint")
    write(page, "sum by (namespace (up)")
    expect(message).to_have_text(re.compile("^Line 1, column 19: unexpected .* Labels stand in parentheses"))
    expect(underlined).to_have_text("(")
    page.keyboard.type(" ")
    expect(underlined).to_have_count(0)  # what was said of one text does not stand under another
    expect(underlined).to_have_text("(")
    write(page, 'up{namespace=~"("}')  # the grammar of the editor looks into no pattern
    expect(message).to_have_text(re.compile("^Line 1, column 4: error parsing regexp"))
    write(page, "0x1F + .5 + 2. + Inf")  # which the grammar of the editor does not take
    expect(message).to_be_hidden()
    page.wait_for_timeout(2_000)  # longer than the editor waits before it judges by itself
    expect(message).to_be_hidden()
    assert runs_of_the_page(visit.frames) == before
    assert len(queries(grafana)) == asked


def test_what_was_typed_outlives_other_pages_and_refusals(sample_app: App, visit: Visits) -> None:
    page = visit(f"{sample_app.url}/promql")
    type_query(page, "sum(\n  rtae(up[5m])\n)")
    expect(page.get_by_role("alert").filter(has_text="Line 2, column 3")).to_be_visible()
    expect(editor(page)).to_contain_text("rtae(up[5m])")
    page.keyboard.type("# not run")
    page.get_by_role("link", name="Sources").click(delay=100)  # as long as a finger presses
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Ask in PromQL")
    page.get_by_role("link", name="PromQL").click()
    expect(editor(page)).to_contain_text("# not run")
    assert "rtae(up[5m])" in lines(page)


def test_run_takes_what_was_typed_a_moment_before(sample_app: App, visit: Visits) -> None:
    page = visit(f"{sample_app.url}/promql")
    for number in ("1", "2"):
        editor(page).click()
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(f"vector({number}{number})")
        page.get_by_role("button", name=re.compile("^Run")).click()
        expect(page).to_have_url(re.compile(rf"vector%28{number}{number}%29"))


def test_a_presets_query_replaces_the_text_and_can_be_typed_on(sample_app: App, visit: Visits) -> None:
    page = visit(f"{sample_app.url}/promql")
    editor(page).click()
    page.keyboard.insert_text("vector(1)")
    page.get_by_role("link", name="Presets").click(delay=100)
    page.get_by_role("button", name="Edit").click()
    expect(editor(page)).to_contain_text("jupyterhub_active_users")
    expect(editor(page)).not_to_contain_text("vector(1)")
    chart(page)
    editor(page).click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(" + 4321")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("4321"))
    chart(page)
    assert min(float(row["value"]) for row in download(page).rows) >= 4321


def test_it_is_as_dark_as_the_page_and_changes_with_it(sample_app: App, visit: Visits) -> None:
    page = visit(f"{sample_app.url}/promql", color_scheme="light")
    shade = "element => getComputedStyle(element).color"
    expect(editor(page)).to_be_visible()
    light = editor(page).evaluate(shade)
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".cm-editor")).not_to_have_css("color", light)
    assert editor(page).evaluate(shade) == page.get_by_role("heading", level=1).evaluate(shade)
