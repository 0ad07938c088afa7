"""The outline of a query: its calls and selectors as stretches of its tokens, for those who change its text.

The tree of `promql.parse` has no places; this has nothing else. The grammar of the query is right, its types need not
be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lib.promql import Kind, Token, scan

_GROUPING = ("by", "without")
_LABEL_LISTS = (*_GROUPING, "on", "ignoring", "group_left", "group_right")
_OPENING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Grouping:
    """`by (...)` or `without (...)` of an aggregation: tokens `first` to `last`, exclusive."""

    word: str
    labels: tuple[str, ...]
    first: int
    last: int


@dataclass(frozen=True)
class Call:
    """A function or an aggregation: tokens `first` to `last` (exclusive), its brackets, and what stands in them."""

    name: str
    aggregation: bool
    first: int
    last: int
    opening: int
    closing: int
    grouping: Grouping | None
    arguments: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Selector:
    """A selector with all that belongs to it: tokens `first` to `last`, exclusive.

    `bare` is where the brackets of its range and its `offset` and `@` begin; `window` is the token of its range, None
    for an instant selector; `subquery` tells whether the range is one of a subquery.
    """

    name: str
    first: int
    bare: int
    last: int
    window: int | None = None
    subquery: bool = False
    offset: bool = False


class Outline:
    """The tokens of a query, its calls from the outside in, and its selectors in their order."""

    def __init__(self, text: str) -> None:
        self.tokens: list[Token] = scan(text)
        self.pairs = _pairs(self.tokens)
        self._lists = [
            (index, self.pairs[index + 1])
            for index, token in enumerate(self.tokens)
            if self.is_word(index, *_LABEL_LISTS) and index + 1 in self.pairs and self.tokens[index + 1].text == "("
        ]
        self.calls = tuple(self._calls())
        self.selectors = tuple(self._selectors())

    def is_word(self, index: int, *words: str) -> bool:
        """Whether a token is one of these keywords, operators or marks."""
        token = self.tokens[index]
        return token.kind not in (Kind.STRING, Kind.IDENTIFIER, Kind.END) and token.text.lower() in words

    def around(self, first: int, last: int) -> Iterator[Call]:
        """The calls whose brackets hold these tokens, innermost first."""
        for call in reversed(self.calls):
            if call.opening < first and last <= call.closing:
                yield call

    def argument_of(self, selector: Selector) -> Call | None:
        """The call that has just this selector for an argument, in brackets of its own or not."""
        first, last = self.unwrapped_outwards(selector.first, selector.last)
        return next((call for call in self.calls if (first, last) in call.arguments), None)

    def unwrapped_outwards(self, first: int, last: int) -> tuple[int, int]:
        """The same with the brackets around it that hold nothing else and belong to no call."""
        openings = {call.opening for call in self.calls}
        while first > 0 and first - 1 not in openings and self.pairs.get(first - 1) == last:
            if not self.is_word(first - 1, "("):
                break
            first, last = first - 1, last + 1
        return first, last

    def call_at(self, first: int) -> Call | None:
        """The call that begins at a token."""
        return next((call for call in self.calls if call.first == first), None)

    def call_before(self, last: int) -> Call | None:
        """The call that ends before a token."""
        return next((call for call in self.calls if call.last == last), None)

    def _calls(self) -> Iterator[Call]:
        for index, token in enumerate(self.tokens[:-1]):
            if token.kind not in (Kind.IDENTIFIER, Kind.AGGREGATOR) or self._in_list(index):
                continue
            leading = self._grouping(index + 1)
            opening = leading.last if leading else index + 1
            if self.tokens[opening].text != "(" or self.tokens[opening].kind is not Kind.MARK:
                continue
            aggregation = token.kind is Kind.AGGREGATOR
            closing = self.pairs[opening]
            trailing = self._grouping(closing + 1) if aggregation and not leading else None
            last = trailing.last if trailing else closing + 1
            arguments = tuple(self._arguments(opening, closing))
            yield Call(token.text, aggregation, index, last, opening, closing, leading or trailing, arguments)

    def _grouping(self, index: int) -> Grouping | None:
        if not self.is_word(index, *_GROUPING) or self.pairs.get(index + 1) is None:
            return None
        closing = self.pairs[index + 1]
        labels = tuple(token.text for token in self.tokens[index + 2 : closing] if token.kind is not Kind.MARK)
        return Grouping(self.tokens[index].text.lower(), labels, index, closing + 1)

    def _arguments(self, opening: int, closing: int) -> Iterator[tuple[int, int]]:
        first = index = opening + 1
        while index < closing:
            if self.is_word(index, ","):
                yield first, index
                first = index + 1
            index = self.pairs.get(index, index) + 1
        if first < closing:
            yield first, closing

    def _in_list(self, index: int) -> bool:
        return any(first < index <= last for first, last in self._lists)

    def _selectors(self) -> Iterator[Selector]:
        index = 0
        heads = {call.first for call in self.calls}
        while index < len(self.tokens) - 1:
            token = self.tokens[index]
            named = token.kind is Kind.IDENTIFIER and index not in heads
            if (named or self.is_word(index, "{")) and not self._in_list(index):
                selector = self.selector_at(index, token.text if named else "")
                index = selector.last
                yield selector
            else:
                index += 1

    def selector_at(self, first: int, name: str) -> Selector:
        """The selector that begins at a token: its name, "" where it begins with a brace."""
        bare = first + 1 if name else first
        if self.is_word(bare, "{"):
            bare = self.pairs[bare] + 1
        last = self.behind_suffixes(bare)
        ranges = [each for each in range(bare, last) if self.is_word(each, "[")]
        subquery = any(self.is_word(each, ":") for opening in ranges for each in range(opening, self.pairs[opening]))
        offset = any(self.is_word(each, "offset", "@") for each in range(bare, last))
        return Selector(name, first, bare, last, ranges[0] + 1 if ranges else None, subquery, offset)

    def behind_suffixes(self, index: int) -> int:
        """The token behind the ranges, `offset` and `@` that stand here, if any."""
        while True:
            if self.is_word(index, "["):
                index = self.pairs[index] + 1
            elif self.is_word(index, "offset", "@"):
                index = self._behind_modifier(index + 1)
            else:
                return index

    def _behind_modifier(self, index: int) -> int:
        index += self.is_word(index, "-", "+")
        return self.pairs[index + 1] + 1 if self.is_word(index, "start", "end") else index + 1


def _pairs(tokens: list[Token]) -> dict[int, int]:
    """Where each bracket that opens is closed, by token."""
    found: dict[int, int] = {}
    waiting: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind is Kind.MARK and token.text in _OPENING:
            waiting.append(index)
        elif token.kind is Kind.MARK and token.text in _OPENING.values():
            found[waiting.pop()] = index
    return found
