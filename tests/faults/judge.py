"""Puts a fault beside three good clusters and says everything that is wrong with what became of it.

What is right is in `tests.faults.cases`; here is how it is looked at: the answer to the last value, the two sentences
of an error, the other clusters now and at the next question, time, memory, what was kept, warnings, and where the token
has been seen.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import io
import logging
import math
import resource
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from lib.cache.store import Store, Terms, size_of
from lib.core.errors import SourceError
from lib.core.merging import merge
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.result import Answer, Outcome, Result
from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from lib.core.time_range import TimeRange
from lib.sources import Cancel, FanOut, Source, connect
from lib.sources.transport import Transport
from tests.double import BEHAVIOURS, TOKEN, good_value
from tests.double.good import HUBS
from tests.faults.cases import GRID, NOW, Case

TRIO = {"north": "north", "south": "south", "east": "east"}
SOURCES = {**{name: name for name in BEHAVIOURS}, **TRIO}  # what the double of a ground lists
GRACE = 0.5  # seconds beyond the deadline within which everything must have ended
PATIENT = 10.0  # seconds that nothing takes that does not wait for its deadline
MOST_MEMORY = 64 * 2**20
AFTERWARDS = RangeQuery("up", TimeRange(NOW - 1_200, NOW - 60, 60))  # another grid than that of the cases

logging.getLogger("urllib3").setLevel(logging.DEBUG)

# The token as it might be written, and pieces of it that nothing else contains.
_SPELLINGS = (
    TOKEN,
    TOKEN[8:-8],
    TOKEN[::-1],
    quote(TOKEN),
    base64.b64encode(TOKEN.encode()).decode().rstrip("="),
    base64.b64encode(f"Bearer {TOKEN}".encode()).decode().rstrip("="),
    TOKEN.encode().hex(),
    "".join(f"\\u{ord(letter):04x}" for letter in TOKEN),
    "".join(f"%{ord(letter):02x}" for letter in TOKEN),
)


@dataclass(frozen=True)
class Verdict:
    """What is wrong with what became of a case; nothing when `problems` is empty.

    `wrong`: an answer that is not the right one, and nobody is told. `sent` and `kept` count warnings, `places` where
    the token was looked for and `sightings` where it was. `seconds` is the time it took of
    its `deadline`, `memory` the most bytes beyond
    those held before (0 where nobody measured).
    """

    name: str
    problems: tuple[str, ...]
    wrong: bool = False
    sent: int = 0
    kept: int = 0
    places: int = 0
    sightings: int = 0
    seconds: float = 0.0
    deadline: float = 0.0
    memory: int = 0
    failed: bool = False


@dataclass
class Notes:
    """Problems as they are found."""

    problems: list[str] = field(default_factory=list)
    wrong: bool = False

    def demand(self, fact: object, problem: str) -> None:
        if not fact:
            self.problems.append(problem)


class Ground:
    """A Grafana at `url` that lists `SOURCES`, connected with a deadline of so many `seconds`. A context manager.

    `grace`: how many seconds later everything must have ended; more than the promised ones on a busy machine.
    """

    def __init__(self, url: str, seconds: float, grace: float = GRACE) -> None:
        self.url, self.seconds, self.grace = url, seconds, grace

    def __enter__(self) -> Ground:
        self.transports: list[Transport] = []
        self.sources = self._connected(self.seconds)
        # Good ones get the time that they need; where that is the same, over the same connections as the bad one.
        patient = self.sources if self.seconds >= PATIENT else self._connected(PATIENT)
        self.trio = [patient[name] for name in TRIO]
        return self

    def _connected(self, seconds: float) -> dict[str, Source]:
        settings = Settings(grafanas=(GrafanaSettings("double", self.url, Secret(TOKEN)),), timeout=seconds)
        return {source.name: source for source in connect(settings, transport=self.transport).sources}

    def __exit__(self, *error: object) -> None:
        for transport in self.transports:
            transport.close()

    def transport(self, settings: Settings, origins: Iterable[str]) -> Transport:
        """What sends for other settings, closed with the ground. A retry comes at once."""
        self.transports.append(Transport(settings, origins, sleep=lambda seconds: None))
        return self.transports[-1]


def judge(case: Case, ground: Ground, bad: Source | None = None, *, measured: bool = False) -> Verdict:
    """Asks the source of a case (by default that of its name) beside three good ones, twice: the second time only them.

    `measured`: look at memory too, which means something only while nothing else runs in this process.
    """
    bad = bad or ground.sources[case.name]
    notes, store = Notes(), Store(256 * 2**20)

    def through(source: Source, query: Query, stop: Cancel) -> Answer:
        return store.get((source.id, query), Terms(600.0), lambda: source.ask(query, stop), stop)

    with _overheard() as heard, _memory(measured) as memory:
        started = time.monotonic()
        under_way = FanOut([*ground.trio, bad], [case.query], ask=through)
        under_way.wait()
        seconds = time.monotonic() - started
        outcomes = under_way.outcomes()[0]
    outcome = outcomes[-1].answer
    judge_outcome(case, bad.api.base.rpartition("/")[2], outcome, notes)
    result = merge(case.query, outcomes)
    _judge_others(case.query, outcomes, result, notes)
    _judge_kept(store, outcomes, notes)
    notes.demand(seconds <= ground.seconds + ground.grace, f"took {seconds:.2f} s of {ground.seconds:g} s")
    notes.demand(memory() <= MOST_MEMORY, f"took {memory() / 2**20:.0f} MiB of memory")
    _judge_afterwards(ground, notes)
    places, sightings = _seen(outcome, repr(result.reports), result.text, heard())
    notes.demand(not sightings, f"the token was seen in {sightings} of {places} places")
    return Verdict(
        name=case.name,
        problems=tuple(notes.problems),
        wrong=notes.wrong,
        sent=case.warnings,
        kept=len(outcome.warnings) if isinstance(outcome, Answer) else 0,
        places=places,
        sightings=sightings,
        seconds=seconds,
        deadline=ground.seconds,
        memory=memory(),
        failed=case.kind is not None,
    )


def judge_outcome(case: Case, uid: str, outcome: Answer | SourceError, notes: Notes) -> None:
    """Whether this is what must become of the case."""
    if isinstance(outcome, SourceError):
        notes.demand(outcome.kind is case.kind, f"is {outcome.kind}, must be {case.kind or 'data'}: {outcome.message}")
        _judge_words(case, outcome, notes)
    elif case.shown is None:
        notes.wrong = True
        notes.problems.append(f"is answered, must be {case.kind}")
    else:
        labels, values = case.shown(uid)
        right = [dict(own) for own in outcome.labels] == [dict(own) for own in labels]
        right = right and same(outcome.values.tolist(), values)
        notes.wrong = not right
        notes.demand(right, "has other labels or values than were sent")
        notes.demand(len(outcome.warnings) == case.warnings, f"has {len(outcome.warnings)} warnings of {case.warnings}")


def same(found: list[list[float]], due: object) -> bool:
    """Whether all values are equal, bit for bit: NaN to NaN, and no -0 to a 0."""
    assert isinstance(due, list)
    if [len(row) for row in found] != [len(row) for row in due]:
        return False
    pairs = [pair for rows in zip(found, due, strict=True) for pair in zip(*rows, strict=True)]
    return all(a == b and math.copysign(1, a) == math.copysign(1, b) or (a != a and b != b) for a, b in pairs)


def _judge_words(case: Case, error: SourceError, notes: Notes) -> None:
    notes.demand(error.message.endswith(".") and error.hint.endswith("."), "says no whole sentences")
    notes.demand(case.says in error.message, f"does not say “{case.says}”: {error.message}")
    notes.demand(case.do in error.hint, f"gives no next step “{case.do}”: {error.hint}")
    notes.demand(len(error.detail) <= 300 and error.detail.isprintable(), "has details that cannot be shown")
    notes.demand(error.__context__ is None or error.__suppress_context__, "drags a foreign exception along")


def _judge_others(query: Query, outcomes: tuple[Outcome, ...], result: Result, notes: Notes) -> None:
    """The good ones have the values that they must have, alone and in the one result; the bad one is named in it."""
    times = list(GRID) if isinstance(query, RangeQuery) else [query.time] if isinstance(query, InstantQuery) else []
    for outcome in outcomes[:-1]:
        due = [[good_value(outcome.cluster, hub, time) for time in times] for hub in HUBS]
        answer = outcome.answer
        fine = isinstance(answer, Answer) and answer.values.tolist() == due
        notes.wrong |= isinstance(answer, Answer) and not fine
        notes.demand(fine, f"{outcome.cluster}, a good one, is harmed")
        columns = [at for at, cluster in enumerate(result.series["cluster"]) if cluster == outcome.cluster]
        merged = result.values.to_numpy()[:, columns].T.tolist()
        notes.demand(merged == due, f"{outcome.cluster} is another one in the result")
    bad = outcomes[-1]
    failed = [report.cluster for report in result.failed]
    notes.demand(failed == ([bad.cluster] if isinstance(bad.answer, SourceError) else []), f"failed are {failed}")
    partial = isinstance(bad.answer, SourceError) or bool(bad.answer.warnings)
    notes.demand(result.complete is not partial, "does not say what is incomplete")


def _judge_kept(store: Store, outcomes: tuple[Outcome, ...], notes: Notes) -> None:
    whole = [out.answer for out in outcomes if isinstance(out.answer, Answer) and not out.answer.warnings]
    notes.demand(store.size == sum(map(size_of, whole)), "is kept though it is partial, or not kept though it is whole")


def _judge_afterwards(ground: Ground, notes: Notes) -> None:
    """The next question, perhaps over the same connections, has its own answer."""
    times = range(AFTERWARDS.time_range.start, AFTERWARDS.time_range.end + 1, 60)
    for source in ground.trio:
        try:
            found = source.ask(AFTERWARDS).values.tolist()
        except SourceError as error:
            notes.problems.append(f"{source.name} fails afterwards: {error.message}")
            continue
        due = [[good_value(source.name, hub, time) for time in times] for hub in HUBS]
        notes.wrong |= found != due
        notes.demand(found == due, f"{source.name} has another answer afterwards")


def _seen(outcome: Answer | SourceError, *texts: str) -> tuple[int, int]:
    """In how many places the token was looked for, and in how many it stood."""
    if isinstance(outcome, SourceError):
        told = ["".join(traceback.format_exception(outcome)), repr(vars(outcome)), *_frames(outcome)]
    else:
        told = [repr(outcome.labels), repr(outcome.warnings), repr(outcome.infos), outcome.text]
    places = [*told, *texts]
    return len(places), sum(any(spelling in text for spelling in _SPELLINGS) for text in places)


def _frames(error: SourceError) -> list[str]:
    """The local variables that hang on an error, which a page for developers would show."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return [
        repr(value)[:10_000] for frame in frames for value in frame.f_locals.values() if isinstance(value, str | bytes)
    ]


@contextlib.contextmanager
def _overheard() -> Iterator[Callable[[], str]]:
    """All that anybody logs meanwhile, urllib3 at every level."""
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logging.getLogger().addHandler(handler)
    try:
        yield heard.getvalue
    finally:
        logging.getLogger().removeHandler(handler)


@contextlib.contextmanager
def _memory(measured: bool) -> Iterator[Callable[[], int]]:
    """How many bytes more this process has held meanwhile than before: the kernel's own high-water mark, set back."""
    if not measured:
        yield lambda: 0
        return
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)  # so that what others left lying about is not used unseen
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    before, peak = _status("VmRSS"), [0]
    yield lambda: peak[0]
    peak[0] = max(0, _status("VmHWM") - before)


def _status(name: str) -> int:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) * 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
