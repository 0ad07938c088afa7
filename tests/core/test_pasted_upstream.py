"""Every query of upstream's panels, pasted as it stands, runs: on the sample and on a real Prometheus."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from lib.core.paste import LabelVariable, NumberVariable, open_variables, resolve
from lib.core.promql import fill
from lib.core.query import RangeQuery
from lib.core.reading import read
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.core.time_range import HOUR, TimeRange
from lib.sources import connect
from tests.upstream.queries import UPSTREAM

QUERIES = list(UPSTREAM.values())
NOW = int(time.time()) // HOUR * HOUR
GRID = TimeRange(NOW - 4 * HOUR, NOW, HOUR)


def sent(expr: str) -> str:
    """What is sent when nobody chooses anything."""
    return fill(resolve(expr, {}).text, GRID).text


def test_there_are_as_many_as_upstream_has():
    assert len(QUERIES) == 76


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.id)
def test_nothing_is_left_open_that_is_no_choice_of_labels_or_a_number(query):
    assert all(isinstance(each, (LabelVariable, NumberVariable)) for each in open_variables(query.expr))
    assert "$hub" not in sent(query.expr) and read(sent(query.expr))


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.id)
def test_it_stays_the_same_query_when_hubs_and_people_are_chosen(query):
    names = [each.name for each in open_variables(query.expr) if isinstance(each, LabelVariable)]
    chosen = resolve(query.expr, dict.fromkeys(names, ("prod", 'x"}) or vector(1)#')))
    assert chosen.text.count("prod|") >= len(names)
    fill(chosen.text, GRID)


def test_the_sample_answers_each():
    source = connect(Settings()).sources[0]
    answered = [source.ask(RangeQuery(sent(query.expr), GRID)) for query in QUERIES]
    assert sum(bool(answer.labels) for answer in answered) > 50


@pytest.mark.prometheus
def test_a_real_prometheus_answers_each(prometheus: Mapping[str, str]) -> None:
    (source,) = connect(Settings(prometheuses=(PrometheusSettings("real", prometheus["alpha"]),))).sources
    for query in QUERIES:
        source.ask(RangeQuery(sent(query.expr), GRID))
