"""Whatever people do in whatever order: nobody sees another's rows, and nothing that is old or partial passes as whole.

People with their own tokens ask their own and each other's questions, stop, look again and ask at once; clusters fail,
heal and answer in part; the clock jumps; the process starts anew; files of the cache are cut, swapped and replaced.
"""

from __future__ import annotations

import pickle
import shutil
import tempfile
import threading
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lib.cache import answers
from lib.cache.disk import Folder
from lib.cache.store import Store
from lib.core.errors import Kind, SourceError
from lib.core.merging import merge
from lib.core.query import Query, RangeQuery
from lib.core.result import Answer, Outcome, ResultType
from lib.core.secret import Secret
from lib.core.time_range import DAY, HOUR, TimeRange
from lib.sources import Cancel, FanOut, Source
from lib.sources.exchange import Credential

CLUSTERS = ("one", "two", "three")
ORIGIN = "https://g.example"
START = 1_770_000_000 // DAY * DAY
PEOPLE = {"ada": "glsa_ada0ada0ada0", "bob": "glsa_bob0bob0bob0", "cem": "glsa_ada0ada0ada0"}  # cem has ada's token
TELLING = "answers", "answers in part", "fails"
QUESTIONS = ("up", "down", "ada's own", "bob's own")
people, questions = st.sampled_from(sorted(PEOPLE)), st.sampled_from(QUESTIONS)
some_clusters = st.lists(st.sampled_from(CLUSTERS), min_size=1, unique=True)
ages = st.sampled_from([0, 2 * DAY, 2 * DAY])  # of the end of a question: it ends now, or lies in the past for good


class Servers:
    """What stands behind the clusters: answers in the name of who asks, fails, or waits until somebody stops it."""

    def __init__(self) -> None:
        self.now = float(START)
        self.does = dict.fromkeys(CLUSTERS, "answers")
        self.lock, self.serial = threading.Lock(), 0
        self.partial: set[int] = set()  # serial numbers of answers in part
        self.flights: dict[tuple[object, ...], int] = defaultdict(int)
        self.most = 0

    def ask(self, cluster: str, token: str, query: Query, stop: Cancel | None) -> Answer:
        key = (cluster, token, query)
        with self.lock:
            self.serial += 1
            serial = self.serial
            self.flights[key] += 1
            self.most = max(self.most, self.flights[key])
        try:
            return self._answer(cluster, token, query, serial, stop)
        finally:
            with self.lock:
                self.flights[key] -= 1

    def _answer(self, cluster: str, token: str, query: Query, serial: int, stop: Cancel | None) -> Answer:
        if query.expr == "never":
            while not (stop and stop.reason):
                threading.Event().wait(0.001)
            raise SourceError(Kind.CANCELLED, "Stopped.")
        if self.does[cluster] == "fails":
            raise SourceError(Kind.NETWORK, "Not reached.")
        part = self.does[cluster] == "answers in part"
        if part:
            self.partial.add(serial)
        labels = {"token": token, "at": cluster, "question": query.expr, "serial": str(serial)}
        values = query.grid.instants.astype(np.float64).reshape(1, -1)
        warnings = ("partial response",) if part else ()
        return Answer(ResultType.MATRIX, query.grid, (labels,), values, warnings=warnings, fetched_at=self.now)


class PeopleAtOnce(RuleBasedStateMachine):
    """The rules of the game; the invariants are checked at every answer and after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.servers = Servers()
        self.patched = pytest.MonkeyPatch()
        self.patched.setattr("lib.sources.base.time", SimpleNamespace(time=lambda: self.servers.now))
        self.place = Path(tempfile.mkdtemp(prefix="people-"))
        self.marker = self.place / "ran"
        self.secrets = {person: Secret(token) for person, token in PEOPLE.items()}
        self.last: tuple[str, list[str], str, int] | None = None
        self.process_starts_anew()

    def teardown(self) -> None:
        self.patched.undo()
        shutil.rmtree(self.place)

    def sources(self, person: str, clusters: list[str]) -> list[Source]:
        token, secret = PEOPLE[person], self.secrets[person]

        def source(name: str) -> Source:
            api = SimpleNamespace(
                ask=lambda query, stop=None: self.servers.ask(name, token, query, stop),
                credential=Credential(ORIGIN, secret),
                transport=SimpleNamespace(timeout=20.0),
            )
            return Source(f"g/{name}", name, "grafana", ORIGIN, secret.label, "g", api)  # type: ignore[arg-type]

        return [source(name) for name in clusters]

    def start(self, person: str, clusters: list[str], question: str, age: int, anew: bool = False) -> FanOut:
        end = (self.servers.now - age) // HOUR * HOUR
        query = RangeQuery(question, TimeRange.aligned(end - 6 * HOUR, end, HOUR))
        ask = answers._asker(self.store, self.folder, anew)
        return FanOut(self.sources(person, clusters), [query], ask=ask)

    def look(self, person: str, clusters: list[str], question: str, work: FanOut, before: int, running: int) -> None:
        """What a page shows of it: every cluster that was asked is there, with this person's rows, or named."""
        (outcomes,) = work.outcomes()
        assert [outcome.cluster for outcome in outcomes] == clusters
        result = merge(work._queries[0], outcomes)
        assert [report.cluster for report in result.reports] == clusters
        for outcome in outcomes:
            if isinstance(outcome.answer, Answer):
                self.check(person, question, outcome, before)
            elif not running:
                assert self.servers.does[outcome.cluster] == "fails" and outcome.answer.kind is Kind.NETWORK

    def check(self, person: str, question: str, outcome: Outcome, before: int) -> None:
        answer = outcome.answer
        assert isinstance(answer, Answer)
        (labels,) = answer.labels
        assert (labels["token"], labels["at"]) == (PEOPLE[person], outcome.cluster)
        assert labels["question"] == question
        serial = int(labels["serial"])
        assert bool(answer.warnings) == (serial in self.servers.partial)
        assert serial > before or not answer.warnings, "an answer in part was kept"
        np.testing.assert_array_equal(answer.values[0], answer.grid.instants)
        if serial <= before:
            assert abs(self.servers.now - answer.fetched_at) < answers.PAST_SECONDS

    @rule(person=people, clusters=some_clusters, question=questions, age=ages, anew=st.booleans())
    def somebody_asks(self, person: str, clusters: list[str], question: str, age: int, anew: bool) -> None:
        before = self.servers.serial
        work = self.start(person, clusters, question, age, anew)
        work.wait()
        self.look(person, clusters, question, work, before, 0)
        self.last = (person, clusters, question, age)

    @rule(does=st.sampled_from((*TELLING, "")), restart=st.booleans())
    def the_same_is_asked_again(self, does: str, restart: bool) -> None:
        """By the same person, after all clusters have changed, or the process."""
        if does:
            self.servers.does = dict.fromkeys(CLUSTERS, does)
        if restart:
            self.process_starts_anew()
        if self.last:
            self.somebody_asks(*self.last, anew=False)

    @rule(pair=st.tuples(people, people), clusters=some_clusters, asked=st.tuples(questions, questions), age=ages)
    def two_ask_at_once(self, pair: tuple[str, str], clusters: list[str], asked: tuple[str, str], age: int) -> None:
        before = self.servers.serial
        works = [self.start(person, clusters, question, age) for person, question in zip(pair, asked, strict=True)]
        for person, question, work in zip(pair, asked, works, strict=True):
            work.wait()
            self.look(person, clusters, question, work, before, 0)

    @rule(person=people, clusters=some_clusters)
    def somebody_stops(self, person: str, clusters: list[str]) -> None:
        work = self.start(person, clusters, "never", 0)
        self.look(person, clusters, "never", work, self.servers.serial, 1)
        work.stop()
        assert {getattr(outcome.answer, "kind", None) for outcome in work.outcomes()[0]} == {Kind.CANCELLED}

    @rule(cluster=st.sampled_from(CLUSTERS), does=st.sampled_from(TELLING))
    def a_cluster_changes(self, cluster: str, does: str) -> None:
        self.servers.does[cluster] = does

    @rule(seconds=st.sampled_from([1, 60, 599, 601, HOUR, DAY + 1, -1, -HOUR, -DAY]))
    def the_clock_jumps(self, seconds: int) -> None:
        self.servers.now = max(START - 2 * DAY, self.servers.now + seconds)

    @rule()
    def process_starts_anew(self) -> None:
        self.folder = Folder(self.place / "kept", 10**7)
        self.store = Store(10**6, self.folder, clock=lambda: self.servers.now)

    @rule(share=st.floats(0, 0.99), how=st.sampled_from(["cut", "emptied", "garbage", "pickle", "swapped", "key lost"]))
    def files_are_spoilt(self, share: float, how: str) -> None:
        """All of them, and what was in memory is gone, so that they are read when the same is asked again."""
        contents = {path: path.read_bytes() for path in sorted((self.place / "kept").glob("??/*.part"))}
        others = [*contents.values()][::-1]
        for (path, whole), other in zip(contents.items(), others, strict=True):
            spoilt = {"cut": whole[: int(share * len(whole))], "emptied": b"", "garbage": bytes(range(256)) * 9}
            spoilt |= {"pickle": pickle.dumps(Runs(self.marker)), "swapped": other, "key lost": whole}
            path.write_bytes(spoilt[how])
        if how == "key lost":
            (self.place / "kept" / "key").unlink(missing_ok=True)
        self.process_starts_anew()
        if self.last:
            self.somebody_asks(*self.last, anew=False)

    @invariant()
    def nobody_is_asked_twice_at_once_and_nothing_has_run(self) -> None:
        assert self.servers.most <= 1
        assert not self.marker.exists()

    @invariant()
    def what_is_kept_fits(self) -> None:
        assert 0 <= self.store.size <= 10**6


class Runs:
    """Leaves a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


TestPeopleAtOnce = PeopleAtOnce.TestCase
TestPeopleAtOnce.settings = settings(max_examples=10, stateful_step_count=20, deadline=None)


def test_the_pickle_of_this_test_would_run_where_somebody_read_it(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Runs(tmp_path / "ran")))  # noqa: S301  it is this test's own
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize("how", ["cut", "emptied", "garbage", "pickle", "swapped", "key lost"])
def test_what_is_spoilt_on_disk_is_asked_for_again_and_never_run(how: str) -> None:
    game = PeopleAtOnce()
    try:
        for person in ("ada", "bob"):
            game.somebody_asks(person, ["one", "two"], "up", 2 * DAY, anew=False)
        asked = game.servers.serial
        game.the_same_is_asked_again("", restart=True)
        assert game.servers.serial == asked == 4  # the files are read
        game.files_are_spoilt(0.5, how)
        assert game.servers.serial == asked + 2
        game.nobody_is_asked_twice_at_once_and_nothing_has_run()
    finally:
        game.teardown()
