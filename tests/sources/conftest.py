"""What the tests of the sources share: a double that shows every behaviour, and sources that ask it without delay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from lib.sources import Discovery, connect
from lib.sources.transport import Transport
from tests.double import TOKEN, Double, grafana_double

Connect = Callable[..., Discovery]


@pytest.fixture(scope="session")
def double() -> Iterator[Double]:
    """One data source per behaviour."""
    with grafana_double() as running:
        yield running


@pytest.fixture
def connected() -> Iterator[Connect]:
    """Connects to a double; `sleep` replaces the pause before a retry. Closes everything afterwards."""
    transports: list[Transport] = []

    def connect_to(double: Double, *, token: str = TOKEN, sleep: object = None, **settings: object) -> Discovery:
        def build(given: Settings, origins: object) -> Transport:
            transports.append(Transport(given, origins, sleep=sleep or (lambda seconds: None)))  # type: ignore[arg-type]
            return transports[-1]

        grafana = GrafanaSettings("double", double.url, Secret(token), uids=settings.pop("uids", ()))  # type: ignore[arg-type]
        watch: Any = settings.pop("watch", None)
        return connect(Settings(grafanas=(grafana,), **{"timeout": 5.0, **settings}), transport=build, watch=watch)  # type: ignore[arg-type]

    yield connect_to
    for transport in transports:
        transport.close()
