"""Reports of every preset that shows people, made of the sample: nobody is named in any of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lib.core.merging import combine, merge
from lib.core.preset_files import read_catalogue
from lib.core.presets import Preset
from lib.core.pseudonyms import Pseudonyms, names_people
from lib.core.query import InstantQuery
from lib.core.question import Moments, Question
from lib.core.report import Heading, write
from lib.core.report_sections import Part
from lib.core.result import Answer
from lib.core.settings import Settings
from lib.core.time_range import DAY
from lib.core.view import Choices
from lib.sources import Source, ask_all, connect

NOW = datetime.now(UTC).timestamp()
WORDS = ("username", "directory", "jupyter-", "Personal data")
PEOPLE = [
    pytest.param(preset, id=preset.id)
    for preset in read_catalogue().values()
    if any(word in preset.care + "".join(query.expr for query in preset.queries) for word in WORDS)
]
LISTED = ("jupyterhub_user_group_info", "kube_pod_annotations", "dirsize_total_size_bytes", "kube_pod_info")


@pytest.fixture(scope="module")
def cluster() -> Source:
    return next(source for source in connect(Settings()).sources if source.name == "aurora")


@pytest.fixture(scope="module")
def names(cluster: Source) -> frozenset[str]:
    """Every spelling of everybody's name that any label of the sample has."""
    found: set[str] = set()
    for metric in LISTED:
        query = InstantQuery(f"last_over_time({metric}[3d])", int(NOW))
        for outcome in ask_all([cluster], query):
            assert isinstance(outcome.answer, Answer)
            for labels in outcome.answer.labels:
                found |= {value for label, value in labels.items() if names_people(label)}
                found |= {labels["pod"].removeprefix("jupyter-")} if "jupyter-" in labels.get("pod", "") else set()
    return frozenset(found)


def report(cluster: Source, preset: Preset, chosen: tuple[str, ...], pseudonyms: Pseudonyms | None) -> str:
    """A report of the last hours in which a preset is asked, if it may be, about chosen people alone."""
    question = Question.of_preset(preset, {"user": chosen} if "$user" in preset.expr else {})
    start = NOW - (DAY if question.instant else 0.25 * DAY)
    puts = Moments(start, NOW, NOW).put(question)
    result = combine([(put.name, merge(put.query, ask_all([cluster], put.query))) for put in puts])
    heading = Heading(question.title, start, NOW, NOW, "UTC", f"https://hubs.example/?var-user={chosen[0]}")
    return write([Part(question, puts, result, Choices(hide_staging=False))], heading, pseudonyms)


@pytest.mark.parametrize("preset", PEOPLE)
def test_nobody_is_named_in_a_shared_report(cluster: Source, names: frozenset[str], preset: Preset) -> None:
    text = report(cluster, preset, tuple(sorted(names))[:2], Pseudonyms(b"key"))
    assert [name for name in names if name in text] == []


def test_people_are_named_where_somebody_asks_for_it(cluster: Source, names: frozenset[str]) -> None:
    assert len(names) > 300
    text = report(cluster, read_catalogue()["home-sizes"], ("ada",), None)
    assert len([name for name in names if name in text]) > 10
