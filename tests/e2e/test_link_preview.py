"""A chat that previews links asks the running server for the page, and runs none of it."""

from __future__ import annotations

import html
import re

import pytest
import requests

from tests.e2e.app import App

LINKS = {
    "": "Hubscope",
    "?preset=daily-users&from=now-1M/M&to=now-1M/M": "Daily users · Last full month · Hubscope",
    "chart?preset=daily-users&from=2026-07-01&to=2026-07-31": "Daily users · 1 Jul – 31 Jul 2026 · Hubscope",
    "promql?expr=%3Cscript%3E": "PromQL · Hubscope",
    "?preset=%22%3E%3Cscript%3E": "Hubscope",
}


@pytest.mark.browser
@pytest.mark.parametrize(("link", "title"), LINKS.items(), ids=LINKS)
def test_the_page_of_a_link_says_what_it_is_before_it_runs(sample_app: App, link: str, title: str) -> None:
    kept = {"If-None-Match": "*", "Accept-Encoding": "gzip"}
    page = requests.get(f"{sample_app.url}/{link}", headers=kept, timeout=30)
    assert page.status_code == 200 and page.headers["Cache-Control"] == "no-cache"
    assert "ETag" not in page.headers
    found = re.findall('<title>(.*?)</title>|property="og:title" content="(.*?)"', page.content.decode())
    assert [html.unescape("".join(each)) for each in found] == [title, title]
