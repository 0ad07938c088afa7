"""Whole programs that tests share: a browser and a real Prometheus, each started once and ended by what started it."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e import hubs
from tests.e2e.browsing import PATIENCE, Visits
from tests.prometheus_server import demand_programs, running_prometheus

# How long an example takes says more about the machine than about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window. For one module: while it runs, nothing else can use asyncio in this thread."""
    demand_programs("chromium", package="chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_CHROMIUM)
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visits]:
    """Opens pages.

    Fails the test if one of them asked anything of another host than its own, had an error, or needed what the policy
    of the app does not allow.
    """
    visits = Visits(browser)
    yield visits
    visits.close()
    assert visits.strangers == set()
    assert visits.failures == []
    assert visits.breaches == []


@pytest.fixture(scope="session")
def prometheus() -> Iterator[Mapping[str, str]]:
    """The address of a real Prometheus for each cluster of `hubs.HUBS`, with five weeks of samples up to now."""
    now = int(time.time())
    with contextlib.ExitStack() as stack:
        texts = {cluster: hubs.openmetrics(cluster, now - 35 * hubs.DAY, now) for cluster in hubs.HUBS}
        yield {name: stack.enter_context(running_prometheus(text)) for name, text in texts.items()}
