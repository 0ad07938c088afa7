"""What is asked of data sources is refused to those who may not ask it, whichever way of the code leads there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lib import cache
from lib.core.emptiness import Look
from lib.core.errors import AccessError, AppError
from lib.core.preset_files import read_catalogue
from lib.core.query import InstantQuery
from lib.core.question import Moments, Question
from lib.core.time_range import DAY
from lib.core.variables import LABEL_VARIABLES, LabelVariable
from lib.ui import permitted
from lib.ui.editor.answers import Completions
from tests.pages.conftest import forget

NOW = 1_794_000_000
MOMENTS = Moments(NOW - DAY, NOW, NOW)
TYPED, PRESET = Question.of_expr("up"), Question.of_preset(read_catalogue()["daily-users"])
TYPED_VARIABLE = LabelVariable("job", "Jobs", "job", "up")


def look(question: Question) -> Look:
    put = MOMENTS.put(question)[0]
    return Look(put.filled, put.query.grid, NOW)


FREE: dict[str, Callable[[Any], object]] = {
    "a typed question": lambda sources: permitted.start(TYPED, MOMENTS.put(TYPED), sources),
    "a preset's queries under a typed question": lambda sources: permitted.start(TYPED, MOMENTS.put(PRESET), sources),
    "a step of a query": lambda sources: permitted.ask_freely(sources, InstantQuery("up", NOW)),
    "why a typed question is empty": lambda sources: permitted.reasons(TYPED, sources, look(TYPED)),
    "names of labels": lambda sources: permitted.label_names(sources, "up", NOW - DAY, NOW),
    "values of a label": lambda sources: permitted.label_values(sources, "job", "up", NOW - DAY, NOW),
    "metrics": lambda sources: permitted.metric_catalogue(sources, NOW - DAY, NOW),
    "values for a typed query": lambda sources: permitted.values_of(TYPED_VARIABLE, sources, NOW - DAY, NOW),
}
ASKS = ({"kind": "catalogue"}, {"kind": "labels", "match": "up"}, {"kind": "values", "label": "job"})
READY_MADE: dict[str, Callable[[Any], object]] = {
    "a preset": lambda sources: permitted.start(PRESET, MOMENTS.put(PRESET), sources),
    "a preset in a report": lambda sources: permitted.ask_of_presets(sources, MOMENTS.put(PRESET)[0].query),
    "why a preset is empty": lambda sources: permitted.reasons(PRESET, sources, look(PRESET)),
    "which presets have data": lambda sources: permitted.collected(sources, NOW),
    "hubs to choose from": lambda sources: permitted.values_of(LABEL_VARIABLES["hub"], sources, NOW - DAY, NOW),
}


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    forget()
    yield
    forget()


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What gets as far as the caches, which are not asked here."""
    names: list[str] = []
    for name in ("start", "ask", "reasons", "label_names", "label_values", "metric_names", "metric_catalogue"):
        monkeypatch.setattr(cache, name, lambda *_, _n=name, **__: names.append(_n))
    return names


@pytest.mark.parametrize("way", FREE.values(), ids=FREE)
def test_promql_is_asked_for_those_who_may_write_it_only(
    way: Callable[[Any], object], reached: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    way(())
    assert len(reached) == 1
    monkeypatch.setenv("HUBSCOPE_PROMQL", "no")
    forget()
    with pytest.raises(AccessError, match="ready-made questions only") as caught:
        way(())
    assert len(reached) == 1 and caught.value.hint


@pytest.mark.parametrize("way", READY_MADE.values(), ids=READY_MADE)
def test_ready_made_questions_are_asked_for_both(
    way: Callable[[Any], object], reached: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBSCOPE_PROMQL", "no")
    way(())
    assert len(reached) == 1


@pytest.mark.parametrize("way", [*FREE.values(), *READY_MADE.values()], ids=[*FREE, *READY_MADE])
def test_nothing_is_asked_where_the_settings_of_access_are_wrong(
    way: Callable[[Any], object], reached: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBSCOPE_ALLOW", "*")
    with pytest.raises(AppError):
        way(())
    assert reached == []


def test_an_editor_that_was_open_before_gets_no_completions(
    reached: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBSCOPE_PROMQL", "no")
    for ask in ASKS:
        assert Completions((), NOW - DAY, NOW).answer({"id": 1, **ask}) == {"id": 1, "values": [], "whole": True}
    assert reached == []
