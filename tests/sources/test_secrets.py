"""A token is in its header and nowhere else, and never in the header of another."""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from lib.core.errors import Kind
from lib.core.query import InstantQuery
from lib.core.secret import Secret
from lib.core.settings import Settings
from lib.sources.exchange import Credential, Request
from lib.sources.transport import Transport
from tests.double import TOKEN, Double, grafana_double
from tests.sources.recorder import Recorder
from tests.sources.test_faults import ask

NOW = 1_770_000_000
QUESTION = InstantQuery("up", NOW)


ORIGIN = "https://grafana.example.org"
CANARY = "glsa_canary1canary2canary3"
MALFORMED = {
    "newline after": f"{CANARY}\n",
    "newline before": f"\n{CANARY}",
    "newline within": f"{CANARY}\r\nX-Evil: 1",
    "carriage return": f"{CANARY}\r",
    "space": f"{CANARY} ",
    "tab": f"\t{CANARY}",
    "NUL": f"{CANARY}\0",
    "byte order mark": f"\ufeff{CANARY}",
    "curly quotes": f"“{CANARY}”",
    "umlaut": f"{CANARY}ü",
    "emoji": f"{CANARY}🗝",
    "lone surrogate": f"{CANARY}\ud800",
}


@pytest.mark.parametrize("token", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_token_is_neither_sent_nor_shown(double: Double, connected, token: str, capfd) -> None:
    before = len(double.log)
    discovery = connected(double, token=token)
    [(name, error)] = discovery.failures
    assert name == "double"
    assert error.kind is Kind.CONFIG
    assert len(double.log) == before
    output = capfd.readouterr()
    seen = f"{error!r}{vars(error)!r}{error.__context__!r}{output.out}{output.err}"
    assert "canary" not in seen


def test_the_token_is_in_the_header_and_nowhere_else(connected, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with grafana_double() as double:
        discovery = connected(double, timeout=5.0, max_bytes=100_000)
        outcomes = [
            repr(vars(found)) for found in (ask(discovery, uid, QUESTION) for uid in ("reflect", "rst", "good"))
        ]
        outcomes += [repr(ask(discovery, "reflect-in-data", QUESTION)), repr(discovery), caplog.text]
    asked = [entry.asked for entry in double.log]
    assert {entry.authorization for entry in asked} == {f"Bearer {TOKEN}"}
    assert not any(TOKEN in entry.target or TOKEN.encode() in entry.body for entry in asked)
    assert not any(
        "Authorization" in name or TOKEN in value
        for entry in asked
        for name, value in entry.headers.items()
        if name != "authorization"
    )
    forms = (TOKEN, quote(TOKEN), base64.b64encode(TOKEN.encode()).decode())
    assert not any(form in outcome for form in forms for outcome in outcomes)
    assert "Bearer ***" in "".join(outcomes)


def test_many_threads_with_two_credentials_never_swap_them(connected) -> None:
    other = "glsa_other0other0other0"
    digests = {token: hashlib.sha256(f"Bearer {token}".encode()).hexdigest() for token in (TOKEN, other)}
    with grafana_double({"echo": "echo"}, tokens=(other,)) as double:
        sources = {token: connected(double, token=token, timeout=30.0).sources[0] for token in digests}
        jobs = [token for _ in range(200) for token in digests]
        with ThreadPoolExecutor(16) as pool:
            answers = pool.map(lambda token: (token, sources[token].ask(QUESTION)), jobs)
            assert all(answer.labels[0]["credential"] == digests[token] for token, answer in answers)


def test_one_transport_keeps_the_credentials_of_its_requests_apart(connected) -> None:
    other = "glsa_other0other0other0"
    with grafana_double({"echo": "echo"}, tokens=(other,)) as double:
        transport = Transport(Settings(), [double.url])
        url = f"{double.url}/api/datasources/proxy/uid/echo/api/v1/query?time=1"

        def send(token: str) -> bool:
            reply = transport.send(Request("GET", url, Credential(double.url, Secret(token))))
            return hashlib.sha256(f"Bearer {token}".encode()).hexdigest().encode() in reply.body

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(send, [TOKEN, other] * 150))
        transport.close()


def test_basic_auth_is_sent_as_basic_auth_and_hidden_too() -> None:
    recorder = Recorder()
    transport = Transport(Settings(), [ORIGIN], adapter=recorder)
    transport.send(Request("GET", f"{ORIGIN}/api/datasources", Credential(ORIGIN, Secret("pass word ü"), "me")))
    sent = recorder.sent[0].headers["Authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")).decode() == "me:pass word ü"


def test_without_a_secret_there_is_no_header() -> None:
    recorder = Recorder()
    Transport(Settings(), [ORIGIN], adapter=recorder).send(
        Request("GET", f"{ORIGIN}/api/datasources", Credential(ORIGIN, Secret("")))
    )
    assert "Authorization" not in recorder.sent[0].headers
