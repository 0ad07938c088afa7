"""The headers that every answer carries, so that a browser refuses what the app never does.

What the policy has to leave open was found by a browser that reports every breach, over all pages
(tests/e2e/test_guard.py). Streamlit's page has a script inside it, which may run by its hash and by nothing else; the
scripts of our own components come as blobs, and Streamlit and Plotly style their elements one by one.
"""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

import streamlit
from starlette.types import Message, Send

Headers = Iterable[tuple[bytes, bytes]]

PAGE = Path(streamlit.__file__).parent / "static" / "index.html"  # the one page that the server has
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_POLICY: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self' blob: 'wasm-unsafe-eval'",  # Streamlit's messages hold numbers of 64 bits
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
_UNUSED = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer"),
    *("microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "serial", "usb"),
    *("xr-spatial-tracking", "clipboard-read"),
)
FIXED: Mapping[str, str] = {
    "x-frame-options": "DENY",  # for browsers that do not know frame-ancestors
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",  # an address says what was asked: it goes nowhere
    "permissions-policy": ", ".join(f"{name}=()" for name in _UNUSED),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
STRICT_TRANSPORT = "max-age=31536000"  # a year; says nothing about other names of the same domain


@functools.cache
def content_policy(page: Path = PAGE) -> str:
    """The policy for what a page may load and run. The scripts written into this file may run, told by their hashes."""
    scripts = _INLINE.findall(page.read_text(encoding="utf-8"))
    hashes = [base64.b64encode(sha256(script.encode()).digest()).decode() for script in scripts]
    rules = {**_POLICY, "script-src": " ".join([_POLICY["script-src"], *(f"'sha256-{each}'" for each in hashes)])}
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def guarded(headers: Headers, *, https: bool) -> list[tuple[bytes, bytes]]:
    """These headers with ours, which replace any of the same name. `https` adds that the host is for https only."""
    ours = {"content-security-policy": content_policy(), **FIXED}
    if https:
        ours["strict-transport-security"] = STRICT_TRANSPORT
    lines = {name.encode(): value.encode() for name, value in ours.items()}
    return [*((name, value) for name, value in headers if name.lower() not in lines), *lines.items()]


def adding_headers(send: Send, *, https: bool) -> Send:
    """A `send` that puts our headers on whatever answer it begins: a file, a page, a refusal of a web socket."""

    async def with_headers(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            message = {**message, "headers": guarded(message.get("headers", []), https=https)}
        await send(message)

    return with_headers
