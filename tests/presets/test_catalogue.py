"""Every preset of the catalogue: its words, its PromQL, and how it is found."""

from __future__ import annotations

import itertools
import re
from collections import Counter

import promql_parser
import pytest

from lib.core.needs import metrics_of
from lib.core.preset_files import read_catalogue
from lib.core.preset_search import search
from lib.core.presets import NamedQuery, Preset
from lib.core.promql import check, fill
from lib.core.time_range import DAY, HOUR, TimeRange
from lib.core.variables import Choice, LabelVariable, put_in

CATALOGUE = read_catalogue()
PRESETS = [pytest.param(preset, id=preset.id) for preset in CATALOGUE.values()]
QUERIES = [
    pytest.param(preset, query, id=f"{preset.id}/{query.name}".rstrip("/").replace(" ", "-"))
    for preset in CATALOGUE.values()
    for query in preset.queries
]
GRID = TimeRange(0, 7 * DAY, HOUR)
AWKWARD = ("plain", "a.b|c", 'say "hi"', "back\\slash", "cash$money", "Zoë@example.org")
# Series named after people: pods, directories, user names.
PERSONAL = {"annotation_hub_jupyter_org_username", "label_hub_jupyter_org_username", "pod", "directory", "username"}
# Machines and what runs on them have no hub; the monitoring runs beside the hubs.
WITHOUT_HUB = re.compile(r"machine|pool-|nfs-|monitoring-|memory-kills")


def filled(preset: Preset, query: NamedQuery, values: tuple[str, ...]) -> str:
    """The query as it is sent, with the same values chosen for each of its label variables."""
    choices: dict[str, Choice] = {each.name: values for each in preset.variables if isinstance(each, LabelVariable)}
    return fill(put_in(query.expr, preset.variables, choices), GRID).text


def nodes(text: str) -> list[object]:
    """Every node of the tree, parents first."""
    found: list[object] = []

    def visit(node: object) -> bool:
        found.append(node)
        return True

    promql_parser.walk(promql_parser.parse(text), visit)
    return found


def selectors(text: str) -> list[promql_parser.VectorSelector]:
    inner = [getattr(node, "vector_selector", node) for node in nodes(text)]
    return [node for node in inner if isinstance(node, promql_parser.VectorSelector)]


def shape(text: str) -> list[str]:
    """The tree without its matchers: what is asked of which metric, in order."""
    return [getattr(node, "name", "") or type(node).__name__ for node in nodes(text)]


def labels_of(preset: Preset) -> set[str]:
    """The labels that a preset's series have, as far as its outermost aggregation or its legend says."""
    outer = {
        label
        for query in preset.queries
        for group in re.findall(r"\A\w+ by \(([^)]*)\)", query.expr)
        for label in group.replace(" ", "").split(",")
    }
    return outer | set(re.findall(r"\{\{ (\w+) \}\}", preset.legend))


@pytest.mark.parametrize("preset", PRESETS)
def test_its_words_say_what_a_number_means_and_are_few(preset: Preset) -> None:
    assert preset.question.endswith("?")
    assert len(preset.title.split()) <= 5
    assert len(f"{preset.means} {preset.care}".split()) <= 60
    assert preset.means.endswith(".")
    assert preset.care.endswith(".")
    assert len(preset.synonyms) >= 2


# What is not measured at every scrape, and the words that say how old a value may be.
SELDOM = {
    "jupyterhub_active_users": r"every hour|add",
    "dirsize_": r"hours old|measured directory by directory",
    "jupyterhub_user_group_info": r"hourly",
}


@pytest.mark.parametrize("preset", PRESETS)
def test_a_number_that_is_measured_seldom_says_how_often(preset: Preset) -> None:
    for metric, words in SELDOM.items():
        if any(name.startswith(metric) for name in metrics_of(preset)):
            assert re.search(words, f"{preset.means} {preset.care}", re.IGNORECASE), metric


def test_no_two_presets_have_one_title_or_one_question() -> None:
    presets = CATALOGUE.values()
    counts = Counter(text for preset in presets for text in (preset.title, preset.question))
    assert [text for text, count in counts.items() if count > 1] == []


@pytest.mark.parametrize(("preset", "query"), QUERIES)
def test_its_promql_parses_and_choices_change_matchers_only(preset: Preset, query: NamedQuery) -> None:
    check(query.expr)
    everything, chosen = (filled(preset, query, values) for values in ((), AWKWARD))
    assert "$" not in re.sub(r"\$1|\[\$\]", "", everything + chosen)
    assert shape(everything) == shape(chosen)


@pytest.mark.parametrize(("preset", "query"), [each for each in QUERIES if not WITHOUT_HUB.match(str(each.id))])
def test_a_chosen_hub_reaches_every_selector(preset: Preset, query: NamedQuery) -> None:
    for selector in selectors(filled(preset, query, ("prod",))):
        matchers = {(each.name, each.value) for each in selector.matchers.matchers}
        assert ("namespace", "prod") in matchers, selector.name


@pytest.mark.parametrize("preset", PRESETS)
def test_series_named_after_people_are_for_operators_and_say_so(preset: Preset) -> None:
    if labels_of(preset) & PERSONAL:
        assert preset.audience == "operators"
        assert "Personal data" in preset.care


@pytest.mark.parametrize("preset", PRESETS)
def test_values_that_do_not_add_up_are_not_added_up(preset: Preset) -> None:
    if preset.unit in ("percentunit", "seconds") or "quantile" in preset.expr:
        assert not preset.adds


@pytest.mark.parametrize("preset", PRESETS)
def test_a_table_is_about_one_moment_and_nothing_else_is(preset: Preset) -> None:
    assert preset.instant == (preset.chart == "table")
    assert preset.step == 0 if preset.instant else preset.step > 0


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("how many users", ["daily-users", "weekly-users", "monthly-users"]),
        ("failed server starts", ["failed-starts"]),
        ("disk full", ["home-space-left"]),
        ("kernel dies", ["memory-per-server"]),
        ("who uses", ["hours-by-person", "last-seen"]),
        ("unique users", ["unique-people"]),
        ("unique MAU", ["unique-people"]),
        ("total MAU", ["monthly-users"]),
        ("sign-ups", ["new-accounts"]),
        ("server hours", ["server-hours"]),
        ("downtime", ["hub-up"]),
        ("cost", ["memory-reserved"]),
        ("how long sessions", ["session-length"]),
        ("GPU", ["gpu-servers"]),
    ],
)
def test_what_people_type_finds_it_first(typed: str, first: list[str]) -> None:
    found = [preset.id for preset in search(CATALOGUE.values(), typed)]
    assert found[: len(first)] == first


def test_the_everyday_presets_come_before_those_for_operators() -> None:
    for _, presets in itertools.groupby(CATALOGUE.values(), key=lambda preset: preset.subject):
        audiences = [preset.audience for preset in presets]
        assert audiences == sorted(audiences)
