"""Finding metrics among very many, names that are like another, and counts put together from several clusters."""

from __future__ import annotations

import numpy as np
import promql_parser
import pytest

from lib.core.errors import Kind, SourceError
from lib.core.metadata import KnownMetric, MetricCatalogue, MetricInfo
from lib.core.metric_search import (
    by_cluster,
    by_label,
    search_metrics,
    series_query,
    top_query,
    top_values,
    values_query,
)
from lib.core.promql import MAX_LENGTH
from lib.core.query import InstantQuery
from lib.core.result import Answer, Outcome, ResultType
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.core.similar import similar
from lib.core.time_range import TimeRange
from lib.sources import connect
from tests.prometheus_server import running_prometheus, running_victoria_metrics

GRID = TimeRange(0, 0, 1)


def known(name: str, help: str = "") -> KnownMetric:
    return KnownMetric(name, MetricInfo("gauge", help), ("alpha",))


CATALOGUE = MetricCatalogue(
    (
        known("hub_users", "People"),
        known("jupyterhub_active_users", "Active people on a hub"),
        known("node_load1", "Load of the machine in the last minute"),
        known("users", ""),
        known("users_total", ""),
    )
)
FOUND = {
    "": ["hub_users", "jupyterhub_active_users", "node_load1", "users", "users_total"],
    "users": ["users", "users_total", "hub_users", "jupyterhub_active_users"],
    "ACTIVE Hub": ["jupyterhub_active_users"],
    "hub_users": ["hub_users", "jupyterhub_active_users"],
    "people": ["hub_users", "jupyterhub_active_users"],
    "load minute": ["node_load1"],
    "nothing": [],
}


@pytest.mark.parametrize(("typed", "names"), FOUND.items(), ids=FOUND)
def test_words_are_found_in_names_first_and_then_in_help(typed, names):
    assert [metric.name for metric in search_metrics(CATALOGUE, typed)] == names


def test_fifty_thousand_names_are_searched_whole():
    many = MetricCatalogue(tuple(known(f"metric_{number:05}", f"Number {number}") for number in range(50_000)))
    assert [metric.name for metric in search_metrics(many, "number 49999")] == ["metric_49999"]


def test_a_slip_is_led_to_the_name_that_was_meant():
    names = [f"container_{number}_bytes" for number in range(20_000)] + ["jupyterhub_active_users"]
    assert similar("jupyterhub_active_user", names)[0] == "jupyterhub_active_users"
    assert similar("zzz", names) == () and similar("usres", ["users", "user_info"])[0] == "users"


def answer(*series: tuple[dict[str, str], float]) -> Answer:
    values = np.array([[value] for _, value in series], float).reshape(len(series), 1)
    return Answer(ResultType.VECTOR, GRID, tuple(labels for labels, _ in series), values)


def outcomes(*answers: Answer | SourceError) -> list[Outcome]:
    return [Outcome(f"c{place}", f"s{place}", each) for place, each in enumerate(answers)]


SILENT = SourceError(Kind.TIMEOUT, "No answer.")


def test_a_cluster_without_the_metric_has_no_series_and_one_that_failed_has_no_number():
    assert by_cluster(outcomes(answer(({}, 12.0)), SILENT, answer())) == {"c0": 12, "c2": 0}


def test_the_values_of_a_label_are_counted_per_cluster():
    found = by_label(outcomes(answer(({"label": "a"}, 2), ({"label": "b"}, 1)), SILENT, answer(({"label": "a"}, 5))))
    assert found == {"a": (2, 5), "b": (1, 1)}


def test_values_of_several_clusters_are_added_up_and_the_most_frequent_come_first():
    one, two = answer(({"a": "x"}, 3), ({"a": "y"}, 9)), answer(({"a": "x"}, 7), ({}, 1))
    found = top_values(outcomes(one, two), "a")
    assert [(each.value, each.series, each.clusters) for each in found] == [("x", 10, 2), ("y", 9, 1), ("", 1, 1)]


def test_what_is_asked_is_promql_of_a_length_that_may_be_sent():
    labels = [f"label_{number}" for number in range(500)] + ["größe"]
    query = values_query("users", labels)
    assert len(query) < MAX_LENGTH and "größe" not in query
    for expr in (values_query("users", labels[:3]), series_query("a.b"), top_query("users", "namespace")):
        promql_parser.parse(expr)


SAMPLES = """# TYPE users gauge
users{namespace="prod",period="24h"} 3 1700000000
users{namespace="staging",period="24h"} 1 1700000000
users{namespace="prod",period="7d"} 9 1700000000
# EOF
"""
ENGINES = {"prometheus": running_prometheus, "victoria-metrics": running_victoria_metrics}


@pytest.mark.prometheus
@pytest.mark.parametrize("running", ENGINES.values(), ids=ENGINES)
def test_real_servers_count_series_values_of_labels_and_the_most_frequent_ones(running):
    with running(SAMPLES) as url:
        source = connect(Settings(prometheuses=(PrometheusSettings("one", url),))).sources[0]

        def asked(expr: str) -> list[Outcome]:
            return [Outcome("one", "one", source.ask(InstantQuery(expr, 1_700_000_060)))]

        assert by_cluster(asked(series_query("users"))) == {"one": 3}
        assert by_cluster(asked(series_query("nothing"))) == {"one": 0}
        assert by_label(asked(values_query("users", ["namespace", "period"]))) == {
            "namespace": (2, 2),
            "period": (2, 2),
        }
        found = top_values(asked(top_query("users", "namespace")), "namespace")
        assert [(each.value, each.series) for each in found] == [("prod", 2), ("staging", 1)]
        source.api.transport.close()
