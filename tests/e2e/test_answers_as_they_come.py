"""Thirty clusters, some slow, silent or dead: what has come is drawn; who waits may stop, look around or leave."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.double import Double, grafana_double
from tests.double.behaviours import BEHAVIOURS
from tests.double.good import good
from tests.double.record import Logged
from tests.double.wire import Exchange
from tests.e2e.app import App, serve_app
from tests.e2e.asked import settings_of
from tests.e2e.browsing import Visits, chart, settled

pytestmark = pytest.mark.browser
GOOD = [f"hub-{number:02}" for number in range(26)]
DEAD = ["dead-1", "dead-2", "dead-3"]
CLUSTERS = {name: name for name in (*GOOD, *DEAD, "late")}


@dataclass
class Hubs:
    """The app over a Grafana with 30 clusters, of which `late` answers when the gate is opened."""

    grafana: Double
    app: App
    gate: threading.Event

    def asked_since(self, mark: int) -> list[str]:
        """Who was asked, in alphabetical order."""
        return sorted(entry.uid for entry in self.grafana.log[mark:] if entry.uid and "query" in entry.path)

    def late(self) -> Logged:
        """The latest question to the one that is late."""
        return self.grafana.asked("late")[-1]


@pytest.fixture(scope="module")
def running() -> Iterator[Hubs]:
    gate = threading.Event()

    async def held(exchange: Exchange) -> None:
        leaving = asyncio.create_task(exchange.until_client_leaves())
        while not gate.is_set() and not leaving.done():
            await asyncio.sleep(0.02)
        leaving.cancel()
        if gate.is_set():
            await good(exchange)

    BEHAVIOURS["held"] = held
    behaviours = {"late": "held"} | dict.fromkeys(DEAD, "login-html")
    with (
        grafana_double(CLUSTERS, behaviours=behaviours) as double,
        serve_app(settings_of(double)) as app,
    ):
        yield Hubs(double, app, gate)
    del BEHAVIOURS["held"]


@pytest.fixture
def hubs(running: Hubs) -> Iterator[Hubs]:
    running.gate.clear()
    yield running
    running.gate.set()


def wait_until_ended(entry: Logged) -> None:
    """Waits until the connection of a request is closed."""
    for _ in range(1_000):
        if entry.ended:
            return
        threading.Event().wait(0.01)
    raise AssertionError("the connection is still open")


def waiting(page: Page) -> None:
    """Waits until all but one cluster have answered or failed, and what they said is drawn."""
    expect(page.get_by_text("Asking: 29 of 30, 3 failed")).to_be_visible()
    expect(page.get_by_text("waiting for late")).to_be_visible()
    expect(page.locator(".js-plotly-plot .trace").first).to_be_visible()


def test_one_that_is_late_does_not_hold_the_picture_of_the_others_and_nobody_is_asked_twice(
    hubs: Hubs, visit: Visits
) -> None:
    page = visit(f"{hubs.app.url}/?from=now-8d")
    waiting(page)
    expect(page.get_by_text("3 of 30 clusters failed so far")).to_be_visible()
    expect(page.get_by_text("dead-2: a login page instead of an answer")).to_be_visible()
    page.get_by_role("radio", name="Total", exact=True).click()
    waiting(page)
    hubs.gate.set()
    expect(page.get_by_text("27 of 30 clusters answered")).to_be_visible()
    settled(page)
    assert [trace["name"] for trace in chart(page)] == ["Total"]
    assert hubs.asked_since(0) == sorted(CLUSTERS)


def test_stop_ends_what_is_open_and_keeps_what_has_come(hubs: Hubs, visit: Visits) -> None:
    mark = len(hubs.grafana.log)
    page = visit(f"{hubs.app.url}/?from=now-10d")
    waiting(page)
    page.get_by_role("button", name="Stop asking").click()
    wait_until_ended(hubs.late())
    expect(page.get_by_text("26 of 30 clusters answered")).to_be_visible()
    expect(page.get_by_text("late: stopped").first).to_be_visible()
    settled(page)
    assert chart(page)
    hubs.gate.set()
    again = len(hubs.grafana.log)
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_text("27 of 30 clusters answered")).to_be_visible()
    assert hubs.asked_since(again) == sorted([*DEAD, "late"])
    assert hubs.asked_since(mark) == sorted([*CLUSTERS, *DEAD, "late"])


def test_a_closed_tab_ends_what_it_was_waiting_for(hubs: Hubs, visit: Visits) -> None:
    page = visit(f"{hubs.app.url}/?from=now-11d")
    waiting(page)
    entry = hubs.late()
    assert not entry.ended
    page.close()
    wait_until_ended(entry)


def test_another_question_ends_the_one_before(hubs: Hubs, visit: Visits) -> None:
    page = visit(f"{hubs.app.url}/?from=now-12d")
    waiting(page)
    entry = hubs.late()
    page.get_by_test_id("stSidebarNavItems").get_by_role("link", name=re.compile("PromQL")).click()
    wait_until_ended(entry)
