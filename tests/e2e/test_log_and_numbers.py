"""What whoever runs the app can see of it: lines of JSON, and numbers on a port of their own."""

from __future__ import annotations

import json

import pytest
import requests

from tests.double import TOKEN, grafana_double
from tests.e2e.app import serve_app
from tests.e2e.browsing import Visits, settled
from tests.prometheus_server import free_port

pytestmark = pytest.mark.browser
CLUSTERS = {"one": "alpha", "http-403": "closed"}


def test_a_look_at_the_first_page_is_logged_and_counted_without_what_was_asked(visit: Visits) -> None:
    port = free_port()
    with grafana_double(CLUSTERS) as double:
        settings = {
            "GRAFANA_URL": double.url,
            "GRAFANA_TOKEN": TOKEN,
            "HUBSCOPE_LOG": "json",
            "HUBSCOPE_METRICS_PORT": str(port),
        }
        with serve_app(settings) as app:
            for _ in range(2):
                settled(visit(app.url))
            numbers = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
            served = requests.get(f"{app.url}/metrics", timeout=10).text
            log = app.log
    told = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    asked = {(line.get("cluster"), line.get("what"), line.get("outcome")) for line in told}
    assert {("alpha", "query", "answered"), ("closed", "query", "forbidden")} <= asked
    assert not [secret for secret in (TOKEN, "jupyterhub_active_users", "namespace") if secret in log]
    assert 'hubscope_requests_total{cluster="closed",outcome="forbidden",what="query"}' in numbers
    assert 'hubscope_answers_total{origin="memory"}' in numbers
    assert "hubscope_" not in served
