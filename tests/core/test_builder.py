"""The builder: what it offers for which metric, and that whatever it builds is PromQL that a Prometheus runs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import promql_parser
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from lib.core.builder import How, Kind, Per, Spec, build, find, kind_of, selector, splits, ways
from lib.core.metadata import KnownMetric, MetricInfo, merge
from lib.core.promql import fill, parse
from lib.core.time_range import DAY, HOUR, TimeRange

GRID = TimeRange(0, DAY, HOUR)
BUILT = {
    "per hub": (
        Spec("jupyterhub_running_servers", How.SUM, Per.HUB),
        "sum by (namespace) (\n  jupyterhub_running_servers\n)",
    ),
    "per cluster": (Spec("up", How.AVERAGE), "avg(\n  up\n)"),
    "in total": (Spec("up", How.COUNT, Per.TOTAL), "count(\n  up\n)"),
    "per label": (Spec("up", How.LARGEST, Per.LABEL, "job"), "max by (job) (\n  up\n)"),
    "a counter per second": (
        Spec("x_total", How.RATE, Per.HUB, only=(("code", ("500",)),)),
        'sum by (namespace) (\n  rate(x_total{code="500"}[$__rate_interval])\n)',
    ),
    "a counter per step": (Spec("x_total", How.INCREASE), "sum(\n  increase(x_total[$__interval])\n)"),
    "some values of some labels": (
        Spec("up", How.SUM, only=(("job", ("a.b", "c")), ("pod", ()))),
        'sum(\n  up{job=~"a\\\\.b|c"}\n)',
    ),
    "a histogram": (
        Spec("x_bucket", How.P95, Per.HUB),
        "histogram_quantile(0.95, sum by (le, namespace) (\n  rate(x_bucket[$__rate_interval])\n))",
    ),
}


@pytest.mark.parametrize(("spec", "text"), BUILT.values(), ids=BUILT)
def test_a_choice_becomes_promql(spec, text):
    assert build(spec) == text
    parse(fill(text, GRID).text)


KINDS = {
    "told to be a counter": ("requests", "counter", Kind.COUNTER),
    "told to be a gauge": ("jupyterhub_running_total", "gauge", Kind.GAUGE),
    "called as counters are": ("http_requests_total", "", Kind.COUNTER),
    "called as nothing in particular": ("up", "", Kind.GAUGE),
    "the buckets of a histogram": ("x_bucket", "histogram", Kind.BUCKETS),
    "the sum of a histogram": ("x_sum", "histogram", Kind.COUNTER),
    "the quantiles of a summary": ("x", "summary", Kind.GAUGE),
}


@pytest.mark.parametrize(("name", "told", "kind"), KINDS.values(), ids=KINDS)
def test_what_a_metric_is_comes_from_its_type_or_else_its_name(name, told, kind):
    assert kind_of(KnownMetric(name, MetricInfo(told), ("a",))) is kind


def test_a_counter_is_never_added_up_as_it_stands_and_a_gauge_has_no_rate():
    assert {How.SUM, How.AVERAGE, How.LARGEST}.isdisjoint(ways(Kind.COUNTER))
    assert {How.RATE, How.INCREASE}.isdisjoint(ways(Kind.GAUGE))


def test_a_total_is_offered_only_of_what_adds_up_and_a_hub_only_where_there_is_one():
    assert splits(How.AVERAGE, ["namespace", "pod"]) == (Per.HUB, Per.CLUSTER, Per.LABEL)
    assert splits(How.SUM, ["le"]) == (Per.CLUSTER, Per.TOTAL)


def test_a_search_finds_names_before_meanings():
    told = {"a": (("memory", "cpu"), {"cpu": MetricInfo("gauge", "Not memory", "")})}
    assert [each.name for each in find(merge(told), "MEMORY")] == ["memory", "cpu"]
    assert find(merge(told), "memory gpu") == ()


ANY = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)
LABEL = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True).filter(lambda name: name != "__name__")
METRIC = st.one_of(st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,9}", fullmatch=True), ANY)


@given(METRIC, LABEL, ANY)
def test_whatever_a_value_holds_it_selects_itself_and_nothing_else(metric, label, value):
    tree = promql_parser.parse(fill(selector(metric, ((label, (value,)),)), GRID).text)
    assert isinstance(tree, promql_parser.VectorSelector)
    matchers = {each.name: each.value for each in tree.matchers.matchers}
    assert matchers[label] == value
    assert (tree.name or matchers.get("__name__")) == metric


METRICS = {"up": Kind.GAUGE, "x_total": Kind.COUNTER, "x_bucket": Kind.BUCKETS, "größe.x": Kind.GAUGE, "by": Kind.GAUGE}
ONLY = ((), (("namespace", ("a", 'b"}) or vector(1)#')),), (("pod", ("$__range [[x]]",)), ("job", ())))
EVERY = [
    Spec(metric, how, per, "pod", only)
    for (metric, kind), only in product(METRICS.items(), ONLY)
    for how in ways(kind)
    for per in splits(how, ["namespace", "pod"])
]


@pytest.mark.prometheus
def test_a_real_prometheus_runs_whatever_is_built(prometheus: Mapping[str, str]) -> None:
    texts = [fill(build(spec), GRID).text for spec in EVERY]
    assert len(texts) > 100
    with requests.Session() as session:
        for text in texts:
            reply = session.post(f"{prometheus['alpha']}/api/v1/query", {"query": text}, timeout=30)
            assert reply.status_code == 200, (text, reply.text)
