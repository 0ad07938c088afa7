"""What clusters say of their metrics becomes one catalogue."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.metadata import UNKNOWN, KnownMetric, MetricInfo, info_of, merge, read_metadata

GAUGE, COUNTER = MetricInfo("gauge", "How many.", ""), MetricInfo("counter", "Since the start.", "")


def test_the_first_words_of_several_targets_count():
    entries = [{"type": "gauge", "help": "One.", "unit": "s"}, {"type": "counter", "help": "Two.", "unit": ""}]
    assert read_metadata({"up": entries}) == {"up": MetricInfo("gauge", "One.", "s")}


def test_a_type_that_nobody_knows_is_no_type():
    assert read_metadata({"up": [{"type": "unknown", "help": "", "unit": ""}]}) == {"up": UNKNOWN}


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.text() | st.integers(), st.lists) | st.none()))
def test_whatever_else_a_server_sends_is_left_out(data):
    assert set(read_metadata(data).values()) <= {UNKNOWN}


@pytest.mark.parametrize("name", ["spawns_total", "spawns_bucket", "spawns_sum", "spawns_count", "spawns_created"])
def test_a_member_is_told_by_its_family(name):
    assert info_of(name, {"spawns": COUNTER}) == COUNTER
    assert info_of(name, {"spawns": COUNTER, name: GAUGE}) == GAUGE
    assert info_of(name, {"other": COUNTER}) == UNKNOWN


def test_the_catalogue_is_the_union_with_the_clusters_of_each_metric():
    found = merge({"birch": (("up", "users"), {}), "cedar": (("spawns_total", "up"), {"up": GAUGE})}, ("down",))
    assert found.metrics == (
        KnownMetric("spawns_total", UNKNOWN, ("cedar",)),
        KnownMetric("up", GAUGE, ("birch", "cedar")),
        KnownMetric("users", UNKNOWN, ("birch",)),
    )
    assert (found.silent, found.more) == (("down",), 0)
    assert found.by_name["up"].info == GAUGE


def test_too_many_names_are_cut_and_counted():
    found = merge({"birch": (tuple(f"m{number}" for number in range(10)), {})}, most=4)
    assert [metric.name for metric in found.metrics] == ["m0", "m1", "m2", "m3"]
    assert found.more == 6


def test_a_version_stands_for_the_content():
    versions = {
        merge({"birch": (("up",), {})}).version,
        merge({"birch": (("up",), {"up": GAUGE})}).version,
        merge({"cedar": (("up",), {})}).version,
        merge({"birch": (("up", "users"), {})}).version,
    }
    assert len(versions) == 4
    assert merge({"birch": (("up",), {})}).version in versions
