"""The pages over the built-in sample, run as Streamlit runs them, without a browser."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lib import cache
from lib.core.preset_files import read_catalogue
from lib.core.variables import NumberVariable
from lib.ui import asking, frame, when
from tests.pages.conftest import forget

ROOT = Path(__file__).parents[2]
CATALOGUE = read_catalogue()
PAGES = ["presets", "promql", "chart", "sources"]
Open = Callable[..., AppTest]


@pytest.fixture
def set_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, str]], None]]:
    """Sets variables of the environment, which are read once, and forgets what was read before and after."""

    def put(environment: dict[str, str]) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        forget()

    yield put
    forget()


@pytest.fixture
def open_app() -> Open:
    """Opens a page with the parameters of an address, as a visitor with a link does."""

    def visit(page: str = "presets", parameters: dict[str, str | list[str]] | None = None) -> AppTest:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30)
        for name, value in (parameters or {}).items():
            app.query_params[name] = value
        if page != "presets":
            app.switch_page(f"pages/{page}.py")
        return app.run()

    return visit


def plain(markdown: str) -> str:
    """Text as a reader sees it, without the backslashes that keep it from being markdown."""
    return re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", markdown)


def titles(app: AppTest) -> list[str]:
    return [plain(title.value) for title in app.title]


def texts(app: AppTest) -> str:
    """Every text on the page outside tables and charts."""
    kinds = (app.title, app.markdown, app.caption, app.error, app.warning, app.info, app.sidebar.caption)
    return plain("\n".join(str(element.value) for kind in kinds for element in kind))


def charts(app: AppTest) -> list[dict[str, object]]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def numbers(values: dict[str, str] | list[float | None]) -> list[float]:
    """What Plotly is to draw, given as a list or as packed bytes, without gaps."""
    if isinstance(values, dict):
        values = np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).tolist()
    return [value for value in values if value is not None and value == value]


def downloads(app: AppTest) -> list[str]:
    return [button.proto.label for button in app.get("download_button")]


def calm(app: AppTest) -> None:
    """Fails if something went wrong on the page."""
    assert [problem.value for problem in app.exception] == []
    assert [problem.value for problem in app.error] == []
    assert [problem.value for problem in app.warning] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_on_the_sample(open_app, page):
    app = open_app(page)
    calm(app)
    assert len(titles(app)) == 1
    assert "Sample data" in texts(app)


def test_the_first_page_has_a_chart_and_a_csv_of_as_many_rows_as_there_are_values(open_app):
    app = open_app()
    (chart,) = charts(app)
    drawn = sum(len(numbers(trace["y"])) for trace in chart["data"])  # type: ignore[attr-defined]
    assert drawn > 100
    assert downloads(app)[0] == f"CSV ({drawn:,} rows)"
    kinds = [label.split(" (")[0].split(",")[0] for label in downloads(app)[1:]]
    assert kinds == ["CSV", "Excel", "JSON", "Parquet", "Everything"]


def test_the_first_page_asks_the_first_preset_and_says_so_in_the_address(open_app, asked):
    app = open_app()
    first = next(iter(CATALOGUE.values()))
    assert titles(app) == [first.question]
    assert app.query_params["preset"] == first.id
    assert len(asked) == 1


def test_another_look_asks_nothing_again(open_app, asked):
    app = open_app()
    app.run()
    app.get_by_key("_hide_staging").set_value(False).run()
    assert len(asked) == 1


def kind_of(preset) -> tuple[object, ...]:  # type: ignore[no-untyped-def]
    numbers = [variable for variable in preset.variables if isinstance(variable, NumberVariable)]
    return preset.chart, preset.instant, len(preset.queries) > 1, bool(numbers)


ONE_OF_EACH_KIND = {kind_of(preset): preset for preset in reversed(CATALOGUE.values())}.values()


@pytest.mark.parametrize("preset", ONE_OF_EACH_KIND, ids=lambda preset: preset.id)
def test_a_link_to_a_preset_shows_its_question_and_its_answer(open_app, preset):
    app = open_app(parameters={"preset": preset.id})
    calm(app)
    assert titles(app) == [preset.question]
    assert app.query_params["preset"] == preset.id
    assert "What this number means" in texts(app)
    if preset.instant and "Nothing right now" in texts(app):
        return  # whether a server runs for days just now is up to the hour
    assert len(charts(app)) == (0 if preset.instant else 1), texts(app)
    assert re.fullmatch(r"CSV \([\d,]+ rows?\)", downloads(app)[0])


def test_switching_the_preset_begins_anew_with_its_own_chart_and_split(open_app):
    app = open_app(parameters={"by": "total"})
    assert app.query_params["by"] == "total"
    app.get_by_key("_pill").set_value("servers-running").run()
    calm(app)
    assert CATALOGUE["servers-running"].question in [*titles(app), *texts(app).splitlines()]
    assert app.query_params["preset"] == "servers-running"
    assert app.query_params["by"] == "hub"


LINK = {
    "from": "2026-03-01",
    "to": "2026-03-31",
    "step": "6h",
    "cluster": ["birch", "cedar"],
    "by": "cluster",
    "staging": "show",
}


@pytest.mark.parametrize("page", ["presets", "chart"])
def test_a_link_brings_its_state(open_app, page):
    app = open_app(page, {"preset": "servers-running", **LINK})
    calm(app)
    assert CATALOGUE["servers-running"].question in [*titles(app), *texts(app).splitlines()]
    state = app.session_state
    assert (state["from"], state["to"], state["step"], state["by"]) == ("2026-03-01", "2026-03-31", "6h", "cluster")
    assert list(state["cluster"]) == ["birch", "cedar"] and state["_hide_staging"] is False
    assert [trace["name"] for trace in charts(app)[0]["data"]] == ["birch", "cedar"]  # type: ignore[attr-defined]
    said = texts(app)
    assert "1 Mar – 31 Mar 2026" in said and "birch, cedar" in said and "every 6 h" in said
    assert {name: app.query_params[name] for name in LINK} == LINK


def test_state_stays_when_the_page_is_switched(open_app):
    app = open_app(parameters={"from": "2026-03-01", "to": "2026-03-31", "cluster": ["birch"]})
    for page in ("promql", "sources", "chart", "presets"):
        app.switch_page(f"pages/{page}.py").run()
        calm(app)
        assert (app.session_state["from"], list(app.session_state["cluster"])) == ("2026-03-01", ["birch"])


@pytest.mark.parametrize("page", ["promql", "chart"])
def test_a_link_with_a_query_asks_nothing_before_somebody_runs_it(open_app, asked, page):
    expr = "sum by (namespace) (jupyterhub_total_users)"
    app = open_app(page, {"expr": expr})
    calm(app)
    assert asked == [] and charts(app) == [] and downloads(app) == []
    assert any("Read it, then run it" in note.value for note in app.info)
    run = next(button for button in app.button if button.label == "Run")
    run.click().run()
    calm(app)
    assert asked == [expr] and len(charts(app)) == 1


def in_editor(app: AppTest) -> dict[str, object]:
    """What Python has sent to the PromQL editor."""
    (editor,) = editors(app)
    return json.loads(editor.proto.json)


def editors(app: AppTest) -> list[Any]:
    """The editors on the page, among other components."""
    return [each for each in app.get("bidi_component") if "editor" in each.proto.component_name]


UNASKED = {
    "many series": '{__name__=~".+"}',
    "markdown": "![x](http://tracker.example/x.png)",
    "a preset's own query": CATALOGUE["daily-users"].expr,
}


@pytest.mark.parametrize("expr", UNASKED.values(), ids=UNASKED)
def test_whatever_query_a_link_brings_it_only_fills_the_form(open_app, asked, expr):
    app = open_app("promql", {"expr": expr})
    assert asked == []
    assert in_editor(app)["text"] == expr
    assert "tracker" not in texts(app)


def test_a_plain_field_takes_a_query_too(open_app, set_to, asked):
    set_to({"HUBSCOPE_EDITOR": "plain"})
    app = open_app("promql")
    assert editors(app) == []
    app.text_area[0].set_value("jupyterhub_total_users").run()
    assert asked == []
    app.get_by_key("_run").click().run()
    calm(app)
    assert asked == ["jupyterhub_total_users"] and len(charts(app)) == 1
    for page in ("sources", "promql"):
        app.switch_page(f"pages/{page}.py").run()
    assert app.text_area[0].value == "jupyterhub_total_users"


def test_a_query_about_now_gives_a_table_and_no_chart(open_app):
    app = open_app("promql", {"expr": "jupyterhub_total_users", "mode": "now"})
    app.get_by_key("_run").click().run()
    calm(app)
    assert charts(app) == [] and re.fullmatch(r"CSV \(\d+ rows\)", downloads(app)[0])


REFUSED = {
    "a parse error": ("up{", "Line 1, column 4", "up{\n   ^"),
    "on the second line": ("up +\n  {", "Line 2, column", "  {\n"),
    "an unknown variable": ('up{a="$__x"}', "$__x is not known", 'up{a="$__x"}\n      ^'),
    "only a comment": ("# up", "empty", "# up\n^"),
}


@pytest.mark.parametrize(("expr", "words", "shown"), REFUSED.values(), ids=REFUSED)
def test_a_refused_query_is_a_sentence_with_a_caret(open_app, set_to, expr, words, shown):
    set_to({"HUBSCOPE_EDITOR": "plain"})
    app = open_app("promql", {"expr": expr})
    app.get_by_key("_run").click().run()
    assert not app.exception and len(app.error) == 1
    assert words in plain(app.error[0].value)
    assert any(code.value.startswith(shown) for code in app.code)


def test_where_the_editor_says_what_is_wrong_the_refusal_says_only_that_nothing_was_sent(open_app, asked):
    app = open_app("promql", {"expr": "up +\n  {"})
    app.get_by_key("_run").click().run()
    (fault,) = in_editor(app)["faults"]
    assert (fault["from"], fault["severity"]) == (8, "error")
    assert plain(app.error[0].value) == "**Line 2, column 4: Prometheus cannot read this.** Nothing was sent."
    assert asked == [] and not app.code


UNUSABLE = {
    "a month or a minute": {"from": "1M", "to": "now"},
    "an end before the start": {"from": "2026-03-31", "to": "2026-03-01"},
    "before the calendar": {"from": "0001-01-01", "to": "now"},
    "after the calendar": {"from": "now", "to": "9999-12-31"},
    "markdown": {"from": "![x](http://tracker.example)", "to": "now"},
}


@pytest.mark.parametrize("typed", UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_dates_are_said_and_kept_and_the_usual_time_is_shown(open_app, typed):
    app = open_app(parameters=typed)
    assert not app.exception and not app.error
    (warning,) = app.warning
    assert "last 30 days" in warning.value and "![" not in re.sub("`[^`]*`", "", warning.value)
    assert [field.value for field in app.sidebar.text_input] == [typed["from"], typed["to"]]
    assert (app.query_params["from"], app.query_params["to"]) == (typed["from"], typed["to"])
    assert len(charts(app)) == 1


ODD = {
    "an unknown preset": {"preset": "nope"},
    "an unknown cluster": {"cluster": ["nope"]},
    "an unknown split": {"by": "nope"},
    "a step that is none": {"step": "99999y"},
    "a step of many years": {"step": "20y", "preset": "servers-running"},
    "a time before anything was measured": {"from": "1970-01-01", "to": "1970-01-02", "preset": "servers-running"},
    "a threshold that is no number": {"preset": "long-running-servers", "var-hours": "nan"},
    "an endless threshold": {"preset": "long-running-servers", "var-hours": "inf"},
    "a threshold below nothing": {"preset": "long-running-servers", "var-hours": "-5"},
    "a hub that looks like a variable": {"var-hub": ["$__range", '"}) or up{a="']},
    "names of our own": {"_scope": "x", "_ran": "up", "asked": "expr", "_answers": "x"},
}


@pytest.mark.parametrize("parameters", ODD.values(), ids=ODD)
@pytest.mark.parametrize("page", ["presets", "chart"])
def test_an_odd_link_shows_a_whole_page(open_app, page, parameters):
    app = open_app(page, parameters)
    calm(app)
    assert len(titles(app)) == 1


IN_NEW_YORK = {"preset": "daily-users", "tz": "America/New_York", "from": "2026-11-10", "to": "2026-11-16"}


def test_a_zone_is_the_same_in_subtitle_chart_table_file_and_link(open_app):
    app = open_app(parameters=IN_NEW_YORK)
    calm(app)
    assert app.query_params["tz"] == "America/New_York"
    said = texts(app)
    assert "10 Nov – 16 Nov 2026 ·" in said and "days in America/New_York" in said
    (trace, *_) = charts(app)[0]["data"]  # type: ignore[misc]
    assert trace["x0"] == 1_794_268_800_000 and trace["dx"] == 86_400_000  # 10 November, 00:00 on its clocks
    assert "7 points per series" in said
    (table,) = [frame.value for frame in app.dataframe if "2026-11-16" in frame.value.index]
    assert table.index.name == "Day (America/New_York)" and list(table.index)[-1] == "2026-11-10"


def test_the_zone_is_chosen_in_the_sidebar_and_the_default_is_left_out_of_the_link(open_app):
    app = open_app()
    assert app.get_by_key("_zone").value == "UTC" and "tz" not in app.query_params
    app.get_by_key("_zone").set_value("Asia/Kolkata").run()
    calm(app)
    assert app.query_params["tz"] == "Asia/Kolkata" and "days in Asia/Kolkata" in texts(app)
    app.get_by_key("_zone").set_value("UTC").run()
    assert "tz" not in app.query_params


@pytest.mark.parametrize("tz", ["CST", "../etc/passwd", "![x](http://t.example)"])
def test_a_zone_that_is_none_counts_as_missing(open_app, tz):
    app = open_app(parameters={"tz": tz})
    calm(app)
    assert app.get_by_key("_zone").value == "UTC"


def test_words_for_a_span_are_shown_as_days_before_they_are_asked(open_app):
    app = open_app(parameters={"from": "Q1 2026", "preset": "servers-running"})
    calm(app)
    assert "1 Jan – 31 Mar 2026 · UTC" in texts(app)
    assert app.query_params["from"] == "Q1 2026" and "to" not in app.query_params


def test_days_of_the_calendar_fill_the_boxes(open_app):
    app = open_app(parameters={"from": "2026-03-01", "to": "2026-03-31"})
    (calendar,) = app.date_input
    assert [str(day) for day in calendar.value] == ["2026-03-01", "2026-03-31"]
    calendar.set_value((date(2026, 3, 5), date(2026, 3, 9))).run()
    calm(app)
    assert (app.query_params["from"], app.query_params["to"]) == ("2026-03-05", "2026-03-09")
    assert "5 Mar – 9 Mar 2026" in texts(app)


def test_settings_name_the_zone_the_periods_and_the_fiscal_year(open_app, set_to, tmp_path):
    path = tmp_path / "terms.toml"
    path.write_text('[a]\nname = "Fall 2026"\nfrom = 2026-08-26\nto = 2026-10-18\n[b]\nname = "*B*"\n')
    set_to({"HUBSCOPE_PERIODS": str(path), "HUBSCOPE_ZONE": "Europe/Berlin", "HUBSCOPE_FISCAL_START": "7"})
    app = open_app()
    calm(app)
    assert "terms.toml, line 5, [b], from: This field is missing." in texts(app)
    offered = app.get_by_key("_period")
    assert {"Fall 2026", "Last full fiscal year", "Last full quarter"} <= set(offered.options)
    offered.set_value("2026-08-26 2026-10-18").run()
    calm(app)
    assert "26 Aug – 18 Oct 2026" in texts(app) and "days in Europe/Berlin" in texts(app)
    assert (app.query_params["from"], "tz" in app.query_params) == ("2026-08-26", False)


CHART_LINKS = {
    "another type": ({"chart": "lines"}, 1),
    "the table": ({"chart": "table"}, 0),
    "an unknown type": ({"chart": "pie"}, 1),
    "another number of series": ({"top": "5"}, 1),
    "a number that is not offered": ({"top": "7"}, 1),
}


@pytest.mark.parametrize(("parameters", "drawn"), CHART_LINKS.values(), ids=CHART_LINKS)
def test_the_chart_page_draws_what_the_link_says(open_app, parameters, drawn):
    app = open_app("chart", {"preset": "daily-users", **parameters})
    calm(app)
    assert len(charts(app)) == drawn and ("HTML" in downloads(app)) is bool(drawn)


def test_a_chart_that_does_not_fit_says_why_instead_of_drawing_and_asks_nothing(open_app, asked):
    app = open_app("chart", {"preset": "daily-users", "from": "now-2d", "step": "1h", "chart": "calendar"})
    calm(app)
    assert charts(app) == [] and "A calendar needs one value a day" in texts(app)
    app.get_by_key("chart").set_value("lines").run()
    calm(app)
    assert len(charts(app)) == 1 and len(asked) == 1


def test_title_and_axis_of_the_picture_are_in_the_link_and_another_question_begins_without_them(open_app):
    app = open_app("chart", {"preset": "daily-users", "chart": "lines", "title": "A <b>_title_</b>", "zero": "off"})
    calm(app)
    assert "A <b>_title_</b>" in texts(app)
    (chart,) = charts(app)
    assert chart["layout"]["yaxis"]["rangemode"] == "normal"  # type: ignore[index,call-overload]
    assert app.query_params["title"] == "A <b>_title_</b>"
    app.get_by_key("_zero").set_value(True).run()
    assert "zero" not in app.query_params and charts(app)[0]["layout"]["yaxis"]["rangemode"] == "tozero"  # type: ignore[index,call-overload]


def test_the_frame_of_a_picture_says_what_is_missing_and_where_it_is_from(open_app):
    app = open_app("chart", {"preset": "daily-users"})
    assert "3 of 4 clusters" in texts(app) and "drift: left out, not counted as zero." in texts(app)
    assert "Source: made-up sample data. Hubscope, " in texts(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_streamlit_runs_without_the_entry_point_gets_its_frame_all_the_same(monkeypatch, open_app, page):
    """So it is for the first visitor of a fresh server who opens a link to a page, and here at every run."""
    named: list[object] = []
    navigation = frame.navigation
    monkeypatch.setattr(frame, "navigation", lambda: named.append(1) or navigation())
    app = open_app("presets")
    for _ in range(2):  # also where the run before ended early
        named.clear()
        app.switch_page(f"pages/{page}.py").run()
        calm(app)
        assert len(named) == 2  # once by the page alone, which starts over, and once by the frame around it
        assert [field.label for field in app.sidebar.selectbox] == ["Time", "Time zone", "Step"]
        assert len(titles(app)) == 1


@pytest.mark.parametrize("page", ["presets", "promql"])
def test_a_scope_is_gone_once_the_page_has_ended_also_where_it_stops_early(monkeypatch, open_app, page):
    left: list[object] = []
    draw = frame.draw

    def watched() -> None:
        try:
            draw()
        finally:
            left.append(frame._surrounding.get())

    monkeypatch.setattr(frame, "draw", watched)
    calm(open_app(page))  # nothing was asked on the PromQL page yet, so it stops below its form
    assert left == [None]


def test_a_choice_that_is_taken_back_does_not_return_from_the_address(open_app):
    app = open_app("promql", {"expr": "up", "mode": "now"})
    app.get_by_key("_now").set_value("range").run()
    assert "mode" not in app.query_params
    app.run()
    assert app.get_by_key("_now").value == "range"


MISCONFIGURED = {
    "an address without a token": ({"GRAFANA_URL": "https://g.example"}, "GRAFANA_TOKEN is empty"),
    "a token without an address": ({"GRAFANA_TOKEN": "glsa_canary0canary0"}, "GRAFANA_URL is missing"),
    "a malformed token": (
        {"GRAFANA_URL": "https://g.example", "GRAFANA_TOKEN": "glsa_canary0canary0 x"},
        "GRAFANA_TOKEN is not a token",
    ),
    "a password in the address": (
        {"GRAFANA_URL": "https://me:canary0canary0@g.example", "GRAFANA_TOKEN": "glsa_12345678"},
        "GRAFANA_URL holds a user name",
    ),
    "a missing file of authorities": ({"HUBSCOPE_CA_BUNDLE": "/nowhere/ca.pem"}, "HUBSCOPE_CA_BUNDLE"),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("environment", "words"), MISCONFIGURED.values(), ids=MISCONFIGURED)
def test_a_wrong_setting_is_a_sentence_with_a_hint_and_never_shows_a_token(set_to, open_app, page, environment, words):
    set_to(environment)
    app = open_app(page)
    assert not app.exception and len(app.error) == 1
    shown = plain(app.error[0].value)
    assert words in shown and "  \n" in shown
    assert "canary" not in texts(app) and titles(app) == []


@pytest.mark.parametrize("suggested", sorted({preset.range for preset in CATALOGUE.values()} | {"now-6h", "now-2M"}))
def test_every_range_that_a_preset_may_suggest_has_a_name(suggested):
    name = when._name_of((suggested, "now"))
    assert re.fullmatch(r"Last (\d+ [a-z]+s|[a-z]+)", name) and " 1 " not in name


def test_the_hubs_of_each_cluster_are_listed_when_somebody_opens_the_list(open_app, monkeypatch):
    listed: list[str] = []
    values = cache.label_values
    monkeypatch.setattr(
        cache, "label_values", lambda sources, name, *rest: listed.append(name) or values(sources, name, *rest)
    )
    app = open_app("sources")
    assert listed == []
    app.session_state["_hubs"] = True
    app.run()
    calm(app)
    assert listed == ["namespace"]
    hubs = next(frame.value for frame in app.dataframe if "Hub" in frame.value)
    assert len(hubs) > 3 and (hubs["Count"] > 0).all()
    assert hubs["Hub"].is_unique
    assert {name for text in hubs["Clusters"] for name in text.split(", ")} <= set(cluster_names(app))


def cluster_names(app: AppTest) -> list[str]:
    return list(app.sidebar.multiselect[0].options)


def test_an_answer_that_was_fetched_a_while_ago_says_so_and_can_be_refreshed(open_app, asked, monkeypatch):
    app = open_app()
    assert "Fetched" not in texts(app)
    now = time.time()
    monkeypatch.setattr(frame.time, "time", lambda: now + 200)
    app.run()
    assert "Fetched 3 min ago" in texts(app)
    assert len(asked) == 1
    next(button for button in app.button if button.label == "Refresh").click().run()
    calm(app)
    assert len(asked) == 2
    assert len(charts(app)) == 1


def test_another_look_shares_the_numbers_and_what_one_run_writes_no_other_sees(open_app, monkeypatch):
    seen = []
    ask = asking.ask
    monkeypatch.setattr(asking, "ask", lambda *question: seen.append(ask(*question)) or seen[-1])
    app = open_app()
    app.run()
    one, two = (asked.result.values for asked in seen[-2:])
    assert one is not two and np.shares_memory(one.to_numpy(), two.to_numpy())
    before = two.iloc[0, 0]
    one.iloc[0, 0] = before + 1
    assert two.iloc[0, 0] == before
    app.run()
    assert seen[-1].result.values.iloc[0, 0] == before
