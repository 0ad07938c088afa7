"""Breakers: what fails again and again is left alone for a while, and why is said; an answer, or we, end that."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO

import pytest
import requests
import urllib3
from requests.adapters import BaseAdapter

from lib.core.errors import Kind, RestingError, SourceError
from lib.core.query import InstantQuery
from lib.core.result import Answer
from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from lib.sources import Cancel, Gate, Source, connect
from lib.sources.deadline import Deadline
from lib.sources.exchange import Credential, Reply, Request
from lib.sources.grafana import source_of
from lib.sources.transport import Transport
from tests.double import TOKEN, grafana_double

NOW = 1_770_000_000
QUESTION = InstantQuery("up", NOW)
ORIGIN = "https://grafana.example.org"
SECRET = Secret(TOKEN)
CREDENTIAL = Credential(ORIGIN, SECRET)
MIDNIGHT = 1_769_990_400.0


@dataclass
class Clock:
    """A clock that is moved by hand."""

    at: float = 1_000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class World:
    """A gate over a clock of its own, and what each cluster says when it is asked."""

    clock: Clock = field(default_factory=Clock)
    sent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate = Gate(clock=self.clock, now=lambda: MIDNIGHT + self.clock.at - 1_000)

    def ask(self, cluster: str, says: Reply | SourceError | Callable[[], Reply], asker: str = "ada") -> object:
        """What one request comes to: a status, or the error."""

        def send() -> Reply:
            self.sent.append(cluster)
            if isinstance(says, SourceError):
                raise says
            return says if isinstance(says, Reply) else says()

        request = Request("GET", f"{ORIGIN}/{cluster}", CREDENTIAL, cluster=cluster)
        try:
            with Deadline(30.0, self.clock, Cancel(asker=asker)) as deadline:
                return self.gate.through(request, deadline, send).status
        except SourceError as failure:
            return failure


@pytest.fixture
def world() -> World:
    return World()


def reply(status: int, body: bytes = b"") -> Reply:
    return Reply(status, "application/json", body, 0.1, len(body))


def down() -> SourceError:
    return SourceError(Kind.NETWORK, "The address cannot be reached.", "Check the address.")


OK = reply(200)
OF_THE_SERVER: dict[str, Reply | SourceError] = {
    "unreachable": down(),
    "no such host": SourceError(Kind.DNS, "Unknown."),
    "no certificate": SourceError(Kind.TLS, "Refused."),
    "no connection": SourceError(Kind.TIMEOUT, "No connection in 2.5 s."),
    "500": reply(500),
    "502": reply(502),
    "504": reply(504),
    "429": reply(429),
    "503 of Prometheus": reply(503, b'{"status":"error","errorType":"timeout","error":"query timed out"}'),
    "Grafana's own password": reply(400, b"Authentication to data source failed"),
}
OF_THE_QUERY: dict[str, Reply | SourceError] = {
    "a query that is none": reply(400, b'{"status":"error","errorType":"bad_data","error":"1:1: parse error"}'),
    "many-to-many": reply(422, b'{"status":"error","errorType":"execution","error":"many-to-many"}'),
    "forbidden": reply(403),
    "unknown": reply(404),
    "too large": SourceError(Kind.TOO_LARGE, "Too large."),
    "a login page": SourceError(Kind.REDIRECT, "Login."),
    "stopped": SourceError(Kind.CANCELLED, "Stopped."),
    "replaced": SourceError(Kind.REPLACED, "Replaced."),
}


@pytest.mark.parametrize("failure", OF_THE_SERVER.values(), ids=OF_THE_SERVER)
def test_five_failures_of_the_server_in_a_row_send_a_cluster_to_rest_and_no_other(world: World, failure) -> None:
    for _ in range(5):
        world.ask("north", failure)
    resting = world.ask("north", OK)
    assert isinstance(resting, RestingError) and resting.kind is Kind.RESTING
    assert world.sent.count("north") == 5
    assert world.ask("south", OK) == 200


@pytest.mark.parametrize("answer", OF_THE_QUERY.values(), ids=OF_THE_QUERY)
def test_what_speaks_of_the_query_or_of_us_never_does(world: World, answer) -> None:
    for _ in range(20):
        world.ask("north", answer)
    assert world.sent.count("north") == 20


def test_an_answer_between_failures_begins_the_count_anew(world: World) -> None:
    for _ in range(4):
        for _ in range(4):
            world.ask("north", down())
        assert world.ask("north", OK) == 200


def test_who_is_told_of_a_rest_is_told_until_when_and_why_and_what_to_do(world: World) -> None:
    for _ in range(5):
        world.ask("north", down())
    world.clock.at += 12
    error = world.ask("north", OK)
    assert isinstance(error, RestingError)
    assert error.message == "It is resting until 00:00:20 UTC after 5 failures in a row. The address cannot be reached."
    assert "Try now" in error.hint and error.hint.endswith("Check the address.")
    assert (error.last, error.until) == (Kind.NETWORK, MIDNIGHT + 20)


def test_after_the_rest_one_request_tries_and_an_answer_ends_it(world: World) -> None:
    for _ in range(5):
        world.ask("north", down())
    world.clock.at += 20
    assert world.ask("north", OK) == 200
    for _ in range(4):
        assert world.ask("north", down()) is not None
    assert len(world.sent) == 10, "the count begins anew"


def test_after_the_rest_one_failure_begins_another(world: World) -> None:
    for _ in range(5):
        world.ask("north", down())
    world.clock.at += 20
    world.ask("north", down())
    world.clock.at += 19
    assert isinstance(world.ask("north", OK), RestingError)
    assert len(world.sent) == 6


def test_while_one_tries_its_own_other_requests_wait_and_those_of_others_are_told_at_once(world: World) -> None:
    for _ in range(5):
        world.ask("north", down())
    world.clock.at += 20
    trying, over = threading.Event(), threading.Event()
    found: dict[str, object] = {}

    def slow() -> Reply:
        trying.set()
        over.wait(10)
        return OK

    first = threading.Thread(target=lambda: found.update(first=world.ask("north", slow)))
    first.start()
    trying.wait(10)
    own = threading.Thread(target=lambda: found.update(own=world.ask("north", OK)))
    own.start()
    assert isinstance(world.ask("north", OK, asker="grace"), RestingError)
    assert "own" not in found
    over.set()
    first.join(10)
    own.join(10)
    assert found == {"first": 200, "own": 200}


def test_a_trial_that_is_stopped_leaves_the_next_one_to_try(world: World) -> None:
    for _ in range(5):
        world.ask("north", down())
    world.clock.at += 20
    world.ask("north", SourceError(Kind.CANCELLED, "Stopped."))
    assert world.ask("north", OK, asker="grace") == 200


def test_try_now_ends_a_rest(world: World) -> None:
    for _ in range(5):
        world.ask("north", down())
    resting = world.ask("north", OK)
    assert isinstance(resting, RestingError)
    world.gate.wake(resting)
    assert world.ask("north", OK) == 200


def test_a_cluster_that_refuses_the_token_rests_at_once_and_alone(world: World) -> None:
    assert world.ask("north", reply(401)) == 401
    resting = world.ask("north", OK)
    assert isinstance(resting, RestingError) and resting.last is Kind.AUTH and "in a row" not in resting.message
    assert world.ask("south", OK) == 200
    assert world.ask("west", reply(401)) == 401
    assert world.ask("south", OK) == 200, "the token had opened something in between"


@pytest.mark.parametrize("first", ["north", ""], ids=["a cluster", "the list"])
def test_a_token_that_a_second_cluster_or_the_grafana_refuses_rests_with_everything_it_opens(
    world: World, first: str
) -> None:
    assert world.ask(first, reply(401)) == 401
    if first:
        assert world.ask("west", reply(401)) == 401
    resting = world.ask("south", OK)
    assert isinstance(resting, RestingError) and resting.last is Kind.AUTH
    assert "refused the token" in resting.message and "make a new one" in resting.hint
    other = Request("GET", f"{ORIGIN}/north", Credential(ORIGIN, Secret("glsa_another_token")), cluster="north")
    with Deadline(30.0, world.clock) as deadline:
        assert world.gate.through(other, deadline, lambda: OK).status == 200
    world.gate.wake(resting)
    assert world.ask("south", OK) == 200 and world.ask("north", OK) == 200


def test_time_that_went_by_before_there_was_a_place_is_not_held_against_the_server(world: World) -> None:
    """A request that was sent a second before its time was up says nothing about who did not answer within it."""
    gate = Gate(1, 1, in_a_row=1)
    request = Request("GET", f"{ORIGIN}/north", CREDENTIAL, cluster="north")
    holding, leave = threading.Event(), threading.Event()

    def hold() -> Reply:
        holding.set()
        leave.wait(10)
        return OK

    def held() -> None:
        with Deadline(20.0) as deadline:
            gate.through(request, deadline, hold)

    thread = threading.Thread(target=held)
    thread.start()
    holding.wait(10)
    clock = Clock()

    def late() -> Reply:
        clock.at += 10
        raise SourceError(Kind.TIMEOUT, "No answer in 30 s.")

    timer = threading.Timer(0.05, lambda: (setattr(clock, "at", clock.at + 20), leave.set()))
    timer.start()
    with Deadline(30.0, clock) as deadline, pytest.raises(SourceError, match="No answer"):
        gate.through(request, deadline, late)
    thread.join(10)
    with Deadline(30.0) as deadline:
        assert gate.through(request, deadline, lambda: OK).status == 200


# The same through a transport, to a double


def test_a_cluster_that_hangs_costs_nobody_its_time_limit_again(connected) -> None:
    with grafana_double({"hang": "hang", "good": "good"}) as double:
        hang, good = connected(double, timeout=0.3).sources
        kinds = []
        while Kind.RESTING not in kinds and len(kinds) < 30:  # five, and more where this machine was slow itself
            with pytest.raises(SourceError) as caught:
                hang.ask(QUESTION)
            kinds.append(caught.value.kind)
        assert kinds.count(Kind.TIMEOUT) >= 5 and kinds[-1] is Kind.RESTING
        asked = len(double.asked("hang"))
        with pytest.raises(RestingError):
            hang.ask(QUESTION)
        assert len(double.asked("hang")) == asked
        assert isinstance(good.ask(QUESTION), Answer)


def test_names_and_lists_are_not_asked_of_who_rests_either(connected) -> None:
    with grafana_double({"refused": "refused"}) as double:
        [source] = connected(double).sources
        for _ in range(5):
            with pytest.raises(SourceError):
                source.ask(QUESTION)
        before = len(double.log)
        for look_up in (
            lambda: source.label_values("namespace", "up", NOW - 60, NOW),
            lambda: source.label_names("up", NOW - 60, NOW),
            source.metadata,
        ):
            with pytest.raises(RestingError):
                look_up()
        assert len(double.log) == before


def test_a_grafana_whose_list_fails_rests_too_and_one_gate_remembers_it_over_new_lists() -> None:
    gate = Gate()
    with grafana_double({"good": "good"}, listing="http-401") as double:
        given = Settings(grafanas=(GrafanaSettings("g", double.url, SECRET),))
        errors = [connect(given, transport=partial(Transport, gate=gate)).failures[0][1] for _ in range(2)]
        assert [error.kind for error in errors] == [Kind.AUTH, Kind.RESTING]
        assert len(double.log) == 1


class _Refusing(BaseAdapter):
    """A network that gives every request the status that its turn has."""

    def __init__(self, *statuses: int) -> None:
        super().__init__()
        self.statuses, self.sent = list(statuses), 0

    def send(self, request, **more):
        response = requests.Response()
        response.status_code = self.statuses[min(self.sent, len(self.statuses) - 1)]
        response.headers["Retry-After"] = "7"
        response.raw = urllib3.HTTPResponse(BytesIO(b""), preload_content=False)
        self.sent += 1
        return response

    def close(self) -> None:
        """Nothing is open."""


def refusing(*statuses: int) -> tuple[_Refusing, Source, list[float]]:
    network, pauses = _Refusing(*statuses), list[float]()
    transport = Transport(Settings(), [ORIGIN], adapter=network, sleep=pauses.append, rng=random.Random(7))
    return network, source_of(GrafanaSettings("g", ORIGIN, SECRET), "north", "north", transport), pauses


@pytest.mark.parametrize(
    ("statuses", "sent", "waited"), [((503,), 2, None), ((429,), 2, 7.0), ((429, 503), 2, 7.0), ((400,), 1, None)]
)
def test_one_question_is_sent_twice_at_the_most_and_counts_as_one_failure(statuses, sent, waited) -> None:
    network, source, pauses = refusing(*statuses)
    with pytest.raises(SourceError):
        source.ask(QUESTION)
    assert network.sent == sent and len(pauses) == sent - 1
    assert pauses in ([], [waited or random.Random(7).uniform(0.2, 1.0)])
    if statuses == (503,):
        for _ in range(4):
            with pytest.raises(SourceError):
                source.ask(QUESTION)
        with pytest.raises(RestingError):
            source.ask(QUESTION)
        assert network.sent == 10
