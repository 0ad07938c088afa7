"""The promises of the transport: one origin, one retry, no redirect, no cookie, no environment, no trace of a token."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import requests
import urllib3
from hypothesis import given
from hypothesis import strategies as st
from requests.adapters import BaseAdapter

from lib.core.errors import ConfigError, Kind, SourceError
from lib.core.query import InstantQuery
from lib.core.result import Answer
from lib.core.settings import Secret, Settings
from lib.sources import Cancel
from lib.sources.exchange import Credential, Request, origin_of, read_retry_after
from lib.sources.transport import PLACES, Transport
from tests.double import TOKEN, Double, grafana_double
from tests.sources.test_faults import ask

NOW = 1_770_000_000
QUESTION = InstantQuery("up", NOW)


class Recorder(BaseAdapter):
    """Takes the place of the network: keeps what would have been sent, answers 200 and nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[requests.PreparedRequest] = []

    def send(self, request, **more):
        self.sent.append(request)
        response = requests.Response()
        response.status_code, response.raw = 200, urllib3.HTTPResponse(BytesIO(b""), preload_content=False)
        return response

    def close(self) -> None:
        """Nothing is open."""


# Retries


@pytest.mark.parametrize(
    ("uid", "times"),
    [
        *(
            (uid, 2)
            for uid in ("html-502", "empty-502", "html-503", "empty-504", "rst", "close", "cut-body", "rate-429")
        ),
        *(
            (uid, 1)
            for uid in ("good", "http-401", "http-403", "grafana-404", "http-418", "grafana-500", "parse-error")
        ),
        *((uid, 1) for uid in ("query-timeout", "login-html", "redirect", "hang", "big-body", "not-json")),
        *((uid, 1) for uid in ("rate-429-long", "rate-429-date", "rate-429-junk", "rate-429-bare")),
    ],
)
def test_only_what_may_help_is_asked_again_and_only_once(double: Double, connected, uid: str, times: int) -> None:
    before = len(double.asked(uid))
    ask(connected(double, timeout=0.5, max_bytes=100_000) if uid == "hang" else connected(double), uid)
    assert len(double.asked(uid)) - before == times


@pytest.mark.parametrize("first", ["html-502", "empty-504", "rst", "close", "cut-body", "rate-429"])
def test_a_passing_fault_stays_unseen(connected, first: str) -> None:
    pauses: list[float] = []
    with grafana_double({"flaky": "flaky"}, behaviours={"flaky": (first, "good")}) as double:
        answer = ask(connected(double, sleep=pauses.append), "flaky", QUESTION)
    assert isinstance(answer, Answer)
    assert len(pauses) == 1
    assert pauses == [1.0] if first == "rate-429" else 0.2 <= pauses[0] <= 1.0


def test_a_connection_that_was_closed_between_two_questions_stays_unseen(double: Double, connected) -> None:
    discovery = connected(double)
    assert all(isinstance(ask(discovery, "stale", QUESTION), Answer) for _ in range(5))


def test_a_connection_is_used_again(connected) -> None:
    with grafana_double({"good": "good"}) as double:
        discovery = connected(double)
        assert all(isinstance(ask(discovery, "good", QUESTION), Answer) for _ in range(5))
        assert double.connections == 1


def test_there_is_no_second_attempt_without_time_for_it(connected) -> None:
    with grafana_double({"rst": "rst"}, listing="ok") as double:
        error = ask(connected(double, timeout=0.15), "rst", QUESTION)
        assert isinstance(error, SourceError)
        assert len(double.asked("rst")) == 1


@pytest.mark.parametrize(
    ("text", "seconds"), [("1", 1), ("0", 0), ("", None), ("-1", None), ("1.5", None), ("soon", None), ("9" * 12, None)]
)
def test_retry_after_is_read_as_seconds_or_not_at_all(text: str, seconds: int | None) -> None:
    assert read_retry_after(text) == seconds


def test_retry_after_may_be_a_date() -> None:
    assert read_retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert read_retry_after("Wed, 21 Oct 2093 07:28:00 GMT") > 10**8


# Where things go


@pytest.mark.parametrize("uid", ["redirect", "redirect-host", "redirect-loop"])
def test_a_redirect_is_not_followed(double: Double, connected, uid: str) -> None:
    discovery = connected(double)
    before = len(double.log)
    ask(discovery, uid)
    assert [entry.uid for entry in double.log[before:]] == [uid]
    assert double.sink_log == []


def test_a_cookie_does_not_come_back(double: Double, connected) -> None:
    discovery = connected(double)
    for uid in ("cookie", "cookie", "good"):
        ask(discovery, uid)
    assert not any("cookie" in entry.asked.headers for entry in double.log)


def test_netrc_and_proxies_of_the_environment_are_ignored(
    double: Double, connected, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login thief password thief\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, double.sink)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert isinstance(ask(connected(double), "good", QUESTION), Answer)
    assert double.asked("good")[-1].authorization == f"Bearer {TOKEN}"
    assert double.sink_log == []


ORIGIN = "https://grafana.example.org"
SPELLINGS = [
    "https://evil.example/",
    "https://grafana.example.org.evil.example/",
    "https://grafana.example.org@evil.example/",
    "https://evil.example\\@grafana.example.org/",
    "https://evil.example#@grafana.example.org/",
    "https://grafana.example.org:8443/",
    "http://grafana.example.org/",
    "https://grafana.example.org%2f@evil.example/",
    "https://grafana.example.org./",
    "https://GRAFANA.example.org\t.evil.example/",
    "https:///grafana.example.org/",
    "//grafana.example.org/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://grafana。example.org/",
    "file:///etc/passwd",
    "https://grafana.example.org/api/../admin",
    "https://grafana.example.org/api/%2e%2e/admin",
]


@pytest.mark.parametrize("url", SPELLINGS)
def test_another_address_gets_nothing(url: str) -> None:
    recorder = Recorder()
    transport = Transport(Settings(), [ORIGIN], adapter=recorder)
    try:
        transport.send(Request("GET", url, Credential(ORIGIN, Secret(TOKEN))))
    except SourceError as error:
        assert error.kind is Kind.CONFIG
    assert all(str(request.url) == url for request in recorder.sent), "an address was changed on its way"
    assert all(urllib3.util.parse_url(str(request.url)).host == "grafana.example.org" for request in recorder.sent)


_PIECES = st.sampled_from(
    [
        "https://",
        "http://",
        "grafana.example.org",
        "evil.example",
        "@",
        ":",
        "443",
        "/",
        "\\",
        "#",
        "?",
        "%2f",
        "..",
        ".",
    ]
)


@given(st.one_of(st.text(max_size=40), st.lists(_PIECES, max_size=8).map("".join)))
def test_a_credential_leaves_for_its_own_origin_only(tail: str) -> None:
    recorder = Recorder()
    transport = Transport(Settings(), [ORIGIN], adapter=recorder)
    for url in (tail, ORIGIN + tail, f"https://{tail}"):
        try:
            transport.send(Request("GET", url, Credential(ORIGIN, Secret(TOKEN))))
        except SourceError as error:
            assert error.kind is Kind.CONFIG
    for request in recorder.sent:
        assert origin_of(str(request.url)) == ORIGIN
        parsed = urllib3.util.parse_url(str(request.url))
        assert (parsed.scheme, parsed.auth, parsed.host, parsed.port or 443) == (
            "https",
            None,
            "grafana.example.org",
            443,
        )


def test_a_credential_does_not_serve_for_another_configured_origin() -> None:
    recorder = Recorder()
    transport = Transport(Settings(), [ORIGIN, "https://other.example"], adapter=recorder)
    with pytest.raises(SourceError):
        transport.send(Request("GET", "https://other.example/api", Credential(ORIGIN, Secret(TOKEN))))
    assert recorder.sent == []


# The token


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
        discovery = connected(double, timeout=0.3, max_bytes=100_000)
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
    transport.send(Request("GET", f"{ORIGIN}/", Credential(ORIGIN, Secret("pass word ü"), "me")))
    sent = recorder.sent[0].headers["Authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")).decode() == "me:pass word ü"


def test_without_a_secret_there_is_no_header() -> None:
    recorder = Recorder()
    Transport(Settings(), [ORIGIN], adapter=recorder).send(Request("GET", f"{ORIGIN}/", Credential(ORIGIN, Secret(""))))
    assert "Authorization" not in recorder.sent[0].headers


# Places, and giving up


def test_no_more_than_eight_questions_are_under_way_at_once(connected) -> None:
    uids = {f"cluster{number}": f"cluster{number}" for number in range(20)}
    with grafana_double(uids, behaviours=dict.fromkeys(uids, "slow")) as double:
        discovery = connected(double, timeout=30.0)
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda source: source.ask(QUESTION), discovery.sources))
        assert len(answers) == 20
        assert 1 < double.most_at_once <= PLACES


def test_who_finds_no_place_in_time_is_told_so(connected) -> None:
    with grafana_double({"hang": "hang"}) as double:
        [source] = connected(double, timeout=30.0).sources
        cancel = Cancel()
        with ThreadPoolExecutor(PLACES) as pool:
            waiting = [pool.submit(source.ask, QUESTION, cancel) for _ in range(PLACES)]
            _until(lambda: len(double.asked("hang")) == PLACES)
            request = Request("GET", f"{double.url}/x", Credential(double.url, Secret(TOKEN)), seconds=0.2)
            with pytest.raises(SourceError) as caught:
                source.api.transport.send(request)
            cancel.end()
        assert caught.value.kind is Kind.BUSY
        assert {_kind(future.exception()) for future in waiting} == {Kind.CANCELLED}


@pytest.mark.parametrize("uid", ["hang", "drip-headers", "drip-body", "endless-chunks"])
def test_a_cancel_shuts_the_socket_at_once(double: Double, connected, uid: str) -> None:
    source = next(source for source in connected(double, timeout=60.0, max_bytes=2**40).sources if source.name == uid)
    cancel = Cancel()
    before = len(double.asked(uid))
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(source.ask, QUESTION, cancel)
        _until(lambda: len(double.asked(uid)) > before)
        cancel.end()
        assert _kind(asked.exception(timeout=5)) is Kind.CANCELLED
    _until(lambda: double.asked(uid)[-1].ended > 0)


def test_a_switch_that_was_thrown_stays_thrown(double: Double, connected) -> None:
    cancel = Cancel()
    cancel.end()
    [source] = (source for source in connected(double).sources if source.name == "hang")
    assert _kind(_failure(lambda: source.ask(QUESTION, cancel))) is Kind.CANCELLED


def test_the_certificate_bundle_is_checked_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for path in (tmp_path / "missing.pem", tmp_path / "empty.pem", tmp_path):
        with pytest.raises(ConfigError, match="HUBSCOPE_CA_BUNDLE"):
            Transport(Settings(ca_bundle=str(path)), [ORIGIN])


def test_a_request_identifies_itself_and_asks_for_plain_bytes() -> None:
    recorder = Recorder()
    Transport(Settings(), [ORIGIN], adapter=recorder).send(Request("GET", f"{ORIGIN}/", Credential(ORIGIN, Secret(""))))
    headers = recorder.sent[0].headers
    assert headers["Accept-Encoding"] == "identity"
    assert headers["User-Agent"] == "hubscope"
    assert re.fullmatch("/", urlsplit(str(recorder.sent[0].url)).path)


def _kind(error: BaseException | None) -> Kind | None:
    return error.kind if isinstance(error, SourceError) else None


def _failure(work) -> BaseException | None:
    try:
        work()
    except SourceError as error:
        return error
    return None


def _until(condition, seconds: float = 10.0) -> None:
    """Waits for what another thread is about to do."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it did not come to pass")
