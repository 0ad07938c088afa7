"""What reads everything is asked about before it is sent; nothing that people need is."""

from __future__ import annotations

import pytest

from lib.core.cost import check_cost
from lib.core.errors import CostlyError
from lib.core.preset_files import read_catalogue
from lib.core.promql import fill
from lib.core.time_range import DAY, TimeRange
from lib.core.variables import put_in
from lib.core.written import AS_IS, from_state, make_ready

YEAR = 365 * DAY

COSTLY = {
    "every name": '{__name__=~".+"}',
    "every name, counted": 'count by (__name__) ({__name__!=""})',
    "a label that is there": 'topk(10, count by (job) ({job=~".+"}))',
    "a pattern in brackets": '{__name__=~"(.+)"}',
    "all but one": 'sum(rate({__name__=~".+", job!="node"}[5m]))',
    "beside what is cheap": 'up + on () group_left count({namespace=~".*", __name__=~".+"})',
    "a year by the second": "max_over_time(up[1y:1s])",
    "a year by the minute, since no step is named": "max_over_time(up[1y:])",
    "inside another": "avg_over_time(max_over_time(up[2y:1m])[1d:1h])",
}
FINE = {
    "a metric": "up",
    "a metric with a pattern": 'up{job=~".+"}',
    "a label with a value": '{job="node"}',
    "names that begin alike": '{__name__=~"jupyterhub_.*"}',
    "a subquery as people write them": "max_over_time(sum(up)[1d:5m])",
    "a month by the minute": "max_over_time(up[30d:1m])",
    "a long range without steps": "rate(up[1y])",
    "what cannot be read": "sum(((",
    "a text that looks like one": 'label_replace(up, "a", "{__name__=~\\".+\\"}", "", "")',
}


@pytest.mark.parametrize("expr", COSTLY.values(), ids=COSTLY)
def test_what_reads_everything_is_asked_about_with_what_it_costs(expr: str) -> None:
    with pytest.raises(CostlyError) as caught:
        check_cost(expr, 30 * DAY, 6)
    assert "all 6 clusters" in caught.value.message and "Or run it anyway." in caught.value.hint


@pytest.mark.parametrize("expr", FINE.values(), ids=FINE)
def test_what_people_need_is_not(expr: str) -> None:
    check_cost(expr, 30 * DAY, 6)


def test_no_preset_is() -> None:
    for preset in read_catalogue().values():
        for query in preset.queries:
            expr = fill(put_in(query.expr, preset.variables, {}), TimeRange(0, YEAR, DAY)).text
            check_cost(expr, YEAR, 30)


def test_one_that_somebody_wants_all_the_same_is_sent_as_it_is() -> None:
    text = COSTLY["every name"]
    for insisted, sent in ((frozenset(), ()), (frozenset({text}), ("a",))):
        made = make_ready(from_state({"expr": text, AS_IS: insisted}), {}, span=DAY, clusters=2)
        assert made.letters == sent and bool(made.errors) is not bool(sent)


def test_a_range_that_a_variable_stands_for_counts_as_long_as_it_is() -> None:
    def errors(days: int) -> bool:
        state = {"expr": "max_over_time(up[$__range:1m])"}
        return bool(make_ready(from_state(state), {}, span=days * DAY, clusters=2).errors)

    assert errors(365) and not errors(30)
