"""Names, labels and meanings of metrics: from every real server that speaks Prometheus' API, and from the sample."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from lib.core.errors import Kind, QueryError, SourceError
from lib.core.metadata import MetricInfo
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.sources import Source, connect
from tests.double import Double, grafana_double
from tests.prometheus_server import running_prometheus, running_victoria_metrics

NOW = int(time.time())
SPAN = (NOW - 3_600, NOW + 3_600)
SAMPLES = f"""# TYPE users gauge
# HELP users People on a hub.
users{{namespace="prod",period="24h"}} 3 {NOW - 60}
users{{namespace="staging",period="24h"}} 1 {NOW - 60}
# TYPE spawns counter
spawns_total{{namespace="prod",status="success"}} 7 {NOW - 60}
# EOF
"""
ENGINES = {"prometheus": running_prometheus, "victoria-metrics": running_victoria_metrics}


@pytest.fixture(scope="module", params=ENGINES)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    with ENGINES[request.param](SAMPLES) as url:
        yield url


@pytest.fixture(params=["direct", "behind a Grafana"])
def source(request: pytest.FixtureRequest, server: str, connected) -> Iterator[Source]:
    if request.param == "direct":
        (found,) = connect(Settings(prometheuses=(PrometheusSettings("direct", server),))).sources
        yield found
        found.api.transport.close()
        return
    with grafana_double({"good": "real"}, upstream=server) as double:
        yield connected(double).sources[0]


@pytest.mark.prometheus
def test_a_real_server_tells_names_labels_and_values(source: Source) -> None:
    assert source.label_values("__name__", "", *SPAN) == ("spawns_total", "users")
    assert source.label_names("", *SPAN) == ("__name__", "namespace", "period", "status")
    assert source.label_names("users", *SPAN) == ("__name__", "namespace", "period")
    assert source.label_values("namespace", "users", *SPAN) == ("prod", "staging")
    assert source.label_values("namespace", 'users{namespace!="prod"}', *SPAN) == ("staging",)
    assert set(source.label_names("nothing", *SPAN)) <= {"__name__"}  # which VictoriaMetrics says of anything


@pytest.mark.prometheus
def test_a_real_server_without_targets_has_no_meanings_and_that_is_no_error(source: Source) -> None:
    assert source.metadata() == {}


@pytest.fixture
def sample() -> Iterator[Source]:
    found = connect(Settings()).sources
    yield found[0]
    found[0].api.transport.close()


def test_the_sample_tells_a_meaning_for_every_metric_it_has(sample: Source) -> None:
    names, families = sample.label_values("__name__", "", *SPAN), sample.metadata()
    members = ("_bucket", "_sum", "_count")
    told = {name for name in names if any(name.removesuffix(end) in families for end in ("", *members))}
    assert told == set(names)
    assert families["jupyterhub_active_users"].type == "gauge"
    assert [name for name, info in families.items() if len(info.help) < 10] == ["up"]  # it has no target to explain it


def test_the_sample_tells_labels_of_a_metric(sample: Source) -> None:
    assert {"__name__", "namespace", "period"} <= set(sample.label_names("jupyterhub_active_users", *SPAN))


def named(connected, double: Double, name: str) -> Source:
    return next(source for source in connected(double).sources if source.name == name)


def test_labels_and_meanings_are_asked_with_get(double: Double, connected) -> None:
    good = named(connected, double, "good")
    assert good.label_names('up{a="b"}', 60, 120) == ("__name__", "namespace")
    asked = double.asked("good")[-1].asked
    assert (asked.method, asked.path.rpartition("/api/v1/")[2]) == ("GET", "labels")
    times = {"start": "60", "end": "120"}
    assert asked.form == {"match[]": 'up{a="b"}', **times, "limit": "100001", "timeout": "4000ms"}
    assert good.metadata() == {"up": MetricInfo("gauge", "Whether the target answered.")}
    assert double.asked("good")[-1].method == "GET"


def test_a_selector_that_is_none_is_refused_here(double: Double, connected) -> None:
    with pytest.raises(QueryError):
        named(connected, double, "good").label_names("  ", 60, 120)


@pytest.mark.parametrize("uid", ["parse-error", "text-404", "http-405"])
def test_a_server_that_has_no_meanings_is_no_error(double: Double, connected, uid: str) -> None:
    assert named(connected, double, uid).metadata() == {}


@pytest.mark.parametrize(
    ("uid", "kind"),
    [
        ("login-html", Kind.LOGIN_PAGE),
        ("not-json", Kind.NOT_JSON),
        ("http-403", Kind.FORBIDDEN),
        ("close", Kind.NETWORK),
    ],
)
def test_a_server_that_cannot_be_asked_is_an_error(double: Double, connected, uid: str, kind: Kind) -> None:
    source = named(connected, double, uid)
    for ask in (source.metadata, lambda: source.label_names("up", 60, 120)):
        with pytest.raises(SourceError) as caught:
            ask()
        assert caught.value.kind is kind
