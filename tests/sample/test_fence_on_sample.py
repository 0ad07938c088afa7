"""The built-in sample limited to one hub: no preset, list or file knows another one."""

from __future__ import annotations

import time

import pytest

from lib import ask
from lib.core.errors import AppError, QueryError
from lib.core.preset_files import read_catalogue
from lib.core.presets import Preset
from lib.core.query import InstantQuery
from lib.core.question import Moments, Question
from lib.core.settings import Settings
from lib.core.time_range import DAY, HOUR
from lib.sources import Source, connect

NOW = int(time.time()) // HOUR * HOUR
PRESETS = read_catalogue()


def sources(hubs: tuple[str, ...] | None) -> dict[str, Source]:
    return {source.name: source for source in connect(Settings(hubs=hubs)).sources}


CLUSTER, (HUB, *OTHERS) = next(
    (name, found)
    for name, source in sources(None).items()
    if len(found := source.label_values("namespace", "jupyterhub_running_servers", NOW - DAY, NOW)) > 1
)
LIMITED = sources((HUB,))[CLUSTER]


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_shows_the_one_hub_only(preset: Preset) -> None:
    for put in Moments(NOW - 6 * HOUR, NOW, NOW, 6 * HOUR, hubs=(HUB,)).put(Question.of_preset(preset)):
        found = LIMITED.ask(put.query)
        assert {labels.get("namespace", HUB) for labels in found.labels} <= {HUB}
        assert put.sent.expr.count("namespace=") > put.query.expr.count("namespace=")


def test_lists_name_the_one_hub_only() -> None:
    assert LIMITED.label_values("namespace", "", NOW - HOUR, NOW) == (HUB,)
    free = sources(None)[CLUSTER]
    for label in ("username",):
        of_hub = free.label_values(label, f'{{namespace="{HUB}"}}', NOW - HOUR, NOW)
        assert LIMITED.label_values(label, "", NOW - HOUR, NOW) == of_hub
    assert "node_cpu_seconds_total" in free.metadata()
    assert "node_cpu_seconds_total" not in LIMITED.metadata()
    assert "jupyterhub_running_servers" in LIMITED.metadata()


def test_machines_that_belong_to_no_hub_are_not_shown() -> None:
    query = InstantQuery("count(node_cpu_seconds_total)", NOW)
    assert sources(None)[CLUSTER].ask(query).labels
    assert not LIMITED.ask(query).labels


def test_a_table_in_a_terminal_is_limited_by_the_settings_and_says_so() -> None:
    expr = "sum by (namespace) (jupyterhub_running_servers)"
    found = ask.answer(expr, "now-6h", settings=Settings(hubs=(HUB,)), staging=True, clusters=[CLUSTER])
    table = found.frame()
    assert set(table["namespace"]) == {HUB}
    assert found.about.queries == (("", f'sum by (namespace) (jupyterhub_running_servers{{namespace="{HUB}"}})'),)


def test_what_cannot_be_limited_is_refused_before_anybody_is_asked() -> None:
    with pytest.raises(QueryError, match="cannot be limited") as caught:
        Moments(NOW - HOUR, NOW, NOW, hubs=(HUB,)).put(Question.of_expr('rate(up[$__rate_interval]) + {"up"}'))
    assert (caught.value.line, caught.value.column) == (1, 31)
    with pytest.raises(AppError, match="no hub"):
        ask.answer("up", "now-1h", settings=Settings(hubs=()))
