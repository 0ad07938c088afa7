"""Queries as somebody wrote them, A to D over one range, and the question that they make once they are filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.core.cost import check_cost
from lib.core.diagnosis import check_typed
from lib.core.errors import QueryError
from lib.core.naming import numbered, one_line
from lib.core.paste import Open, open_variables, resolve
from lib.core.permalink import VARIABLE
from lib.core.presets import NamedQuery
from lib.core.promql import Filled, check, fill
from lib.core.question import Put, Question
from lib.core.time_range import DAY, HOUR, TimeRange
from lib.core.variable_edits import Values

LETTERS = ("a", "b", "c", "d")
LONGEST_NAME = 40  # characters
AS_IS = "_as_is"  # in the state of a visit, never in an address: texts to send though our own reading refuses them
_FOLDS = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)|(?:\#[^\n]*|\s)+""")
_PLACE = re.compile(r"^Line \d+, column \d+")
_ANY_GRID = TimeRange(0, DAY, HOUR)


def parameter(letter: str) -> str:
    """The parameter of an address that holds the text of a query."""
    return "expr" if letter == LETTERS[0] else f"expr_{letter}"


def name_parameter(letter: str) -> str:
    """The parameter of an address that holds the name somebody gave to a query."""
    return f"name_{letter}"


@dataclass(frozen=True)
class Written:
    """One query as it was typed. `name` is what somebody calls it, "" for its letter.

    `as_is` says that it is to be sent though our own reading refuses it.
    """

    letter: str
    text: str
    name: str = ""
    as_is: bool = False


def from_state(state: Mapping[Any, object]) -> tuple[Written, ...]:
    """The queries that the state of the app, or an address, holds; those without a text are left out."""
    texts = {letter: str(state.get(parameter(letter)) or "") for letter in LETTERS}
    as_they_are = state.get(AS_IS)
    insisted = as_they_are if isinstance(as_they_are, frozenset) else frozenset()
    return tuple(
        Written(letter, text, str(state.get(name_parameter(letter)) or ""), text in insisted)
        for letter, text in texts.items()
        if text
    )


def chosen_in(state: Mapping[Any, object]) -> Values:
    """What was chosen for variables, by name."""
    chosen = {
        str(name).removeprefix(VARIABLE): value for name, value in state.items() if str(name).startswith(VARIABLE)
    }
    return {name: tuple(map(str, value)) for name, value in chosen.items() if isinstance(value, (tuple, list))}


def left_open(written: Sequence[Written]) -> tuple[Open, ...]:
    """What the queries leave open, each once."""
    return open_variables(*(each.text for each in written))


@dataclass(frozen=True)
class Ready:
    """What can be asked of what was written: the question, `letters` of its queries in their order, and by letter how
    each text was filled in, or why it cannot be asked."""

    question: Question | None
    letters: tuple[str, ...] = ()
    filled: Mapping[str, Filled] = field(default_factory=dict)
    errors: Mapping[str, QueryError] = field(default_factory=dict)

    def in_typed(self, letter: str, put: Put, error: QueryError) -> QueryError:
        """A server's refusal of a query, its place led back to what was typed."""
        line, column = error.line, error.column
        if line:
            line, column = self.filled[letter].position_in_typed(*put.filled.position_in_typed(line, column))
        return _moved(error, line, column)

    def without(self, letters: Sequence[str]) -> Question | None:
        """The question without some of its queries; None when none is left."""
        if self.question is None:
            return None
        kept = [
            query for letter, query in zip(self.letters, self.question.queries, strict=True) if letter not in letters
        ]
        return Question.of_queries(kept, instant=self.question.instant) if kept else None


def make_ready(
    written: Sequence[Written], values: Values, *, instant: bool = False, span: float = 0, clusters: int = 0
) -> Ready:
    """Fills in what was chosen. A query that cannot be asked takes no other away.

    Where it is to be asked of `clusters`, over `span` seconds, one that would cost very much is an error too, unless
    somebody said that it is to be sent.
    """
    grid = TimeRange(0, max(int(span) // DAY, 1) * DAY, DAY) if span else _ANY_GRID
    filled: dict[str, Filled] = {}
    errors: dict[str, QueryError] = {}
    for each in written:
        try:
            (check if each.as_is else check_typed)(each.text)
            found = resolve(each.text, values)
            text = fill(found.text, grid).text
            if clusters and not each.as_is:
                check_cost(text, 0 if instant else span, clusters)
            filled[each.letter] = found
        except QueryError as error:
            errors[each.letter] = error
    names = dict(zip((each.letter for each in written), names_of(written), strict=True))
    as_is = {each.letter: each.as_is for each in written}
    queries = [NamedQuery(names[letter], found.text, as_is[letter]) for letter, found in filled.items()]
    question = Question.of_queries(queries, instant=instant) if queries else None
    return Ready(question, tuple(filled), filled, errors)


def _moved(error: QueryError, line: int, column: int) -> QueryError:
    """The same refusal about another place, also where its sentence names the place."""
    message = _PLACE.sub(f"Line {line}, column {column}", error.message) if line else error.message
    return QueryError(message, error.hint, kind=error.kind, detail=error.detail, line=line, column=column)


def names_of(written: Sequence[Written]) -> tuple[str, ...]:
    """What legends and files call the queries: as somebody named them, else by letter; "" for one alone."""
    if len(written) == 1:
        return (one_line(written[0].name),)
    return tuple(numbered((one_line(each.name) or each.letter.upper() for each in written), LONGEST_NAME))


def on_one_line(expr: str) -> str:
    """The same query without comments and line breaks. What stands in quotation marks stays as it is."""

    def fold(found: re.Match[str]) -> str:
        at_bracket = expr[found.start() - 1 : found.start()] in ("(", "{") or expr[found.end() : found.end() + 1] in (
            ")",
            "}",
        )
        return found[1] or ("" if at_bracket else " ")

    return _FOLDS.sub(fold, expr).strip()
