"""Long queries in parts: what is joined is what one request would have brought, from whatever was kept before."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from lib.cache.store import Store, Terms
from lib.core import parts as planning
from lib.core.errors import Kind, QueryError, SourceError
from lib.core.query import Query, RangeQuery
from lib.core.result import Answer
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.core.time_range import DAY, HOUR, MINUTE, TimeRange
from lib.sources import Cancel, Source, connect
from lib.sources.parts import ask_in_parts
from tests.answers.made import answer_of
from tests.prometheus_server import running_prometheus, running_victoria_metrics

NOW = int(time.time()) // 60 * 60
SPAN = 12 * HOUR  # of samples up to now, one a minute; and a week before that, one an hour
SIZE = 60  # points of a part, small enough that the same can be asked at once

EXPRESSIONS = (
    "users",
    "users > 20",
    "sum by (hub) (users)",
    "topk(2, users)",
    "bottomk by (hub) (1, users)",
    "users @ end()",
    "users - users @ start()",
    "max_over_time(users[1h] @ end())",
    "users offset 37m",
    "users offset -25m",
    "rate(starts_total[5m])",
    "increase(starts_total[1h])",
    "avg_over_time(users[17m])",
    "max_over_time(sum(users)[30m:5m])",
    "rate(starts_total[10m:1m])",
    "sum(users @ end() offset 10m) / sum(users)",
    "absent(users)",
    'absent(users{hub="gone"})',
    "absent_over_time(users[10m])",
    "scalar(sum(users))",
    "time()",
    "vector(1)",
    "hour() + minute()",
    "1 + 1",
    'count_values("value", users % 3)',
    "late",
    "late or users",
    "users unless on (hub) late",
    "gappy",
    "timestamp(gappy)",
    "changes(gappy[30m])",
    "gappy / 0",
    "nothing",
    'label_replace(users, "name", "$1", "hub", "(.).*")',
    "histogram_quantile(0.9, sum by (le) (rate(took_bucket[10m])))",
    "predict_linear(users[20m], 600)",
    "resets(starts_total[3h])",
    "users # a comment with @ end()\n > 5",
)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")


def samples() -> str:
    """Gauges, a counter that starts anew, a series that begins late, one with gaps and NaN, and a histogram."""
    minutes = range(NOW - SPAN, NOW + 1, MINUTE)
    hours = range((NOW - 9 * DAY) // HOUR * HOUR, NOW - SPAN, HOUR)
    times = [*hours, *minutes]
    draw = random.Random(1)
    lines = ["# TYPE users gauge"]
    for hub in ("prod", "staging", "workshop"):
        lines += [f'users{{hub="{hub}"}} {draw.randint(0, 40)} {at}' for at in times]
    lines += [
        "# TYPE late gauge",
        *(f'late{{hub="prod"}} {at % 97 / 7!r} {at}' for at in minutes if at > NOW - SPAN / 3),
    ]
    lines += ["# TYPE gappy gauge"]
    kept = [at for at in minutes if at // MINUTE % 50 > 12]
    lines += [f"gappy {'NaN' if at // MINUTE % 31 == 0 else at % 13} {at}" for at in kept]
    lines += ["# TYPE starts counter"]
    for hub in ("prod", "staging"):
        lines += [f'starts_total{{hub="{hub}"}} {(at // MINUTE) % 211 * 3} {at}' for at in times]
    lines += ["# TYPE took histogram"]
    for bound, share in (("1", 1), ("5", 3), ("+Inf", 4)):
        lines += [f'took_bucket{{le="{bound}"}} {(at - times[0]) // MINUTE * share} {at}' for at in minutes]
    return "\n".join([*lines, "# EOF", ""])


@contextlib.contextmanager
def source_at(url: str) -> Iterator[Source]:
    source = connect(Settings(prometheuses=(PrometheusSettings("lab", url),))).sources[0]
    yield source
    source.api.transport.close()


@pytest.fixture(scope="module")
def prometheus() -> Iterator[Source]:
    with running_prometheus(samples()) as url, source_at(url) as source:
        yield source


def at_once(source: Source, query: RangeQuery) -> Answer:
    """What one request brings for each evenly spaced piece of the range, and nothing else of ours."""
    grid = query.time_range
    expr = planning.write_out_ends(query.expr, grid) if len(grid.runs) > 1 else query.expr
    answers = [source.api.ask(RangeQuery(expr, run)) for run in grid.runs]
    pieces = [planning.Part(RangeQuery(expr, run), range(run.points), 0, lasting=False) for run in grid.runs]
    starts = np.cumsum([0, *(run.points for run in grid.runs[:-1])]).tolist()
    return planning.join(query, [replace(p, at=at) for p, at in zip(pieces, starts, strict=True)], answers)


def same(one: Answer, other: Answer) -> None:
    """Fails unless two answers have the same series, in one order, with the same values, gaps and NaN, bit for bit."""
    assert (one.type, one.grid) == (other.type, other.grid)
    assert [dict(labels) for labels in one.labels] == [dict(labels) for labels in other.labels]
    np.testing.assert_array_equal(one.values, other.values)
    nans = [np.zeros(each.values.shape, bool) if each.nan is None else each.nan for each in (one, other)]
    np.testing.assert_array_equal(*nans)


@dataclass
class Kept:
    """Stands in front of a source as the cache does, and counts what it lets through."""

    store: Store = field(default_factory=lambda: Store(10**9))
    sent: list[Query] = field(default_factory=list)

    def through(self, asked: Query, lasting: bool, fetch: Callable[[], Answer], stop: Cancel) -> Answer:
        def send() -> Answer:
            self.sent.append(asked)
            return fetch()

        return self.store.get(asked, Terms(DAY if lasting else 0), send, stop)


def in_parts(source: Source, query: RangeQuery, kept: Kept | None) -> Answer:
    def fetch(asked: Query, lasting: bool, stop: Cancel) -> Answer:
        send = lambda: source.api.ask(asked, stop)  # noqa: E731
        return kept.through(asked, lasting, send, stop) if kept else send()

    return ask_in_parts(query, fetch, now=time.time(), seconds=60, size=SIZE)


def questions(count: int) -> Iterator[RangeQuery]:
    """Random ranges, most of them over several parts; half end today, some a little after now, some in the past."""
    draw = random.Random(5)
    for number in range(count):
        step = draw.choice([MINUTE, MINUTE, 5 * MINUTE, 7 * MINUTE, HOUR, DAY])
        end = NOW + draw.choice([0, 0, 90, -draw.randint(0, SPAN)])
        length = draw.choice([draw.randint(0, SPAN), draw.randint(SIZE, 9 * SIZE) * step])
        grid = TimeRange.aligned(max(end - min(length, 9 * DAY), NOW - 9 * DAY), end, step, draw.choice(ZONES))
        if draw.random() < 0.3 and not grid.by_day:  # a grid that stands beside the usual one
            grid = replace(grid, start=grid.start + 13, end=grid.end + 13)
        yield RangeQuery(EXPRESSIONS[number % len(EXPRESSIONS)], grid)


@pytest.mark.prometheus
def test_200_random_questions_in_parts_are_answered_as_at_once(prometheus: Source) -> None:
    """Without a cache, with an empty one, and from one that has seen everything before."""
    kept = Kept()
    many = 0
    for query in questions(200):
        expected = at_once(prometheus, query)
        for answer in (in_parts(prometheus, query, None), *(in_parts(prometheus, query, kept) for _ in range(2))):
            same(answer, expected)
        many += expected.grid.points > SIZE
    assert many > 100
    again = len(kept.sent)
    for query in questions(200):
        in_parts(prometheus, query, kept)
    assert len(kept.sent) - again < again / 2  # most of it lies in the past


@pytest.mark.parametrize("expr", ["users", "rate(starts_total[5m])", "max_over_time(users[1h] @ end())", "late"])
def test_victoria_metrics_gives_in_parts_what_it_gives_at_once(victoria: Source, expr: str) -> None:
    query = RangeQuery(expr, TimeRange.aligned(NOW - SPAN, NOW - HOUR, MINUTE))
    answer, expected = in_parts(victoria, query, None), at_once(victoria, query)
    assert answer.parts > 5 and expected.labels
    order = [expected.labels.index(labels) for labels in answer.labels]
    np.testing.assert_allclose(answer.values, expected.values[order])


@pytest.fixture(scope="module")
def victoria() -> Iterator[Source]:
    with running_victoria_metrics(samples()) as url, source_at(url) as source:
        yield source


LONG = RangeQuery("users", TimeRange.aligned(NOW - 4 * SIZE * MINUTE, NOW - HOUR, MINUTE))


@dataclass
class Server:
    """Answers every instant with 1 unless `refuses` has something against the question. Keeps what it was asked."""

    refuses: Callable[[RangeQuery], SourceError | None] = lambda query: None
    warns: Callable[[RangeQuery], bool] = lambda query: False
    asked: list[RangeQuery] = field(default_factory=list)

    def __call__(self, query: Query, lasting: bool, stop: Cancel) -> Answer:
        assert isinstance(query, RangeQuery)
        self.asked.append(query)
        if refusal := self.refuses(query):
            raise refusal
        points = query.grid.points
        made = replace(answer_of([({}, [1.0] * points)], points), grid=query.grid)
        return replace(made, warnings=("partial",)) if self.warns(query) else made

    def answer(self, query: RangeQuery) -> Answer:
        return ask_in_parts(query, self, now=NOW, seconds=30, size=SIZE)


def beyond(query: RangeQuery) -> bool:
    return query.grid.start < LONG.grid.start or query.grid.end > LONG.grid.end


def test_a_mistake_outside_of_the_range_does_not_spoil_the_answer() -> None:
    server = Server(lambda query: QueryError("many-to-many matching") if beyond(query) else None)
    answer = server.answer(LONG)
    assert answer.values.tolist() == [[1.0] * LONG.grid.points]
    assert any(beyond(query) for query in server.asked)


def test_a_warning_about_what_lies_outside_of_the_range_is_not_passed_on() -> None:
    server = Server(warns=beyond)
    assert server.answer(LONG).warnings == ()
    server.warns = lambda query: True
    assert server.answer(LONG).warnings == ("partial",)


def test_a_query_that_cannot_be_read_here_is_sent_once_for_the_servers_words() -> None:
    server = Server(lambda query: QueryError("parse error", line=1, column=6, detail="1:6: parse error"))
    with pytest.raises(QueryError) as caught:
        server.answer(replace(LONG, expr="users)"))
    assert (caught.value.line, caught.value.column, len(server.asked)) == (1, 6, 1)


def test_what_only_the_server_can_read_is_answered_all_the_same() -> None:
    server = Server()
    answer = server.answer(replace(LONG, expr="brand_new_function(users) smoothed"))
    assert answer.values.tolist() == [[1.0] * LONG.grid.points]
    assert len(server.asked) == answer.parts


def test_a_part_that_fails_fails_the_whole_and_ends_the_rest() -> None:
    down, released = SourceError(Kind.UPSTREAM, "Down."), threading.Event()

    def fetch(query: Query, lasting: bool, stop: Cancel) -> Answer:
        if query.grid.start <= LONG.grid.start:
            raise down
        while not stop.reason and not released.wait(0.01):
            pass
        raise SourceError(Kind.CANCELLED, "Stopped.")

    with pytest.raises(SourceError) as caught:
        ask_in_parts(LONG, fetch, now=NOW, seconds=30, size=SIZE)
    assert caught.value is down
    released.set()


def test_the_time_limit_covers_all_parts_together() -> None:
    def fetch(query: Query, lasting: bool, stop: Cancel) -> Answer:
        while not stop.reason:
            time.sleep(0.01)
        raise SourceError(stop.reason, "Ended.")

    with pytest.raises(SourceError) as caught:
        ask_in_parts(LONG, fetch, now=NOW, seconds=0.2, size=SIZE)
    assert caught.value.kind is Kind.TIMEOUT and "0 of" in caught.value.hint


def test_a_short_range_is_one_request_just_as_it_was_asked() -> None:
    server, query = Server(), RangeQuery("users @ end()", TimeRange.aligned(NOW - HOUR + MINUTE, NOW, MINUTE))
    assert server.answer(query).parts == 1
    assert server.asked == [query]
