"""The dashboards of a Grafana: listed, fetched, and what is said when it does not let us."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lib.core.errors import Kind, PresetError, SourceError
from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from lib.sources.dashboards import ListedDashboard, fetch_dashboard, list_dashboards
from lib.sources.exchange import origin_of
from lib.sources.transport import Transport
from tests.double import TOKEN, Double, grafana_double

PANEL = {"id": 3, "title": "Users", "datasource": {"type": "prometheus"}, "targets": [{"expr": "up"}]}
DASHBOARDS = {
    "jhgd": {"title": "Activity\n", "uid": "jhgd", "panels": [PANEL]},
    "new": {"title": "New form", "elements": {}},
    "a/b": {"title": "Not in an address"},
    "login": "login-html",
    "endless": "endless",
    "list": "json-list",
}


@pytest.fixture(scope="module")
def double() -> Iterator[Double]:
    with grafana_double({}, dashboards=DASHBOARDS, prefix="/grafana") as running:
        yield running


def asked(double: Double, token: str = TOKEN) -> tuple[GrafanaSettings, Transport]:
    grafana = GrafanaSettings("double", double.url, Secret(token))
    settings = Settings(grafanas=(grafana,), timeout=5.0, max_bytes=1_000_000)
    return grafana, Transport(settings, [origin_of(double.url)], sleep=lambda seconds: None)


def test_the_dashboards_that_the_token_may_see_are_listed(double) -> None:
    found = list_dashboards(*asked(double))
    assert found[0] == ListedDashboard("jhgd", "Activity", "Hubs")
    assert "a/b" not in {each.uid for each in found}
    assert double.log[-1].asked.target == "/grafana/api/search?type=dash-db&limit=1000"


def test_a_dashboard_is_fetched_by_its_uid_and_leads_back(double) -> None:
    grafana, transport = asked(double)
    [preset] = fetch_dashboard(grafana, "jhgd", transport).presets
    assert preset.upstream.url == f"{double.url}/d/jhgd?viewPanel=3"
    assert double.log[-1].path == "/grafana/api/dashboards/uid/jhgd"


@pytest.mark.parametrize("uid", ["", "a/b", "..", "x" * 41, "a?b", "jhgd\n"])
def test_what_is_no_uid_is_never_sent(double, uid) -> None:
    grafana, transport = asked(double)
    before = len(double.log)
    with pytest.raises(SourceError, match="not the uid"):
        fetch_dashboard(grafana, uid, transport)
    assert len(double.log) == before


FAILURES = {
    "gone": ("gone", Kind.NOT_FOUND, "no such dashboard"),
    "a login page": ("login", Kind.LOGIN_PAGE, "web page"),
    "without an end": ("endless", Kind.TOO_LARGE, "larger"),
}


@pytest.mark.parametrize(("uid", "kind", "words"), FAILURES.values(), ids=FAILURES)
def test_a_dashboard_that_does_not_come_is_a_sentence(double, uid, kind, words) -> None:
    grafana, transport = asked(double)
    with pytest.raises(SourceError, match=words) as caught:
        fetch_dashboard(grafana, uid, transport)
    assert caught.value.kind is kind and caught.value.hint


@pytest.mark.parametrize("uid", ["new", "list"])
def test_what_is_no_dashboard_of_the_known_form_is_refused(double, uid) -> None:
    grafana, transport = asked(double)
    with pytest.raises(PresetError):
        fetch_dashboard(grafana, uid, transport)


def test_a_token_that_may_not_see_them_is_told_what_it_lacks() -> None:
    with grafana_double({}) as double:
        grafana, transport = asked(double)
        for ask in (lambda: list_dashboards(grafana, transport), lambda: fetch_dashboard(grafana, "x", transport)):
            with pytest.raises(SourceError, match="dashboards") as caught:
                ask()
            assert caught.value.kind is Kind.FORBIDDEN
            assert "dashboards:read" in caught.value.hint


def test_a_token_that_is_wrong_is_refused(double) -> None:
    with pytest.raises(SourceError) as caught:
        list_dashboards(*asked(double, token="glsa_wrong"))
    assert caught.value.kind is Kind.AUTH
