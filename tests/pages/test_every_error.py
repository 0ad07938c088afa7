"""A cluster that fails, in every way that one can, beside two that answer: the page says why and what to do."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping

import pytest
from streamlit.testing.v1 import AppTest

from lib.core.errors import Kind, SourceError
from lib.sources.failures import DOWN
from lib.ui.messages import reason
from tests.double import grafana_double
from tests.faults.cases import SENTENCES
from tests.faults.situations import no_address, resolver
from tests.pages.conftest import ROOT, forget
from tests.pages.test_pages import charts, downloads, texts

# One fault of each kind that a server can cause, by the name of the double's behaviour.
OF_GRAFANA: dict[Kind, str] = {
    Kind.NETWORK: "rst-mid-body",
    Kind.TIMEOUT: "hang",
    Kind.TOO_LARGE: "endless",
    Kind.REDIRECT: "redirect",
    Kind.LOGIN_PAGE: "login-html",
    Kind.AUTH: "http-401",
    Kind.FORBIDDEN: "http-403",
    Kind.NOT_FOUND: "grafana-404",
    Kind.CONFIG: "html-404",
    Kind.RATE_LIMITED: "rate-429-long",
    Kind.UPSTREAM: "grafana-500",
    Kind.UPSTREAM_AUTH: "upstream-401",
    Kind.UPSTREAM_TIMEOUT: "query-timeout",
    Kind.QUERY: "many-to-many",
    Kind.QUERY_COST: "too-many-samples",
    Kind.BAD_REQUEST: "http-418",
    Kind.NOT_JSON: "key-twice-label",
    Kind.NOT_PROMETHEUS: "time-off-grid",
}
# Those for which there has to be no Grafana, or none that speaks TLS.
OF_THE_WAY = {Kind.DNS: "http://nowhere.example", Kind.TLS: ""}
GROUPS = [tuple(OF_GRAFANA)[first : first + 5] for first in range(0, len(OF_GRAFANA), 5)]  # as many as a page names
GOOD = {"north": "north", "south": "south"}
# What comes from this app itself.
NOBODY_ELSE = (Kind.BUSY, Kind.CANCELLED, Kind.PENDING, Kind.NO_TOKEN, Kind.RESTING, Kind.REPLACED)

Visit = Callable[..., AppTest]


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    """Opens a page of the app over these settings."""

    def open_page(settings: Mapping[str, str], page: str = "presets") -> AppTest:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        forget()
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        if page != "presets":
            app.switch_page(f"pages/{page}.py")
        return app.run()

    yield open_page
    forget()


def settings_of(double, **more: str) -> dict[str, str]:
    return {"GRAFANA_URL": double.url, "GRAFANA_TOKEN": double.token, "HUBSCOPE_TIMEOUT": "3", **more}


def check(app: AppTest, failed: Mapping[Kind, str]) -> None:
    """The good clusters are drawn, the others named with a reason, a sentence and a next step, and no more is told."""
    assert [problem.value for problem in app.exception] == []
    assert len(charts(app)) == 1 and downloads(app)
    told = texts(app)
    for kind, cluster in failed.items():
        says, do = SENTENCES[kind]
        assert f"**{cluster}**: {reason(SourceError(kind, ''))}" in told, kind
        assert says in told and do in told, kind
    assert f"{len(GOOD)} of {len(GOOD) + len(failed)} clusters answered" in badges(app)
    assert "left out, not counted as zero" in told
    assert "Traceback" not in told and "glsa_" not in told


def badges(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in app.markdown)


def test_there_is_a_fault_for_every_kind_that_a_server_can_cause() -> None:
    assert {*OF_GRAFANA, *OF_THE_WAY, *NOBODY_ELSE} == set(Kind)


@pytest.mark.parametrize("kinds", GROUPS, ids=" ".join)
def test_each_error_is_a_sentence_and_a_next_step_beside_the_answers_of_the_others(visit: Visit, kinds) -> None:
    failed = {kind: OF_GRAFANA[kind] for kind in kinds}
    with grafana_double(GOOD | {uid: uid for uid in failed.values()}) as double:
        check(visit(settings_of(double)), failed)
        assert double.sink_log == []


def test_a_name_without_address_is_said_beside_the_answers_of_the_others(visit: Visit) -> None:
    with grafana_double(GOOD) as double, resolver(lambda: no_address(socket.EAI_NONAME)):
        more = {"PROMETHEUS_URL": "http://nowhere.example", "PROMETHEUS_NAME": "lost"}
        app = visit(settings_of(double, **more))
    check(app, {Kind.DNS: "lost"})
    assert "No host of that name is known." in texts(app) and "Check the address for a typing error." in texts(app)


def test_a_connection_that_cannot_be_secured_is_said_beside_the_answers_of_the_others(visit: Visit) -> None:
    with grafana_double(GOOD) as double:
        more = {"PROMETHEUS_URL": double.url.replace("http:", "https:"), "PROMETHEUS_NAME": "plain"}
        app = visit(settings_of(double, **more))
    check(app, {Kind.TLS: "plain"})
    assert "No encrypted connection could be agreed on." in texts(app) and "TLS 1.2 is the oldest" in texts(app)


def test_when_nobody_answers_the_page_says_why_and_offers_no_file(visit: Visit) -> None:
    with grafana_double({"login-html": "north", "http-401": "south"}) as double:
        app = visit(settings_of(double))
    assert [problem.value for problem in app.exception] == []
    assert charts(app) == [] and downloads(app) == []
    told = texts(app)
    assert "No cluster answered." in told
    for kind in (Kind.LOGIN_PAGE, Kind.AUTH):
        assert all(words in told for words in SENTENCES[kind])


def test_a_warning_is_shown_with_its_cluster_and_the_answer_counts_as_incomplete(visit: Visit) -> None:
    with grafana_double(GOOD | {"warnings": "thanos", "warnings-hostile": "hostile"}) as double:
        app = visit(settings_of(double))
    assert [problem.value for problem in app.exception] == []
    assert "thanos: store eu-1 did not answer" in texts(app)
    assert "<script>alert(1)</script>" in texts(app)  # as text: what is markdown has lost its meaning
    (caption,) = [caption.value for caption in app.caption if "script" in caption.value]
    assert "`![x](http://x/)`" in caption  # as code, which nobody follows


# What the double does to a range query only would be another fault for the one moment that this page asks about.
AT_ONE_MOMENT = {Kind.NOT_PROMETHEUS: "null-value"}


@pytest.mark.parametrize("kinds", GROUPS, ids=" ".join)
def test_the_page_of_sources_says_the_same(visit: Visit, kinds) -> None:
    failed = {kind: (OF_GRAFANA | AT_ONE_MOMENT)[kind] for kind in kinds}
    with grafana_double(GOOD | {uid: uid for uid in failed.values()}) as double:
        app = visit(settings_of(double), "sources")
    assert [problem.value for problem in app.exception] == []
    told = texts(app)
    for kind in failed:
        says, do = SENTENCES[kind]
        assert says in told, kind
        # A question about one moment has no range that could be shorter.
        narrower = kind is Kind.TOO_LARGE or "shorter range" in do
        assert (DOWN if narrower else do) in told, kind
