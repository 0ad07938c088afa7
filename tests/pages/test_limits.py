"""What a page says of what it kept from being asked: a newer question, too many others, a rest; and the way on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib import cache
from lib.cache import configured
from lib.sources.places import _Request
from lib.ui import asking
from tests.double import TOKEN, Double, grafana_double
from tests.pages.conftest import forget
from tests.test_one_at_a_time import until

ROOT = Path(__file__).parents[2]
CLUSTERS = {name: name for name in ("north", "south", "west")}


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Connects the app to a double."""

    def to(double: Double, **more: str) -> None:
        for name, value in {"GRAFANA_URL": double.url, "GRAFANA_TOKEN": TOKEN, **more}.items():
            monkeypatch.setenv(name, value)
        forget()

    yield to
    forget()


def page(name: str = "presets", **parameters: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30)
    for key, value in parameters.items():
        app.query_params[key] = value
    if name != "presets":
        app.switch_page(f"pages/{name}.py")
    app.run()
    assert not app.exception
    return app


def told(app: AppTest) -> str:
    shown = "\n".join(each.value for each in [*app.markdown, *app.caption, *app.warning, *app.error])
    return re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", shown)


def test_a_cluster_that_failed_five_times_rests_and_try_now_asks_it_at_once(connect) -> None:
    with grafana_double(CLUSTERS, behaviours={"west": (*["grafana-500"] * 5, "good")}) as double:
        connect(double)
        for days in range(8, 13):
            assert "no answer behind Grafana" in told(page(**{"from": f"now-{days}d"}))
        app = page(**{"from": "now-20d"})
        assert re.search(r"\*\*west\*\*: resting until \d\d:\d\d:\d\d UTC: no answer behind Grafana", told(app))
        assert "2 of 3 clusters answered" in told(app)
        assert [button.label for button in app.button if button.label in ("Try now", "Ask again")] == ["Try now"]
        before = len(double.asked("west"))
        app.button("_try_now").click().run()
        assert len(double.asked("west")) == before + 1
        assert "resting" not in told(app) and "clusters answered" not in told(app)


def test_the_page_sources_says_what_rests_once_for_a_token_and_try_now_asks_again(connect) -> None:
    with grafana_double(CLUSTERS, behaviours={"north": ("http-401", "good"), "south": ("http-401", "good")}) as double:
        connect(double)
        page(cluster=["north", "south"], **{"from": "now-9d"})
        app = page("sources")
        assert "**north, south, west**" in told(app)
        assert "It is resting until" in told(app) and "Grafana refused the token or password (401)." in told(app)
        (button,) = (each for each in app.button if each.label == "Try now")
        button.click().run()
        assert "3 answer, 0 do not" in told(app)


def test_what_a_newer_question_ended_says_so_and_can_be_asked_again(connect, monkeypatch) -> None:
    with grafana_double(CLUSTERS, behaviours={"west": ("hang", "good")}) as double:
        connect(double)
        monkeypatch.setattr(asking, "PATIENCE", 0.3)
        start = cache.start

        def start_and_go_on(sources, queries, **more):
            """As if the same person asked in another tab a moment later."""
            work = start(sources, queries, **more)
            until(lambda: bool(double.asked("west")) and work.progress().answered == 2)
            newer = cache.take_turn(more["turn"].asker)
            assert newer.reason is None
            return work

        monkeypatch.setattr(cache, "start", start_and_go_on)
        app = page(**{"from": "now-9d"})
        assert "**Another question of yours took its place.** Without an answer: west." in told(app)
        assert "2 of 3 clusters answered" in told(app)
        monkeypatch.setattr(cache, "start", start)
        monkeypatch.setattr(asking, "PATIENCE", 30.0)
        app.button("_ask_again").click().run()
        assert "took its place" not in told(app)
        assert len(double.asked("west")) == 2 and len(double.asked("north")) == 1


def test_who_comes_when_too_many_wait_is_told_that_it_is_busy(connect) -> None:
    with grafana_double(CLUSTERS) as double:
        connect(double, HUBSCOPE_PLACES="1")
        page(**{"from": "now-9d"})
        others = configured.transport().gate._of(double.url)
        for number in range(33):  # one has the place
            others._enter(_Request("north"), f"visitor {number}")
        app = page(**{"from": "now-10d"})
        assert "**Busy.** No cluster had answered. 32 other questions are waiting there already" in told(app)
        assert "0 of 3 clusters answered" in told(app)
        assert len([entry for entry in double.log if entry.uid and "query" in entry.path]) == 3


def test_a_range_longer_than_may_be_asked_about_is_refused_before_anything_is_sent(connect) -> None:
    with grafana_double(CLUSTERS) as double:
        connect(double, HUBSCOPE_MAX_DAYS="100")
        app = page(**{"from": "now-200d"})
        assert "200 days; the most is 100" in told(app)
        assert not [entry for entry in double.log if entry.uid and "query" in entry.path]


@pytest.mark.parametrize("name", ["promql", "chart"])
def test_a_query_that_reads_everything_is_sent_once_somebody_has_seen_what_it_costs(connect, name: str) -> None:
    with grafana_double(CLUSTERS) as double:
        connect(double)
        app = page(name, expr='count({__name__=~".+"})', **{"from": "now-9d"})
        app.button("_run" if name == "promql" else "_run_linked").click().run()
        assert "This reads every series of all 3 clusters." in told(app)
        assert not [entry for entry in double.log if entry.uid and "query" in entry.path]
        app.button("_as_is_a").click().run()
        assert not app.exception
        assert len([entry for entry in double.log if entry.uid and "query" in entry.path]) == 3
        assert "This reads every series" not in told(app)


def test_every_cluster_that_rests_is_named_however_many_there_are(connect) -> None:
    many = {f"c{number}": f"cluster {number:02}" for number in range(9)}
    with grafana_double(many | {"good": "good"}, behaviours=dict.fromkeys(many, "http-401")) as double:
        connect(double)
        page(**{"from": "now-9d"})
        app = page(**{"from": "now-10d"})
        assert "resting until" in told(app)
        assert [name for name in many.values() if name not in told(app)] == []
