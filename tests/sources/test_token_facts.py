"""What Grafana tells of its token, and that nothing is made up where it does not tell."""

from __future__ import annotations

import time

import pytest

from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from lib.sources.token_facts import TokenFacts, token_facts
from lib.sources.transport import Transport
from tests.double import Account, Double, grafana_double

DAY = 86_400


def told(double: Double, token: str = "") -> TokenFacts:
    """What is found out about the token of a double."""
    transport = Transport(Settings(), [double.url.removesuffix("/grafana")], sleep=lambda seconds: None)
    try:
        return token_facts(GrafanaSettings("g", double.url, Secret(token or double.token)), transport, 0.5)
    finally:
        transport.close()


@pytest.mark.parametrize(
    ("role", "called", "change"),
    [
        ("Viewer", "Viewer", ""),
        ("Viewer of accounts", "Viewer", ""),
        ("Editor", "Editor", "alert.rules:write"),
        ("Admin", "Admin", "datasources:write"),
    ],
)
def test_the_role_is_read_from_the_permissions(role: str, called: str, change: str):
    with grafana_double({}, account=Account(role), prefix="/grafana") as double:
        facts = told(double)
        assert (facts.role, facts.change) == (called, change)


def test_a_viewer_is_asked_about_once_and_only_with_get():
    with grafana_double({}, account=Account("Viewer", days=(3,))) as double:
        assert told(double) == TokenFacts("Viewer")
        assert [(entry.method, entry.path) for entry in double.log] == [("GET", "/api/access-control/user/permissions")]


EXPIRIES = {
    "one token": ((3.0,), 3.0),
    "one that never ends": ((None,), None),
    "one, and others that have expired": ((-2.0, 5.5, -1.0), 5.5),
    "several, of which ours may be any": ((3.0, 30.0), None),
    "none that is valid": ((-1.0,), None),
    "none at all": ((), None),
}


@pytest.mark.parametrize(("days", "left"), EXPIRIES.values(), ids=EXPIRIES)
def test_when_it_expires_is_known_where_its_account_has_one_valid_token(days, left):
    with grafana_double({}, account=Account("Viewer of accounts", days=days)) as double:
        expires = told(double).expires
    assert (expires is None) == (left is None)
    if expires is not None:
        assert abs(expires - time.time() - left * DAY) < 60


def test_a_grafana_that_does_not_name_service_accounts_does_not_tell_when_it_expires():
    with grafana_double({}, account=Account("Admin", days=(3,), identified=False)) as double:
        assert told(double).expires is None and told(double).role == "Admin"


BEHAVIOURS = (
    "http-403 html-404 text-404 grafana-500 html-502 login-html redirect not-json json-null json-list json-string"
)


@pytest.mark.parametrize("behaviour", [*BEHAVIOURS.split(), "empty-200", "deep-json", "hang", "rst", "http-401"])
def test_whatever_else_comes_is_not_telling(behaviour: str):
    with grafana_double({}, account=Account(behaviour=behaviour)) as double:
        assert told(double) == TokenFacts()


def test_a_grafana_without_these_routes_does_not_tell_and_a_wrong_token_is_told_nothing():
    with grafana_double({}) as old, grafana_double({}, account=Account("Admin")) as new:
        assert told(old) == told(new, "glsa_wrong0wrong0wrong") == TokenFacts()


@pytest.mark.parametrize("seconds", [0.0, 600.0, -7200.0])
def test_how_its_clock_goes_is_read_from_its_date(seconds: float):
    with grafana_double({}, account=Account(), clock=seconds) as double:
        assert abs(told(double).ahead - seconds) < 5
