"""Each of ten classic mistakes gives one hint with a change that mends it, and what is right gives none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.diagnosis import diagnose
from lib.core.hints import HINTS, hints
from lib.core.preset_files import read_catalogue
from lib.sample.world import METRICS
from tests.promql.corpus import CORPUS
from tests.upstream.queries import UPSTREAM

TYPES = {metric.family or metric.name: metric.type for metric in METRICS}
KNOWN = {"load": "gauge", "made": "counter", "odd_total": "gauge", "wait_seconds": "histogram", "asks": "unknown"}
KNOWN |= {"clicks": "counter", "seen_seconds_bucket": "histogram", "untold_total": ""}

RATE_OF_GAUGE = "rate of a gauge"
NO_RATE = "counter without rate"
OVER_SUM = "rate over sum"
NO_BY = "missing by"
GRAPHED = "range vector graphed"
PATTERN = "regex where equality was meant"
SHORT = "range shorter than two scrapes"
TWICE = "sum over duplicate scrapes"
NO_LE = "quantile without le"
FILTERED = "comparison that filters everything"

MISTAKES = [
    (RATE_OF_GAUGE, "rate(load[5m])", "deriv(load[5m])"),
    (RATE_OF_GAUGE, 'sum by (a) (increase(load{b="$hub"}[$__range]))', 'sum by (a) (delta(load{b="$hub"}[$__range]))'),
    (RATE_OF_GAUGE, "irate(odd_total[5m]) + rate(load[5m])", "idelta(odd_total[5m]) + deriv(load[5m])"),
    (NO_RATE, "made", "rate(made[$__rate_interval])"),
    (NO_RATE, 'sum by (a) (x_total{b="c"})', 'sum by (a) (rate(x_total{b="c"}[$__rate_interval]))'),
    (NO_RATE, "x_sum / x_count", "rate(x_sum[$__rate_interval]) / rate(x_count[$__rate_interval])"),
    (NO_RATE, "avg(wait_seconds_count)", "avg(rate(wait_seconds_count[$__rate_interval]))"),
    (NO_RATE, "sum(clicks_total)", "sum(rate(clicks_total[$__rate_interval]))"),
    (NO_RATE, "seen_seconds_bucket", "rate(seen_seconds_bucket[$__rate_interval])"),
    (NO_RATE, "max(untold_total)", "max(rate(untold_total[$__rate_interval]))"),
    (OVER_SUM, "rate(sum(x_total)[5m:1m])", "sum(rate(x_total[5m]))"),
    (OVER_SUM, "rate(sum by (a) (x_total))", "sum by (a) (rate(x_total[$__rate_interval]))"),
    (OVER_SUM, "increase(sum(x_total[1h])) > 5", "sum(increase(x_total[1h])) > 5"),
    (OVER_SUM, "max(rate(sum(x_total) by (a)[10m:]))", "max(sum by (a) (rate(x_total[10m])))"),
    (NO_BY, "sum by (a, b) (x) / sum(y)", "sum by (a, b) (x) / sum by (a, b) (y)"),
    (NO_BY, "100 * sum(x) / max(y) by (a)", "100 * sum by (a) (x) / max(y) by (a)"),
    (NO_BY, "sum by ($label) (x) > bool avg(y)", "sum by ($label) (x) > bool avg by ($label) (y)"),
    (NO_BY, "sum by (a) (x) / (sum(y))", "sum by (a) (x) / (sum by (a) (y))"),
    (GRAPHED, "load[5m]", "avg_over_time(load[5m])"),
    (GRAPHED, "sum(made[5m])", "sum(rate(made[5m]))"),
    (GRAPHED, "(load[1h] offset 1d) > 3", "(avg_over_time(load[1h] offset 1d)) > 3"),
    (GRAPHED, "abs(load[5m])", "abs(avg_over_time(load[5m]))"),
    (PATTERN, 'up{job=~"hub"}', 'up{job="hub"}'),
    (PATTERN, "up{a=~`b c`, d!~'e'}", "up{a=`b c`, d!='e'}"),
    (SHORT, "rate(x_total[1m])", "rate(x_total[4m])"),
    (SHORT, "sum(increase(x_total[30s] offset 1h))", "sum(increase(x_total[4m] offset 1h))"),
    (TWICE, "sum(kube_pod_info)", "sum(max without (instance) (kube_pod_info))"),
    (TWICE, "count(kube_pod_info) by (namespace)", "count(max without (instance) (kube_pod_info)) by (namespace)"),
    (
        NO_LE,
        "histogram_quantile(0.9, sum(rate(x_bucket[5m])))",
        "histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))",
    ),
    (
        NO_LE,
        "histogram_quantile(0.9, sum(rate(x_bucket[5m])) by (namespace))",
        "histogram_quantile(0.9, sum(rate(x_bucket[5m])) by (namespace, le))",
    ),
    (
        NO_LE,
        "histogram_quantile(0.9, sum without (le, a) (rate(x_bucket[5m])))",
        "histogram_quantile(0.9, sum without (a) (rate(x_bucket[5m])))",
    ),
    (FILTERED, "avg by (a) (load == 1)", "avg by (a) (load == bool 1)"),
    (FILTERED, "avg_over_time((up == 1)[1d:5m])", "avg_over_time((up == bool 1)[1d:5m])"),
    (FILTERED, "(up == 1) * 100", "(up == bool 1) * 100"),
    (FILTERED, "load > 5 == 1", "load > bool 5 == 1"),
    (FILTERED, "count((load < 0.5) == 1)", "count((load < bool 0.5) == 1)"),
]


@pytest.mark.parametrize(("name", "typed", "fixed"), MISTAKES, ids=[typed for _, typed, _ in MISTAKES])
def test_a_mistake_gives_one_hint_with_a_change_that_mends_it(name, typed, fixed):
    found = hints(typed, KNOWN)
    assert {key: each.fixed for key, each in found.items()} == {name: fixed}
    assert diagnose(fixed) == ()
    assert hints(fixed, KNOWN) == {}


@pytest.mark.parametrize(("name", "typed", "fixed"), MISTAKES, ids=[typed for _, typed, _ in MISTAKES])
def test_a_hint_is_a_sentence_a_reason_and_the_stretch_that_is_new(name, typed, fixed):
    found = hints(typed, KNOWN)[name]
    assert found.sentence.endswith((".", "?"))
    assert found.why.endswith(".")
    assert found.fixed[: found.start] == typed[: found.start]
    rest = len(found.fixed) - found.end
    assert rest == 0 or found.fixed[found.end :] == typed[-rest:]


def test_there_are_ten_mistakes_and_each_is_tried():
    assert set(HINTS) == {name for name, *_ in MISTAKES}
    assert len(HINTS) == 10


RIGHT = [
    "rate(made[5m])",
    "rate(unheard_of[5m])",
    "deriv(load[5m])",
    "sum(asks)",
    "dirsize_entries_count",
    "odd_total",
    "count by (a) (x_total)",
    "x_total > 0",
    "x_total - x_total offset 1h",
    "absent(x_total)",
    "histogram_quantile(0.9, rate(x_bucket[5m]))",
    "histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))",
    "sum by (a) (x) / on () group_left sum(y)",
    "sum by (a) (x) / scalar(sum(y))",
    "sum by (a) (x) or sum(y)",
    "sum by (a) (x) + sum(y) * on () group_right z",
    "max_over_time(load[5m])",
    "max_over_time(sum(load)[1h:5m])",
    'up{job=~"hub.*"}',
    'up{job=~"$hub"}',
    'up{job=~""}',
    "rate(x_total[$__interval])",
    "rate(x_total[2m])",
    "max_over_time(load[30s])",
    "sum by (pod) (kube_pod_info)",
    "sum(max by (pod) (kube_pod_info))",
    "count(load == 1)",
    "sum(load > 5)",
    "avg(load == bool 1)",
    "avg(load > 5)",
    "load > 5 < 10",
    "load > 0 == 1",
    "(load == 1) * on (a) group_left b",
    "5 == bool 5",
    "sum(",
    "",
    "# only a comment",
]


@pytest.mark.parametrize("typed", RIGHT)
def test_what_is_right_or_cannot_be_read_gives_no_hint(typed):
    assert hints(typed, KNOWN) == {}


def test_the_samples_of_one_moment_may_be_shown():
    assert hints("load[5m]", KNOWN, instant=True) == {}
    assert set(hints("sum(load[5m])", KNOWN, instant=True)) == {GRAPHED}


def test_five_minutes_are_short_where_a_sample_comes_every_three():
    assert set(hints("rate(x_total[5m])", scrape=180)) == {SHORT}
    assert hints("rate(x_total[5m])", scrape=180)[SHORT].fixed == "rate(x_total[12m])"


@pytest.mark.parametrize("types", [{}, TYPES], ids=["without types", "with the sample's types"])
def test_no_hint_on_upstream_s_queries(types):
    assert len(UPSTREAM) == 76
    assert [(name, found) for name, query in UPSTREAM.items() for found in hints(query.expr, types)] == []


@pytest.mark.parametrize("types", [{}, TYPES], ids=["without types", "with the sample's types"])
def test_no_hint_on_presets(types):
    queries = [(preset, query) for preset in read_catalogue().values() for query in preset.queries]
    assert [
        (preset.id, found) for preset, query in queries for found in hints(query.expr, types, instant=preset.instant)
    ] == []


def test_a_change_of_what_can_be_read_can_be_read():
    texts = [query for queries in CORPUS.values() for query in queries.values() if not diagnose(query)]
    fixed = [each.fixed for text in texts for each in hints(text).values()]
    assert len(fixed) > 10
    assert [text for text in fixed if diagnose(text)] == []


PIECES = ["up", "x_total", "(", ")", "rate(", "sum by (a) (", "{", "}", 'a=~"b"', "[5m]", "[1h:]", "offset 5m", "=="]
PIECES += ["1", "@ end()", "$x", "/", "bool", "on (a)", " ", ",", "histogram_quantile(0.9, ", "avg_over_time("]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join))
def test_whatever_is_typed_hints_come_or_do_not(typed):
    for found in hints(typed, KNOWN).values():
        assert 0 <= found.start <= found.end <= len(found.fixed)
