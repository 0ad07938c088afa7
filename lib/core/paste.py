"""A query as it was pasted from Grafana: what its variables leave open, and its text once they are filled in.

`$__interval` and its like stay; `lib.core.promql` fills those in when the grid is known. A value is escaped for the
place where it goes, so that it can never become more of the query than one value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import promql_parser

from lib.core.errors import QueryError
from lib.core.needs import parts_of
from lib.core.promql import Filled, fill, parse
from lib.core.time_range import DAY, HOUR, TimeRange
from lib.core.variable_edits import Edit, Values, edits, filled
from lib.core.variable_places import Place, Places, Selector, Use, find, our_name
from lib.core.variables import LABEL_VARIABLES, LabelVariable, NumberVariable

MOST_UNDECIDED = 4  # variables that may be a number or a metric; each doubles the readings to try
_ANY_GRID = TimeRange(0, DAY, HOUR)


@dataclass(frozen=True)
class TextVariable:
    """Something else that a query leaves open; `form` is what its value must look like, in words."""

    name: str
    words: str
    form: str


Open = LabelVariable | NumberVariable | TextVariable

_FORMS = {
    Place.DURATION: "a duration, such as 5m",
    Place.NAMES: "names of labels, such as namespace, pod",
    Place.NAME: "the name of a metric",
    Place.VALUE: "a number or the name of a metric",
}


def open_variables(*typed: str) -> tuple[Open, ...]:
    """What queries leave open, each once, in the order in which it stands there. Never raises.

    A variable that is a matcher's value offers the values of that label, under the name that the presets use where it
    is one of theirs; one that can only be a number is a number; whatever else there is may be any text.
    """
    found: dict[str, Open] = {}
    for text in typed:
        places = find(text)
        numbers = _numbers(places)
        for name in dict.fromkeys(use.name for use in places.uses if use.place is not Place.COMMENT):
            variable = _variable(name, [use for use in places.uses if use.name == name], places, name in numbers)
            known = found.get(variable.name)
            if known is None or (isinstance(variable, LabelVariable) and not isinstance(known, LabelVariable)):
                found[variable.name] = variable
    return tuple(found.values())


def resolve(typed: str, values: Values) -> Filled:
    """The query with its variables filled in. `values` has texts by the names of `open_variables`.

    A matcher without a choice goes; a number without one is 1. Raises QueryError, with the place, for a variable that
    needs a value and has none, and for a value that does not fit where it stands.
    """
    return _resolved(find(typed), values)


def for_preset(typed: str, values: Values) -> tuple[str, tuple[NumberVariable, ...]]:
    """The same, but what a preset can leave open stays so: its own label variables, and numbers with their value.

    Raises QueryError as `resolve` does.
    """
    places = find(typed)
    numbers = {name: _as_number(name, values) for name in _numbers(places) if re.fullmatch("[a-z][a-z0-9_]*", name)}
    kept = [use for use in places.uses if _stays(use, places) or use.name in numbers]
    rest = replace(places, uses=[use for use in places.uses if use not in kept])
    changes = edits(rest, _with_numbers(values, _numbers(places)), _required)
    for use in kept:
        if use.matcher:
            text = f'{use.matcher.label}=~"${our_name(use.name)}"'
            changes.append(Edit(use.matcher.start, use.matcher.end, text))
        else:
            changes.append(Edit(use.start, use.end, f"${use.name}"))
    return filled(typed, changes).text, tuple(numbers.values())


def _stays(use: Use, places: Places) -> bool:
    known = LABEL_VARIABLES.get(our_name(use.name))
    matcher = use.matcher if use.place is Place.MATCHER else None
    return bool(known and matcher and matcher.label == known.label and matcher.operator in ("=", "=~"))


def _as_number(name: str, values: Values) -> NumberVariable:
    given = values.get(our_name(name), ())
    try:
        return NumberVariable(name, name.replace("_", " "), float(given[-1]) if given else 1.0)
    except ValueError:
        raise QueryError(f"The value of ${name} is not a number.", "Choose another value.") from None


def _with_numbers(values: Values, numbers: frozenset[str]) -> Values:
    """The chosen values, and 1 for every number without one."""
    return {our_name(name): ("1",) for name in numbers} | {name: texts for name, texts in values.items() if texts}


def _variable(name: str, uses: Sequence[Use], places: Places, number: bool) -> Open:
    known = LABEL_VARIABLES.get(our_name(name))
    matchers = [use.matcher for use in uses if use.matcher and use.place is Place.MATCHER]
    if matchers and not (known and any(matcher.label == known.label for matcher in matchers)):
        selector = next(each for each in places.selectors if matchers[0] in each.matchers)
        return LabelVariable(our_name(name), f"${name}", matchers[0].label, _without_variables(selector, places))
    if known and all(use.place in (Place.MATCHER, Place.PATTERN, Place.TEXT) for use in uses):
        return replace(known, words=f"${name}")
    if number:
        return NumberVariable(our_name(name), f"${name}", 1.0)
    place = next((use.place for use in uses if use.place in _FORMS), Place.TEXT)
    return TextVariable(our_name(name), f"${name}", _FORMS.get(place, "any text"))


def _without_variables(selector: Selector, places: Places) -> str:
    """The selector for listing values: the metric, with those matchers that say something already. "" is everything."""
    used = {(use.start, use.end) for use in places.uses}
    held = [
        places.typed[matcher.start : matcher.end]
        for matcher in selector.matchers
        if not any(matcher.start <= start < matcher.end for start, _ in used)
    ]
    metric = "" if "$" in selector.metric or "[" in selector.metric else selector.metric
    text = f"{metric}{{{', '.join(held)}}}" if held else metric
    try:
        parse(text)
    except ValueError:
        return metric
    return text


def _numbers(places: Places) -> frozenset[str]:
    """Which variables stand where only numbers, or numbers too, make sense: read as such, the query has a tree."""
    undecided = list(dict.fromkeys(use.name for use in places.uses if use.place is Place.VALUE))
    elsewhere = {use.name for use in places.uses if use.place not in (Place.VALUE, Place.COMMENT)}
    candidates = [name for name in undecided if name not in elsewhere][:MOST_UNDECIDED]
    readings = sorted(product((True, False), repeat=len(candidates)), key=lambda reading: -sum(reading))
    for reading in readings:
        numbers = frozenset(name for name, number in zip(candidates, reading, strict=True) if number)
        if _tree(_probe(places, numbers)) is not None:
            return numbers
    return frozenset(candidates)


def _probe(places: Places, numbers: frozenset[str]) -> str:
    """The query with a harmless value wherever one is needed."""
    return filled(places.typed, edits(places, {}, lambda use: _harmless(use, numbers))).text


def _harmless(use: Use, numbers: frozenset[str]) -> str:
    if use.place is Place.VALUE:
        return "1" if use.name in numbers else "probe"
    return "5m" if use.place is Place.DURATION else "probe"


def _resolved(places: Places, values: Values) -> Filled:
    numbers = _numbers(places)
    result = filled(places.typed, edits(places, _with_numbers(values, numbers), _required))
    before = _tree(_probe(places, numbers))
    if before is not None and before != _tree(result.text):
        raise QueryError("A value that was chosen does not fit where it stands.", "Choose another value.")
    return result


def _required(use: Use) -> str:
    raise QueryError(f"${use.name} has no value yet.", "Give it one below the query.")


def _tree(text: str) -> object:
    """The kinds of a query's nodes, nested; None for what has no tree here."""
    try:
        return _shape(parse(fill(text, _ANY_GRID).text))
    except (ValueError, QueryError):
        return None


def _shape(node: Any) -> object:
    if _is_number(node):
        return "number"
    return type(node).__name__, tuple(_shape(part) for part in parts_of(node))


def _is_number(node: Any) -> bool:
    """A negative number, which stands between brackets so that it stays one whatever stands around it."""
    while isinstance(node, promql_parser.ParenExpr | promql_parser.UnaryExpr):
        node = node.expr
    return isinstance(node, promql_parser.NumberLiteral)
