"""A secret that must be nowhere: in which spellings it could be written, and all places where a run of the app leaves
something."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus, urljoin, urlsplit

import requests
from playwright.sync_api import Page

from tests.e2e.app import App
from tests.e2e.browsing import Visits, settled

CANARY = "glsa_canary/with+signs~more.than-letters_c0ffee00=="
FAULTS = "reflect reflect-in-data http-401 http-403 http-403-page hostile-error html-500 login-html rst redirect-host"
# Tokens that cannot be used as they are, as files, environments and clipboards bring them.
MALFORMED = {
    "a line end before": f"\n\n{CANARY}",
    "a line end within": CANARY.replace("_", "_\r\nX-Evil: 1", 1),
    "a byte order mark": f"\ufeff{CANARY}",
    "curly quotes": f"“{CANARY}”",
    "a curly quote within": CANARY.replace("_", "’", 1),
    "two tokens": f"{CANARY} {CANARY}",
    "a blank within": CANARY.replace("/", " ", 1),
    "the word Bearer before": f"Bearer {CANARY}",
    "far too long": CANARY * 20,
    "an escape of a terminal": f"\x1b[31m{CANARY}",
    "another script": f"{CANARY}ключ🗝",
    "bytes that are no text": f"{CANARY}\udcff",
}
_OWN_ADDRESSES = ("/", "/_stcore/health", "/_stcore/host-config", "/_stcore/metrics", "/_stcore/script-health-check")


def spellings(secret: str) -> set[bytes]:
    """The ways in which a text could be written somewhere: plain, for an address, HTML and JSON, in base64 and in hex.

    In base64 a text looks in three ways, by its place in a longer one; letters that depend on its neighbours are cut.
    """
    plain = secret.encode()
    encoded = {
        write(b"\0" * before + plain)[-(-before * 8 // 6) : (before + len(plain)) * 8 // 6]
        for before in range(3)
        for write in (base64.b64encode, base64.urlsafe_b64encode)
    }
    texts = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), html.escape(secret), repr(secret)[1:-1]}
    texts |= {json.dumps(secret)[1:-1].replace("/", "\\/"), "".join(f"\\u{ord(letter):04x}" for letter in secret)}
    texts |= {plain.hex(), plain.hex().upper()}
    return {text.encode() for text in texts} | encoded


def places_of(secret: str, places: dict[str, bytes]) -> set[str]:
    """Where a text is found in any spelling."""
    forms = spellings(secret)
    return {place for place, content in places.items() if any(form in content for form in forms)}


def files_of(app: App) -> dict[str, bytes]:
    """What the app has written: log, home, temporary files, cache, working directory; without the code it came with."""
    found = [path for path in app.folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    assert app.folder / "log" in found
    return {str(path.relative_to(app.folder)): path.read_bytes() for path in found}


def text_of(page: Page) -> bytes:
    """All that the page holds, seen or not, its address included."""
    settled(page)
    return f"{page.url}\n{page.title()}\n{page.content()}\n{page.locator('body').inner_text()}".encode()


def left_behind(app: App, visits: Visits) -> dict[str, bytes]:
    """Every place that pages do not show: web socket, addresses, headers, media, the server's own answers, files."""
    places = {f"frame {number}": frame for number, frame in enumerate(visits.frames)}
    places |= {f"request {number}": address.encode() for number, address in enumerate(visits.asked)}
    places |= {f"headers {number}": headers.encode() for number, headers in enumerate(visits.headers)}
    media = {address for address in visits.asked if "/media/" in urlsplit(address).path}
    for address in sorted(media | {urljoin(app.url, own) for own in _OWN_ADDRESSES}):
        reply = requests.get(address, timeout=20)
        places[address] = f"{reply.headers}".encode() + reply.content
    return places | files_of(app)
