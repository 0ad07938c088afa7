"""The PromQL page: several queries, what pasted ones leave open, history, the builder, and queries saved as presets."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib import cache
from lib.core.history import Run
from lib.core.own_presets import read_own
from lib.core.preset_files import read_catalogue
from lib.core.written import parameter
from lib.ui import written
from tests.pages.conftest import forget

ROOT = Path(__file__).parents[2]
Open = Callable[..., AppTest]
USERS = 'max by (namespace) (jupyterhub_total_users{namespace=~"$hub"})'
SERVERS = "sum by (namespace) (jupyterhub_running_servers)"


@pytest.fixture(autouse=True)
def plain_field(alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Queries are typed into a plain field, since no component can be driven without a browser."""
    monkeypatch.setenv("HUBSCOPE_EDITOR", "plain")


@pytest.fixture
def open_app() -> Open:
    """Opens the PromQL page, or another, with the parameters of an address."""

    def visit(page: str = "promql", **parameters: str | list[str]) -> AppTest:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30)
        for name, value in {"from": "now-2d", "to": "now", "cluster": "birch", **parameters}.items():
            app.query_params[name.replace("var_", "var-")] = value
        app.switch_page(f"pages/{page}.py")
        return app.run()

    return visit


def run(app: AppTest) -> AppTest:
    app.get_by_key("_run").click().run()
    assert not app.exception
    return app


def drawn(body: Callable[[], None], **state: object) -> AppTest:
    """What a dialog holds, drawn by itself: AppTest opens no dialogs. `state` is that of the page around it."""
    app = AppTest.from_function(body, default_timeout=30)
    for name, value in {"asked": "expr", "from": "now-2d", "to": "now", "cluster": ["birch"], **state}.items():
        app.session_state[name] = value
    return app.run()


def the_history() -> None:
    from lib.ui import history  # noqa: PLC0415 - AppTest runs the text of this function alone

    history.panel("UTC")


def the_builder() -> None:
    import streamlit as st  # noqa: PLC0415

    from lib import cache  # noqa: PLC0415
    from lib.core.question import Moments  # noqa: PLC0415
    from lib.ui import builder  # noqa: PLC0415
    from lib.ui.frame import Scope  # noqa: PLC0415

    found, now = cache.discovery(), 1_790_000_000.0
    moments = Moments(now - 172_800, now, now)
    builder.panel(Scope(found.sources[1:2], found, moments, (), True, True, st.container()))


def the_form() -> None:
    from lib.ui import preset_form  # noqa: PLC0415

    preset_form.panel()


def plain(markdown: str) -> str:
    return re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", markdown)


def texts(app: AppTest) -> str:
    kinds = (app.title, app.markdown, app.caption, app.info)
    return plain("\n".join(str(element.value) for kind in kinds for element in kind))


def legend(app: AppTest) -> list[str]:
    (chart,) = app.get("plotly_chart")
    return [str(trace["name"]) for trace in json.loads(chart.proto.spec)["data"]]


def test_a_pasted_query_runs_as_it_stands_and_the_page_says_how_it_was_sent(open_app, asked):
    app = run(open_app(expr=USERS.replace("$hub", "${hub:regex}")))
    assert asked == ["max by (namespace) (jupyterhub_total_users)"]
    assert "Sent as max by (namespace) (jupyterhub_total_users)" in texts(app)
    assert len(app.get("plotly_chart")) == 1


def test_a_query_without_variables_says_nothing_about_how_it_was_sent(open_app):
    assert "Sent as" not in texts(run(open_app(expr=SERVERS)))


def test_what_a_link_chose_for_a_variable_is_sent_and_stays_in_the_address(open_app, asked):
    app = open_app(expr=USERS, var_hub=["prod"])
    assert asked == []
    run(app)
    assert asked == ['max by (namespace) (jupyterhub_total_users{namespace=~"prod"})']
    assert app.query_params["var-hub"] == ["prod"] or app.query_params["var-hub"] == "prod"


def test_a_choice_that_no_query_has_a_place_for_leaves_the_address(open_app):
    assert "var-hub" not in run(open_app(expr=SERVERS, var_hub=["prod"])).query_params


def test_a_number_is_a_control_that_asks_again_and_stands_in_the_address(open_app, asked):
    app = run(open_app(expr=f"{SERVERS} > $least"))
    field = app.get_by_key("_typed_number_least")
    assert (plain(field.label), field.value) == ("$least", 1)
    field.set_value(3.0).run()
    assert [query.rpartition(">")[2] for query in asked] == [" 1", " 3"]
    assert app.query_params["var-least"] in ("3", ["3"])


def test_a_text_that_nobody_gave_is_named_and_nothing_is_sent(open_app, asked):
    app = run(open_app(expr="rate(jupyterhub_request_duration_seconds_count[$window])"))
    assert asked == [] and "$window has no value yet" in plain(app.error[0].value)
    app.get_by_key("_typed_text_window").set_value("1h").run()
    assert not app.error and asked == ["rate(jupyterhub_request_duration_seconds_count[1h])"]


def test_a_value_that_would_change_the_query_is_refused(open_app, asked):
    app = run(open_app(expr="rate(jupyterhub_request_duration_seconds_count[$window])", var_window="1h]) or (up[5m"))
    assert asked == [] and "cannot have this value" in plain(app.error[0].value)


def test_a_matcher_of_any_label_may_be_left_open(open_app, asked):
    run(open_app(expr='jupyterhub_active_users{period=~"$window", namespace="prod"}', var_window="7d"))
    assert asked == ['jupyterhub_active_users{period=~"7d", namespace="prod"}']


@pytest.fixture
def two(open_app) -> AppTest:
    return run(open_app(expr=USERS, expr_b=SERVERS, name_b="Servers"))


def test_two_queries_over_one_range_are_named_in_the_legend_and_in_the_file(two, monkeypatch):
    written: dict[str, Callable[[], bytes]] = {}
    button = st.download_button
    monkeypatch.setattr(
        st, "download_button", lambda *text, **more: written.update({more["key"]: text[1]}) or button(*text, **more)
    )
    two.run()
    assert {name.split(" / ")[0] for name in legend(two)} == {"A", "Servers"}, legend(two)
    rows = list(csv.DictReader(io.StringIO(written["_download_csv_long"]().decode("utf-8-sig"))))
    assert {row["query"] for row in rows} == {"A", "Servers"}


def test_two_queries_are_never_added_up(two):
    two.get_by_key("by").set_value("total").run()
    assert sorted(legend(two)) == ["A", "Servers"]


def test_two_queries_have_a_link_each_and_the_chart_page_shows_both(two, open_app, asked):
    address = {name: two.query_params[name] for name in ("expr", "expr_b", "name_b")}
    app = open_app("chart", **address)
    assert asked == [] and [code.value for code in app.code] == [USERS, SERVERS]
    next(button for button in app.button if button.label == "Run").click().run()
    assert len(app.get("plotly_chart")) == 1 and "Servers" in str(legend(app))
    assert {name: app.query_params[name] for name in address} == address


def test_one_more_query_may_be_added_and_taken_out_again(open_app):
    app = run(open_app(expr=SERVERS))
    for count in (2, 3, 4):
        app.get_by_key("_add_query").click().run()
        assert len(app.text_area) == count
    assert not any(button.key == "_add_query" for button in app.button)
    app.text_area[3].set_value("up")
    app.get_by_key("_remove_a").click().run()
    assert [field.value for field in app.text_area] == ["", "", "up"]
    assert "expr" not in app.query_params and app.query_params["expr_c"] in ("up", ["up"])


def test_a_refused_query_is_told_under_its_own_field_and_takes_no_other_away(open_app):
    app = run(open_app(expr=SERVERS, expr_b="sum(", expr_c='up{a="$__x"}'))
    assert len(app.error) == 2 and len(app.get("plotly_chart")) == 1
    assert [code.value.split("\n")[0] for code in app.code if "^" in code.value] == ["sum(", 'up{a="$__x"}']
    fields = [element for element in app.main if element.type in ("text_area", "error")]
    assert [element.type for element in fields] == ["text_area", "text_area", "error", "text_area", "error"]


def test_what_our_own_reading_refuses_can_be_sent_all_the_same(open_app, asked):
    app = run(open_app(expr=SERVERS, expr_b="rate(jupyterhub_running_servers)"))
    assert asked == [SERVERS] and "cannot read this" in app.error[0].value
    app.get_by_key("_as_is_b").click().run()
    assert asked[1:] == [SERVERS, "rate(jupyterhub_running_servers)"]
    assert len(app.error) == 1 and len(app.get("plotly_chart")) == 1  # the sample refuses it as Prometheus does
    assert not any(button.label == "Send it anyway" for button in app.button)
    app.text_area[1].set_value("rate(up)")
    assert len(run(app).error) == 1 and "rate(up)" not in asked  # another text is another question


def test_an_error_is_shown_where_it_was_typed_though_a_matcher_before_it_went(open_app):
    app = run(open_app(expr='sum(up{namespace=~"$hub"}) +'))
    assert any(code.value.startswith('sum(up{namespace=~"$hub"}) +\n') for code in app.code)


def test_a_preset_comes_into_the_fields_with_its_hubs_still_open(open_app):
    preset = read_catalogue()["unique-people"]
    addresses = {parameter(each.letter): each.text for each in written.as_written(preset)}
    assert list(addresses.values()) == [query.expr for query in preset.queries]
    app = run(open_app(**addresses, preset="unique-people"))
    assert "changed by you" not in texts(app) and len(app.get("plotly_chart")) == 1


def test_runs_are_noted_newest_first_and_the_same_once_more_is_one(open_app):
    app = run(open_app(expr=SERVERS, step="6h"))
    app.text_area[0].set_value("sum(")
    run(app)
    run(app)
    app.run()  # another look is no run
    newest, oldest = app.session_state["_history"]
    assert (newest.queries[0].text, newest.refused, newest.rows) == ("sum(", True, 0)
    assert (oldest.queries[0].text, oldest.refused) == (SERVERS, False) and oldest.rows > 0
    assert dict(oldest.state)["step"] == "6h" and dict(oldest.state)["cluster"] == ("birch",)


RUNS = (
    Run((("cluster", ("birch",)), ("expr", SERVERS), ("step", "6h"), ("var-hub", ("prod",))), 12, 0.5, 1_795_000_000),
    Run((("expr", "sum("), ("expr_b", "up")), 0, 0.0, 1_794_000_000, refused=True),
)


def test_the_history_tells_of_each_run_and_finds_it_again():
    app = drawn(the_history, _history=RUNS)
    assert "every 6h · birch · 12 rows · 0.5 s" in texts(app) and "all clusters · refused" in texts(app)
    app.get_by_key("_history_search").set_value("RUNNING birch").run()
    assert len([button for button in app.button if button.label == "Restore"]) == 1
    app.get_by_key("_history_clear").click().run()
    assert app.session_state["_history"] == ()


def test_a_run_is_restored_with_its_time_and_choices_and_waits_for_a_click():
    app = drawn(the_history, _history=RUNS, _draft="typed", _draft_b="b", expr_b="b")
    app.get_by_key("_history_restore_0").click().run()
    state = app.session_state
    assert (state["_draft"], state["_draft_b"], state["expr"], state["expr_b"]) == (SERVERS, "", SERVERS, "")
    assert (state["step"], list(state["cluster"]), state["var-hub"], state["_ran"]) == (
        "6h",
        ["birch"],
        ("prod",),
        None,
    )


def test_the_builder_writes_promql_into_the_empty_field():
    app = drawn(the_builder)
    app.get_by_key("_builder_search").set_value("running servers").run()
    app.get_by_key("_builder_only").set_value(["namespace"]).run()
    app.get_by_key("_builder_value_namespace").set_value(["prod"]).run()
    app.get_by_key("_builder_take_a").click().run()
    assert app.session_state["_draft"] == 'sum by (namespace) (\n  jupyterhub_running_servers{namespace="prod"}\n)'
    assert "_ran" not in app.session_state


def test_the_builder_takes_nothing_away_that_was_written():
    app = drawn(the_builder, _draft=SERVERS, expr=SERVERS)
    app.get_by_key("_builder_search").set_value("total users").run()
    app.get_by_key("_builder_take_b").click().run()
    assert app.session_state["_draft"] == SERVERS
    assert app.session_state["_draft_b"] == "sum by (namespace) (\n  jupyterhub_total_users\n)"


FORM = {"question": "How many?", "title": "My servers", "means": "Servers.", "care": "Not people."}


def filled_in(app: AppTest) -> AppTest:
    assert "Still to fill in" in texts(app)
    for name, value in FORM.items():
        app.get_by_key(f"_preset_{name}").set_value(value).run()
    assert "Still to fill in" not in texts(app) and not app.error and not app.exception
    return app


def test_a_query_becomes_a_preset_to_download():
    app = filled_in(drawn(the_form, _draft=USERS))
    assert [button.proto.label for button in app.get("download_button")] == ["Download TOML"]
    assert any(code.value.startswith("[my-servers]") and USERS in code.value for code in app.code)


def test_queries_become_a_preset_of_the_folder_and_of_the_gallery(tmp_path, monkeypatch):
    monkeypatch.setenv("HUBSCOPE_PRESETS", str(tmp_path))
    forget()
    app = filled_in(drawn(the_form, _draft=f"{SERVERS} > $least", _draft_b="up", expr_b="up", **{"var-least": ("2",)}))
    app.get_by_key("_preset_save").click().run()
    assert not app.error and len(app.success) == 1
    (preset,) = read_own(tmp_path).presets.values()
    assert [(query.name, query.expr) for query in preset.queries] == [("A", f"{SERVERS} > $least"), ("B", "up")]
    assert preset.numbers[0].default == 2 and preset.id in cache.catalogue()
    forget()
