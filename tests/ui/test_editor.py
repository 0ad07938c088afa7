"""The PromQL editor as Python has it: the bundle is what the sources say, and its questions are answered."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from lib import cache
from lib.cache import configured
from lib.core.metadata import KnownMetric, MetricCatalogue, MetricInfo
from lib.core.settings import Settings
from lib.core.time_range import DAY
from lib.sources import connect
from lib.ui.editor import BUNDLE, answers
from lib.ui.editor.answers import MOST_HELPS, MOST_VALUES, Completions
from lib.ui.editor.verdict import verdict
from tests.prometheus_server import demand_programs
from tests.promql.verdicts import browser

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "lib" / "ui" / "editor"
LARGEST = 250_000  # bytes that a visitor waits for, compressed
NOW = 1_790_000_000


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources with the packages of the lock file."""
    demand_programs("node", "npm", package="nodejs npm")
    folder = tmp_path_factory.mktemp("editor") / "editor"
    shutil.copytree(SOURCES, folder, ignore=shutil.ignore_patterns("node_modules", "*.py", "__pycache__"))
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    if done.returncode and os.environ.get("CI") != "true":
        pytest.skip(f"npm could not get the packages: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stderr
    return folder


def run(workshop: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=workshop, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-4_000:]


def test_the_committed_bundle_is_what_the_sources_give(workshop: Path, tmp_path: Path) -> None:
    run(workshop, "node", "build.mjs", str(tmp_path))
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert built.keys() == {path.name for path in BUNDLE.parent.glob("promql_editor*")}
    assert [name for name, content in built.items() if content != (BUNDLE.parent / name).read_bytes()] == []


def test_the_sources_have_no_type_errors(workshop: Path) -> None:
    run(workshop, "npm", "run", "check")


def test_the_sources_pass_their_own_tests(workshop: Path) -> None:
    run(workshop, "npm", "test")


def test_the_bundle_is_small() -> None:
    assert len(gzip.compress(BUNDLE.read_bytes(), 9)) <= LARGEST


def test_the_lock_file_names_no_registry() -> None:
    lock = (SOURCES / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock and not re.search(r"https?://registry", lock)
    assert lock.count('"integrity"') > 15


def test_the_bundle_asks_nobody_and_brings_no_other_address() -> None:
    bundle = BUNDLE.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[\w.-]+", bundle)) <= {"http://www.w3.org"}
    assert "XMLHttpRequest" not in bundle and "WebSocket" not in bundle


@pytest.fixture(scope="module")
def completions() -> Iterator[Completions]:
    """Over the sample, one cluster of which is down."""
    st.cache_data.clear()
    st.cache_resource.clear()
    with pytest.MonkeyPatch.context() as patch:
        found = connect(Settings())
        patch.setattr(configured, "discovery", lambda: found)
        patch.setattr(answers, "PATIENCE", 60)  # a busy machine takes none of the answers away
        yield Completions.over(found.sources, NOW - 3 * DAY, NOW)
    st.cache_data.clear()
    st.cache_resource.clear()


def test_the_catalogue_has_names_types_and_helps_of_all_clusters(completions: Completions) -> None:
    answer = completions.answer({"id": 7, "kind": "catalogue"})
    assert (answer["id"], answer["whole"]) == (7, False)  # one cluster of the sample is down
    lists = answer["catalogue"]
    place = lists["names"].index("jupyterhub_active_users")
    assert (lists["types"][place], lists["helps"][place]) == ("gauge", "Number of active users.")
    assert len(lists["names"]) == len(lists["types"]) == len(lists["helps"]) > 20


def test_labels_and_values_are_those_of_the_series_in_question(completions: Completions) -> None:
    labels = completions.answer({"id": 8, "kind": "labels", "match": "jupyterhub_active_users"})["values"]
    assert {"namespace", "period"} <= set(labels) and "__name__" not in labels
    ask = {"id": 9, "kind": "values", "label": "period", "match": "jupyterhub_active_users"}
    assert completions.answer(ask)["values"] == ["24h", "30d", "7d"]
    ask |= {"match": 'jupyterhub_active_users{period="nothing"}'}
    assert completions.answer(ask)["values"] == []


UNUSABLE = {
    "no kind": {"id": 1},
    "another kind": {"id": 1, "kind": "secrets"},
    "no label": {"id": 1, "kind": "values"},
    "a label that is none": {"id": 1, "kind": "values", "label": "../x"},
    "a selector that is none": {"id": 1, "kind": "labels", "match": 'up{a="'},
    "an empty selector": {"id": 1, "kind": "labels", "match": "{}"},
    "an endless selector": {"id": 1, "kind": "labels", "match": "u" * 100_000},
}


@pytest.mark.parametrize("ask", UNUSABLE.values(), ids=UNUSABLE)
def test_a_question_that_makes_no_sense_is_answered_with_nothing(completions: Completions, ask) -> None:
    answer = completions.answer(ask)
    assert (answer["id"], answer["values"]) == (1, [])


def test_moments_of_one_day_ask_the_same_and_another_choice_does_not(completions: Completions) -> None:
    sources = completions.sources
    scopes = {Completions.over(sources, NOW - 3 * DAY + moved, NOW + moved).scope for moved in range(0, 3_600, 600)}
    assert scopes == {completions.scope}
    others = {Completions.over(sources[:2], NOW - 3 * DAY, NOW).scope, Completions.over(sources, NOW, NOW + DAY).scope}
    assert len(others | scopes) == 3


def catalogue_of(count: int) -> MetricCatalogue:
    info = MetricInfo("gauge", "Help.")
    return MetricCatalogue(tuple(KnownMetric(f"m{number:05}", info, ("aurora",)) for number in range(count)))


@pytest.mark.parametrize(("count", "helps"), [(MOST_HELPS, MOST_HELPS), (50_000, 0)])
def test_help_texts_travel_unless_there_are_very_many(completions, monkeypatch, count: int, helps: int) -> None:
    monkeypatch.setattr(cache, "metric_catalogue", lambda *args, **more: catalogue_of(count))
    lists = completions.answer({"id": 1, "kind": "catalogue"})["catalogue"]
    assert [len(lists[part]) for part in ("names", "types", "helps")] == [count, count, helps]


def test_a_metric_that_only_some_clusters_have_says_which(completions, monkeypatch) -> None:
    monkeypatch.setattr(cache, "metric_catalogue", lambda *args, **more: catalogue_of(1))
    assert completions.answer({"id": 1, "kind": "catalogue"})["catalogue"]["helps"] == ["Help.\nOnly in aurora."]


def test_very_many_values_are_cut(completions, monkeypatch) -> None:
    many = {"aurora": tuple(map(str, range(2 * MOST_VALUES)))}
    monkeypatch.setattr(cache, "label_values", lambda *args, **more: many)
    assert len(completions.answer({"id": 1, "kind": "values", "label": "pod"})["values"]) == MOST_VALUES


def test_the_verdict_has_places_in_characters_words_and_advice() -> None:
    typed = '# 🐍\r\nsum(up{a="🐍"}) + rate(up)'
    assert verdict(typed) == [
        {
            "from": 26,
            "to": 28,
            "severity": "error",
            "message": 'expected type range vector in call to function "rate", got instant vector. '
            "Give it a range in square brackets, such as [$__rate_interval].",
        }
    ]


def test_what_a_newer_server_may_know_is_only_a_warning() -> None:
    (told,) = verdict("mad_over_time(up[5m])")
    assert (told["severity"], told["from"], told["to"]) == ("warning", 0, 13)
    assert told["message"].endswith("A newer server may know it, so it is sent.")
    (told,) = verdict("mad_over_time(up[5m])", sent=False)
    assert told["message"].endswith("It is not sent where hubs are limited.")


@pytest.mark.parametrize("typed", ["", " \n", "# only words", "up", 'rate(a{b="$hub"}[$__interval]) > $least'])
def test_nothing_is_wrong_with_what_is_right_or_not_begun(typed: str) -> None:
    assert verdict(typed) == []


def test_what_the_linter_says_can_be_asked_without_a_browser(workshop: Path) -> None:
    queries = ["up", 'up{a="🐍"} + rate(up)', "sum(up"]
    said = browser(queries, workshop)
    assert [at and at.at for at in map(said, queries)] == [None, 17, 5]
