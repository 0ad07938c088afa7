"""Faults that need more than an answer: names, ports, certificates, the environment, lists, what comes and goes.

Each is a context manager that gets a `Ground` and yields the source to ask. To add one, write it under `@situation`,
which says what must become of it.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lib.core.errors import Kind, SourceError
from lib.core.query import Query
from lib.core.result import Answer
from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from lib.sources import Cancel, Discovery, Source, connect
from lib.sources.exchange import origin_of
from lib.sources.grafana import source_of
from tests.double import TOKEN, Double, grafana_double
from tests.faults.cases import Case, closed_form
from tests.faults.judge import Ground, Verdict, judge

Situation = Callable[[Ground], contextlib.AbstractContextManager[Source]]
SITUATIONS: dict[str, tuple[Case, Situation]] = {}


def situation(
    name: str, *rows: str, kind: Kind | None = None, says: str = "", do: str = "", waits: bool = False
) -> Callable[[Callable[[Ground], Iterator[Source]]], Callable[[Ground], Iterator[Source]]]:
    """Registers a situation, with the rows of the list of faults that it stands for and what must become of it."""

    def register(function: Callable[[Ground], Iterator[Source]]) -> Callable[[Ground], Iterator[Source]]:
        case = Case(name, kind, rows, says, do, shown=None if kind else closed_form, waits=waits)
        SITUATIONS[name] = case, contextlib.contextmanager(function)
        return function

    return register


def judge_situation(name: str, ground: Ground, *, measured: bool = False) -> Verdict:
    """The verdict on a situation, on what it demands itself too."""
    case, show = SITUATIONS[name]
    try:
        with show(ground) as source:
            return judge(case, ground, source, measured=measured)
    except AssertionError as wrong:
        return Verdict(name, (str(wrong) or "what the situation itself demands does not hold",))


def at(ground: Ground, url: str, **settings: Any) -> Source:
    """A source behind a Grafana at an address, whether or not that would list it: `good`, by a configured uid."""
    grafana = GrafanaSettings("other", url, Secret(TOKEN))
    transport = ground.transport(Settings(grafanas=(grafana,), timeout=ground.seconds, **settings), [origin_of(url)])
    return source_of(grafana, "good", "other", transport)


# Names and ports


@situation("closed-port", "A1", kind=Kind.NETWORK, says="cannot be reached", do="VPN")
def closed_port(ground: Ground) -> Iterator[Source]:
    """Nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield at(ground, f"http://127.0.0.1:{probe.getsockname()[1]}")


@situation("dropped-connects", "A3", kind=Kind.TIMEOUT, says="No answer in", do="try again", waits=True)
def dropped_connects(ground: Ground) -> Iterator[Source]:
    """The queue of the listener is full, so the kernel drops whoever comes next."""
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        yield at(ground, f"http://127.0.0.1:{deaf.getsockname()[1]}")


@contextlib.contextmanager
def resolver(answer: Callable[[], None]) -> Iterator[None]:
    """A system that looks up names ending in `.example` as `answer` does, and all others as ever."""
    real = socket.getaddrinfo

    def look_up(host: Any, *more: Any, **named: Any) -> Any:
        if str(host).endswith(".example"):
            answer()
        return real(host, *more, **named)

    socket.getaddrinfo = look_up
    try:
        yield
    finally:
        socket.getaddrinfo = real


def no_address(number: int) -> None:
    raise socket.gaierror(number, "as the system says")


@situation("unknown-name", "A2", kind=Kind.DNS, says="No host of that name", do="typing error")
def unknown_name(ground: Ground) -> Iterator[Source]:
    """The name has no address."""
    with resolver(lambda: no_address(socket.EAI_NONAME)):
        yield at(ground, "http://nowhere.example")


@situation(
    "no-name-servers", "A2", kind=Kind.DNS, says="cannot be looked up at the moment", do="network of this server"
)
def no_name_servers(ground: Ground) -> Iterator[Source]:
    """Nobody is there who could say."""
    with resolver(lambda: no_address(socket.EAI_AGAIN)):
        yield at(ground, "http://nowhere.example")


@situation("silent-resolver", "A2", kind=Kind.TIMEOUT, says="No answer in", do="Try again".lower(), waits=True)
def silentresolver(ground: Ground) -> Iterator[Source]:
    """The system's resolver does not come back, and nothing can make it."""
    never = threading.Event()
    with resolver(lambda: never.wait(20) or no_address(socket.EAI_AGAIN)):
        yield at(ground, "http://nowhere.example")
        never.set()


# TLS


@functools.cache
def certificates() -> Path:
    """A folder with good.pem, other.pem (another name) and expired.pem, all signed by themselves, and key.pem."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    keep = tempfile.TemporaryDirectory(prefix="certificates-")
    folder = Path(keep.name)
    atexit.register(keep.cleanup)

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


def context_of(certificate: str) -> ssl.SSLContext:
    """What a server needs to show one of the certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates() / f"{certificate}.pem", certificates() / "key.pem")
    return context


def _tls(name: str, certificate: str, trusted: str, says: str, do: str) -> None:
    @situation(name, "A4", kind=Kind.TLS, says=says, do=do)
    def show(ground: Ground) -> Iterator[Source]:
        with grafana_double({"good": "good"}, tls=context_of(certificate)) as double:
            yield at(ground, double.url, ca_bundle=str(certificates() / f"{trusted}.pem") if trusted else "")
            assert double.log == [], "something was asked over a connection that nobody should trust"


_tls("tls-self-signed", "good", "", "signed by itself", "HUBSCOPE_CA_BUNDLE")
_tls("tls-other-name", "other", "other", "for another", "HUBSCOPE_CA_BUNDLE")
_tls("tls-expired", "expired", "expired", "has expired", "HUBSCOPE_CA_BUNDLE")
_tls("tls-other-authority", "good", "other", "by itself", "HUBSCOPE_CA_BUNDLE")


@situation(
    "tls-1-1", "A4", kind=Kind.TLS, says="No encrypted connection could be agreed on", do="TLS 1.2 is the oldest"
)
def tls_1_1(ground: Ground) -> Iterator[Source]:
    """A server that speaks TLS 1.1 at the most."""
    context = context_of("good")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with grafana_double({"good": "good"}, tls=context) as double:
        yield at(ground, double.url, ca_bundle=str(certificates() / "good.pem"))


@situation("tls-trusted")
def tls_trusted(ground: Ground) -> Iterator[Source]:
    """A private authority that the settings name."""
    with grafana_double({"good": "good"}, tls=context_of("good")) as double:
        yield at(ground, double.url, ca_bundle=str(certificates() / "good.pem"))


@situation("tls-silent", "A8", kind=Kind.TIMEOUT, says="No answer in", do="try again", waits=True)
def tls_silent(ground: Ground) -> Iterator[Source]:
    """The connection is taken, and nobody shakes hands."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(4)
        yield at(ground, f"https://127.0.0.1:{silent.getsockname()[1]}")


@situation("https-to-http", "A5", kind=Kind.TLS, says="No encrypted connection", do="http:// or https://")
def https_to_http(ground: Ground) -> Iterator[Source]:
    """TLS, spoken to a port for plain HTTP."""
    with grafana_double({"good": "good"}) as double:
        yield at(ground, double.url.replace("http:", "https:"))


@situation("http-to-https", "A5", kind=Kind.NETWORK, says="broke off", do="begins with http:// or https://")
def http_to_https(ground: Ground) -> Iterator[Source]:
    """Plain HTTP, spoken to a port for TLS."""
    with grafana_double({"good": "good"}, tls=context_of("good")) as double:
        yield at(ground, double.url.replace("https:", "http:"))


# The environment


@situation("proxies-and-netrc", "A21")
def proxies_and_netrc(ground: Ground) -> Iterator[Source]:
    """The environment names proxies and other credentials; all of them lead to a server that nobody may talk to."""
    with grafana_double({"good": "good"}) as double, tempfile.TemporaryDirectory() as home:
        (Path(home) / ".netrc").write_text("machine 127.0.0.1 login thief password thief\n")
        names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
        changed = {"HOME": home, "NETRC": f"{home}/.netrc", **dict.fromkeys(names, double.sink)}
        before = {name: os.environ.get(name) for name in (*changed, "NO_PROXY", "no_proxy")}
        os.environ.update(changed)
        for name in ("NO_PROXY", "no_proxy"):
            os.environ.pop(name, None)
        try:
            yield at(ground, double.url)
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                os.environ.update({name: value} if value is not None else {})
        assert double.sink_log == []
        assert {entry.authorization for entry in double.log} == {f"Bearer {TOKEN}"}


@situation("under-a-path", "F1")
def under_a_path(ground: Ground) -> Iterator[Source]:
    """Grafana lives under /grafana, behind a proxy of its own."""
    with grafana_double({"good": "good"}, prefix="/grafana") as double:
        yield at(ground, double.url)


@situation("without-the-path", "B12", kind=Kind.CONFIG, says="not Grafana's API (404)", do="/grafana")
def without_the_path(ground: Ground) -> Iterator[Source]:
    """The same, with the path left out of the address."""
    with grafana_double({"good": "good"}, prefix="/grafana") as double:
        yield at(ground, double.url.removesuffix("/grafana"))


@situation("dead-behind-grafana", "F9", kind=Kind.UPSTREAM, says="could not get an answer", do="Try again")
def dead_behind_grafana(ground: Ground) -> Iterator[Source]:
    """Grafana passes the question on to a port that nobody listens on."""
    with grafana_double({"good": "good"}, upstream="http://127.0.0.1:9") as double:
        yield at(ground, double.url)


# Faults that come and go: what is put is one question of several


@contextlib.contextmanager
def _scripted(ground: Ground, script: str, before: int) -> Iterator[Source]:
    """A source that follows a script and has been asked some questions already, each of which ended somehow."""
    with grafana_double({"good": "good"}, behaviours={"good": script}) as double:
        source = at(ground, double.url)
        for _ in range(before):
            with contextlib.suppress(SourceError):
                source.ask(CASE_QUERY)
        yield source


CASE_QUERY: Query = Case("").query


def _script(name: str, script: str, before: int, *rows: str, kind: Kind | None = None, says: str = "") -> None:
    @situation(name, *rows, kind=kind, says=says)
    def show(ground: Ground) -> Iterator[Source]:
        with _scripted(ground, script, before) as source:
            yield source


_script("restarts-within-a-question", "seq~html-502~good", 0, "F13")
_script("restarts-with-a-reset", "seq~good~rst~good", 1, "F13")
_script("closes-between-two-questions", "seq~good~close~good", 1, "A19")
_script("fails-twice", "seq~html-502~html-502~good", 0, "F13", kind=Kind.UPSTREAM, says="502")
_script("fails-twice-and-is-well-again", "seq~html-502~html-502~good", 1, "F12")
_script("a-login-and-is-well-again", "seq~login-html~good", 1, "B2")
_script("well-until-it-is-reset", "after~2~rst", 2, "F13", kind=Kind.NETWORK, says="broke off")
_script("token-expires-while-running", "after~3~http-401", 3, "F3", kind=Kind.AUTH, says="refused the token")
_script("gone-between-page-and-click", "after~1~grafana-404", 1, "F8", kind=Kind.NOT_FOUND, says="no such data source")
_script("late-answer-of-another-question", "seq~early-hints~early-hints~good", 1)
_script("a-second-answer-lies-there", "seq~answer-after~good", 1)
_script("garbage-lies-there", "seq~garbage-after~good", 1)
_script("a-body-after-204", "seq~body-of-204~good", 1)
_script("a-warning-and-then-none", "seq~warnings~good", 1)
_script("garbage-and-then-good", "seq~key-twice-label~not-http~good", 1)


# Lists of data sources


class _Known:
    """An API whose answer is known already: the list that would have led to it did not come."""

    def __init__(self, api: Any, failure: SourceError) -> None:
        self.transport, self.base, self.credential, self._failure = api.transport, api.base, api.credential, failure

    def ask(self, query: Query, cancel: Cancel | None = None) -> Answer:
        raise self._failure


def _discovered(ground: Ground, double: Double, **more: Any) -> Discovery:
    grafana = GrafanaSettings("listed", double.url, Secret(more.pop("token", TOKEN)), **more)
    given = Settings(grafanas=(grafana,), timeout=ground.seconds)
    return connect(given, transport=ground.transport)


def _list(name: str, listing: Any, *rows: str, kind: Kind, says: str = "", do: str = "", **more: Any) -> None:
    """Registers a list that does not come, which is what becomes of every source behind it."""

    @situation(name, *rows, kind=kind, says=says, do=do, waits=kind is Kind.TIMEOUT)
    def show(ground: Ground) -> Iterator[Source]:
        with grafana_double({"good": "good"}, listing=listing) as double:
            found = _discovered(ground, double, **more)
            assert len(found.failures) == 1 and found.sources == ()
            good = ground.sources["good"]
            api: Any = _Known(good.api, found.failures[0][1])
            yield replace(good, id="listed/good", name="listed", api=api)


_ADDRESS = "Check that the address ends where Grafana begins"
_list("list-forbidden", "forbidden", "F6", kind=Kind.FORBIDDEN, says="(403)", do="GRAFANA_UIDS")
_list("list-with-a-wrong-token", "ok", "B9", kind=Kind.AUTH, says="refused the token", token="glsa_wrong0wrong")
_list("list-empty", [], "F5", kind=Kind.NOT_FOUND, says="lists no Prometheus", do="Add a Prometheus in Grafana")
_list(
    "list-of-logs-only",
    [{"uid": "a", "name": "a", "type": "loki"}],
    "F5",
    kind=Kind.NOT_FOUND,
    says="none of the type prometheus: loki",
)
_list("list-of-garbage", [1, None, "x"], kind=Kind.CONFIG, says="not as Grafana does", do=_ADDRESS)
_list("list-an-object", "status-error-bare", "F5", kind=Kind.CONFIG, says="not as Grafana does", do=_ADDRESS)
_list("list-null", "json-null", kind=Kind.CONFIG, says="not as Grafana does", do=_ADDRESS)
_list("list-a-login", "login-html", "B1", kind=Kind.LOGIN_PAGE, says="a web page", do=_ADDRESS)
_list("list-redirected", "redirect-host", "B3", kind=Kind.REDIRECT, says="do not follow", do=_ADDRESS)
_list("list-not-found", "html-404", "B12", kind=Kind.CONFIG, says="not Grafana's API (404)", do="/grafana")
_list("list-cut", "cut-json", kind=Kind.NOT_JSON, says="not with JSON", do=_ADDRESS)
_list("list-deep", "deep-json", kind=Kind.NOT_JSON, says="not with JSON", do=_ADDRESS)
_list("list-too-large", "endless", kind=Kind.TOO_LARGE, says="larger than")
_list("list-bomb", "gzip-bomb-of-one-piece", kind=Kind.TOO_LARGE, says="larger than")
_list("list-hangs", "hang", kind=Kind.TIMEOUT, says="No answer in")
_list("list-reset", "rst", kind=Kind.NETWORK, says="broke off", do="Try again")
_list("list-in-part", "part-206", kind=Kind.NOT_PROMETHEUS, says="Only a part")
_list("list-behind-502", "html-502", kind=Kind.UPSTREAM, says="502", do="Try again")


def _entry(uid: object, name: object = "x", **more: object) -> dict[str, object]:
    return {"uid": uid, "name": name, "type": "prometheus", **more}


def _entries(name: str, entries: list[object], listed: int, failures: int, *rows: str, **more: Any) -> None:
    """Registers a list with odd entries, of which so many are sources and so many are named as unusable."""

    @situation(name, *rows)
    def show(ground: Ground) -> Iterator[Source]:
        with grafana_double({"good": "good"}, listing=more.get("listing", entries)) as double:
            found = _discovered(ground, double, uids=more.get("uids", ()))
            assert (len(found.sources), len(found.failures)) == (listed, failures), found
            assert len({source.id for source in found.sources}) == len({s.name for s in found.sources}) == listed
            assert all(source.name.isprintable() and len(source.name) <= 150 for source in found.sources)
            yield next(source for source in found.sources if source.id == "listed/good")


_GOOD = _entry("good", "other")
_entries("list-with-one-uid-twice", [_GOOD, _entry("good", "twin"), _GOOD], 1, 0)
_entries("list-with-one-name-twice", [_GOOD, _entry("a", "other"), _entry("b", "other")], 3, 0)
_entries("list-of-ten-thousand", [_GOOD, *(_entry(f"u{n}", f"n{n}") for n in range(9_999))], 10_000, 0)
_entries(
    "list-with-odd-uids",
    [_GOOD, *(_entry(uid, f"n{uid}") for uid in (None, 5, ["a"], "a/../b", "", "ä", "x" * 41))],
    1,
    7,
)
_entries(
    "list-with-odd-types", [_GOOD, {**_GOOD, "uid": "a", "type": None}, {**_GOOD, "uid": "b", "type": ["x"]}], 1, 0
)
_entries(
    "list-with-odd-names", [_GOOD, _entry("a", None), _entry("b", 5), _entry("c", "\x00\n"), _entry("d", {})], 5, 0
)
_entries("list-with-hostile-names", [_GOOD, _entry("a", "<script>\x1b[31m\u202e![x](y)" + "z" * 10_000)], 2, 0)
_entries(
    "list-with-odd-settings",
    [_GOOD, _entry("a", "n", jsonData=[]), _entry("b", "m", jsonData={"timeInterval": 1})],
    3,
    0,
)
_entries("list-configured-instead", [], 1, 0, "F6", listing="forbidden", uids=(("good", "other"),))
_entries("list-configured-twice", [], 1, 0, listing="forbidden", uids=(("good", "other"), ("good", "twin")))
