"""Transforms on the chart page: from a link, taken out, added, compared; only a comparison asks again."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import ROOT

CHART = {"preset": "daily-users", "from": "2026-08-01", "to": "2026-09-30", "by": "total"}

DAY = 86_400_000  # milliseconds


def opened(**parameters: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    for name, value in (CHART | parameters).items():
        app.query_params[name] = value
    app.switch_page("pages/chart.py")
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    return "\n".join(str(each.value) for kind in (app.markdown, app.caption, app.error) for each in kind)


def drawn(app: AppTest) -> list[dict]:
    [chart] = app.get("plotly_chart")
    return json.loads(chart.proto.spec)["data"]


def test_what_a_link_asks_for_is_drawn_listed_and_taken_out_without_asking_again(asked):
    app = opened(do="month")
    assert drawn(app)[0]["dx"] == 31 * DAY
    assert app.button(key="_transform_out_0").label == "By month" and "by month · " in texts(app)
    once = len(asked)
    app.button(key="_transform_out_0").click().run()
    assert drawn(app)[0]["dx"] == DAY and "do" not in app.query_params
    assert len(asked) == once


def test_a_transform_is_added_in_its_turn(asked):
    app = opened(do="share")
    once = len(asked)
    app.session_state["do"] = "share,rolling-7d"
    app.run()
    assert app.query_params["do"] == "share,rolling-7d"
    assert "average over 7 d" in texts(app) and len(asked) == once


def test_a_total_of_people_over_time_is_refused_and_the_rest_is_applied():
    app = opened(do="month-sum,rolling-7d")
    assert "Not applied." in texts(app) and "no number of people" in texts(app)
    assert "average over 7 d" in texts(app)


@pytest.mark.parametrize("do", ["nonsense", "month-", "share,drop-table"])
def test_a_link_with_an_unknown_transform_says_so_and_shows_the_answer(do):
    app = opened(do=do)
    assert "is not a known transform" in texts(app) and drawn(app)


def test_a_comparison_asks_once_more_and_tells_the_change(asked):
    app = opened(do="compare-previous")
    assert len(asked) == 2 and asked[0] == asked[1]
    assert drawn(app)[-1]["line"]["dash"] == "5px,4px"
    assert "against 1 Jun – 31 Jul 2026" in texts(app)
    app.run()
    assert len(asked) == 2
