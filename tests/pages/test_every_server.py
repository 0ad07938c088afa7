"""All that the PromQL page does, on the sample, on a real Prometheus and on a real VictoriaMetrics."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib import cache
from lib.core.builder import Kind, Per, Spec, build, splits, ways
from lib.core.errors import SourceError
from lib.core.metric_search import by_cluster, by_label, series_query, top_query, top_values, values_query
from lib.core.paste import resolve
from lib.core.promql import fill
from lib.core.query import InstantQuery, RangeQuery
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.core.time_range import DAY, HOUR, TimeRange
from lib.sources import Source, connect
from lib.ui.editor import answers
from lib.ui.editor.answers import Completions
from tests.e2e import hubs
from tests.prometheus_server import running_prometheus, running_victoria_metrics
from tests.upstream.queries import UPSTREAM

pytestmark = pytest.mark.prometheus
ROOT = Path(__file__).parents[2]
NOW = int(time.time())
GRID = TimeRange(NOW // HOUR * HOUR - 4 * HOUR, NOW // HOUR * HOUR, HOUR)
ENGINES = {"prometheus": running_prometheus, "victoria-metrics": running_victoria_metrics}
USERS = 'jupyterhub_active_users{period="24h"}'
PER_HUB = f"max by (namespace) ({USERS})"


@dataclass(frozen=True)
class Engine:
    """A server, how to set it up, and the cluster that stands for it on the page."""

    name: str
    source: Source
    url: str
    cluster: str


@pytest.fixture(scope="module", params=["sample", *ENGINES])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each kind of server in turn, with hubs called `prod` and `staging`."""
    st.cache_data.clear()
    st.cache_resource.clear()
    with contextlib.ExitStack() as stack:
        if request.param == "sample":
            source = connect(Settings()).sources[0]
            yield Engine("sample", source, "", source.name)
            return
        url = stack.enter_context(ENGINES[request.param](hubs.openmetrics("alpha", NOW - 2 * DAY, NOW)))
        source = connect(Settings(prometheuses=(PrometheusSettings("one", url),))).sources[0]
        yield Engine(request.param, source, url, "one")
        source.api.transport.close()


@pytest.fixture(autouse=True)
def configured(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app asks this server."""
    monkeypatch.setenv("HUBSCOPE_EDITOR", "plain")
    monkeypatch.setattr(answers, "PATIENCE", 60)
    if engine.url:
        monkeypatch.setenv("PROMETHEUS_URL", engine.url)
        monkeypatch.setenv("PROMETHEUS_NAME", engine.cluster)


def opened(engine: Engine, **parameters: str) -> AppTest:
    """The PromQL page with queries that were run."""
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    for name, value in {"from": "now-6h", "to": "now", "cluster": engine.cluster, **parameters}.items():
        app.query_params[name] = value
    app.switch_page("pages/promql.py").run()
    app.get_by_key("_run").click().run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    shown = "\n".join(str(element.value) for kind in (app.markdown, app.caption) for element in kind)
    return re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", shown)


def test_metrics_labels_and_values_are_completed(engine: Engine) -> None:
    completions = Completions.over(cache.discovery().sources[:1], NOW - HOUR, NOW)
    names = completions.answer({"id": 1, "kind": "catalogue"})["catalogue"]["names"]
    assert {"jupyterhub_active_users", "jupyterhub_running_servers"} <= set(names)
    labels = completions.answer({"id": 2, "kind": "labels", "match": "jupyterhub_active_users"})
    assert labels["whole"] and {"namespace", "period"} <= set(labels["values"])
    ask = {"id": 3, "kind": "values", "label": "namespace", "match": USERS}
    assert {"prod", "staging"} <= set(completions.answer(ask)["values"])


def test_the_browser_counts_series_labels_and_values(engine: Engine) -> None:
    sources = (engine.source,)
    labels = ["namespace", "period"]
    (count,) = by_cluster(cache.ask(sources, InstantQuery(series_query("jupyterhub_active_users"), NOW))).values()
    assert count >= 3
    per_label = by_label(cache.ask(sources, InstantQuery(values_query("jupyterhub_active_users", labels), NOW)))
    assert set(per_label) == set(labels)
    top = top_values(cache.ask(sources, InstantQuery(top_query(USERS.split("{")[0], "namespace"), NOW)), "namespace")
    assert {"prod", "staging"} <= {each.value for each in top}


def test_a_step_of_the_explanation_is_tried(engine: Engine) -> None:
    app = opened(engine, expr=PER_HUB)
    app.session_state["_details"] = "Query"
    app.run()
    app.get_by_key("_steps_promql_0").set_value(True).run()
    app.get_by_key("_try_promql_0_1").click().run()
    app.run()
    assert not app.error and re.search(r"\*\*\d+ series on 1 cluster\*\*", texts(app))


def test_several_queries_share_a_chart_and_a_refused_one_takes_none_away(engine: Engine) -> None:
    app = opened(engine, expr=PER_HUB, expr_b="jupyterhub_running_servers", name_b="Servers", expr_c="sum(")
    assert len(app.get("plotly_chart")) == 1 and len(app.error) == 1
    assert "Servers" in str(app.get("plotly_chart")[0].proto.spec)


EMPTY = {
    "an unknown metric": ("sum(jupyterhub_active_user)", "There is no metric jupyterhub_active_user"),
    "a slip in a value": ('jupyterhub_active_users{period="24"}', 'none of its series has period="24".'),
    "a comparison": (f"{PER_HUB} > 1e6", "The comparison > 1e6 leaves everything out"),
}


@pytest.mark.parametrize(("expr", "words"), EMPTY.values(), ids=EMPTY)
def test_an_empty_answer_says_why(engine: Engine, expr: str, words: str) -> None:
    assert words in texts(opened(engine, expr=expr))


def test_every_query_of_upstream_runs_as_it_was_pasted(engine: Engine) -> None:
    for query in UPSTREAM.values():
        engine.source.ask(RangeQuery(fill(resolve(query.expr, {}).text, GRID).text, GRID))


def test_instants_that_are_no_multiples_of_the_step_are_answered(engine: Engine) -> None:
    grid = TimeRange(NOW // HOUR * HOUR - 20 * HOUR + 600, NOW // HOUR * HOUR - HOUR + 600, 900)
    answer = engine.source.ask(RangeQuery(PER_HUB, grid))
    assert grid.points > 50 and len(answer.labels) >= 2


def test_whatever_is_built_runs(engine: Engine) -> None:
    only = ((), (("namespace", ("prod", 'b"}) or vector(1)#')),))
    built = [
        build(Spec("jupyterhub_running_servers", how, per, "namespace", some))
        for kind, some in product(Kind, only)
        for how in ways(kind)
        for per in splits(how, ["namespace", "pod"])
    ]
    assert len(built) > 40 and build(Spec("jupyterhub_running_servers", ways(Kind.GAUGE)[0], Per.HUB)) in built
    for text in built:
        engine.source.ask(RangeQuery(fill(text, GRID).text, GRID))


def test_what_only_some_servers_take_is_sent_to_them_where_somebody_insists(engine: Engine) -> None:
    app = opened(engine, expr="rate(jupyterhub_running_servers)")
    assert len(app.error) == 1 and not app.get("plotly_chart")
    app.get_by_key("_as_is_a").click().run()
    if engine.name == "victoria-metrics":
        assert not app.error and len(app.get("plotly_chart")) == 1
        return
    assert "cannot read this" in app.error[0].value
    with pytest.raises(SourceError):
        engine.source.ask(RangeQuery("rate(jupyterhub_running_servers)", GRID))
