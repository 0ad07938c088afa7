"""Whom the transport talks to and how often: its own origin, one polite retry, no redirect, no cookie."""

from __future__ import annotations

from pathlib import Path

import pytest
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import ConfigError, Kind, SourceError
from lib.core.query import InstantQuery
from lib.core.result import Answer
from lib.core.secret import Secret
from lib.core.settings import Settings
from lib.sources.exchange import Credential, Request, origin_of, read_retry_after
from lib.sources.transport import Transport
from tests.double import TOKEN, Double, grafana_double
from tests.sources.recorder import Recorder
from tests.sources.test_faults import ask

NOW = 1_770_000_000
QUESTION = InstantQuery("up", NOW)


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
        *((uid, 1) for uid in ("http-403-page", "html-404", "text-404", "upstream-401", "html-500")),
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
    with grafana_double({"rate-429": "asks for a second"}) as double:
        error = ask(connected(double, timeout=0.9), "rate-429", QUESTION)
        assert isinstance(error, SourceError)
        assert len(double.asked("rate-429")) == 1


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
    for url in (f"{start}{tail}/api/datasources" for start in ("", ORIGIN, "https://")):
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


def test_the_certificate_bundle_is_checked_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for path in (tmp_path / "missing.pem", tmp_path / "empty.pem", tmp_path):
        with pytest.raises(ConfigError, match="HUBSCOPE_CA_BUNDLE"):
            Transport(Settings(ca_bundle=str(path)), [ORIGIN])


def test_a_request_identifies_itself_and_asks_for_plain_bytes() -> None:
    recorder = Recorder()
    Transport(Settings(), [ORIGIN], adapter=recorder).send(
        Request("GET", f"{ORIGIN}/api/datasources", Credential(ORIGIN, Secret("")))
    )
    headers = recorder.sent[0].headers
    assert headers["Accept-Encoding"] == "identity"
    assert headers["User-Agent"] == "hubscope"
