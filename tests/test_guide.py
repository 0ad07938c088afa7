"""Beside 2i2c's guide: the same token, the same data sources, the same query, and the same values at the same instants.

The guide (docs.2i2c.org/admin/howto/monitoring/prometheus-access) asks Grafana's proxy with prometheus-pandas, from
"1 month ago" to now with a step of a day. So its days begin at whatever time of day it runs; ours begin at midnight.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dateparser
import pandas as pd
import pytest
import requests
from prometheus_pandas.query import Prometheus

from lib.core.merging import merge
from lib.core.query import RangeQuery
from lib.core.question import Moments, Question
from lib.core.result import Result
from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from lib.core.time_range import DAY, TimeRange
from lib.core.time_text import resolve
from lib.sources import Discovery, ask_all, connect
from lib.sources.transport import Transport
from tests.double import Double, grafana_double
from tests.e2e import hubs
from tests.prometheus_server import running_prometheus

pytestmark = pytest.mark.prometheus
NOW = datetime(2026, 3, 14, 14, 2, 30, tzinfo=UTC)
QUERY = 'max(jupyterhub_active_users{period="24h"}) by (namespace)'
CLUSTER = "alpha"


@pytest.fixture(scope="module")
def grafana() -> Iterator[Double]:
    """A Grafana with one cluster whose samples end at `NOW`."""
    text = hubs.openmetrics(CLUSTER, int((NOW - timedelta(days=40)).timestamp()), int(NOW.timestamp()))
    with (
        running_prometheus(text) as url,
        grafana_double({"support": CLUSTER}, upstream={"support": url}) as double,
    ):
        yield double


@pytest.fixture
def connected(grafana: Double) -> Iterator[Discovery]:
    """Our sources of that Grafana."""
    transports: list[Transport] = []

    def build(*arguments: object) -> Transport:
        transports.append(Transport(*arguments))  # type: ignore[arg-type]
        return transports[-1]

    yield connect(Settings((GrafanaSettings("grafana", grafana.url, Secret(grafana.token)),)), transport=build)
    for transport in transports:
        transport.close()


def ours(connected: Discovery, grid: TimeRange) -> pd.DataFrame:
    """What we answer: one column per hub, on this grid."""
    query = RangeQuery(QUERY, grid)
    result: Result = merge(query, ask_all(connected.sources, query))
    assert result.failed == ()
    assert set(result.series["cluster"]) == {CLUSTER}
    return result.values.set_axis(result.series["namespace"].to_numpy(), axis=1)


def as_in_the_guide(double: Double, start: datetime | None, end: datetime | None) -> pd.DataFrame:
    """What the guide gets, step by step: a session with the token, the list of data sources, the proxy's address."""
    with requests.Session() as session:
        session.headers = {"Authorization": f"Bearer {double.token}"}  # type: ignore[assignment]
        listed = pd.DataFrame(session.get(f"{double.url}/api/datasources").json())
        uid = listed[listed["type"] == "prometheus"]["uid"].iloc[0]
        prometheus = Prometheus(f"{double.url}/api/datasources/proxy/uid/{uid}/", http=session)
        frame = prometheus.query_range(QUERY, start, end, "1d")
    frame.columns = frame.columns.str.extract(r'namespace="([^"]+)"')[0].to_list()
    return frame.tz_localize("UTC")


def parsed(text: str) -> datetime | None:
    """A date in words as the guide reads it, if it were `NOW`."""
    base = NOW.replace(tzinfo=None)
    settings = {"RELATIVE_BASE": base, "TIMEZONE": "UTC", "RETURN_AS_TIMEZONE_AWARE": True}
    return dateparser.parse(text, languages=["en"], settings=settings)  # type: ignore[arg-type]


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Both have the same instants, hubs and values, to the last digit."""
    assert set(one.columns) == set(hubs.HUBS[CLUSTER])
    assert [each.timestamp() for each in one.index] == [each.timestamp() for each in other.index]
    assert one.to_dict("list") == other[one.columns].to_dict("list")


def test_at_the_instants_of_the_guide_we_give_its_values(grafana: Double, connected: Discovery) -> None:
    start, end = parsed("1 month ago"), parsed("now")
    assert start
    theirs = as_in_the_guide(grafana, start, end)
    first = int(start.timestamp())
    same(theirs, ours(connected, TimeRange(first, first + 28 * DAY, DAY)))  # February 2026 has 28 days
    assert len(theirs) == 29


def test_at_our_instants_the_guide_gets_our_values(grafana: Double, connected: Discovery) -> None:
    now = NOW.timestamp()
    grid = Moments(resolve("1 month ago", now), now, now).grid(Question.of_expr(QUERY))
    mine = ours(connected, grid)
    assert grid.step == DAY
    same(mine, as_in_the_guide(grafana, mine.index[0].to_pydatetime(), mine.index[-1].to_pydatetime()))


def test_our_days_begin_at_midnight_and_those_of_the_guide_when_it_was_run(
    grafana: Double, connected: Discovery
) -> None:
    now = NOW.timestamp()
    mine = ours(connected, Moments(resolve("1 month ago", now), now, now).grid(Question.of_expr(QUERY)))
    theirs = as_in_the_guide(grafana, parsed("1 month ago"), parsed("now"))
    assert {f"{time:%H:%M:%S}" for time in mine.index} == {"00:00:00"}
    assert {f"{time:%H:%M:%S}" for time in theirs.index} == {"14:02:30"}
    midnight, latest = NOW.replace(hour=0, minute=0, second=0), NOW.replace(minute=0, second=0)
    assert mine.iloc[-1]["prod"] == hubs.people(CLUSTER, "prod", int(midnight.timestamp()))
    assert theirs.iloc[-1]["prod"] == hubs.people(CLUSTER, "prod", int(latest.timestamp()))
