"""What is remembered: whole answers, per source and per who asks; failures and partial answers are asked again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st

from lib import cache
from lib.cache import answers, configured, metadata
from lib.core.errors import Kind, QueryError, SourceError
from lib.core.metadata import KnownMetric, MetricInfo
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.result import Answer, ResultType
from lib.core.secret import Secret
from lib.core.settings import Settings
from lib.core.time_range import TimeRange
from lib.sources import Discovery, Source
from lib.sources.exchange import Credential
from tests.answers.made import START, answer_of, grid_of

QUERY = RangeQuery("up", grid_of(2))
GOOD = answer_of([({"namespace": "prod"}, [1.0, 2.0])], 2)
GAUGE = MetricInfo("gauge", "How many.")
DOWN = SourceError(Kind.TIMEOUT, "No answer in 30 s.")


@dataclass
class CountingApi:
    """Answers what it is told to and keeps what it was asked. `says` is an answer, an error, or a function to one."""

    says: Answer | SourceError | Callable[[Query], Answer] = GOOD
    asked: list[object] = field(default_factory=list)
    means: dict[str, MetricInfo] | SourceError = field(default_factory=lambda: {"prod": GAUGE})
    transport: object = field(default_factory=lambda: SimpleNamespace(timeout=5.0))

    def ask(self, query: Query, cancel: object = None) -> Answer:
        self.asked.append(query)
        said = self.says(query) if callable(self.says) else self.says
        if isinstance(said, SourceError):
            raise said
        return said

    def label_values(self, *question: object, cancel: object = None) -> tuple[str, ...]:
        self.asked.append(question)
        if isinstance(self.says, SourceError):
            raise self.says
        return ("prod", "staging")

    def label_names(self, *question: object, cancel: object = None) -> tuple[str, ...]:
        return self.label_values("labels", *question)

    def metadata(self, cancel: object = None) -> dict[str, MetricInfo]:
        self.asked.append("metadata")
        if isinstance(self.means, SourceError):
            raise self.means
        return self.means


def source(name: str = "leap", api: CountingApi | None = None, credential: str = "asker-1") -> Source:
    return Source(f"grafana/{name}", name, "grafana", "https://g.example", credential, "g", api or CountingApi())  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    """Caches outlive a test unless they are emptied."""
    st.cache_data.clear()
    st.cache_resource.clear()
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Source, ...]]:
    """Makes the given sources those that were discovered."""

    def put(*sources: Source) -> tuple[Source, ...]:
        monkeypatch.setattr(configured, "discovery", lambda: Discovery(sources))
        return sources

    return put


def test_equal_questions_are_asked_once(found):
    api = CountingApi()
    sources = found(source(api=api))
    first = cache.ask(sources, QUERY)
    again = cache.ask(sources, RangeQuery("up", TimeRange(QUERY.grid.start, QUERY.grid.end, QUERY.grid.step)))
    assert api.asked == [QUERY]
    assert [outcome.answer.labels for outcome in again] == [outcome.answer.labels for outcome in first]
    assert again[0].answer.values.tolist() == GOOD.values.tolist()


OTHERS = {
    "another text": RangeQuery("down", grid_of(2)),
    "another end": RangeQuery("up", grid_of(3)),
    "another step": RangeQuery("up", TimeRange(START, START + 3_600, 1_800)),
    "a blank more": RangeQuery("up ", grid_of(2)),
    "one moment": InstantQuery("up", START),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_another_question_is_asked_by_itself(found, other):
    api = CountingApi()
    sources = found(source(api=api))
    cache.ask(sources, QUERY)
    cache.ask(sources, other)
    assert api.asked == [QUERY, other]


FAILURES = {"a time limit": DOWN, "a refusal": QueryError("Parse error.", line=1, column=3, detail="1:3: …")}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_failure_is_asked_again_and_arrives_whole(found, failure):
    api = CountingApi(failure)
    sources = found(source(api=api))
    for _ in range(2):
        (outcome,) = cache.ask(sources, QUERY)
        assert type(outcome.answer) is type(failure) and outcome.answer.__dict__ == failure.__dict__
    assert len(api.asked) == 2


def test_a_source_that_recovers_is_believed_at_once(found):
    api = CountingApi(DOWN)
    sources = found(source(api=api))
    cache.ask(sources, QUERY)
    api.says = GOOD
    assert isinstance(cache.ask(sources, QUERY)[0].answer, Answer)


def test_an_answer_with_warnings_is_shown_and_asked_again(found):
    api = CountingApi(replace(GOOD, warnings=("partial response",)))
    sources = found(source(api=api))
    for _ in range(2):
        (outcome,) = cache.ask(sources, QUERY)
        assert isinstance(outcome.answer, Answer) and outcome.answer.warnings == ("partial response",)
        assert outcome.answer.values.tolist() == GOOD.values.tolist()
    assert len(api.asked) == 2


def test_an_answer_with_infos_only_is_remembered(found):
    api = CountingApi(replace(GOOD, infos=("not a counter",)))
    sources = found(source(api=api))
    assert [cache.ask(sources, QUERY)[0].answer.infos for _ in range(2)] == [("not a counter",)] * 2
    assert len(api.asked) == 1


def seen_by(name: str) -> Answer:
    return answer_of([({"seen by": name}, [1.0, 2.0])], 2)


def test_two_credentials_never_share_an_answer(found):
    admin = source("leap", CountingApi(seen_by("admin")), "asker-admin")
    viewer = source("leap", CountingApi(seen_by("viewer")), "asker-viewer")
    found(admin, viewer)
    for _ in range(2):
        for each, name in ((admin, "admin"), (viewer, "viewer")):
            (outcome,) = cache.ask((each,), QUERY)
            assert outcome.answer.labels == ({"seen by": name},)
    assert len(admin.api.asked) == len(viewer.api.asked) == 1  # type: ignore[attr-defined]


def test_two_addresses_never_share_an_answer(found):
    here = source(api=CountingApi(seen_by("here")))
    there = replace(source(api=CountingApi(seen_by("there"))), origin="https://other.example")
    found(here, there)
    assert [cache.ask((each,), QUERY)[0].answer.labels[0]["seen by"] for each in (here, there)] == ["here", "there"]


def test_outcomes_come_in_the_order_of_the_sources_however_fast_each_was(found):
    released = threading.Event()

    def slow(query: Query) -> Answer:
        assert released.wait(5)
        return seen_by("slow")

    def fast(query: Query) -> Answer:
        released.set()  # the first source answers only after the last one was asked
        return seen_by("fast")

    sources = found(
        source("z", CountingApi(slow)),
        source("broken", CountingApi(DOWN)),
        source("a", CountingApi(fast)),
    )
    outcomes = cache.ask(sources, QUERY)
    assert [outcome.cluster for outcome in outcomes] == ["z", "broken", "a"]
    assert [getattr(outcome.answer, "labels", None) for outcome in outcomes] == [
        ({"seen by": "slow"},),
        None,
        ({"seen by": "fast"},),
    ]


def test_nobody_to_ask_is_no_outcome(found):
    found()
    assert cache.ask((), QUERY) == ()


def test_many_visitors_with_one_question_ask_it_once(found):
    api = CountingApi()
    sources = found(source(api=api))
    start = threading.Barrier(8)

    def visit() -> None:
        start.wait(5)
        cache.ask(sources, QUERY)

    visitors = [threading.Thread(target=visit) for _ in range(8)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join(10)
    assert api.asked == [QUERY]


def test_lists_of_label_values_are_remembered_and_failures_left_out(found):
    api, broken = CountingApi(), CountingApi(DOWN)
    sources = found(source("good", api), source("bad", broken))
    for _ in range(2):
        values = cache.label_values(sources, "namespace", "up", 0, 86_400)
        assert values == {"good": ("prod", "staging")}
    assert (len(api.asked), len(broken.asked)) == (1, 2)


def test_those_in_a_hurry_do_not_ask_one_that_failed_a_minute_ago(found, monkeypatch):
    now = 1_000.0
    monkeypatch.setattr(metadata.time, "monotonic", lambda: now)
    api, broken = CountingApi(), CountingApi(DOWN)
    sources = found(source("good", api), source("bad", broken))
    for match in ("up", "down"):
        assert cache.label_names(sources, match, 0, 60, patience=5) == {"good": ("prod", "staging")}
    assert (len(api.asked), len(broken.asked)) == (2, 1)
    now += metadata.REST_SECONDS + 1
    cache.label_names(sources, "up", 0, 60, patience=5)
    assert (len(api.asked), len(broken.asked)) == (2, 2)


def test_a_refused_selector_does_not_bring_rest(found):
    api = CountingApi(QueryError("Parse error."))
    sources = found(source("good", api))
    for _ in range(2):
        assert cache.label_names(sources, "up{", 0, 60, patience=5) == {}
    assert len(api.asked) == 2


def test_a_source_that_is_slow_is_not_waited_for(found):
    release = threading.Event()
    slow = CountingApi()
    slow.label_values = lambda *question, cancel=None: release.wait(20) and ("late",)  # type: ignore[method-assign]
    sources = found(source("good"), source("slow", slow))
    assert cache.label_values(sources, "namespace", "up", 0, 60, patience=0.1) == {"good": ("prod", "staging")}
    release.set()


def test_a_whole_catalogue_of_metrics_is_remembered(found):
    api = CountingApi()
    sources = found(source("leap", api), source("utoronto"))
    first, again = (cache.metric_catalogue(sources, 0, 86_400) for _ in range(2))
    assert again is first and len(api.asked) == 2
    assert first.metrics == (
        KnownMetric("prod", GAUGE, ("leap", "utoronto")),
        KnownMetric("staging", MetricInfo(), ("leap", "utoronto")),
    )


def test_a_catalogue_lacks_only_what_the_failed_cluster_has_and_is_made_anew(found):
    broken = CountingApi(DOWN)
    sources = found(source("leap"), source("utoronto", broken))
    found_now = cache.metric_catalogue(sources, 0, 86_400)
    assert found_now.silent == ("utoronto",)
    assert [metric.clusters for metric in found_now.metrics] == [("leap",), ("leap",)]
    broken.says = GOOD
    metadata._resting.clear()
    assert cache.metric_catalogue(sources, 0, 86_400).silent == ()


def test_a_cluster_without_meanings_still_gives_its_names(found):
    (only,) = found(source("leap", CountingApi(means=DOWN)))
    assert [metric.info for metric in cache.metric_catalogue((only,), 0, 60).metrics] == [MetricInfo()] * 2


def test_a_list_of_data_sources_is_believed_for_minutes_and_a_failed_one_for_seconds(monkeypatch):
    now = 1_000.0
    monkeypatch.setattr(configured.time, "monotonic", lambda: now)
    whole, partial = Discovery((source(),)), Discovery((), (("g", DOWN),))
    ages = {whole: configured.LIST_SECONDS, partial: configured.FAILURE_SECONDS}
    for listed, age in ages.items():
        assert configured.still_good((listed, now - age + 0.1))
        assert not configured.still_good((listed, now - age))
    assert configured.FAILURE_SECONDS < configured.LIST_SECONDS


NOW = 1_782_864_000.0
MINUTES = 300


def year(end: float) -> RangeQuery:
    return RangeQuery("up", TimeRange.aligned(end - 365 * 86_400, end, MINUTES))


@dataclass
class EvenApi(CountingApi):
    """One series that is the time itself."""

    def ask(self, query: Query, cancel: object = None) -> Answer:
        self.asked.append(query)
        return Answer(ResultType.MATRIX, query.grid, ({},), query.grid.instants.astype(np.float64).reshape(1, -1))


def test_an_hour_later_a_year_every_five_minutes_costs_one_request(found, monkeypatch):
    now, api = NOW, EvenApi()
    monkeypatch.setattr("lib.sources.base.time.time", lambda: now)
    sources = found(source(api=api))
    cache.ask(sources, year(now))
    cold = len(api.asked)
    assert cold in (53, 54)
    cache.ask(sources, year(now))
    assert len(api.asked) == cold + 1  # the part that is still open
    now += 3_600
    (outcome,) = cache.ask(sources, year(now))
    assert len(api.asked) == cold + 2
    assert isinstance(outcome.answer, Answer) and outcome.answer.parts == cold
    assert outcome.answer.values[0].tolist() == year(now).grid.instants.tolist()


def test_a_part_that_fails_fails_its_source_and_asking_again_asks_only_what_is_missing(found, monkeypatch):
    monkeypatch.setattr("lib.sources.base.time.time", lambda: NOW)
    api, broken = EvenApi(), year(NOW).grid.instants[60_000]

    def fail(query: Query) -> Answer:
        if broken in query.grid.instants:
            raise DOWN
        return EvenApi.ask(api, query)

    weak = CountingApi(fail)
    sources = found(source(api=weak))
    (outcome,) = cache.ask(sources, year(NOW))
    assert isinstance(outcome.answer, SourceError) and outcome.answer.kind is Kind.TIMEOUT
    assert "parts arrived" in outcome.answer.hint
    arrived = len({query for query in api.asked if query.grid.end < NOW - 600})  # type: ignore[attr-defined]
    broken = -1
    (outcome,) = cache.ask(sources, year(NOW))
    assert isinstance(outcome.answer, Answer)
    assert len(set(api.asked)) == outcome.answer.parts  # no part was asked for twice but the open one
    assert arrived > 0


def test_a_question_is_asked_anew_where_somebody_wants_it_so(found):
    api = CountingApi()
    sources = found(source(api=api))
    cache.ask(sources, QUERY)
    cache.start(sources, [QUERY], anew=True).wait()
    cache.ask(sources, QUERY)
    assert api.asked == [QUERY, QUERY]


def test_on_disk_neither_name_nor_content_of_a_file_holds_the_token(monkeypatch, tmp_path):
    token = "glsa_0canary0canary0canary"
    monkeypatch.setattr(answers, "settings", lambda: Settings(cache=str(tmp_path / "kept")))
    api = CountingApi(replace(GOOD, fetched_at=time.time()))
    for number in range(2):  # the label of the credential is another one in every process
        st.cache_resource.clear()
        api.credential = Credential("https://g.example", Secret(token))  # type: ignore[attr-defined]
        (outcome,) = cache.ask((source(api=api, credential=f"random-{number}"),), QUERY)
        assert outcome.answer.values.tolist() == GOOD.values.tolist()
    assert api.asked == [QUERY]
    st.cache_resource.clear()
    api.credential = Credential("https://g.example", Secret("glsa_another_another"))  # type: ignore[attr-defined]
    cache.ask((source(api=api),), QUERY)
    assert api.asked == [QUERY, QUERY]
    files = [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    assert len(files) == 3 and not any(token.encode() in str(path).encode() + path.read_bytes() for path in files)


def limited(hubs: tuple[str, ...] | None, api: CountingApi) -> Source:
    return replace(source(api=api), hubs=hubs)


GROUPS = {None: "up", ("a",): 'up{namespace="a"}', ("b",): 'up{namespace="b"}', ("a", "b"): 'up{namespace=~"a|b"}'}


def test_those_who_see_other_hubs_never_share_an_answer(found):
    api = CountingApi(lambda query: seen_by(query.expr))
    found(source(api=api))
    for _ in range(2):
        for hubs, text in GROUPS.items():
            (outcome,) = cache.ask((limited(hubs, api),), QUERY)
            assert outcome.answer.labels == ({"seen by": text},)
    assert len(api.asked) == len(GROUPS)


def test_nor_do_they_share_names_values_and_meanings(found):
    api = CountingApi()
    found(source(api=api))
    for _ in range(2):
        for hubs in GROUPS:
            one = (limited(hubs, api),)
            cache.label_values(one, "pod", "up", 0, 1)
            cache.label_names(one, "up", 0, 1)
            cache.metric_catalogue(one, 0, 1)
    matches = [each[1] for each in api.asked if each != "metadata" and each[0] in ("pod", "labels")]
    assert matches == [text for text in GROUPS.values() for _ in range(2)]
    assert api.asked.count("metadata") == len(GROUPS)


def test_a_list_of_hubs_names_only_those_that_may_be_seen_whatever_the_server_says(found):
    api = CountingApi()
    found(source(api=api))
    assert cache.label_values((limited(("prod",), api),), "namespace", "", 0, 1) == {"leap": ("prod",)}
    assert cache.label_values((limited(None, api),), "namespace", "", 0, 1) == {"leap": ("prod", "staging")}


def test_meanings_are_told_only_of_metrics_that_these_hubs_have():
    api = CountingApi(means={"prod": GAUGE, "secret": GAUGE, "stag": GAUGE})
    assert limited(("a",), api).metadata() == {"prod": GAUGE}
    assert limited(None, api).metadata() == {"prod": GAUGE, "secret": GAUGE, "stag": GAUGE}


def test_a_key_stands_for_no_more_than_the_deployment_shows(found):
    api = CountingApi()
    found(limited(("a", "b"), api))
    assert configured.source_named(*metadata._key(limited(("b", "c"), api))).hubs == ("b",)
    assert configured.source_named(*metadata._key(limited(None, api))).hubs == ("a", "b")


def test_an_answer_on_disk_is_found_by_those_who_see_the_same_hubs_only(found, monkeypatch, tmp_path):
    monkeypatch.setattr(answers, "settings", lambda: Settings(cache=str(tmp_path)))
    api = CountingApi(lambda query: replace(seen_by(query.expr), fetched_at=time.time()))
    api.credential = Credential("https://g.example", Secret("x" * 20))  # type: ignore[attr-defined]
    for _ in range(2):
        st.cache_resource.clear()  # as in another process
        for hubs in GROUPS:
            (outcome,) = cache.ask((limited(hubs, api),), QUERY)
            assert ("namespace" in outcome.answer.labels[0]["seen by"]) == (hubs is not None)
    assert len(api.asked) == len(GROUPS)


def test_a_refusal_points_into_the_query_without_its_hubs():
    refused = QueryError("Line 2, column 23: no.", line=2, column=23)
    api = CountingApi(refused)
    with pytest.raises(QueryError) as caught:
        limited(("a",), api).ask(RangeQuery("up +\nrate(up[5m])", grid_of(2)))
    assert api.asked[0].expr == 'up{namespace="a"} +\nrate(up{namespace="a"}[5m])'
    assert (caught.value.line, caught.value.column) == (2, 8)
    assert caught.value.message == "Line 2, column 8: no."
    assert (refused.line, refused.column) == (2, 23)  # others wait for the same error
