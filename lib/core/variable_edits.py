"""Values put in the place of a query's variables, each escaped for where it stands, and the changed text with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lib.core.errors import QueryError
from lib.core.promql import Filled, line_and_column
from lib.core.variable_places import Matcher, Place, Places, Selector, Use, our_name
from lib.core.variables import escape, pattern, quote

Values = Mapping[str, tuple[str, ...]]  # by our name of the variable; none chosen means all
Instead = Callable[[Use], str]  # what stands for a variable without a value, or QueryError

_NAME = r"[A-Za-z_:][\w:]*"
_NUMBER = r"-?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?"
# What may stand outside of quotation marks, in full. Nothing else gets there, so that a value stays one value.
_BARE = {
    Place.DURATION: re.compile(r"([0-9]+(ms|[smhdwy])?)+", re.ASCII),
    Place.NAMES: re.compile(rf"{_NAME}(\s*,\s*{_NAME})*", re.ASCII),
    Place.NAME: re.compile(r"[\w:]+", re.ASCII),
    Place.VALUE: re.compile(rf"{_NUMBER}|{_NAME}", re.ASCII),
}


@dataclass(frozen=True)
class Edit:
    """`text` instead of what stands from `start` to `end`."""

    start: int
    end: int
    text: str


def edits(places: Places, values: Values, instead: Instead) -> list[Edit]:
    """What filling in the variables changes. Raises QueryError for a value that does not fit, with its place."""
    changes = [edit for selector in places.selectors for edit in _without(selector, _gone(selector, places, values))]
    for use in places.uses:
        texts = values.get(our_name(use.name), ())
        if use.place is Place.COMMENT:
            changes.append(Edit(use.start, use.end, use.name))
        elif use.place is not Place.MATCHER:
            changes.append(Edit(use.start, use.end, _placed(use, texts, instead, places)))
        elif texts and use.matcher:
            changes.append(Edit(use.matcher.start, use.matcher.end, _matching(use.matcher, texts)))
    return changes


def filled(typed: str, changes: Sequence[Edit]) -> Filled:
    """The changed text, with the way back from a place in it to what was typed there."""
    parts: list[str] = []
    pieces: list[tuple[int, int, int, int]] = []
    last = length = 0
    for edit in sorted(changes, key=lambda edit: (edit.start, edit.end)):
        before = typed[last : edit.start]
        start = length + len(before)
        length = start + len(edit.text)
        parts += [before, edit.text]
        pieces.append((edit.start, edit.end, start, length))
        last = edit.end
    return Filled("".join([*parts, typed[last:]]), typed, tuple(pieces))


def _gone(selector: Selector, places: Places, values: Values) -> list[bool]:
    """Which matchers of a selector go: those whose variable is theirs alone and has no value."""
    open_ones = {use.matcher for use in places.uses if use.place is Place.MATCHER}
    return [matcher in open_ones and not values.get(our_name(matcher.whole)) for matcher in selector.matchers]


def _without(selector: Selector, gone: list[bool]) -> list[Edit]:
    """A selector without some of its matchers. What has neither a metric nor a matcher left selects what has one."""
    matchers = selector.matchers
    if gone and all(gone) and not selector.others:
        if selector.metric:
            return [Edit(selector.start, selector.end, "")] if selector.end else []
        first = matchers[0]
        any_value = Edit(first.start, first.end, f'{first.label}=~".+"')
        return [any_value, *(Edit(a.end, b.end, "") for a, b in zip(matchers, matchers[1:], strict=False))]
    changes = []
    for place, matcher in enumerate(matchers):
        if gone[place] and not all(gone[:place]):
            changes.append(Edit(matchers[place - 1].end, matcher.end, ""))
        elif gone[place]:
            following = matchers[place + 1].start if place + 1 < len(matchers) else matcher.end
            changes.append(Edit(matcher.start, following, ""))
    return changes


def _matching(matcher: Matcher, texts: tuple[str, ...]) -> str:
    """The matcher with the chosen values. One that named a single value becomes a pattern where there are several."""
    negative = matcher.operator.startswith("!")
    if len(texts) > 1 or matcher.operator.endswith("~"):
        return f'{matcher.label}{"!~" if negative else "=~"}"{quote(texts)}"'
    return f'{matcher.label}{matcher.operator}"{_literal(texts[0], chr(34))}"'


def _placed(use: Use, texts: tuple[str, ...], instead: Instead, places: Places) -> str:
    pattern_place = use.place is Place.PATTERN and use.matcher and use.matcher.operator.endswith("~")
    if not texts:
        return ".*" if pattern_place else _told(use, places, instead)
    if pattern_place:
        return _within(f"(?:{pattern(texts)})", use, places)
    if len(texts) > 1:
        raise _refuse(use, places, "takes one value here, not several")
    if use.place in (Place.PATTERN, Place.TEXT):
        return _within(texts[0], use, places)
    text = texts[0].strip()
    if not _BARE[use.place].fullmatch(text):
        raise _refuse(use, places, "cannot have this value here")
    return f"({text})" if text.startswith("-") else text


def _told(use: Use, places: Places, instead: Instead) -> str:
    """What stands in for a value; a refusal is told where the variable stands."""
    try:
        return instead(use)
    except QueryError as error:
        line, column = line_and_column(places.typed, use.start)
        raise QueryError(error.message, error.hint, line=line, column=column) from None


def _within(text: str, use: Use, places: Places) -> str:
    if use.quote != "`":
        return _literal(text, use.quote)
    if "`" in text or "$" in text.replace("[$]", "") or "[[" in text:
        raise _refuse(use, places, "cannot have this value between backticks")
    return text


def _literal(text: str, mark: str) -> str:
    """A text as the inside of a string, so that nothing in it is taken for a variable later on."""
    kept = escape(text, mark).replace("[$]", "\0").replace("$", "\\x24").replace("\0", "[$]")
    return kept.replace("[", "\\x5b") if "[[" in kept else kept


def _refuse(use: Use, places: Places, why: str) -> QueryError:
    line, column = line_and_column(places.typed, use.start)
    return QueryError(f"${use.name} {why}.", "Choose another value below the query.", line=line, column=column)
