"""What a preset leaves open, in the sidebar and in the address: a number, and values of labels."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib import cache
from lib.core.preset_files import read_catalogue
from lib.core.variables import LabelVariable, NumberVariable

ROOT = Path(__file__).parents[2]
CATALOGUE = read_catalogue()
OLD = "old-servers"  # has a number, for operators
Open = Callable[..., AppTest]


@pytest.fixture
def open_app() -> Open:
    """Opens a page with the parameters of an address, as a visitor with a link does.

    The time is named, since between two runs AppTest cannot tell what a preset suggests.
    """

    def visit(page: str = "presets", **parameters: str | list[str]) -> AppTest:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30)
        for name, value in {"from": "now-7d", "to": "now", **parameters}.items():
            app.query_params[name.replace("_", "-")] = value
        if page != "presets":
            app.switch_page(f"pages/{page}.py")
        app.run()
        calm(app)
        return app

    return visit


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every label whose values somebody asked for."""
    labels: list[str] = []
    values = cache.label_values
    monkeypatch.setattr(
        cache, "label_values", lambda sources, name, *rest: labels.append(name) or values(sources, name, *rest)
    )
    return labels


def calm(app: AppTest) -> None:
    """Fails if something went wrong on the page."""
    assert [problem.value for problem in (*app.exception, *app.error, *app.warning)] == []


def plain(markdown: str) -> str:
    """Text as a reader sees it, without the backslashes that keep it from being markdown."""
    return re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", markdown)


def shown(app: AppTest) -> str:
    """The queries as the page says they were sent."""
    return "\n".join(code.value for code in app.code if code.language == "promql")


def address(app: AppTest) -> dict[str, list[str]]:
    """The variables in the address."""
    values = {name: value for name, value in app.query_params.items() if name.startswith("var-")}
    return {name: [value] if isinstance(value, str) else list(value) for name, value in values.items()}


def test_a_number_that_is_changed_stands_in_the_query_and_in_the_address(open_app: Open, asked: list[str]) -> None:
    app = open_app(preset=OLD)
    field = app.get_by_key("_number_hours")
    assert (plain(field.label), field.value) == ("Longer than (hours)", 8)
    assert "> 8 * 3600" in shown(app)
    assert address(app) == {}
    field.set_value(2.5).run()
    calm(app)
    assert "> 2.5 * 3600" in shown(app)
    assert address(app) == {"var-hours": ["2.5"]}
    assert ["> 8 * 3600" in query for query in asked] == [True, False]
    assert app.get_by_key("_number_hours").value == 2.5


def test_a_number_that_is_set_back_leaves_the_address(open_app: Open) -> None:
    app = open_app(preset=OLD, var_hours="1")
    assert "> 1 * 3600" in shown(app)
    app.get_by_key("_number_hours").set_value(8.0).run()
    calm(app)
    assert "> 8 * 3600" in shown(app)
    assert address(app) == {}
    app.run()
    assert app.get_by_key("_number_hours").value == 8


@pytest.mark.parametrize("page", ["presets", "chart"])
def test_an_address_brings_a_number_and_hubs(open_app: Open, asked: list[str], page: str) -> None:
    app = open_app(page, preset=OLD, var_hours="0", var_hub=["prod", "a.b"])
    [query] = asked
    assert "> 0 * 3600" in query
    assert 'namespace=~"prod|a\\\\.b"' in query
    assert address(app) == {"var-hours": ["0"], "var-hub": ["prod", "a.b"]}


UNUSABLE = ["", "many", "nan", "inf", "-1", "1e15", "1e400", "8; drop", "0x10", "1" * 300]


@pytest.mark.parametrize("number", UNUSABLE)
def test_a_number_that_nobody_could_type_counts_as_the_usual_one(open_app: Open, number: str) -> None:
    app = open_app(preset=OLD, var_hours=number)
    assert "> 8 * 3600" in shown(app)
    assert app.get_by_key("_number_hours").value == 8


UNKNOWN = {
    "a name that nobody knows": {"var_nope": "x"},
    "a variable of Grafana's own": {"var___interval": "1s"},
    "a name in capitals": {"var_HUB": "prod"},
    "a name that is none": {"var_": "prod"},
    "a known one that this preset has not": {"var_group": "staff"},
    "a value with a control character": {"var_hub": "a\nb"},
    "a value that is too long": {"var_hub": "x" * 201},
}


@pytest.mark.parametrize("parameters", UNKNOWN.values(), ids=UNKNOWN)
def test_a_variable_that_the_preset_does_not_have_changes_nothing(open_app: Open, parameters: dict[str, str]) -> None:
    usual, app = open_app(preset=OLD), open_app(preset=OLD, **parameters)
    assert shown(app) == shown(usual)
    assert [plain(field.label) for field in app.number_input] == ["Longer than (hours)"]


def test_hubs_that_were_chosen_stay_chosen_for_another_question(open_app: Open, asked: list[str]) -> None:
    app = open_app(preset="daily-users", var_hub="prod")
    app.get_by_key("_pill").set_value("servers-running").run()
    calm(app)
    assert ['namespace=~"prod"' in query for query in asked] == [True, True]
    assert address(app) == {"var-hub": ["prod"]}


def test_a_page_that_nobody_filters_asks_for_no_values(open_app: Open, listed: list[str]) -> None:
    app = open_app(preset="daily-users")
    app.run()
    calm(app)
    assert listed == []


def kinds() -> dict[frozenset[str], str]:
    """For each combination of variables one preset that has it."""
    return {frozenset(each.name for each in preset.variables): preset.id for preset in CATALOGUE.values()}


@pytest.mark.parametrize("preset", sorted(kinds().values()))
def test_every_variable_of_a_preset_has_its_widget(open_app: Open, preset: str) -> None:
    app = open_app(preset=preset)
    variables = CATALOGUE[preset].variables
    numbers = [variable for variable in variables if isinstance(variable, NumberVariable)]
    labels = [variable for variable in variables if isinstance(variable, LabelVariable)]
    assert [field.value for field in app.number_input] == [number.default for number in numbers]
    openers = [each.proto.popover.label for each in app.sidebar.get("popover")]
    assert openers == [f"All {variable.words.lower()}" for variable in labels]


def test_a_chart_with_fewer_marks_and_fewer_points_says_both(open_app):
    app = open_app(preset="servers-running", **{"from": "now-1y"}, step="1h")
    told = plain(" ".join(caption.value for caption in app.caption))
    assert "bars would be too many for a browser: drawn as an area." in told
    assert "points per series those that shape the picture are drawn; the CSV has all." in told
