"""What the app says about itself: how requests ended, how long they took, in the format that a Prometheus reads."""

from __future__ import annotations

import json
import logging
import re
import subprocess

import pytest
import requests

from lib.core.errors import Kind, SourceError
from lib.core.query import RangeQuery
from lib.core.time_range import TimeRange
from lib.sources.numbers import Numbers
from tests.prometheus_server import demand_programs

QUERY = RangeQuery('sum(up{namespace="secret-hub"})', TimeRange(1_770_000_000, 1_770_000_600, 60))


@pytest.fixture
def numbers() -> Numbers:
    log = logging.getLogger("test numbers")
    log.setLevel(logging.INFO)
    return Numbers(log)


def value(numbers: Numbers, name: str, **labels: str) -> float | None:
    return numbers.registry.get_sample_value(f"hubscope_{name}", labels)


@pytest.fixture
def watched(double, connected, numbers):
    """Asks the clusters of these uids once each, watched."""

    def ask(*uids: str) -> None:
        for source in connected(double, timeout=1.0, watch=numbers).sources:
            if source.id.removeprefix("double/") in uids:
                try:
                    source.ask(QUERY)
                except SourceError:
                    continue

    return ask


def test_every_request_is_counted_by_how_it_ended(watched, numbers):
    watched("good", "http-401", "rst")
    outcomes = {"good": "answered", "http-401": Kind.AUTH.value, "rst": Kind.NETWORK.value}
    for cluster, outcome in outcomes.items():
        assert value(numbers, "requests_total", cluster=cluster, what="query", outcome=outcome) == 1
        assert value(numbers, "request_seconds_count", cluster=cluster, what="query") == 1
        assert value(numbers, "requests_in_flight", cluster=cluster) == 0
    assert value(numbers, "received_bytes_total", cluster="good") > 100


def test_a_mistake_of_our_own_is_counted_and_raised(numbers):
    with pytest.raises(ZeroDivisionError):
        numbers.around("alpha", "query", lambda: 1 // 0)
    assert value(numbers, "requests_total", cluster="alpha", what="query", outcome="mistake") == 1
    assert value(numbers, "requests_in_flight", cluster="alpha") == 0


def test_a_line_of_log_says_where_and_how_it_ended_and_nothing_of_what_was_asked(watched, caplog):
    with caplog.at_level(logging.INFO, "test numbers"):
        watched("good", "hostile-error", "http-401")
    told = {record.getMessage().split("'")[1]: record for record in caplog.records}
    assert told["good"].levelname == "INFO" and told["http-401"].levelname == "WARNING"
    words = re.sub("[0-9]+", "0", told["good"].getMessage())
    assert words == "request cluster='good' what=query outcome=answered ms=0 bytes=0"
    everything = json.dumps([record.getMessage() for record in caplog.records])
    assert "secret-hub" not in everything and "sum(" not in everything and "script" not in everything


def test_they_are_served_on_this_machine_in_a_form_that_prometheus_reads(watched, numbers):
    demand_programs("promtool", package="prometheus")
    watched("good", "http-401")
    numbers.around('odd "name"\n\\', "query", lambda: None)
    port = numbers.serve(0)
    reply = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10)
    checked = subprocess.run(["promtool", "check", "metrics"], input=reply.content, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert 'hubscope_requests_total{cluster="http-401",outcome="auth",what="query"} 1.0' in reply.text
    assert "process_resident_memory_bytes" in reply.text and "secret-hub" not in reply.text


def test_a_port_that_is_taken_is_an_error_that_can_be_told(numbers):
    port = numbers.serve(0)
    with pytest.raises(OSError):
        numbers.serve(port)
