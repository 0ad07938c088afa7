"""Why an answer is empty: each reason, found on a real Prometheus, with a fix that has an answer there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lib.core.emptiness import MOST_PROBES, Look, Probe, Reason, Told, Values, Why, investigate, of_hubs
from lib.core.errors import SourceError
from lib.core.promql import fill
from lib.core.query import InstantQuery, RangeQuery
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.core.time_range import DAY, HOUR, MINUTE, TimeRange
from lib.sources import Source, connect
from tests.prometheus_server import running_prometheus, running_victoria_metrics

NOON = 1_790_000_000 // DAY * DAY + DAY // 2
RANGE = TimeRange(NOON - 6 * HOUR, NOON, MINUTE)
HOURLY = TimeRange(NOON - 6 * HOUR, NOON, HOUR)


def samples() -> str:
    """A day of two hubs each minute; a metric measured at thirteen past every hour; one that ended ten days ago."""
    lines = ["# TYPE users gauge"]
    for hub in ("prod", "staging"):
        lines += [f'users{{namespace="{hub}"}} {3 if hub == "prod" else 7} {at}' for at in range(NOON - DAY, NOON, 60)]
    lines += ["# TYPE capacity gauge"]
    lines += [f'capacity{{hub="prod"}} 100 {at}' for at in range(NOON - DAY, NOON, 60)]
    lines += ["# TYPE activity gauge"]
    lines += [f'activity{{namespace="prod"}} 5 {at}' for at in range(NOON - 5 * DAY + 13 * MINUTE, NOON, HOUR)]
    lines += ["# TYPE old gauge"]
    lines += [f'old{{namespace="prod"}} 1 {at}' for at in range(NOON - 20 * DAY, NOON - 10 * DAY + 1, 60)]
    return "\n".join([*lines, "# EOF", ""])


def connected(base: str) -> Iterator[Source]:
    found = connect(Settings(prometheuses=(PrometheusSettings("direct", base),))).sources[0]
    yield found
    found.api.transport.close()


@pytest.fixture(scope="module")
def source() -> Iterator[Source]:
    with running_prometheus(samples()) as base:
        yield from connected(base)


@pytest.fixture(scope="module")
def victoria() -> Iterator[Source]:
    with running_victoria_metrics(samples()) as base:
        yield from connected(base)


def tell(source: Source, probe: Probe) -> Told:
    try:
        if isinstance(probe, Values):
            return source.label_values(probe.label, probe.match, probe.start, probe.end)
        return source.ask(probe)
    except SourceError:
        return None


def why(source: Source, typed: str, grid: TimeRange, now: float = NOON + HOUR) -> tuple[Reason | None, int]:
    """The reason, and how many probes it took."""
    probing, told, probes = investigate(Look(fill(typed, grid), grid, now)), None, 0
    while True:
        try:
            probe = probing.send(told)
        except StopIteration as ended:
            return ended.value, probes
        told, probes = tell(source, probe), probes + 1


def has_series(source: Source, typed: str, grid: TimeRange) -> bool:
    text = fill(typed, grid).text
    query = InstantQuery(text, grid.end) if grid.points == 1 else RangeQuery(text, grid)
    return bool(source.ask(query).labels)


MOMENT = TimeRange(NOON - 30, NOON - 30, 1)
LATE = TimeRange(NOON - 5 * MINUTE, NOON - 5 * MINUTE, 1)
AUGUST = TimeRange(NOON - 40 * DAY, NOON - 30 * DAY, DAY)
BROKEN_OFF = TimeRange(NOON - 9 * DAY, NOON - 6 * DAY, HOUR)

# What was asked, about which time; why it is empty; words of the sentence; the fixes.
EMPTY: dict[str, tuple[str, TimeRange, Why, str, list[str]]] = {
    "a metric with a slip": (
        "sum by (namespace) (user{namespace=~'p.*'}) + 1",
        RANGE,
        Why.UNKNOWN,
        "no metric user",
        ["sum by (namespace) (users{namespace=~'p.*'}) + 1"],
    ),
    "a metric like no other": ("sum(zzzzqqqq)", RANGE, Why.UNKNOWN, "no metric zzzzqqqq", []),
    "a metric at one moment": ("usres", MOMENT, Why.UNKNOWN, "no metric usres", ["users"]),
    "a value with a slip": (
        'users{namespace="prd"}',
        RANGE,
        Why.NO_MATCH,
        'none of its series has namespace="prd"',
        ['users{namespace="prod"}'],
    ),
    "the second of two matchers": (
        'rate(users{namespace=~"prod|x", job="hub"}[5m])',
        RANGE,
        Why.NO_MATCH,
        'none of its series has job="hub"',
        ['rate(users{namespace=~"prod|x"}[5m])'],
    ),
    "a pattern without a match": (
        'max(users{namespace=~"stag"})',
        MOMENT,
        Why.NO_MATCH,
        'namespace=~"stag"',
        ['max(users{namespace="staging"})'],
    ),
    "matchers that only meet one by one": (
        'users{namespace="prod", namespace="staging"}',
        RANGE,
        Why.NO_MATCH,
        "at once",
        [],
    ),
    "only names by a pattern": ('{__name__=~"nothing.*"}', RANGE, Why.NO_MATCH, "No series fits", []),
    "a time before the data": ("users", AUGUST, Why.OUTSIDE, "begins on 20 Sep 2026, around 12:00 UTC", []),
    "a time after the data": (
        "max_over_time(old[1h])",
        BROKEN_OFF,
        Why.OUTSIDE,
        "ends on 11 Sep 2026, around 12:00 UTC",
        [],
    ),
    "a time that has not begun": (
        "users",
        TimeRange(NOON + DAY, NOON + 2 * DAY, HOUR),
        Why.FUTURE,
        "in the future",
        [],
    ),
    "hourly samples and hourly steps": (
        'sum(activity{namespace="prod"})',
        HOURLY,
        Why.BETWEEN,
        "between the steps",
        ['sum(last_over_time(activity{namespace="prod"}[1h]))'],
    ),
    "hourly samples and short windows": (
        "max_over_time(activity[5m])",
        HOURLY,
        Why.BETWEEN,
        "between the windows",
        ["max_over_time(activity[1h])"],
    ),
    "hourly samples and a subquery by the hour": (
        "max_over_time(activity[6h:1h])",
        MOMENT,
        Why.BETWEEN,
        "between the steps",
        ["max_over_time(last_over_time(activity[1h])[6h:1h])"],
    ),
    "hourly samples and one moment": (
        "activity",
        LATE,
        Why.BETWEEN,
        "minutes before this moment",
        ["last_over_time(activity[1d])"],
    ),
    "a comparison": (
        "sum by (namespace) (users) > 8 # many",
        RANGE,
        Why.FILTERED,
        "The comparison > 8 leaves everything out; without it, values go from 3 to 7.",
        ["sum by (namespace) (users) # many"],
    ),
    "a comparison inside": (
        "count(8 < users) by (namespace) / 2",
        MOMENT,
        Why.FILTERED,
        "8 <",
        ["count(users) by (namespace) / 2"],
    ),
    "a comparison of two sides": (
        'users{namespace="prod"} > on () capacity',
        MOMENT,
        Why.FILTERED,
        "no pair of them",
        ['users{namespace="prod"}'],
    ),
    "a comparison in brackets": (
        "(users or capacity) > 500 and users",
        RANGE,
        Why.FILTERED,
        "from 3 to 100",
        ["(users or capacity) and users"],
    ),
    "a join by a label of one side": (
        "users / on (namespace) capacity",
        RANGE,
        Why.NO_PAIR,
        "Both sides of / have series",
        ["users", "capacity"],
    ),
    "a join by all labels": ("users and capacity", MOMENT, Why.NO_PAIR, "the same labels", ["users", "capacity"]),
    "nothing left by unless": ("users unless users", RANGE, Why.EXCLUDED, "partner", ["users"]),
    "one side without data": (
        "capacity * on (hub) capacty",
        RANGE,
        Why.UNKNOWN,
        "capacty",
        ["capacity * on (hub) capacity"],
    ),
    "a window with one sample": (
        "rate(users[30s])",
        RANGE,
        Why.TOO_FEW,
        "rate() needs two samples in its window of 30s",
        ["rate(users[2m])"],
    ),
    "nothing absent": ("absent(users)", MOMENT, Why.PRESENT, "absent()", []),
    "a variable stays as it was typed": (
        "sum(rate(usrs[$__rate_interval])) + sum(users)",
        RANGE,
        Why.UNKNOWN,
        "usrs",
        ["sum(rate(users[$__rate_interval])) + sum(users)"],
    ),
}


@pytest.mark.prometheus
@pytest.mark.parametrize(("typed", "grid", "kind", "words", "fixes"), EMPTY.values(), ids=EMPTY)
def test_an_empty_answer_has_its_reason_and_a_way_on(source, typed, grid, kind, words, fixes):
    assert not has_series(source, typed, grid)
    reason, probes = why(source, typed, grid)
    assert reason is not None and reason.why is kind, reason
    assert words in reason.message
    assert [fix.expr for fix in reason.fixes][: len(fixes)] == fixes and bool(reason.fixes) == bool(fixes)
    assert all(has_series(source, fix.expr, grid) for fix in reason.fixes)
    assert probes <= MOST_PROBES


# VictoriaMetrics looks back as far as its samples are apart, and rate() there takes the sample before the window.
ONLY_PROMETHEUS = {name for name, (*_, kind, _, _) in EMPTY.items() if kind in (Why.BETWEEN, Why.TOO_FEW)}


@pytest.mark.prometheus
@pytest.mark.parametrize("name", [name for name in EMPTY if name not in ONLY_PROMETHEUS])
def test_victoria_metrics_gives_the_same_reason(victoria, name):
    typed, grid, kind, words, fixes = EMPTY[name]
    assert not has_series(victoria, typed, grid)
    reason, _ = why(victoria, typed, grid)
    assert reason is not None and (reason.why, [fix.expr for fix in reason.fixes][: len(fixes)]) == (kind, fixes)


def test_a_cluster_that_does_not_answer_gives_no_reason_and_no_error():
    for failing in range(MOST_PROBES):
        probing = investigate(Look(fill('rate(a{b="c"}[5m]) > 1', RANGE), RANGE, NOON))
        told: Told = None
        with pytest.raises(StopIteration) as ended:
            for place in range(MOST_PROBES + 1):
                probe = probing.send(told)
                told = None if place == failing else () if isinstance(probe, Values) else None
        assert ended.value.value is None


@pytest.mark.parametrize("expr", ["sum(", "(" * 200 + "x" + ")" * 200, "1", "vector(1) > 2"])
def test_what_cannot_be_looked_into_gives_no_reason(expr):
    probing = investigate(Look(fill(expr, RANGE), RANGE, NOON))
    with pytest.raises(StopIteration) as ended:
        probing.send(None)
        probing.send(None)
    assert ended.value.value is None


def test_what_others_collect_is_said_to_be_hidden_and_not_to_be_missing():
    missing = Reason(Why.UNKNOWN, "There is no metric x.")
    told = of_hubs(missing, ("a", "b"))
    assert told.why is Why.HUBS
    assert told.message == "You see the hubs a and b; this question has no rows for them."
    assert "not shown" in told.hint
    assert of_hubs(None, ("a",)).message == "You see the hub a; this question has no rows for it."
    many = of_hubs(None, tuple(f"hub-{number}" for number in range(40)))
    assert "hub-4 and 35 more;" in many.message


def test_a_reason_that_lies_in_the_query_stays_and_all_stay_where_all_hubs_may_be_seen():
    filtered, missing = Reason(Why.FILTERED, "Too high."), Reason(Why.UNKNOWN, "There is no metric x.")
    assert of_hubs(filtered, ("a",)) is filtered
    assert of_hubs(missing, None) is missing
    assert of_hubs(None, None) is None
