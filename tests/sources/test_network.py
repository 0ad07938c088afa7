"""What happens before there is a connection: names, closed ports, silent hosts, and certificates."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.core.errors import Kind, SourceError
from lib.core.query import InstantQuery
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.sources import connect
from lib.sources.deadline import Cancel, Deadline
from tests.double import grafana_double

QUESTION = InstantQuery("up", 1_770_000_000)


def failure_of(url: str, **settings: object) -> SourceError:
    [source] = connect(Settings(prometheuses=(PrometheusSettings("p", url),), **settings)).sources  # type: ignore[arg-type]
    with pytest.raises(SourceError) as caught:
        source.ask(QUESTION)
    source.api.transport.close()
    return caught.value


def test_a_closed_port_cannot_be_reached() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert failure_of(f"http://127.0.0.1:{port}").kind is Kind.NETWORK


def test_a_host_that_drops_connections_is_not_waited_for() -> None:
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for filler in (first, second):  # the queue is full, so the kernel drops what comes next
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        assert failure_of(f"http://127.0.0.1:{deaf.getsockname()[1]}", timeout=0.3).kind is Kind.TIMEOUT


def test_an_unknown_name_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert failure_of("http://nowhere.example").kind is Kind.DNS


def test_a_silent_resolver_does_not_hold_a_question_up(monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()

    def silent(*args: object, **kwargs: object) -> None:
        never.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    started = time.monotonic()
    assert failure_of("http://nowhere.example", timeout=0.3).kind is Kind.TIMEOUT
    assert time.monotonic() - started < 5
    never.set()


def test_every_address_of_a_name_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with grafana_double({"good": "good"}) as double:
        port = int(double.url.rsplit(":", 1)[1])
        dead, alive = ("127.0.0.2", 1), ("127.0.0.1", port)
        infos = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in (dead, alive)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: infos)
        assert failure_of("http://two.example").kind is Kind.AUTH  # so it did arrive; no token was given


# Deadlines, without a server


def test_a_socket_taken_in_after_the_end_is_shut_at_once() -> None:
    near, far = socket.socketpair()
    with near, far, Deadline(60.0) as deadline:
        deadline.end(Kind.CANCELLED)
        deadline.watch(near)
        assert far.recv(1) == b""


def test_a_socket_is_left_alone_when_the_exchange_ended_in_time() -> None:
    near, far = socket.socketpair()
    with near, far:
        with Deadline(60.0) as deadline:
            deadline.watch(near)
        deadline.end(Kind.TIMEOUT)
        near.sendall(b"x")
        assert far.recv(1) == b"x"


def test_a_deadline_counts_by_the_clock_it_is_given() -> None:
    now = [100.0]
    with Deadline(10.0, clock=lambda: now[0]) as deadline:
        now[0] = 104.0
        assert (deadline.elapsed, deadline.remaining) == (4.0, 6.0)
        now[0] = 111.0
        assert deadline.remaining == 0.0
        deadline.pause(60.0)  # returns, since nothing remains


def test_the_first_reason_to_end_stays() -> None:
    cancel = Cancel()
    with Deadline(60.0, cancel=cancel) as deadline:
        cancel.end(Kind.CANCELLED)
        deadline.end(Kind.TIMEOUT)
    assert deadline.ended is Kind.CANCELLED


def test_a_child_switch_does_not_throw_its_parent() -> None:
    parent = Cancel()
    child, other = Cancel(parent), Cancel(parent)
    child.end(Kind.TIMEOUT)
    assert (parent.reason, other.reason) == (None, None)
    parent.end()
    assert (child.reason, other.reason) == (Kind.TIMEOUT, Kind.CANCELLED)


# TLS


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with good.pem, other.pem (another name) and expired.pem, all signed by themselves, and key.pem."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl("genrsa", "-out", "key.pem", "2048")
    (folder / "ca.conf").write_text(
        "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n"
        "x509_extensions=x\n[p]\ncommonName=supplied\n[x]\nsubjectAltName=IP:127.0.0.1\nbasicConstraints=CA:TRUE\n"
    )
    for name, subject in (("good", "IP:127.0.0.1"), ("other", "DNS:other.example")):
        names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName={subject}"]
        openssl("req", "-x509", "-new", "-key", "key.pem", "-days", "2", "-out", f"{name}.pem", *names)
    (folder / "index").touch()
    (folder / "serial").write_text("01")
    openssl("req", "-new", "-key", "key.pem", "-subj", "/CN=double", "-out", "expired.csr")
    dates = ["-startdate", "200101000000Z", "-enddate", "200102000000Z"]
    signing = ["-config", "ca.conf", "-batch", "-selfsign", "-keyfile", "key.pem", "-in", "expired.csr", *dates]
    openssl("ca", *signing, "-out", "expired.pem", "-notext")
    return folder


@pytest.fixture
def served(certificates: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a double over TLS with the certificate that the test names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / f"{request.param}.pem", certificates / "key.pem")
    with grafana_double({"good": "good"}, tls=context) as double:
        yield double.url
        assert double.log == [], "something was asked over a connection that nobody should trust"


@pytest.mark.parametrize(
    ("served", "trusted", "words"),
    [
        ("good", "", "signed by itself"),
        ("other", "other", "another"),
        ("expired", "expired", "expired"),
    ],
    indirect=["served"],
)
def test_a_certificate_that_cannot_be_trusted_gets_nothing(
    served: str, certificates: Path, trusted: str, words: str
) -> None:
    error = failure_of(served, ca_bundle=str(certificates / f"{trusted}.pem") if trusted else "")
    assert error.kind is Kind.TLS
    assert words in error.message
    assert "HUBSCOPE_CA_BUNDLE" in error.hint


def test_a_private_authority_is_trusted_when_it_is_named(certificates: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "good.pem", certificates / "key.pem")
    with grafana_double({"good": "good"}, tls=context) as double:
        error = failure_of(double.url, ca_bundle=str(certificates / "good.pem"))
    assert error.kind is Kind.AUTH  # it was asked, without a token


def test_http_spoken_to_https_and_https_to_http_are_told_apart_from_a_dead_server(certificates: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "good.pem", certificates / "key.pem")
    with grafana_double({"good": "good"}) as plain, grafana_double({"good": "good"}, tls=context) as secured:
        assert failure_of(plain.url.replace("http:", "https:")).kind is Kind.TLS
        assert failure_of(secured.url.replace("https:", "http:")).kind is Kind.NETWORK


def test_tls_that_never_shakes_hands_ends_at_the_deadline() -> None:
    with grafana_double({"hang": "hang"}) as double, socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(4)
        port = silent.getsockname()[1]
        assert failure_of(f"https://127.0.0.1:{port}", timeout=0.3).kind is Kind.TIMEOUT
        assert double.log == []
