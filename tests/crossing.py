"""Two people at once, over and over: does one ever get what the other asked for? Used by a test in short and a bench.

Everything here counts and nothing is timed: `sys.setswitchinterval` makes threads take turns as often as they can.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from lib.cache.store import Store, Terms
from lib.core.errors import Kind, SourceError
from lib.core.query import InstantQuery, RangeQuery
from lib.core.result import Answer
from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from lib.core.time_range import TimeRange
from lib.sources import Cancel, Source, connect
from tests.answers.made import answer_of
from tests.double import TOKEN, good, grafana_double
from tests.double.behaviours import behaviour
from tests.double.wire import Exchange, head

OTHER = "glsa_other0other0other0"
NOW = 1_770_000_000
_KEPT = Terms(600)


@contextlib.contextmanager
def taking_turns() -> Iterator[None]:
    """Threads take turns every microsecond."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@dataclass
class Counted:
    """What came of so many questions: `crossed` answers that were another's, `failed` ones, and how many were sent."""

    asked: int = 0
    crossed: int = 0
    failed: int = 0
    sent: int = 0


def over_the_network(threads: int, requests: int) -> Counted:
    """So many threads with so many requests each, alternately with two credentials, to a server that echoes who asks.

    All go through one cache, whose keys are made as those of the app are; each moment is asked for by both.
    """
    digests = {token: hashlib.sha256(f"Bearer {token}".encode()).hexdigest() for token in (TOKEN, OTHER)}
    counted, store, lock = Counted(), Store(10**8), threading.Lock()
    with grafana_double({"echo": "echo"}, tokens=(OTHER,)) as double, taking_turns():
        sources = {token: _source(double.url, token) for token in digests}

        def work(number: int) -> None:
            own = Counted()
            for place in range(requests):
                token = (TOKEN, OTHER)[(number + place) % 2]
                source = sources[token]
                query = InstantQuery("up", NOW + (number // 2 * requests + place) // 2)
                key = (source.id, source.origin, source.credential_id, query)
                own.asked += 1
                try:
                    found = store.get(key, _KEPT, lambda source=source, query=query: source.api.ask(query))
                except SourceError:
                    own.failed += 1
                else:
                    own.crossed += found.labels[0]["credential"] != digests[token]
            with lock:
                counted.asked += own.asked
                counted.crossed += own.crossed
                counted.failed += own.failed

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, range(threads)))
        for source in sources.values():
            source.api.transport.close()
        counted.sent = len(double.asked("echo"))
    return counted


def _source(url: str, token: str) -> Source:
    grafana = GrafanaSettings("double", url, Secret(token))
    return connect(Settings(grafanas=(grafana,), timeout=60, places=16)).sources[0]


@dataclass
class Visits:
    """Two people who ask at the same moment, round after round, with the same or another credential and question."""

    rounds: int
    seed: int = 1
    counted: Counted = field(default_factory=Counted)

    def run(self) -> Counted:
        """Every round has keys of its own; equal keys must share one fetch, different ones must not share a row."""
        rng, self._store = random.Random(self.seed), Store(10**8)
        meet = threading.Barrier(2)
        plans = [self._plan(number, rng) for number in range(self.rounds)]
        with taking_turns():
            people = [threading.Thread(target=self._person, args=(meet, plans, which)) for which in range(2)]
            for person in people:
                person.start()
            for person in people:
                person.join()
        return self.counted

    def _plan(self, number: int, rng: random.Random) -> tuple[tuple[str, str, int], ...]:
        credentials = rng.choice((("a", "a"), ("a", "b")))
        questions = rng.choice((("up", "up"), ("up", "down")))
        return tuple(
            (who, f"{question} {number}", number) for who, question in zip(credentials, questions, strict=True)
        )

    def _person(self, meet: threading.Barrier, plans: list[tuple[tuple[str, str, int], ...]], which: int) -> None:
        for plan in plans:
            who, question, number = plan[which]
            told = f"{who} {question}"
            meet.wait()
            found = self._store.get((who, question, number), _KEPT, lambda told=told: self._fetch(told), Cancel())
            meet.wait()
            with self._lock:
                self.counted.asked += 1
                self.counted.crossed += found.labels != ({"told": told},)

    def _fetch(self, told: str) -> Answer:
        with self._lock:
            self.counted.sent += 1
        return replace(answer_of([({"told": told}, [1.0])], 1))

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    @property
    def different(self) -> int:
        """How many questions differ: as many must have been sent."""
        rng = random.Random(self.seed)
        return sum(len(set(self._plan(number, rng))) for number in range(self.rounds))


@dataclass
class Stopped:
    """Answers that were stopped half-way: how many left something in the cache, a connection in use, or a wrong row."""

    asked: int = 0
    kept: int = 0
    used_again: int = 0
    wrong: int = 0


_SENT: dict[str, tuple[threading.Event, list[int]]] = {}


@behaviour("stops-after")
async def stops_after(exchange: Exchange) -> None:
    """Sends the first bytes of a good answer, as many as the query says, and then waits for the other side to leave."""
    body = good.good_body(exchange)
    whole = head(200, headers={"Content-Length": str(len(body))}) + body
    name = exchange.asked.form["query"]
    sent, size = _SENT[name]
    await exchange.send(whole[: int(name.removeprefix("up_"))])
    size.append(len(whole))
    sent.set()
    await exchange.until_client_leaves()


def stopped_after_every(step: int) -> Stopped:
    """Asks, and stops when 0, `step`, 2 `step`, ... bytes have been sent, up to the last byte but one.

    In between a whole answer is asked for. It comes over a connection that nobody else has had, so that there is one
    more each time; one that was stopped and used again would be one less, and bring the rest of another answer.
    """
    counted, store, grid = Stopped(), Store(10**8), TimeRange(NOW - 120, NOW, 60)
    with grafana_double({"stops-after": "one", "good": "two"}) as double:
        grafana = GrafanaSettings("double", double.url, Secret(TOKEN))
        stopping, fine = connect(Settings(grafanas=(grafana,), timeout=30, places=4)).sources
        expected = [[good.good_value("good", hub, time) for time in grid.instants] for hub in good.HUBS]
        count, size = 0, 1
        while count < size:
            name = f"up_{count}"
            sent, sizes = _SENT[name] = threading.Event(), []
            before = double.connections
            counted.kept += _stopped(store, stopping, RangeQuery(name, grid), sent)
            counted.wrong += fine.api.ask(RangeQuery("up", grid)).values.tolist() != expected
            counted.used_again += double.connections != before + 1
            counted.asked += 1
            count, size = count + step, sizes[0]
        stopping.api.transport.close()
    return counted


def _stopped(store: Store, source: Source, query: RangeQuery, sent: threading.Event) -> bool:
    """Whether a question that is stopped once its bytes are sent leaves anything in the cache."""
    stop = Cancel()
    stopper = threading.Thread(target=lambda: sent.wait(20) and stop.end())
    stopper.start()
    try:
        store.get(query, _KEPT, lambda: source.api.ask(query, stop), stop)
    except SourceError as error:
        return error.kind is not Kind.CANCELLED or store.size > 0
    finally:
        stopper.join()
    return True
