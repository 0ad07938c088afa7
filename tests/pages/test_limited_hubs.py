"""Pages that are limited to some hubs: they say so, and offer no way around it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.core.settings import Settings
from lib.sources import connect
from lib.ui import messages, written

ROOT = Path(__file__).parents[2]
SERVERS = "sum by (namespace) (jupyterhub_running_servers)"
LIMIT = messages.md("Only the hub hackweek is asked for.")


@pytest.fixture(autouse=True)
def limited(alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBSCOPE_EDITOR", "plain")
    monkeypatch.setenv("HUBSCOPE_HUBS", "hackweek")


def opened(page: str, **parameters: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30)
    for name, value in {"from": "now-2d", "to": "now", "cluster": "aurora", **parameters}.items():
        app.query_params[name] = value
    app.switch_page(f"pages/{page}.py")
    app.run()
    return app


def run(app: AppTest) -> AppTest:
    app.get_by_key("_run").click().run()
    assert not app.exception
    return app


def captions(app: AppTest) -> list[str]:
    return [each.value for each in app.caption]


def test_the_sample_has_more_hubs_than_that_one() -> None:
    """Else nothing here would say anything."""
    found = {source.name: source for source in connect(Settings()).sources}["aurora"]
    assert {"hackweek", "prod"} <= set(found.label_values("namespace", "jupyterhub_running_servers", 0, 2**31))


@pytest.mark.parametrize("page", ["presets", "promql", "chart", "sources"])
def test_every_page_says_which_hubs_it_is_limited_to(page: str) -> None:
    assert LIMIT in [each.value for each in opened(page).sidebar.caption]


def test_an_answer_has_no_other_hub_and_shows_the_query_as_it_was_written(asked: list[str]) -> None:
    app = run(opened("promql", expr=SERVERS, by="series"))
    assert asked == [SERVERS]
    assert any("the hub hackweek only" in each for each in captions(app))
    (chart,) = app.get("plotly_chart")
    drawn = chart.proto.SerializeToString()
    assert b"Answer 1 series" in drawn  # of two at this cluster, without the limit
    assert b"prod" not in drawn


def test_an_empty_answer_says_that_others_may_have_rows() -> None:
    app = run(opened("promql", expr="sum(node_memory_MemTotal_bytes)"))
    told = [each.value for each in app.markdown]
    assert messages.md("You see the hub hackweek; this question has no rows for it.") in told
    assert not any("Not collected here" in each for each in told)


@pytest.mark.parametrize("expr", ['sum(up) + {"up"}', "up default 0", "rate(up)", "mad_over_time(up[5m])"])
def test_what_cannot_be_limited_is_refused_and_not_sent_anyway(asked: list[str], expr: str) -> None:
    app = run(opened("promql", expr=expr))
    assert asked == []
    assert len(app.error) == 1
    assert not any(button.label == "Send it anyway" for button in app.button)


def test_nor_is_it_where_somebody_has_said_so_before_the_limit(asked: list[str]) -> None:
    expr = '{"jupyterhub_running_servers"}'
    app = opened("promql", expr=expr)
    app.session_state[written.AS_IS] = frozenset({expr})
    assert len(run(app).error) == 1
    assert asked == []
