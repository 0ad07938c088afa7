"""Nothing but reads is ever sent: the paths that are asked for are listed, and every other one is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import Kind, SourceError
from lib.core.secret import Secret
from lib.core.settings import Settings
from lib.sources.exchange import Credential, Request
from lib.sources.paths import is_read
from lib.sources.transport import Transport
from tests.double import TOKEN
from tests.sources.recorder import Recorder

ORIGIN = "https://grafana.example.org"
PROXY = "/api/datasources/proxy/uid/abc-1"
READS = [
    ("GET", "/api/datasources"),
    ("GET", "/grafana/api/datasources"),
    ("GET", "/a/b.c/api/search"),
    ("GET", "/api/dashboards/uid/abc-1"),
    ("GET", "/api/access-control/user/permissions"),
    ("GET", "/api/user"),
    ("GET", "/api/serviceaccounts/14/tokens"),
    ("GET", f"{PROXY}/api/v1/labels"),
    ("GET", f"{PROXY}/api/v1/label/__name__/values"),
    ("GET", f"{PROXY}/api/v1/metadata"),
    ("GET", f"{PROXY}/api/v1/query"),
    ("POST", f"{PROXY}/api/v1/query_range"),
    ("POST", "/prometheus/api/v1/query"),
]
OTHERS = [
    ("POST", "/api/datasources"),
    ("PUT", "/api/user"),
    ("DELETE", "/api/serviceaccounts/14/tokens"),
    ("DELETE", "/api/datasources/uid/abc-1"),
    ("PATCH", "/api/org/preferences"),
    ("HEAD", "/api/datasources"),
    ("get", "/api/datasources"),
    ("GET", "/"),
    ("GET", "/api/admin/settings"),
    ("GET", "/api/admin/users"),
    ("GET", "/api/org/users"),
    ("GET", "/api/datasources/"),
    ("GET", "/api/serviceaccounts/14"),
    ("POST", "/api/serviceaccounts/14/tokens"),
    ("GET", "/api/serviceaccounts/../admin/tokens"),
    ("GET", f"{PROXY}/api/v1/status/flags"),
    ("GET", f"{PROXY}/api/v1/admin/tsdb/snapshot"),
    ("POST", f"{PROXY}/api/v1/admin/tsdb/delete_series"),
    ("POST", f"{PROXY}/-/reload"),
    ("GET", "/api/datasources/proxy/uid/../../api/v1/query"),
    ("GET", "/../api/datasources"),
    ("GET", "/./api/datasources"),
    ("GET", "//api/datasources"),
    ("GET", "/api/datasources\n"),
    ("GET", "/api%2fdatasources"),
]


def sent(method: str, path: str) -> list[object]:
    """What leaves for a path. Fails unless whatever does not leave is refused as something that is never asked for."""
    recorder = Recorder()
    transport = Transport(Settings(), [ORIGIN], adapter=recorder)
    try:
        transport.send(Request(method, ORIGIN + path, Credential(ORIGIN, Secret(TOKEN))))
    except SourceError as error:
        assert error.kind is Kind.CONFIG
    return list(recorder.sent)


@pytest.mark.parametrize(("method", "path"), READS)
def test_a_listed_read_is_sent(method: str, path: str):
    assert is_read(method, path) and len(sent(method, path)) == 1


@pytest.mark.parametrize(("method", "path"), OTHERS)
def test_whatever_is_not_listed_is_refused_before_it_is_sent(method: str, path: str):
    assert not is_read(method, path)
    assert sent(method, path) == []


METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
PIECES = st.sampled_from(
    [
        *"/;?#",
        ".",
        "..",
        "//",
        "%2f",
        "api",
        "datasources",
        "proxy",
        "uid",
        "x",
        "v1",
        "query",
        "admin",
        "user",
        "tokens",
    ]
)


@given(METHODS, st.lists(PIECES, max_size=12).map("/".join))
def test_nothing_leaves_that_is_not_listed(method: str, path: str):
    for request in sent(method, f"/{path}"):
        assert method in ("GET", "POST")
        assert is_read(method, str(request.path_url).partition("?")[0])  # type: ignore[attr-defined]
