"""Pictures in a real browser: files that other programs read, and a page that needs no network."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lib.core.charts.framed import HEIGHT, WIDTH, Frame
from lib.core.palette import LIGHT
from lib.core.standalone import standalone
from tests.core.test_charts import draw, many
from tests.e2e.app import App
from tests.e2e.browsing import Visits, chart, download

pytestmark = pytest.mark.browser
SVG = "{http://www.w3.org/2000/svg}"


def taken(page: Page, label: str) -> tuple[str, bytes]:
    found = download(page, page.get_by_role("button", name=label, exact=True))
    return found.name, found.content


def test_png_and_svg_hold_the_frame_in_light_colours_also_in_the_dark(sample_app: App, visit: Visits) -> None:
    address = f"{sample_app.url}/chart?preset=daily-users&by=cluster&title=Our+<i>people</i>+a+day"
    page = visit(address, color_scheme="dark")
    chart(page)
    name, png = taken(page, "PNG")
    assert name.startswith("daily-users_cluster-bars_") and name.endswith(".png")
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">II", png[16:24]) == (2 * WIDTH, 2 * HEIGHT)
    name, svg = taken(page, "SVG")
    root = ElementTree.fromstring(svg)
    assert (root.tag, root.get("width"), root.get("height")) == (f"{SVG}svg", str(WIDTH), str(HEIGHT))
    said = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    for words in (
        "Our <i>people</i> a day",
        "3 of 4 clusters",
        "drift: left out",
        "made-up sample data",
        "days in UTC",
    ):
        assert words in said
    assert not list(root.iter(f"{SVG}a")) and LIGHT.page in svg.decode() or "rgb(255, 255, 255)" in svg.decode()
    expect(page.get_by_text("could not be drawn")).to_have_count(0)


def test_a_page_alone_draws_without_a_network_also_inside_another_page(browser: Browser, tmp_path: Path) -> None:
    frame = Frame("People <b>a day</b>", "24 Oct – 22 Nov 2026 · UTC", "leap: left out.", "Source: sample")
    (tmp_path / "chart.html").write_text(standalone(draw("bars", many(3, 30), palette=LIGHT), frame), encoding="utf-8")
    outer = '<h1>Book</h1><iframe src="chart.html" width="100%" height="620"></iframe>'
    (tmp_path / "book.html").write_text(outer, encoding="utf-8")
    context = browser.new_context(offline=True, viewport={"width": 390, "height": 800})
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto((tmp_path / "book.html").as_uri())
    inside = page.frame_locator("iframe")
    expect(inside.locator(".bars path").first).to_be_attached()
    assert inside.locator(".bars path").count() == 90
    assert inside.get_by_role("heading").inner_text() == "People <b>a day</b>"
    inner = page.frames[1]
    assert inner.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert {url.split(":")[0] for url in asked} == {"file"} and len(asked) == 2
    context.close()
