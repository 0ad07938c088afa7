"""Hints on comparisons: those that drop what they should have answered with 0 or 1."""

from __future__ import annotations

from lib.core.hints.registry import Hint, Query, hint
from lib.promql import Kind

_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_ARITHMETIC = ("+", "-", "*", "/", "%")
_CONSTANT = frozenset({"avg", "min", "max", "stddev", "stdvar"})
_OVER_TIME = frozenset({"avg_over_time", "min_over_time", "max_over_time"})
_WHY = "A comparison drops the series that do not fit; with bool it gives 1 where it holds and 0 where it does not."


@hint("comparison that filters everything")
def comparison_that_filters_everything(query: Query) -> Hint | None:
    """A comparison after which nothing, or always the same number, is left; with `bool` it would be an answer.

    That is: a mean or an extreme of `== 1`, arithmetic of a number with `(... == 1)`, and two comparisons that exclude
    each other.
    """
    for index, token in enumerate(query.outline.tokens[:-1]):
        if token.kind is not Kind.OPERATOR or token.text not in _COMPARISONS or not _is_number(query, index + 1):
            continue
        if token.text == "==" and (_is_averaged(query, index) or _is_calculated_with(query, index)):
            sentence = f"What is left of == {_number(query, index + 1):g} is always {_number(query, index + 1):g}."
            return query.hint(f"{sentence} Is bool meant?", _WHY, (index + 1, index + 1, " bool"))
        if _is_excluded(query, index):
            sentence = f"Nothing that is {token.text} {_number(query, index + 1):g} passes the comparison behind it."
            return query.hint(f"{sentence} Is bool meant?", _WHY, (index + 1, index + 1, " bool"))
    return None


def _is_number(query: Query, index: int) -> bool:
    index += query.outline.is_word(index, "-")
    return query.outline.tokens[index].kind is Kind.NUMBER and not query.is_variable(index)


def _number(query: Query, index: int) -> float:
    sign = -1 if query.outline.is_word(index, "-") else 1
    text = query.outline.tokens[index + (sign < 0)].text.lower()
    return sign * (float(int(text, 16)) if text.startswith("0x") else float(text))


def _behind(query: Query, index: int) -> int:
    """The token behind a comparison with a number."""
    return index + 2 + query.outline.is_word(index + 1, "-")


def _is_averaged(query: Query, index: int) -> bool:
    outline, behind = query.outline, _behind(query, index)
    for call in outline.calls:
        if not call.arguments or not call.arguments[-1][0] < index < call.arguments[-1][1]:
            continue
        first, last = call.arguments[-1]
        if call.aggregation and call.name.lower() in _CONSTANT and _is_alone(query, first, index):
            return behind == last
        in_brackets = outline.is_word(first, "(") and outline.pairs[first] == behind
        if call.name in _OVER_TIME and in_brackets and outline.is_word(behind + 1, "["):
            return _is_alone(query, first + 1, index)
    return False


def _is_alone(query: Query, first: int, index: int) -> bool:
    """Whether no operator that binds less stands before a comparison at its own level."""
    at = first
    while at < index:
        if query.outline.is_word(at, "and", "or", "unless", *_COMPARISONS):
            return False
        at = query.outline.pairs.get(at, at) + 1
    return at == index


def _is_calculated_with(query: Query, index: int) -> bool:
    """Whether the comparison stands in brackets, next to a number and an arithmetic operator."""
    outline, closing = query.outline, _behind(query, index)
    opening = next((first for first, last in outline.pairs.items() if last == closing), -1)
    calls = {call.opening for call in outline.calls}
    if opening < 0 or opening in calls or not outline.is_word(opening, "(") or not _is_alone(query, opening + 1, index):
        return False
    after = outline.is_word(closing + 1, *_ARITHMETIC) and _is_number(query, closing + 2)
    before = opening > 1 and outline.is_word(opening - 1, *_ARITHMETIC) and _is_number(query, opening - 2)
    return after or before


def _is_excluded(query: Query, index: int) -> bool:
    """Whether a comparison of what passed this one follows, that nothing of it can pass, and asks for 0 or 1."""
    outline, behind = query.outline, _behind(query, index)
    opening = next((first for first, last in outline.pairs.items() if last == behind), -1)
    if outline.is_word(behind, ")") and opening not in {call.opening for call in outline.calls}:
        behind += 1
    if not outline.is_word(behind, "==") or not _is_number(query, behind + 1):
        return False
    wanted = _number(query, behind + 1)
    return wanted in (0, 1) and not _passes(outline.tokens[index].text, wanted, _number(query, index + 1))


def _passes(operator: str, value: float, bound: float) -> bool:
    return {
        "==": value == bound,
        "!=": value != bound,
        "<": value < bound,
        "<=": value <= bound,
        ">": value > bound,
        ">=": value >= bound,
    }[operator]
