"""Finding data sources: what Grafana lists, what it may not list, and what a source is called."""

from __future__ import annotations

import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import Kind, SourceError
from lib.core.query import InstantQuery
from lib.core.result import Answer
from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings, PrometheusSettings
from lib.core.settings import Settings
from lib.sources import SOURCE_KINDS, connect, scrape_of
from lib.sources.grafana import source_of
from lib.sources.transport import Transport
from tests.double import TOKEN, grafana_double
from tests.sources.recorder import Recorder

QUESTION = InstantQuery("up", 1_770_000_000)
BASE = "https://example.org/grafana"


def test_the_kinds_of_data_sources_are_registered() -> None:
    assert set(SOURCE_KINDS) == {"grafana", "prometheus", "sample"}


def test_every_prometheus_of_a_grafana_is_found_and_nothing_else(connected) -> None:
    with grafana_double({"good": "nasa-veda", "slow": "2i2c"}) as double:
        discovery = connected(double)
    assert discovery.failures == ()
    assert [(source.id, source.name, source.kind) for source in discovery.sources] == [
        ("double/good", "nasa-veda", "grafana"),
        ("double/slow", "2i2c", "grafana"),
    ]
    assert {source.origin for source in discovery.sources} == {double.url}


SCRAPES = {
    "seconds": ("15s", 15),
    "minutes": ("2m", 120),
    "the longest that is believed": ("1h", 3600),
    "nothing": (None, 0),
    "an empty text": ("", 0),
    "a number": (60, 0),
    "a part of a second": ("500ms", 0),
    "words": ("now and then", 0),
    "longer than anybody scrapes": ("1d", 0),
}


def test_how_often_a_data_source_collects_values_is_read_from_its_settings_in_grafana(connected) -> None:
    names = {f"s{number}": name for number, name in enumerate(SCRAPES)}
    typed = {uid: SCRAPES[name][0] for uid, name in names.items()}
    with grafana_double(names, scrapes=typed) as double:
        sources = connected(double).sources
    assert {source.name: source.scrape for source in sources} == {
        name: seconds for name, (_, seconds) in SCRAPES.items()
    }
    assert scrape_of(sources[:2], 60) == 120  # the slowest of those that are asked
    assert scrape_of(sources[:1], 60) == 15  # which may be quicker than what is configured
    assert scrape_of([sources[0], sources[3]], 60) == 60  # what is configured stands for who says nothing
    assert scrape_of([], 60) == 60


def test_a_data_sources_own_address_is_neither_asked_nor_kept(connected) -> None:
    with grafana_double({"good": "good"}) as double:
        discovery = connected(double)
        assert isinstance(discovery.sources[0].ask(QUESTION), Answer)
        assert double.sink not in repr(discovery) + repr(discovery.sources[0].api)
        assert double.sink_log == []


@pytest.mark.parametrize("prefix", ["", "/grafana", "/a/b"])
def test_a_grafana_under_a_path_is_asked_under_that_path(connected, prefix: str) -> None:
    with grafana_double({"good": "good"}, prefix=prefix) as double:
        [source] = connected(double).sources
        assert isinstance(source.ask(QUESTION), Answer)
    assert [entry.path for entry in double.log] == [
        f"{prefix}/api/datasources",
        f"{prefix}/api/datasources/proxy/uid/good/api/v1/query",
    ]


def test_where_the_token_may_not_list_the_settings_name_the_data_sources(connected) -> None:
    with grafana_double({"good": "good"}, listing="forbidden") as double:
        [source] = connected(double, uids=(("good", "nasa-veda"),)).sources
        assert source.name == "nasa-veda"
        assert isinstance(source.ask(QUESTION), Answer)


def test_where_nothing_names_them_the_missing_permission_is_named(connected) -> None:
    with grafana_double({"good": "good"}, listing="forbidden") as double:
        discovery = connected(double)
    [(name, error)] = discovery.failures
    assert (name, error.kind, discovery.sources) == ("double", Kind.FORBIDDEN, ())
    assert "datasources:read" in error.hint
    assert "GRAFANA_UIDS" in error.hint


@pytest.mark.parametrize(
    ("listing", "kind"),
    [
        ("login-html", Kind.LOGIN_PAGE),
        ("html-404", Kind.CONFIG),
        ("json-null", Kind.CONFIG),
        ("not-json", Kind.NOT_JSON),
        ("empty-200", Kind.NOT_JSON),
        ("redirect", Kind.REDIRECT),
        ("rst", Kind.NETWORK),
        ("hang", Kind.TIMEOUT),
        ("html-502", Kind.UPSTREAM),
        ("json-list", Kind.NOT_FOUND),
    ],
)
def test_a_list_that_does_not_come_is_a_failure_with_a_reason(connected, listing: str, kind: Kind) -> None:
    with grafana_double({"good": "good"}, listing=listing) as double:
        discovery = connected(double, timeout=0.5, uids=(("good", "good"),))
    [(name, error)] = discovery.failures
    assert (name, error.kind, discovery.sources) == ("double", kind, ())


def test_a_wrong_token_is_a_failure_of_its_own_kind(connected) -> None:
    with grafana_double({"good": "good"}) as double:
        [(_, error)] = connected(double, token="glsa_wrong0wrong").failures
    assert error.kind is Kind.AUTH
    assert "Invalid API key" in error.detail


def test_one_dead_grafana_does_not_hide_another() -> None:
    with grafana_double({"good": "good"}) as alive, grafana_double(listing="hang") as dead:
        grafanas = tuple(GrafanaSettings(name, it.url, Secret(TOKEN)) for name, it in (("a", dead), ("b", alive)))
        discovery = connect(Settings(grafanas=grafanas, timeout=0.5))
        assert [source.id for source in discovery.sources] == ["b/good"]
        assert [(name, error.kind) for name, error in discovery.failures] == [("a", Kind.TIMEOUT)]
        discovery.sources[0].api.transport.close()


def test_a_grafanas_name_is_added_only_where_two_clusters_have_the_same() -> None:
    with (
        grafana_double({"x": "same", "y": "own"}) as one,
        grafana_double({"x": "same", "z": "twin", "w": "twin"}) as two,
    ):
        grafanas = tuple(GrafanaSettings(name, it.url, Secret(TOKEN)) for name, it in (("A a", one), ("b", two)))
        servers = (PrometheusSettings("direct", "http://127.0.0.1:9"),)
        discovery = connect(Settings(grafanas=grafanas, prometheuses=servers))
        discovery.sources[0].api.transport.close()
    assert {source.id: source.name for source in discovery.sources} == {
        "A%20a/x": "same (A a)",
        "A%20a/y": "own",
        "b/x": "same (b)",
        "b/z": "twin (b) [b/z]",
        "b/w": "twin (b) [b/w]",
        "direct": "direct",
    }


def test_a_uid_that_cannot_stand_in_an_address_is_named_and_left_out(connected) -> None:
    with grafana_double({"good": "good", "a/../b": "odd"}) as double:
        discovery = connected(double)
    assert [source.name for source in discovery.sources] == ["good"]
    assert [(name, error.kind) for name, error in discovery.failures] == [("odd", Kind.CONFIG)]


def test_the_name_of_a_data_source_is_one_clean_line(connected) -> None:
    with grafana_double({"good": "a\n\x1b[31mb\u202e\x00 c" + "d" * 500}) as double:
        [source] = connected(double).sources
    assert source.name.startswith("a ⟨U+001B⟩[31mb⟨U+202E⟩⟨U+0000⟩ c")
    assert source.name.isprintable()
    assert len(source.name) <= 100


@given(st.one_of(st.text(max_size=60), st.text("/.%2eE?#&=\\\r\n aA0-_~", max_size=60)))
def test_no_uid_leads_out_of_the_proxy(uid: str) -> None:
    recorder = Recorder()
    grafana = GrafanaSettings("g", BASE, Secret(TOKEN))
    transport = Transport(Settings(), ["https://example.org"], adapter=recorder)
    try:
        source_of(grafana, uid, "name", transport).ask(QUESTION)
    except SourceError as error:
        assert error.kind is Kind.CONFIG or recorder.sent
    for request in recorder.sent:
        assert re.fullmatch(rf"{BASE}/api/datasources/proxy/uid/[A-Za-z0-9_-]{{1,40}}/api/v1/query", str(request.url))


@pytest.mark.parametrize(
    "uid", ["../../../../api/admin/settings?", "%2e%2e", "x\n", "x#", "x?y=", "..", ".", "", "a" * 41]
)
def test_known_tricks_with_uids_are_refused(uid: str) -> None:
    grafana = GrafanaSettings("g", BASE, Secret(TOKEN))
    with pytest.raises(SourceError) as caught:
        source_of(grafana, uid, "name", Transport(Settings(), ["https://example.org"], adapter=Recorder()))
    assert caught.value.kind is Kind.CONFIG


def test_a_credential_label_is_random_lasts_and_says_nothing(connected) -> None:
    with grafana_double({"good": "good"}) as double:
        settings = Settings(grafanas=(GrafanaSettings("g", double.url, Secret(TOKEN)),))
        again = Settings(grafanas=(GrafanaSettings("g", double.url, Secret(TOKEN)),))
        found = [connect(each) for each in (settings, settings, again)]
        for discovery in found:
            discovery.sources[0].api.transport.close()
    first, second, third = (discovery.sources[0].credential_id for discovery in found)
    assert first == second != third
    assert len(first) >= 16


def test_a_source_does_not_show_or_give_away_its_token(connected) -> None:
    with grafana_double({"good": "good"}) as double:
        [source] = connected(double).sources
    assert TOKEN not in repr(source) + repr(source.api)
    with pytest.raises(TypeError):
        pickle.dumps(source)


def test_without_settings_the_sample_serves() -> None:
    discovery = connect(Settings())
    assert {source.kind for source in discovery.sources} == {"sample"}
    assert len({source.name for source in discovery.sources}) == len(discovery.sources) > 1
    assert isinstance(discovery.sources[0].ask(InstantQuery("vector(1)", 1_770_000_000)), Answer)
    assert discovery.sources[0].credential_id == connect(Settings()).sources[0].credential_id
