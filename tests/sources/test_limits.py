"""How many questions are under way at once, and how they are stopped."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib.core.errors import Kind, SourceError
from lib.core.query import InstantQuery
from lib.core.secret import Secret
from lib.core.settings import Settings
from lib.sources import Cancel, ask_all
from lib.sources.exchange import Credential, Request
from tests.double import TOKEN, Double, grafana_double

NOW = 1_770_000_000
QUESTION = InstantQuery("up", NOW)

PLACES = Settings().places


def test_no_more_than_eight_questions_are_under_way_at_once(connected) -> None:
    uids = {f"cluster{number}": f"cluster{number}" for number in range(20)}
    with grafana_double(uids, behaviours=dict.fromkeys(uids, "slow")) as double:
        discovery = connected(double, timeout=30.0)
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda source: source.ask(QUESTION), discovery.sources))
        assert len(answers) == 20
        assert 1 < double.most_at_once <= 8


def test_who_finds_no_place_in_time_is_told_so(connected) -> None:
    with grafana_double({"hang": "hang"}) as double:
        [source] = connected(double, timeout=30.0).sources
        cancel = Cancel()
        with ThreadPoolExecutor(PLACES) as pool:
            waiting = [pool.submit(source.ask, QUESTION, cancel) for _ in range(PLACES)]
            _until(lambda: len(double.asked("hang")) == PLACES)
            request = Request(
                "GET", f"{double.url}/api/datasources", Credential(double.url, Secret(TOKEN)), seconds=0.2
            )
            with pytest.raises(SourceError) as caught:
                source.api.transport.send(request)
            cancel.end()
        assert caught.value.kind is Kind.BUSY
        assert {_kind(future.exception()) for future in waiting} == {Kind.CANCELLED}


@pytest.mark.parametrize("uid", ["hang", "drip-headers", "drip-body", "endless-chunks"])
def test_a_cancel_shuts_the_socket_at_once(double: Double, connected, uid: str) -> None:
    source = next(source for source in connected(double, timeout=60.0, max_bytes=2**40).sources if source.name == uid)
    cancel = Cancel()
    before = len(double.asked(uid))
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(source.ask, QUESTION, cancel)
        _until(lambda: len(double.asked(uid)) > before)
        cancel.end()
        assert _kind(asked.exception(timeout=5)) is Kind.CANCELLED
    _until(lambda: double.asked(uid)[-1].ended > 0)


def test_a_switch_that_was_thrown_stays_thrown(double: Double, connected) -> None:
    cancel = Cancel()
    cancel.end()
    [source] = (source for source in connected(double).sources if source.name == "hang")
    assert _kind(_failure(lambda: source.ask(QUESTION, cancel))) is Kind.CANCELLED


def _kind(error: BaseException | None) -> Kind | None:
    return error.kind if isinstance(error, SourceError) else None


def _failure(work) -> BaseException | None:
    try:
        work()
    except SourceError as error:
        return error
    return None


def _until(condition, seconds: float = 10.0) -> None:
    """Waits for what another thread is about to do."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it did not come to pass")


def test_how_many_are_under_way_at_once_is_a_setting(connected) -> None:
    uids = {f"cluster{number}": f"cluster{number}" for number in range(12)}
    with grafana_double(uids, behaviours=dict.fromkeys(uids, "slow")) as double:
        ask_all(connected(double, places=3).sources, QUESTION)
        assert 1 < double.most_at_once <= 3
