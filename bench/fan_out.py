"""P7: thirty sources at once, over loopback, good and bad."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections.abc import Iterator, Sequence

from bench.registry import Measured, figure, share
from bench.serving import connected, run_page
from lib.core.query import RangeQuery
from lib.core.result import Answer, Outcome
from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from lib.core.time_range import TimeRange
from lib.sources import FanOut, Source, connect
from tests.double import TOKEN, grafana_double
from tests.double.behaviours import BEHAVIOURS
from tests.double.good import good
from tests.double.wire import Exchange
from tests.e2e.app import serve_app

NOW = 1_770_000_000
QUESTION = RangeQuery("up", TimeRange(NOW - 3_600, NOW, 60))
SOURCES = 30
_GOALS = {0.05: 3.0, 0.2: 1.8, 1.0: 1.3}
_ROUNDS = 5


@figure("P7", "30 sources at once", against="the slowest good source; the time limit")
def p7() -> Iterator[Measured]:
    """How long until all have answered, and, with bad ones among them, until the time limit has ended them."""
    for grafanas, places in ((1, 8), (4, 8), (1, SOURCES)):
        name = f"{grafanas} Grafana{'s' * (grafanas > 1)}, {places} places"
        for delay, goal in _GOALS.items():
            with _connected([f"slow-{delay}"] * SOURCES, grafanas, places) as sources:
                spent = statistics.median(_ask(sources)[0] for _ in range(_ROUNDS))
            yield share(f"{delay * 1000:g} ms, {name}", spent, delay, goal)
    yield from _with_bad_ones()
    yield from _first_pictures()


def _first_pictures() -> Iterator[Measured]:
    """In the whole app: from the request of a visitor to the first chart; also with 3 dead and 2 hanging ones."""
    bad = ["slow-1.0"] * (SOURCES - 5) + ["dead"] * 3 + ["hang"] * 2
    for name, behaviours in (("30 good ones", ["slow-1.0"] * SOURCES), ("3 dead, 2 hanging", bad)):
        uids = {f"u{at}": each for at, each in enumerate(behaviours)}
        BEHAVIOURS.update({"slow-1.0": _late(1.0), "dead": BEHAVIOURS["rst"]})
        with (
            grafana_double({uid: uid for uid in uids}, behaviours=uids) as double,
            serve_app({"GRAFANA_URL": double.url, "GRAFANA_TOKEN": TOKEN}) as app,
            connected(app) as visit,
        ):
            yield share(f"first picture, 1 s, {name}", run_page(visit, until_chart=True), 1.0, 1.5)


def _with_bad_ones() -> Iterator[Measured]:
    limit, good_ones = 2.0, SOURCES - 6
    for places in (8, SOURCES):
        behaviours = ["slow-0.2"] * good_ones + ["dead"] * 3 + ["hang"] * 3
        with _connected(behaviours, 1, places) as sources:
            spent, outcomes = _ask(sources, limit)
        found = sum(isinstance(outcome.answer, Answer) for outcome in outcomes)
        yield share(f"3 dead, 3 hanging, {places} places", spent, limit, 1.1)
        yield Measured(f"good frames, {places} places", found / good_ones, 1.0, "more", f"{found}", f"{good_ones}")


def _ask(sources: Sequence[Source], seconds: float | None = None) -> tuple[float, Sequence[Outcome]]:
    started = time.perf_counter()
    work = FanOut(sources, [QUESTION], seconds=seconds)
    work.wait()
    return time.perf_counter() - started, work.outcomes()[0]


@contextlib.contextmanager
def _connected(behaviours: Sequence[str], grafanas: int, places: int) -> Iterator[Sequence[Source]]:
    """Sources with these behaviours, spread over so many Grafanas."""
    BEHAVIOURS.update({f"slow-{delay}": _late(delay) for delay in _GOALS}, dead=BEHAVIOURS["rst"])
    with contextlib.ExitStack() as stack:
        settings = []
        for number in range(grafanas):
            uids = {f"u{at}": name for at, name in enumerate(behaviours) if at % grafanas == number}
            double = stack.enter_context(grafana_double({uid: uid for uid in uids}, behaviours=uids))
            settings.append(GrafanaSettings(f"g{number}", double.url, Secret(TOKEN)))
        sources = connect(Settings(grafanas=tuple(settings), places=places)).sources
        yield sources
        for source in sources:
            source.api.transport.close()


def _late(seconds: float):  # type: ignore[no-untyped-def]
    async def late(exchange: Exchange) -> None:
        await asyncio.sleep(seconds)
        await good(exchange)

    return late
