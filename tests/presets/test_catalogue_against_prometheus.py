"""Every preset asked of the sample and of a real Prometheus filled with the same samples: the answers are the same.

Windows of days are made shorter, so that a few hours of samples suffice: what is compared is the PromQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pytest

from lib.core.preset_files import read_catalogue
from lib.core.presets import NamedQuery, Preset
from lib.core.promql import fill
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.result import Answer
from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings, PrometheusSettings
from lib.core.settings import Settings
from lib.core.time_range import HOUR, TimeRange
from lib.core.variables import put_in
from lib.sample.adapter import SampleAdapter
from lib.sample.api import SAMPLE_TOKEN, SAMPLE_URL
from lib.sample.openmetrics import openmetrics
from lib.sample.world import storage_of
from lib.sources import Source, connect
from lib.sources.grafana import discover
from lib.sources.transport import Transport
from tests.prometheus_server import running_prometheus

pytestmark = pytest.mark.prometheus

CLUSTER = "aurora"
# The first of a month, so that month-ends pass; a working hour, so that there are servers.
NOW = int(datetime(2026, 10, 1, 16, tzinfo=UTC).timestamp())
GRID = TimeRange(NOW - 8 * HOUR, NOW, HOUR // 2)
LOADED = 10 * HOUR
QUERIES = [
    pytest.param(preset, query, id=f"{preset.id}/{query.name}".rstrip("/").replace(" ", "-"))
    for preset in read_catalogue().values()
    for query in preset.queries
]
Both = tuple[Source, Source]


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    """The sample at one moment, and a real Prometheus with what it holds of the last hours."""
    with running_prometheus(samples_of(LOADED)) as url:
        yield the_sample(), connect(Settings(prometheuses=(PrometheusSettings("real", url),))).sources[0]


def the_sample() -> Source:
    """One cluster of the sample, at the moment NOW."""
    inside = Transport(Settings(), [SAMPLE_URL], adapter=SampleAdapter(lambda: NOW), sleep=lambda seconds: None)
    grafana = GrafanaSettings("sample", SAMPLE_URL, Secret(SAMPLE_TOKEN))
    return next(each for each in discover(grafana, inside, 30.0, kind="sample").sources if each.name == CLUSTER)


def samples_of(seconds: int) -> str:
    """What that cluster holds of the last `seconds`, as OpenMetrics text."""
    return "".join(openmetrics(storage_of(CLUSTER, NOW), (NOW - seconds) * 1000, NOW * 1000))


def shortened(expr: str) -> str:
    """The query with windows and offsets of days, and of many hours, cut to one hour."""
    return re.sub(r"(\[|offset )(\d+d|6h)\b", r"\g<1>1h", expr)


def query_of(preset: Preset, named: NamedQuery, grid: TimeRange = GRID) -> Query:
    text = fill(shortened(put_in(named.expr, preset.variables, {})), grid).text
    return InstantQuery(text, grid.end) if preset.instant else RangeQuery(text, grid)


def table(answer: Answer) -> dict[frozenset[tuple[str, str]], list[float]]:
    return {
        frozenset(labels.items()): values.tolist() for labels, values in zip(answer.labels, answer.values, strict=True)
    }


@pytest.mark.parametrize(("preset", "named"), QUERIES)
def test_the_sample_answers_it_as_prometheus_does(both: Both, preset: Preset, named: NamedQuery) -> None:
    query = query_of(preset, named)
    ours, theirs = (table(source.ask(query)) for source in both)
    assert ours.keys() == theirs.keys()
    for labels, values in theirs.items():
        np.testing.assert_allclose(ours[labels], values, rtol=1e-9, atol=1e-12, equal_nan=True)


def test_most_of_them_find_something(both: Both) -> None:
    """Else the comparison above would say nothing."""
    empty = {str(each.id) for each in QUERIES if not both[0].ask(query_of(*each.values)).labels}
    assert len(empty) <= 10, empty
