"""The running apps that tests of the browser share: one over the sample, one over a real Prometheus behind Grafana."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.double import Double, grafana_double
from tests.e2e.app import App, serve_app
from tests.e2e.asked import CLUSTERS, SampleServer, Upstream, settings_of


@pytest.fixture(scope="session")
def sample_app() -> Iterator[App]:
    """The app with nothing configured."""
    with serve_app({}) as app:
        yield app


@pytest.fixture(scope="session")
def grafana(prometheus: Mapping[str, str]) -> Iterator[Double]:
    """A Grafana with two clusters, each a real Prometheus."""
    addresses = {uid: prometheus[name] for uid, name in CLUSTERS.items()}
    with grafana_double(CLUSTERS, upstream=addresses) as double:
        yield double


@pytest.fixture(scope="session")
def grafana_app(grafana: Double) -> Iterator[App]:
    """The app over that Grafana."""
    with serve_app(settings_of(grafana)) as app:
        yield app


@pytest.fixture(scope="session")
def sample_server() -> Iterator[SampleServer]:
    """The sample over HTTP, as `python -m lib.sample` serves it."""
    with SampleServer.running() as server:
        yield server


@pytest.fixture(params=["sample", pytest.param("grafana", marks=pytest.mark.prometheus)])
def upstream(request: pytest.FixtureRequest) -> Upstream:
    """What answers: the sample, or real Prometheus servers behind a Grafana. `upstream.app` is the app that asks it."""
    if request.param == "sample":
        return Upstream(request.getfixturevalue("sample_app"), request.getfixturevalue("sample_server"))
    return Upstream(request.getfixturevalue("grafana_app"), request.getfixturevalue("grafana"))
