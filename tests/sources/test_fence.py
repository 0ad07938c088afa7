"""A source limited to hubs: whoever asks is told the same as if no other hub existed, whatever the query tries.

Two servers answer: one holds every hub, the other the allowed ones only. A limited source over the first has to say
exactly what one over the second says. It is shown on Prometheus, on VictoriaMetrics, and with the sample's evaluator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from lib.core.errors import QueryError
from lib.core.fence import fenced
from lib.core.query import InstantQuery
from lib.sample.promql import MemoryStorage, PromQLError, evaluate_range
from lib.sources import hubs_of, narrowed
from tests.promql.get_around import ALLOWED, END, FORBIDDEN, GET_AROUND, START, STEP, series
from tests.sources.walls import SERVERS, Sides, opened, tried

pytestmark = pytest.mark.prometheus


@pytest.fixture(scope="module", params=SERVERS)
def sides(request: pytest.FixtureRequest) -> Iterator[Sides]:
    with opened(request.param) as both:
        yield both


@pytest.mark.parametrize("text", GET_AROUND.values(), ids=GET_AROUND)
def test_no_query_gets_around_the_fence(sides: Sides, text: str) -> None:
    found = tried(sides, text)
    assert found.leaks == []
    assert all(error.message.endswith(".") and error.hint for error in found.refusals)


def test_most_of_these_queries_are_answered_and_with_something() -> None:
    """Else the comparison would say nothing. What is refused is no PromQL of Prometheus 2.42, or is made to be odd."""
    answered = [text for text in GET_AROUND.values() if fences(text)]
    assert len(GET_AROUND) >= 200
    assert len(answered) >= 150


def fences(text: str) -> bool:
    try:
        return bool(fenced(text, ALLOWED).text)
    except QueryError:
        return False


def test_the_samples_of_the_others_would_show(sides: Sides) -> None:
    free = replace(sides.walled, hubs=None)
    total = free.ask(InstantQuery("sum(m)", END)).values.max()
    limited = sides.walled.ask(InstantQuery("sum(m)", END)).values.max()
    assert total > 1e9 > limited > 0
    assert any("-of-" in each for each in free.label_values("pod", "", START, END))


@pytest.mark.parametrize(
    "match", ["", "m", '{__name__=~".+"}', '{pod=~".*-of-.*"}', 'm{namespace="secret"}', "user_info # {"]
)
def test_lists_of_names_and_values_have_nothing_of_other_hubs(sides: Sides, match: str) -> None:
    for name in ("namespace", "pod", "user", "Namespace", "le", "__name__"):
        found = sides.walled.label_values(name, match, START, END)
        assert found == sides.alone.label_values(name, match, START, END)
        assert not any("-of-" in value for value in found)
    assert sides.walled.label_names(match, START, END) == sides.alone.label_names(match, START, END)
    assert set(sides.walled.label_values("namespace", "", START, END)) == set(ALLOWED)


@pytest.mark.parametrize("match", ["m or m", 'm{namespace="north" or namespace="secret"}', '{"m"}', "m} or {"])
def test_a_list_for_a_selector_that_cannot_be_limited_is_refused(sides: Sides, match: str) -> None:
    with pytest.raises(QueryError):
        sides.walled.label_values("pod", match, START, END)


def test_one_hub_and_none(sides: Sides) -> None:
    north = narrowed(sides.walled, ["north", "secret"])
    assert north.hubs == ("north",)
    assert set(north.label_values("namespace", "", START, END)) == {"north"}
    assert {labels["namespace"] for labels in north.ask(InstantQuery("m", END)).labels} == {"north"}
    nobody = narrowed(sides.walled, ["secret"])
    assert nobody.hubs == ()
    for ask in (
        lambda: nobody.ask(InstantQuery("vector(1)", END)),
        lambda: nobody.label_values("namespace", "", START, END),
        lambda: nobody.label_names("", START, END),
    ):
        with pytest.raises(QueryError, match="no hub"):
            ask()
    assert hubs_of([north, sides.walled]) == ALLOWED
    assert hubs_of([north, sides.free]) is None
    assert hubs_of([]) is None
    assert hubs_of([nobody]) == ()


@pytest.mark.parametrize("text", GET_AROUND.values(), ids=GET_AROUND)
def test_nor_does_one_with_the_evaluator_of_the_sample(text: str) -> None:
    try:
        walled = fenced(text, ALLOWED).text
    except QueryError:
        return
    assert evaluated(walled, EVERYBODY) == evaluated(walled, ALONE)
    if "absent" not in text:
        assert evaluated(walled, EVERYBODY) == evaluated(text, ALONE)


EVERYBODY, ALONE = (MemoryStorage(series(hubs)) for hubs in (ALLOWED + FORBIDDEN, ALLOWED))


def evaluated(text: str, storage: MemoryStorage) -> object:
    try:
        found = evaluate_range(text, storage, START * 1_000, END * 1_000, STEP * 1_000)
    except PromQLError as error:
        return error.kind
    return repr(found)
