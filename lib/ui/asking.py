"""Asks a question once, shows answers as they come, and keeps them while the visitor looks at them from all sides.

Streamlit runs the page again at every click. Restyling must not ask a cluster again, nor must a cluster that failed be
asked again unless somebody says so; so a visit remembers its latest answers, each for the question as it was put. What
is remembered is never handed out itself, only copies that share its numbers until somebody writes to them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from lib import cache
from lib.core import wording
from lib.core.errors import Kind
from lib.core.merging import combine, merge
from lib.core.question import Put, Question
from lib.core.result import Outcome, Result
from lib.ui import messages, permitted, under_way, visitor
from lib.ui.frame import Scope
from lib.ui.under_way import Run

_ANSWERS, _ANEW = "_answers", "_anew"
_MOST, _MOST_BYTES = 8, 128 * 2**20  # answers that a visit remembers; the newest one in any case
PATIENCE = 0.4  # seconds; an answer that comes within needs no word about its progress
_GATHER = 0.05  # seconds; the first answer seldom comes alone
_TICK = 0.5  # seconds between two words about progress


@dataclass(frozen=True, eq=False)
class Asked:
    """A question, put to the data sources of a scope at a moment, and what they have answered so far."""

    question: Question
    puts: tuple[Put, ...]
    outcomes: tuple[tuple[Outcome, ...], ...]
    asked_at: float
    result: Result

    @classmethod
    def of(
        cls, question: Question, puts: tuple[Put, ...], outcomes: tuple[tuple[Outcome, ...], ...], asked_at: float
    ) -> Asked:
        """What the outcomes, one tuple for each query, come to."""
        answers = [(put.name, merge(put.query, found)) for put, found in zip(puts, outcomes, strict=True)]
        return cls(question, puts, outcomes, asked_at, combine(answers))

    @property
    def pending(self) -> tuple[str, ...]:
        """The clusters that are still being asked."""
        return tuple(report.cluster for report in self.result.failed if is_pending(report.error))

    @property
    def fetched_at(self) -> float:
        """When the oldest of it was fetched, in Unix seconds; 0 when there is nothing."""
        return min((report.fetched_at for report in self.result.reports if report.fetched_at), default=0.0)


def is_pending(error: object) -> bool:
    """Whether an error only says that the answer may still come."""
    return getattr(error, "kind", None) is Kind.PENDING


def ask(question: Question, scope: Scope, *, seconds: float | None = None) -> Asked:
    """The answer to a question, remembered for ten minutes; while clusters are being asked, what they have said so far.

    `seconds` is a shorter time limit than that of the sources, if any. Where some are, progress is shown here and the
    page is run again as they answer. Raises QueryError, TimeError and AccessError before anything is sent.
    """
    key = _key(question, scope)
    run = under_way.find(key)
    found = _answers().get(key) if run is None else None
    if found is not None and scope.moments.now - found.asked_at <= cache.ANSWER_SECONDS:
        _answers().move_to_end(key)
        return handed_out(found)
    if run is None:
        anew = st.session_state.pop(_ANEW, None) == key
        run = _begin(key, question, scope.moments.put(question), scope, anew=anew, seconds=seconds)
        run.work.wait(PATIENCE)
    _wait_for_the_first(run)
    return _so_far(key, question, run)


def ask_failed_again(asked: Asked, scope: Scope) -> None:
    """Asks those that failed, and nobody else, the same again."""
    key = _key(asked.question, scope)
    _answers().pop(key, None)
    _begin(key, asked.question, asked.puts, scope, known=asked.outcomes)


def refresh(question: Question, scope: Scope) -> None:
    """Makes the next `ask` put the question anew, to the data sources themselves."""
    forget(question, scope)
    st.session_state[_ANEW] = _key(question, scope)


def forget(question: Question, scope: Scope) -> None:
    """Makes the next `ask` put the question anew."""
    _answers().pop(_key(question, scope), None)


def forget_all() -> None:
    """Forgets every answer of this visit, and ends what is being asked."""
    _answers().clear()
    under_way.end_all()


def remembered(preset_id: str) -> Asked | None:
    """The latest answer to a preset that this visit remembers; asks nobody."""
    answers = (asked for asked in reversed(_answers().values()) if asked.question.slug == preset_id)
    return next(answers, None)


def freshness(asked: Asked, scope: Scope) -> None:
    """How old an answer is that was not fetched just now, and the way to a new one."""
    age = scope.moments.now - asked.fetched_at
    if asked.pending or not asked.fetched_at or age < 60:
        return
    parts = "Oldest part fetched" if any(report.parts > 1 for report in asked.result.reports) else "Fetched"
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
        st.caption(messages.md(f"{parts} {wording.ago(age)} ·"), width="content")
        st.button("Refresh", key="_refresh", type="tertiary", on_click=refresh, args=(asked.question, scope))


def _begin(
    key: object,
    question: Question,
    puts: tuple[Put, ...],
    scope: Scope,
    *,
    known: Sequence[Sequence[Outcome]] = (),
    anew: bool = False,
    seconds: float | None = None,
) -> Run:
    work = permitted.start(question, puts, scope.sources, known=known, anew=anew, seconds=seconds)
    return under_way.begin(key, Run(puts, work, scope.moments.now))


def _wait_for_the_first(run: Run) -> None:
    """While there is nothing to draw: how long it takes, and a way to stop. What was on the page stays, paler."""
    if run.work.progress().answered or not run.work.progress().running:
        return
    slot = st.empty()
    with slot.container():
        line = _line(run, "_stop_first")
        st.skeleton(height=330)
    while run.work.progress().running and not run.work.progress().answered:
        line.caption(
            _told(run), width="content"
        )  # each call is a place where Streamlit can end this run for a newer one
        run.work.wait_for_more(_TICK)
    run.work.wait(_GATHER)
    slot.empty()


def _so_far(key: object, question: Question, run: Run) -> Asked:
    run.show()
    done = not run.work.progress().running
    asked = Asked.of(question, run.puts, run.work.outcomes(), run.asked_at)
    if done:
        under_way.finish(key)
        _remember(key, asked)
    else:
        _watch(key)
    return handed_out(asked)


@st.fragment(run_every=_TICK)
@visitor.gated
def _watch(key: object) -> None:
    """A line that counts by itself, and runs the page again when there is more to draw."""
    run = under_way.find(key)
    if run is None or run.has_more:
        st.rerun()
    _line(run, "_stop").caption(_told(run), width="content")


def _line(run: Run, key: str) -> st.delta_generator.DeltaGenerator:
    """A place for words about progress, and the button that stops it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        place = st.empty()
        st.button("Stop asking", key=key, icon=":material/stop:", type="tertiary", on_click=run.work.stop)
    return place


def _told(run: Run) -> str:
    progress = run.work.progress()
    names = [outcome.cluster for outcome in run.work.outcomes()[-1] if is_pending(outcome.answer)]
    told = f"Asking: {progress.done} of {progress.sources}"
    told += f", {progress.failed} failed" if progress.failed else ""
    told += f", {progress.seconds:.1f} s"
    told += f" · waiting for {wording.names(names)}" if progress.done and 0 < len(names) <= 3 else ""
    return messages.md(told)


def handed_out(asked: Asked) -> Asked:
    """The same with frames of its own over the same numbers: pandas copies them once somebody writes."""
    result = asked.result
    nan = None if result.nan is None else result.nan.copy(deep=False)
    values, series = result.values.copy(deep=False), result.series.copy(deep=False)
    return replace(asked, result=replace(result, values=values, series=series, nan=nan))


def _answers() -> OrderedDict[object, Asked]:
    answers: OrderedDict[object, Asked] = st.session_state.setdefault(_ANSWERS, OrderedDict())
    return answers


def _remember(key: object, asked: Asked) -> None:
    answers = _answers()
    answers[key] = asked
    answers.move_to_end(key)
    while len(answers) > 1 and (len(answers) > _MOST or sum(map(_size, answers.values())) > _MOST_BYTES):
        answers.popitem(last=False)


def _size(asked: Asked) -> int:
    return asked.result.values.size * asked.result.values.to_numpy().itemsize


def _key(question: Question, scope: Scope) -> object:
    return question, scope.typed, tuple((source.id, source.credential_id, source.hubs) for source in scope.sources)
