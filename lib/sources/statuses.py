"""What a server's refusal means: an HTTP status and an error body as one sentence and one next step.

A server's own words go into `detail`, cleaned and cut, and never into a sentence of ours.
"""

from __future__ import annotations

import re
import unicodedata

from lib.core import strict_json
from lib.core.errors import Kind, SourceError
from lib.core.time_range import DAY
from lib.sources.exchange import Reply
from lib.sources.failures import ADDRESS, LATER, NARROWER, wants_https

MAX_DETAIL = 300
_LARGEST_ERROR = 256 * 1024  # error bodies beyond this many bytes are not read as JSON
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_PERMISSION = re.compile(r"\b[a-z]+(?:\.[a-z]+)*:[a-z]+\b")
# What Go, nginx and Apache say to plain HTTP.
_WANTS_HTTPS = (
    b"HTTP request to an HTTPS server",
    b"HTTP request was sent to HTTPS port",
    b"speaking plain HTTP to an SSL",
)
_BOM = b"\xef\xbb\xbf"
_ADMIN = "Tell whoever runs that Grafana."


def of_status(reply: Reply, peer: str) -> SourceError:
    """What a status other than 2xx says, when it is not Prometheus itself that explains it.

    `peer` is "Grafana" or "Prometheus", whichever was asked. Sources of the texts: grafana pkg/api/datasources.go,
    pkg/api/pluginproxy/ds_proxy.go and pkg/util/proxyutil/reverse_proxy.go.
    """
    text = "" if is_web_page(reply) else words(reply.body)
    message, hint, kind = _sentence(reply, text, peer)
    return SourceError(kind, message, hint, text)


def _sentence(reply: Reply, text: str, peer: str) -> tuple[str, str, Kind]:
    status = reply.status
    if status == 400 and "Authentication to data source failed" in text:
        return "Grafana's own password for this data source is wrong.", _ADMIN, Kind.UPSTREAM_AUTH
    if status == 400 and any(words in reply.body[:4_096] for words in _WANTS_HTTPS):
        failure = wants_https()
        return failure.message, failure.hint, failure.kind
    if status == 401:
        return _unknown_token(text, peer)
    if status == 403:
        return _forbidden(text, peer)
    if status == 404:
        return _not_found(text, peer)
    if status == 429:
        return f"{peer} has had too many questions (429).", _when(reply.retry_after), Kind.RATE_LIMITED
    if status in _FIXED:
        message, hint, kind = _FIXED[status]
        return message.format(peer=peer), hint, kind
    if status >= 500:
        return f"{peer} could not get an answer from this data source ({status}).", LATER, Kind.UPSTREAM
    return f"{peer} did not accept the question ({status}).", "The details say what it did not like.", Kind.BAD_REQUEST


_TOO_LONG = ("The query is too long for {peer}.", "Shorten the query.", Kind.BAD_REQUEST)
_GAVE_UP = ("{peer} gave up waiting for this data source.", NARROWER, Kind.UPSTREAM_TIMEOUT)
_PARTIAL = 206
_FIXED = {
    _PARTIAL: (
        "Only a part of an answer came (206), though all of it was asked for.",
        "Something on the way cuts answers, such as a proxy. Tell whoever runs it.",
        Kind.NOT_PROMETHEUS,
    ),
    407: (
        "A proxy on the way wants a password (407).",
        "Hubscope goes through no proxy, so something passes its requests on to one. Tell whoever runs the network.",
        Kind.CONFIG,
    ),
    408: _GAVE_UP,
    413: _TOO_LONG,
    414: _TOO_LONG,
    431: _TOO_LONG,
    499: _GAVE_UP,
    504: _GAVE_UP,
    511: (
        "The network wants a login before it lets anything through (511).",
        "Log in to the network that this server is in, then ask again.",
        Kind.LOGIN_PAGE,
    ),
}


def _when(seconds: int | None) -> str:
    """The next step after a 429. What a server asks for is shown while somebody may wait so long."""
    if not seconds:
        return LATER
    if seconds > DAY:
        return "It asks to wait for more than a day. Tell whoever runs it."
    minutes = -(-seconds // 60)
    return f"It asks to wait {seconds} s." if seconds <= 90 else f"It asks to wait {minutes:,} minutes."


def _unknown_token(text: str, peer: str) -> tuple[str, str, Kind]:
    """A 401. Grafana says which it is (pkg/services/authn/clients/api_key.go); what stands before it does not."""
    known = next((said for said in ("expired", "revoked") if f"{said} api key" in text.lower()), "")
    if known:
        return (
            f"{peer} says that the token is {known} (401).",
            "Make a new one and put it into the settings.",
            Kind.AUTH,
        )
    hint = "It may have expired; make a new one and put it into the settings."
    return f"{peer} refused the token or password (401).", hint, Kind.AUTH


def _forbidden(text: str, peer: str) -> tuple[str, str, Kind]:
    permission = _PERMISSION.search(text)
    if permission:
        hint = f"It lacks the permission {permission[0]}. {_ADMIN}"
    else:
        hint = f"The token needs the role Viewer, and leave to query this data source. {_ADMIN}"
    return f"{peer} does not allow this with that token (403).", hint, Kind.FORBIDDEN


def _not_found(text: str, peer: str) -> tuple[str, str, Kind]:
    if re.search(r"data ?source", text, re.IGNORECASE):
        return "Grafana knows no such data source (any more).", "Load the list of data sources again.", Kind.NOT_FOUND
    return f"That address is not {peer}'s API (404).", ADDRESS, Kind.CONFIG


def is_answer(reply: Reply) -> bool:
    """True for a reply that may hold what was asked for: of the statuses 2xx all but that for a part of it."""
    return 200 <= reply.status < 300 and reply.status != _PARTIAL


def is_web_page(reply: Reply) -> bool:
    """True for HTML, whether the body looks like it or the content type says so; JSON that says so is still JSON."""
    start = reply.body[:512].removeprefix(_BOM).lstrip()
    return start.startswith(b"<") or ("html" in reply.content_type.lower() and not start.startswith((b"{", b"[")))


def read_object(body: bytes) -> dict[str, object]:
    """An error body's JSON object; empty when it is anything else."""
    if len(body) > _LARGEST_ERROR:
        return {}
    try:
        found = strict_json.loads(body)
    except strict_json.NotStrict:
        return {}
    return found if isinstance(found, dict) else {}


def words(body: bytes) -> str:
    """The words of an error body: Prometheus' `error`, Grafana's `message`, or plain text."""
    found = read_object(body)
    text = found.get("error") or found.get("message")
    return clean(text if isinstance(text, str) else "" if found else body[:4_096].decode("utf-8", "replace"))


def clean(text: str) -> str:
    """Foreign text on one line, without control characters, at most 300 characters."""
    plain = _ANSI.sub("", text[:4_096])
    visible = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in plain)
    folded = " ".join(visible.split())
    return folded if len(folded) <= MAX_DETAIL else f"{folded[: MAX_DETAIL - 1]}…"
