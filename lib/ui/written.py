"""The queries that this visit has written and run: where they are kept, how they are asked, and where they come from.

A query that a link brings is only shown; it is asked once the visitor, not the link, has run it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from lib.core.errors import QueryError
from lib.core.merging import merge
from lib.core.presets import Preset
from lib.core.question import Question
from lib.core.variables import put_in
from lib.core.written import (
    AS_IS,
    LETTERS,
    LONGEST_NAME,
    Ready,
    Written,
    chosen_in,
    from_state,
    left_open,
    make_ready,
    name_parameter,
    parameter,
)
from lib.ui import asking, choices, draft, messages, open_choices, visitor
from lib.ui.asking import Asked
from lib.ui.catalogue import current_preset
from lib.ui.frame import PRESETS, PROMQL, Scope, remember

_RAN = "_ran"  # the texts that the visitor has run, and no link
_COUNT = "_runs"
_OPEN = "_letters"  # the letters of the fields that are shown
_RESTORED = "_restored"  # set where the history brought the queries that wait
DUE = "_history_due"  # set by a run, until its answer is noted


@dataclass(frozen=True)
class Told:
    """What came of asking: the answer, None where there is none, and what was refused, by letter."""

    asked: Asked | None
    refused: Mapping[str, QueryError]


def letters() -> tuple[str, ...]:
    """The queries that have a field: the first always, others once they were added or came with a link."""
    opened = st.session_state.get(_OPEN, ())
    written = {each.letter for each in from_state(st.session_state)}
    return tuple(letter for letter in LETTERS if letter == LETTERS[0] or letter in opened or letter in written)


def add() -> None:
    """One more field. For callbacks."""
    free = [letter for letter in LETTERS if letter not in letters()]
    st.session_state[_OPEN] = (*letters(), *free[:1])


def remove(letter: str) -> None:
    """Takes a query away; those behind it move up, so that the letters stay without a gap. For callbacks."""
    kept = [each for each in letters() if each != letter]
    fill_fields(
        [Written(each, draft.text(each), str(st.session_state.get(name_parameter(each)) or "")) for each in kept]
    )
    run()


def fill_fields(written: Sequence[Written]) -> None:
    """Puts queries into the fields, the first into the first, and takes all others away. For callbacks."""
    given = dict(zip(LETTERS, written, strict=False))
    for letter in LETTERS:
        each = given.get(letter)
        draft.replace(each.text if each else "", letter)
        remember(
            **{parameter(letter): each.text if each else None, name_parameter(letter): each.name if each else None}
        )
    st.session_state[_OPEN] = tuple(given)


def run() -> None:
    """Makes what stands in the fields the queries that are asked. For callbacks."""
    for letter in LETTERS:
        remember(**{parameter(letter): draft.text(letter) if letter in letters() else None})
    remember(asked="expr")
    mark_as_run()
    st.session_state[DUE] = True
    st.session_state[_COUNT] = count_of_runs() + 1


def run_as_is(text: str) -> None:
    """Runs what stands in the fields, and sends this text though our own reading refuses it. For callbacks."""
    st.session_state[AS_IS] = st.session_state.get(AS_IS, frozenset()) | {text}
    run()


def count_of_runs() -> int:
    """How often this visit has run something; tells one run from the next."""
    return int(st.session_state.get(_COUNT, 0))


def wait_for_click() -> None:
    """Lets what the state says be asked only after a click. For callbacks."""
    st.session_state[_RAN] = None
    st.session_state[_RESTORED] = True
    remember(asked="expr")


def mark_as_run() -> None:
    """Lets what the state says be asked. For callbacks."""
    st.session_state[_RAN] = _texts()


def has_run() -> bool:
    """Whether the visitor has run just this."""
    return bool(_texts()) and st.session_state.get(_RAN) == _texts()


def _texts() -> tuple[tuple[str, str], ...]:
    return tuple((each.letter, each.text) for each in from_state(st.session_state))


def ready() -> Ready:
    """What the state says, filled in as chosen."""
    state = st.session_state
    return make_ready(from_state(state), chosen_in(state), instant=state.get("mode") == "now")


def ask(made: Ready, scope: Scope) -> Told:
    """The answer of what can be asked. A query that every cluster refuses takes no other's answer away."""
    if made.question is None:
        return Told(None, made.errors)
    try:
        asked = asking.ask(made.question, scope)
    except QueryError as error:
        return Told(None, {made.letters[0]: error} | dict(made.errors))
    refused = _refused(made, asked)
    rest = made.without(tuple(refused))
    if not refused or (rest and asked.pending):  # what is still under way is not asked once more
        return Told(asked, made.errors)
    return Told(asking.ask(rest, scope) if rest else None, {**made.errors, **refused})


def _refused(made: Ready, asked: Asked) -> dict[str, QueryError]:
    found: dict[str, QueryError] = {}
    for letter, put, outcomes in zip(made.letters, asked.puts, asked.outcomes, strict=True):
        if error := messages.query_error(merge(put.query, outcomes).reports):
            found[letter] = made.in_typed(letter, put, error)
    return found


def as_written(preset: Preset) -> tuple[Written, ...]:
    """A preset's queries for the fields: its numbers in place, hubs and people left open for the controls there."""
    return tuple(
        Written(letter, put_in(query.expr, preset.numbers, chosen_numbers(preset)).strip(), query.name[:LONGEST_NAME])
        for letter, query in zip(LETTERS, preset.queries, strict=False)
    )


def chosen_numbers(preset: Preset) -> dict[str, float]:
    """What was chosen for the numbers of a preset."""
    return {number.name: choices.chosen_number(number) for number in preset.numbers}


def edit(question: Question) -> None:
    """From any answer to its queries in the fields, with nothing to retype; nothing for who may not write any."""
    if not visitor.may_write():
        return
    if st.button("Edit", key="_edit", help="Edit the query of this answer", on_click=_take_over, args=(question,)):
        remember(asked="expr")
        st.switch_page(PROMQL)


def _take_over(question: Question) -> None:
    fill_fields(as_written(question.preset) if question.preset else from_state(st.session_state))
    remember(mode="now" if question.instant else None)
    mark_as_run()


def current_question(scope: Scope) -> Question | None:
    """What was asked last, or what the link says. A query from a link waits for a click. Raises AccessError."""
    if st.session_state.get("asked") != "expr":
        preset = current_preset()
        st.session_state["preset"] = preset.id
        return Question.of_preset(preset, choices.choose_variables(preset, scope))
    visitor.demand()
    written = from_state(st.session_state)
    if not written:
        st.markdown("Nothing was asked yet.")
        st.page_link(PRESETS, label="Choose a question", icon=":material/quiz:")
        return None
    if not has_run():
        say_that_it_waits()
        for each in written:
            st.code(each.text, language="promql", wrap_lines=True)
        st.button("Run", type="primary", icon=":material/play_arrow:", key="_run_linked", on_click=_run_linked)
        return None
    with scope.choices:
        open_choices.choose(left_open(written), scope)
    return _whole_question(written)


def say_that_it_waits() -> None:
    """In place of an answer that nobody has asked for yet."""
    if st.session_state.get(_RESTORED):
        st.info("Back from the history. Run asks it again.", icon=":material/history:")
    else:
        st.info("This link brings a query. Read it, then run it.", icon=":material/link:")


def _run_linked() -> None:
    fill_fields(from_state(st.session_state))
    mark_as_run()


def _whole_question(written: Sequence[Written]) -> Question | None:
    made = ready()
    for each in written:
        if each.letter in made.errors:
            messages.show_query_error(made.errors[each.letter], each.text)
    return made.question
