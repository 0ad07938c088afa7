"""On the pages, over the built-in sample: an answer step by step, and why one is empty."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib import cache

ROOT = Path(__file__).parents[2]
TWO_STEPS = 'max by (namespace) (jupyterhub_active_users{period="24h"})'


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many clusters were looked into, one number per investigation."""
    looks: list[int] = []
    reasons = cache.reasons

    def remember(sources, look, **more):
        looks.append(len(sources))
        return reasons(sources, look, **more)

    monkeypatch.setattr(cache, "reasons", remember)
    return looks


def open_promql(expr: str, **parameters: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    for name, value in {"from": "now-2d", "to": "now", "expr": expr, **parameters}.items():
        app.query_params[name] = value
    return app.switch_page("pages/promql.py").run()


def run(expr: str, **parameters: str) -> AppTest:
    app = open_promql(expr, **parameters)
    app.get_by_key("_run").click().run()
    calm(app)
    return app


def calm(app: AppTest) -> None:
    assert [problem.value for problem in app.exception] == []
    assert [problem.value for problem in app.error] == []


def texts(app: AppTest) -> str:
    shown = "\n".join(str(element.value) for kind in (app.markdown, app.caption) for element in kind)
    return re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", shown)


def test_the_steps_of_an_answer_are_tried_one_by_one(asked):
    app = run(TWO_STEPS)
    app.session_state["_details"] = "Query"
    app.run()
    app.get_by_key("_steps_promql_0").set_value(True).run()
    assert asked == [TWO_STEPS]
    app.get_by_key("_try_promql_0_1").click().run()
    app.run()
    calm(app)
    assert asked == [TWO_STEPS, 'jupyterhub_active_users{period="24h"}']
    assert re.search(r"\*\*\d+ series on 3 clusters\*\*", texts(app)) and "drift: no answer" in texts(app)


EMPTY = {
    "an unknown metric": ("sum(jupyterhub_active_user)", "There is no metric jupyterhub_active_user"),
    "a slip in a value": (
        'jupyterhub_active_users{period="24"}',
        'none of its series has period="24".',
    ),
    "a comparison": (f"{TWO_STEPS} > 1e6", "The comparison > 1e6 leaves everything out; without it, values go"),
    "a join": ("jupyterhub_active_users and on (pod) kube_pod_created", "no two of them are a pair"),
}


@pytest.mark.parametrize(("expr", "words"), EMPTY.values(), ids=EMPTY)
def test_an_empty_answer_says_why_and_one_click_mends_it(expr, words, probed):
    app = run(expr)
    assert words in texts(app)
    app.run()
    assert probed == [3]  # drift is down; looked into once, not at every run
    app.get_by_key("_fix_0").click().run()
    calm(app)
    assert app.session_state["expr"] != expr and len(app.get("plotly_chart")) == 1


def test_a_time_before_the_data_says_when_it_begins():
    app = run("jupyterhub_total_users", **{"from": "2020-01-01", "to": "2020-01-31"})
    assert re.search(r"The data of jupyterhub_total_users begins on \d+ \w+ \d{4}, around \d\d:00 UTC", texts(app))


def test_nothing_now_is_told_apart_from_nothing_in_a_time():
    app = run("jupyterhub_total_users > 1e9", mode="now")
    assert "Nothing right now." in texts(app) and "leaves everything out" in texts(app)


def test_an_answer_of_hidden_hubs_alone_is_not_looked_into_but_said(probed):
    app = run('jupyterhub_total_users{namespace=~".*staging.*"}')
    assert "Only staging hubs." in texts(app) and probed == []


def test_an_answer_with_series_is_not_looked_into(probed):
    run(TWO_STEPS)
    assert probed == []
