"""A token in places where it must not be: `python -m bench.canary` counts them, and there must be none.

One app is looked at with a canary as its token and clusters that fail in every way that is one answer, some by sending
the token back; then one app for each token that cannot be used as it is.
"""

from __future__ import annotations

import re
import shutil
import sys

from playwright.sync_api import Browser, expect, sync_playwright

from bench.counting import keep_count
from tests.conftest import CHROMIUM_ARGUMENTS
from tests.double import Double, grafana_double
from tests.double.replies import CANNED
from tests.e2e.app import serve_app
from tests.e2e.asked import settings_of
from tests.e2e.browsing import Visits, type_query
from tests.e2e.canary import CANARY, FAULTS, MALFORMED, left_behind, places_of, text_of

NAME = "canary"
PATIENCE = 120_000  # milliseconds
CLUSTERS = {"one": "alpha"} | {uid: uid for uid in (*FAULTS.split(), *CANNED)}


def main() -> int:
    """0 when the canary was found nowhere."""
    expect.set_options(timeout=PATIENCE)
    with grafana_double(CLUSTERS, token=CANARY) as double, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        whole = _whole_app(double, browser)
        counts = [_kept(f"{len(CLUSTERS)} clusters, {len(CLUSTERS) - 1} of them failing", whole)]
        asked = {f"{n}": f"{e.asked.target} {e.asked.body!r}".encode() for n, e in enumerate(double.log)}
        counts += [_kept("addresses and bodies of what was sent", asked)]
        counts += [
            _kept(f"a malformed token: {name}", _refused(double, browser, text)) for name, text in MALFORMED.items()
        ]
        sunk = len(double.sink_log)
        met = [keep_count(NAME, "requests to a place that nobody configured", sunk, len(double.log), "requests")]
        met += [keep_count(NAME, "all together", *map(sum, zip(*counts, strict=True)), "places searched")]
        browser.close()
    return 0 if all(met) else 1


def _kept(case: str, places: dict[str, bytes]) -> tuple[int, int]:
    """In how many places it was found, and of how many."""
    found = places_of(CANARY, places) | places_of(CANARY.removeprefix("glsa_"), places)
    for place in sorted(found):
        print(f"    found in {place}")
    keep_count(NAME, case, len(found), len(places), "places searched")
    return len(found), len(places)


def _whole_app(double: Double, browser: Browser) -> dict[str, bytes]:
    visits, places = Visits(browser), {}
    with serve_app(settings_of(double, HUBSCOPE_TIMEOUT="5", HUBSCOPE_CACHE="kept")) as app:
        for path in ("", "?preset=servers-running", "chart?preset=daily-users&chart=table", "sources"):
            page = visits(f"{app.url}/{path}")
            expect(page.get_by_text(re.compile("[0-9]+ of [0-9]+ clusters answered|answer, [0-9]+ do"))).to_be_visible()
            places[f"/{path}"] = text_of(page)
        page = visits(f"{app.url}/promql")
        type_query(page, "up")
        expect(page.get_by_role("tab", name="Clusters asked")).to_be_visible()
        page.get_by_role("tab", name="Clusters asked").click()
        places["/promql"] = text_of(page)
        places |= left_behind(app, visits)
    visits.close()
    return places


def _refused(double: Double, browser: Browser, token: str) -> dict[str, bytes]:
    visits, places = Visits(browser), {}
    with serve_app({"GRAFANA_URL": double.url, "GRAFANA_TOKEN": token}) as app:
        for path in ("", "sources", "promql"):
            page = visits(f"{app.url}/{path}")
            expect(
                page.get_by_role("alert").or_(page.get_by_text(re.compile("clusters?|answer"))).first
            ).to_be_visible()
            places[f"/{path}"] = text_of(page)
        places |= left_behind(app, visits)
    visits.close()
    return places


if __name__ == "__main__":
    sys.exit(main())
