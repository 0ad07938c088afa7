"""What servers send: answers in any pieces, refusals, headers, lists, and the token they were sent."""

from __future__ import annotations

import numpy as np
import orjson

from lib.core.decode import Decoder, decode
from lib.core.errors import SourceError
from lib.core.metadata import read_metadata
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.result import Answer
from lib.core.time_range import TimeRange
from lib.sources.exchange import Reply, read_retry_after
from lib.sources.grafana import read_entries
from lib.sources.hiding import hide
from lib.sources.refusals import read_refusal
from lib.sources.statuses import is_web_page, of_status
from tests.answers.made import START, STEP
from tests.fuzz.targets import target, text_of

_QUERIES: tuple[Query, ...] = (
    RangeQuery("up", TimeRange(START, START + 3 * STEP, STEP)),
    InstantQuery("up", START),
    RangeQuery("up", TimeRange(START, START, STEP)),
)
_STATUSES = (200, 400, 401, 403, 404, 405, 422, 429, 500, 502, 503, 504, 599, 999)
_SECRETS = (b"glsa_0123456789abcdef_01234567", b'pass "word" <&\\ \xc3\xbc')


@target("answer")
def answer(data: bytes) -> None:
    """An answer in any pieces is read as the whole is, or refused as that is. The first byte chooses the pieces."""
    chosen, body = (data[0], data[1:]) if data else (0, b"")
    query, size = _QUERIES[chosen % len(_QUERIES)], (1, 2, 7, 64, 4_096)[chosen // 8 % 5]
    whole, pieces = _read(lambda: decode(body, query)), _read(lambda: _in_pieces(body, query, size))
    assert type(whole) is type(pieces)
    if isinstance(whole, Answer) and isinstance(pieces, Answer):
        assert whole.labels == pieces.labels and whole.warnings == pieces.warnings
        np.testing.assert_array_equal(whole.values, pieces.values)
        assert whole.values.shape == (len(whole.labels), query.grid.points)


def _in_pieces(body: bytes, query: Query, size: int) -> Answer:
    decoder = Decoder(query, batch=128)
    decoder.start()
    for at in range(0, len(body), size):
        decoder.feed(body[at : at + size])
    return decoder.finish()


def _read(work):
    try:
        return work()
    except SourceError as error:
        assert error.message
        return error


@target("refusal")
def refusal(data: bytes) -> None:
    """Every refusal has its sentence, and what the server said is short and on one line."""
    status = _STATUSES[data[0] % len(_STATUSES)] if data else 500
    kind = ("application/json", "text/html", "")[data[1] % 3] if len(data) > 1 else ""
    reply = Reply(status, kind, data[2:], 0.1, len(data))
    found = read_refusal(reply, "up{\n  job='é'}") or of_status(reply, "Grafana")
    assert found.message and len(found.detail) <= 300 and found.detail.isprintable() or "\ufffd" in found.detail
    is_web_page(reply)
    read_entries(reply)


@target("retry-after")
def retry_after(data: bytes) -> None:
    """How long to wait is a number of seconds, none of them before now, or unknown."""
    found = read_retry_after(data.decode("latin-1"))
    assert found is None or (isinstance(found, int) and found >= 0)


@target("metadata")
def metadata(data: bytes) -> None:
    """Whatever is said of metrics, only what has the form is kept."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return
    if isinstance(found, dict):
        for name, info in read_metadata(found).items():
            assert isinstance(name, str) and isinstance(info.help, str) and isinstance(info.type, str)


@target("hiding")
def hiding(data: bytes) -> None:
    """The secret is gone however a body is torn, and tearing changes nothing. The first byte says where and how."""
    chosen, body = (data[0], data[1:]) if data else (0, b"")
    secret = _SECRETS[chosen % 2]
    at = chosen * len(body) // 256
    body = body[:at] + (secret if chosen % 3 else b"") + body[at:]
    whole = b"".join(hide([body], [secret]))
    size = 1 + chosen % 31
    assert whole == b"".join(hide([body[place : place + size] for place in range(0, len(body), size)], [secret]))
    assert secret not in whole and secret not in text_of(whole).encode("utf-8", "surrogateescape")
