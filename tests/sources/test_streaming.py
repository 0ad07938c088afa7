"""A body on its way from the socket into a decoder: whole, hidden where it must be, begun anew after a fault."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pytest
import requests
import urllib3
from requests.adapters import BaseAdapter

from lib.core.decode import Decoder
from lib.core.errors import Kind, SourceError
from lib.core.query import RangeQuery
from lib.core.secret import Secret
from lib.core.settings import Settings
from lib.core.time_range import TimeRange
from lib.sources.exchange import Credential, Reply, Request
from lib.sources.transport import Transport

ORIGIN, TOKEN = "http://prometheus.test", "secret-token-0123456789"
START, STEP, POINTS = 1_782_864_000, 60, 2_000
QUERY = RangeQuery("up", TimeRange(START, START + (POINTS - 1) * STEP, STEP))


def body(*names: str) -> bytes:
    samples = [[START + at * STEP, str(at)] for at in range(POINTS)]
    result = [{"metric": {"job": name}, "values": samples} for name in names]
    whole = {"status": "success", "data": {"resultType": "matrix", "result": result}}
    return json.dumps(whole, separators=(",", ":")).encode()


class Torn(BaseAdapter):
    """Answers each request with the next (status, pieces); a body ends in a broken connection where a piece is None."""

    def __init__(self, *replies: tuple[int, Sequence[bytes | None]]) -> None:
        super().__init__()
        self._replies = iter(replies)

    def send(self, request, **more):
        status, pieces = next(self._replies)
        response = requests.Response()
        response.status_code, response.raw = status, urllib3.HTTPResponse(preload_content=False)
        response.iter_content = lambda size: _pieces(pieces)  # type: ignore[method-assign]
        return response

    def close(self) -> None:
        """Nothing is open."""


def _pieces(pieces: Sequence[bytes | None]) -> Iterator[bytes]:
    for piece in pieces:
        if piece is None:
            raise requests.exceptions.ChunkedEncodingError("torn")
        yield piece


def sent(*replies: tuple[int, Sequence[bytes | None]], **settings: int) -> tuple[Decoder, Reply]:
    transport = Transport(Settings(**settings), [ORIGIN], adapter=Torn(*replies), sleep=lambda seconds: None)
    decoder = Decoder(QUERY, batch=1_000)
    request = Request("GET", f"{ORIGIN}/api/v1/query_range", Credential(ORIGIN, Secret(TOKEN)), into=decoder)
    return decoder, transport.send(request)


def test_a_body_goes_into_the_decoder_and_only_its_start_is_kept():
    whole = body("a", "b")
    decoder, reply = sent((200, [whole[at : at + 1_024] for at in range(0, len(whole), 1_024)]))
    answer = decoder.finish()
    assert answer.values.tolist() == [list(range(POINTS))] * 2 and answer.size == reply.size == len(whole)
    assert whole.startswith(reply.body) and 4_096 <= len(reply.body) < 6_000
    assert decoder.without_json


@pytest.mark.parametrize("tear", range(0, len(TOKEN) + 1, 5))
def test_a_token_is_hidden_wherever_it_is_torn(tear: int):
    whole = body(f"<{TOKEN}>", "b")
    at = whole.index(TOKEN.encode()) + tear
    decoder, reply = sent((200, [whole[:at], whole[at : at + 1], whole[at + 1 :]]))
    assert [labels["job"] for labels in decoder.finish().labels] == ["<***>", "b"]
    assert TOKEN.encode() not in reply.body


def test_a_token_is_hidden_in_the_body_of_an_error_too():
    _, reply = sent((403, [b"no: ", TOKEN[:5].encode(), TOKEN[5:].encode()]))
    assert reply.body == b"no: ***"


def test_after_a_broken_connection_the_body_is_read_from_its_beginning():
    whole = body("a", "b")
    decoder, _ = sent((200, [whole[:50_000], None]), (200, [whole]))
    assert decoder.finish().values.tolist() == [list(range(POINTS))] * 2


def test_what_an_error_says_never_reaches_the_decoder():
    whole = body("a")
    decoder, _ = sent((502, [b"<html>bad gateway</html>"]), (200, [whole]))
    assert decoder.finish().size == len(whole)


def test_a_body_over_the_limit_is_left_at_once():
    whole = body("a", "b")
    with pytest.raises(SourceError) as caught:
        sent((200, [whole[:9_000], whole[9_000:]]), max_bytes=10_000)
    assert caught.value.kind is Kind.TOO_LARGE


def test_a_matrix_that_is_passed_on_as_numbers_may_be_four_times_as_large_as_what_is_held():
    whole = body("a", "b", "c")
    pieces = [whole[at : at + 5_000] for at in range(0, len(whole), 5_000)]
    decoder, _ = sent((200, pieces), max_bytes=len(whole) // 3)
    assert decoder.finish().values.shape == (3, POINTS)
    with pytest.raises(SourceError, match="MiB") as caught:
        sent((200, pieces), max_bytes=len(whole) // 5)
    assert caught.value.kind is Kind.TOO_LARGE


def test_what_has_to_be_held_is_left_at_the_limit_also_when_that_shows_late():
    whole = body("a", "b", "c")
    late = whole[: 2 * len(whole) // 3] + b" " * len(whole)
    pieces = [late[at : at + 5_000] for at in range(0, len(late), 5_000)]
    with pytest.raises(SourceError) as caught:
        sent((200, pieces), max_bytes=len(whole) // 3)
    assert caught.value.kind is Kind.TOO_LARGE
