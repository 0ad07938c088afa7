"""The sample over `requests`, with and without a socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import requests

from lib.sample.__main__ import server
from lib.sample.adapter import SampleAdapter
from lib.sample.api import SAMPLE_TOKEN, SAMPLE_URL

NOW = 1_795_300_017.25
QUERY = "/api/datasources/proxy/uid/aurora-prometheus/api/v1/query"


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.headers["Authorization"] = f"Bearer {SAMPLE_TOKEN}"
        opened.mount(SAMPLE_URL, SampleAdapter(lambda: NOW))
        yield opened


def test_a_session_gets_a_real_response(session: requests.Session) -> None:
    answer = session.post(SAMPLE_URL + QUERY, data={"query": "time()"}, timeout=(3, 30), verify=True)
    assert (answer.status_code, answer.reason, answer.ok) == (200, "OK", True)
    assert answer.json()["data"] == {"resultType": "scalar", "result": [NOW, "1795300017.25"]}
    assert answer.request.method == "POST" and answer.url == SAMPLE_URL + QUERY
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_the_body_can_be_read_piece_by_piece(session: requests.Session) -> None:
    with session.get(SAMPLE_URL + "/api/datasources", stream=True) as answer:
        pieces = []
        while piece := answer.raw.read1(100):
            pieces.append(piece)
    assert len(pieces) > 5
    assert b"".join(pieces) == session.get(SAMPLE_URL + "/api/datasources").content
    with session.get(SAMPLE_URL + "/api/datasources", stream=True) as answer:
        assert b"".join(answer.raw.stream(64)) == b"".join(pieces)


def test_errors_are_answers_too(session: requests.Session) -> None:
    down = session.get(SAMPLE_URL + QUERY.replace("aurora", "drift"), params={"query": "up"})
    assert (down.status_code, down.content) == (502, b"")
    assert session.get(SAMPLE_URL + "/api/datasources", headers={"Authorization": ""}).status_code == 401


def test_a_text_as_body_is_understood(session: requests.Session) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = session.post(SAMPLE_URL + QUERY, data="query=vector(2)&time=5", headers=form)
    assert answer.json()["data"]["result"] == [{"metric": {}, "value": [5, "2"]}]


def test_the_same_is_served_over_http_on_this_machine_only() -> None:
    with server(0) as serving:
        host, port = serving.server_address[:2]
        assert host == "127.0.0.1"
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,))
        thread.start()
        try:
            with requests.Session() as session:
                session.headers["Authorization"] = f"Bearer {SAMPLE_TOKEN}"
                url = f"http://127.0.0.1:{port}"
                posted = session.post(url + QUERY, data={"query": "vector(2)", "time": "5"}, timeout=10)
                assert posted.json()["data"]["result"] == [{"metric": {}, "value": [5, "2"]}]
                assert session.get(f"{url}/api/health", timeout=10).json()["database"] == "ok"
        finally:
            serving.shutdown()
            thread.join()
