"""The connection check on the page Sources: every fault has a sentence and a next step of its own."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.sources import connections, transport
from lib.sources.grafana import LISTING_SECONDS
from lib.ui import asking
from lib.ui.connections import CHECK_SECONDS
from tests.double import TOKEN, Account, Double, grafana_double
from tests.faults.situations import certificates, context_of
from tests.pages.conftest import ROOT, forget
from tests.pages.test_pages import plain

# By the name of a Grafana: the behaviour of its list, and what the page says of it.
LISTS = {
    "an unknown token": ("http-401", "refused the token", "may have expired; make a new one"),
    "an expired token": ("http-401-expired", "says that the token is expired (401)", "Make a new one"),
    "a revoked token": ("http-401-revoked", "says that the token is revoked (401)", "Make a new one"),
    "a missing permission": ("forbidden", "(403)", "lacks the permission datasources:read"),
    "a 403 of something before it": ("http-403-page", "(403)", "needs the role Viewer"),
    "a login page": ("login-html", "a web page, perhaps a login", "ends where Grafana begins"),
    "a redirect to the login": ("redirect", "asks for a login", "ends where Grafana begins"),
    "a redirect elsewhere": ("redirect-host", "sends us to another address", "ends where Grafana begins"),
    "a wrong sub-path": ("html-404", "not Grafana's API (404)", "ends where Grafana begins"),
    "no Grafana, but JSON": ("json-null", "not as Grafana does", "ends where Grafana begins"),
    "no Grafana, and no JSON": ("not-json", "not with JSON", "ends where Grafana begins"),
    "http on https": ("http-on-https", "wants https", "Begin the address with https://"),
    "a list that never comes": ("hang", "No answer in 1.5 s", "may be busy or down"),
    "a connection that breaks off": ("rst", "broke off", "Try again in a minute"),
    "a list with nothing in it": ("json-list", "lists no Prometheus", "let the token query the one"),
    "too many questions": ("rate-429-bare", "too many questions (429)", "Try again in a minute"),
    "a Grafana that is down": ("html-502", "(502)", "Try again in a minute"),
}
# By the name of a Grafana whose address is at fault.
ADDRESSES = {
    "a name that nobody knows": ("No host of that name", "typing error"),
    "nobody listens": ("cannot be reached", "VPN"),
    "a firewall": ("No connection in 0.3 s", "firewall"),
    "signed by itself": ("signed by itself", "HUBSCOPE_CA_BUNDLE"),
    "expired certificate": ("certificate has expired", "HUBSCOPE_CA_BUNDLE"),
    "another name": ("certificate is for another", "HUBSCOPE_CA_BUNDLE"),
    "https on http": ("No encrypted connection", "http:// or https://"),
    "only a log source": ("none of the type prometheus: loki", "Add a Prometheus in Grafana"),
}
# By the uid of a data source behind a Grafana that answers: what it says of it.
SOURCES = {
    "upstream-401": ("Grafana's own password for this data source is wrong", "whoever runs that Grafana"),
    "refused": ("could not get an answer from this data source (502)", "Try again in a minute"),
    "grafana-500": ("could not get an answer from this data source (500)", "Try again in a minute"),
    "empty-504": ("gave up waiting for this data source", "may be busy or down"),
    "grafana-404": ("knows no such data source", "Load the list"),
    "http-403": ("(403)", "lacks the permission datasources:query"),
    "hang": ("No answer in 1.5 s", "may be busy or down"),
    "json-list": ("not one that Prometheus gives", "that of a Prometheus"),
    "fast-clock": ("Its clock is 10 min ahead of this server's", "NTP"),
    "slow-clock": ("Its clock is 2 h behind this server's", "NTP"),
}
# What may be said in the same words: the same happened, there to a list and here to an answer.
SAME = {"a list that never comes", "a missing permission", "json-list"}

Boxes = Mapping[str, str]
Open = Callable[..., AppTest]


def boxes(app: AppTest) -> dict[str, str]:
    """The texts of each box on the page, by the name it begins with."""
    found: dict[str, list[str]] = {}
    name = ""
    for element in app.main:
        value = getattr(element, "value", None)
        if element.type not in ("markdown", "caption", "code") or not isinstance(value, str):
            name = name if element.type in ("flex_container", "vertical", "horizontal", "unknown", "block") else ""
            continue
        if heading := re.fullmatch(r"\*\*(.+)\*\*", value):
            name = plain(heading[1])
            found.setdefault(name, [])
        elif name:
            found[name].append(plain(value).replace("`", ""))
    return {each: "\n".join(said) for each, said in found.items()}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, str], Path]]:
    """The address of a Grafana for every fault, and a file of the authorities that are trusted."""
    bundle = tmp_path_factory.mktemp("trusted") / "ca.pem"
    bundle.write_text("".join((certificates() / f"{name}.pem").read_text() for name in ("expired", "other")))
    with contextlib.ExitStack() as stack:

        def double(**options: Any) -> str:
            return stack.enter_context(grafana_double(**{"sources": {"good": "good"}, **options})).url

        def tls(name: str) -> str:
            return double(tls=context_of(name))

        taken, deaf = (stack.enter_context(socket.socket()) for _ in range(2))
        for each in (taken, deaf):
            each.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(2):  # the queue is full, so the kernel drops what comes next
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        yield (
            {name: double(listing=listing) for name, (listing, _, _) in LISTS.items()}
            | {
                "a name that nobody knows": "http://nowhere.example",
                "nobody listens": f"http://127.0.0.1:{taken.getsockname()[1]}",
                "a firewall": f"http://127.0.0.1:{deaf.getsockname()[1]}",
                "signed by itself": tls("good"),
                "expired certificate": tls("expired"),
                "another name": tls("other"),
                "https on http": double().replace("http:", "https:"),
                "only a log source": double(types={"good": "loki"}),
                "sound": double(sources={uid: uid for uid in (*SOURCES, "good")}),
            },
            bundle,
        )


@pytest.fixture(scope="module")
def shown(served: tuple[dict[str, str], Path]) -> Iterator[Boxes]:
    """The boxes on the page when every fault is there at once."""
    urls, bundle = served
    resolve = socket.getaddrinfo

    def unknown(host: object, *more: Any, **others: Any) -> Any:
        if host == "nowhere.example":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *more, **others)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", unknown)
        patch.setattr(asking, "PATIENCE", 60.0)
        for module in (connections, transport):
            patch.setattr(module, "CONNECT_SECONDS", 0.3)
        patch.setenv("HUBSCOPE_TIMEOUT", "1.5")
        patch.setenv("HUBSCOPE_CA_BUNDLE", str(bundle))
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        app.secrets["grafana"] = [{"name": name, "url": url, "token": TOKEN} for name, url in urls.items()]
        app.switch_page("pages/sources.py")
        forget()
        app.run()
        assert not app.exception
        yield boxes(app)
        forget()


EXPECTED = {name: words for name, (_, *words) in LISTS.items()} | ADDRESSES | SOURCES


@pytest.mark.parametrize(("name", "words"), EXPECTED.items(), ids=EXPECTED)
def test_a_fault_is_told_with_what_to_do(shown: Boxes, name: str, words: tuple[str, ...]):
    for each in words:
        assert each in shown[name]


def test_no_two_faults_are_told_in_the_same_words(shown: Boxes):
    told = {name: text for name, text in shown.items() if name in EXPECTED and name not in SAME}
    assert len(told) == len(EXPECTED) - len(SAME)
    assert len(set(told.values())) == len(told)


def test_nobody_waits_longer_than_ten_seconds_for_a_fault_to_be_told():
    assert LISTING_SECONDS + 0.5 < 10 and CHECK_SECONDS + 0.5 < 10  # lists and answers; all are asked side by side


def test_what_answers_is_no_trouble(shown: Boxes):
    assert {"good", "sound"}.isdisjoint(shown)


def test_a_refused_token_comes_with_the_way_to_a_new_one(shown: Boxes, served: tuple[dict[str, str], Path]):
    for name in ("an unknown token", "an expired token", "a revoked token", "a missing permission"):
        assert f"({served[0][name]}/org/serviceaccounts)" in shown[name]
    assert "serviceaccounts" not in shown["a login page"]


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens the page with one Grafana."""

    def visit(double: Double, **settings: str) -> AppTest:
        given = {"GRAFANA_URL": double.url, "GRAFANA_TOKEN": TOKEN, "GRAFANA_NAME": "north", **settings}
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        forget()
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        app.switch_page("pages/sources.py").run()
        assert not app.exception and not app.error
        return app

    yield visit
    forget()


def captions(app: AppTest) -> str:
    return plain("\n".join(caption.value for caption in app.main if caption.type == "caption"))


NOTES = {
    "a Viewer": (Account("Viewer"), None, "north has the role Viewer"),
    "an Editor": (Account("Editor"), "can change things in Grafana, as the role Editor can", "the role Editor"),
    "an Admin": (
        Account("Admin", days=(90,)),
        "as the role Admin can (datasources:write)",
        "the role Admin, valid until",
    ),
    "one that ends soon": (Account("Viewer of accounts", days=(3.5,)), "The token expires in 3 days", "valid until"),
    "one that ends today": (Account("Viewer of accounts", days=(0.5,)), "expires in less than a day", "valid until"),
    "one that ends in a month": (Account("Viewer of accounts", days=(30,)), None, "the role Viewer, valid until"),
    "one that is not told of": (Account(behaviour="http-403"), None, ""),
    "one behind an old Grafana": (None, None, ""),
}


@pytest.mark.parametrize(("account", "warning", "line"), NOTES.values(), ids=NOTES)
def test_what_grafana_tells_of_the_token_is_said_and_nothing_else(look: Open, account, warning, line):
    with grafana_double({"good": "good"}, account=account) as double:
        app = look(double)
        found = boxes(app)
        assert ("north" in found) == bool(warning)
        if warning:
            assert warning in found["north"] and "make a new one" in found["north"].lower()
            assert f"({double.url}/org/serviceaccounts)" in found["north"]
        assert ("Tokens:" in captions(app)) == bool(line) and line in captions(app)
        assert {entry.method for entry in double.log if not entry.uid} == {"GET"}


def test_the_clock_of_grafana_itself_is_looked_at_too(look: Open):
    with grafana_double({"good": "good"}, account=Account(), clock=-300) as double:
        assert "Its clock is 5 min behind this server's" in boxes(look(double))["north"]


def test_a_token_that_is_rotated_in_its_file_is_used_without_a_restart(look: Open, tmp_path: Path):
    path, other = tmp_path / "token", "glsa_other0other0other0"
    path.write_text(TOKEN)
    with grafana_double({"good": "good"}, tokens=(other,), account=Account()) as double:
        app = look(double, GRAFANA_TOKEN="", GRAFANA_TOKEN_FILE=str(path))
        assert {entry.authorization for entry in double.log} == {f"Bearer {TOKEN}"}
        double.log.clear()
        (tmp_path / "new").write_text(f"{other}\n")
        (tmp_path / "new").replace(path)
        app.run()
        assert not app.exception and not app.error
        assert {entry.authorization for entry in double.log} == {f"Bearer {other}"}
        path.write_text("")
        app.run()
        assert "The token from before is still in use" in boxes(app)["north"]
