"""The tree of a query over its tokens: what belongs together, with its places, for the layout of the text.

`promql.parse` gives the tree that is calculated with; it has no places, and no comments or variables.
"""

from __future__ import annotations

from dataclasses import dataclass

from lib.core.outline import Call, Outline
from lib.promql import Kind

_PRECEDENCE = {
    "or": 1,
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%", "atan2"), 5),
    "^": 6,
}
_POWER = _PRECEDENCE["^"]


@dataclass(frozen=True)
class Leaf:
    """A selector, a number or a text: tokens `first` to `last`, exclusive, as in all nodes."""

    first: int
    last: int


@dataclass(frozen=True)
class Bracketed:
    """A call or an aggregation, or brackets alone: what stands between the tokens `opening` and `closing`."""

    first: int
    last: int
    opening: int
    closing: int
    arguments: tuple[Node, ...]
    call: Call | None = None


@dataclass(frozen=True)
class Binary:
    """Two sides of the operator at a token, whose modifiers follow it."""

    left: Node
    operator: int
    right: Node

    @property
    def first(self) -> int:
        """Where the left side begins."""
        return self.left.first

    @property
    def last(self) -> int:
        """Where the right side ends."""
        return self.right.last


@dataclass(frozen=True)
class Unary:
    """A sign before an expression."""

    first: int
    operand: Node

    @property
    def last(self) -> int:
        """Where the expression ends."""
        return self.operand.last


@dataclass(frozen=True)
class Suffixed:
    """A range, `offset` or `@` behind an expression."""

    inner: Node
    last: int

    @property
    def first(self) -> int:
        """Where the expression begins."""
        return self.inner.first


Node = Leaf | Bracketed | Binary | Unary | Suffixed


class Nodes:
    """The tree of a query whose grammar is right; `root` is all of it."""

    def __init__(self, text: str) -> None:
        self.outline = Outline(text)
        self._calls = {call.first: call for call in self.outline.calls}
        self._next = 0
        self.root = self._expression(0)

    def is_name(self, index: int) -> bool:
        """Whether a token, where an operand may stand, is the name of a metric."""
        token = self.outline.tokens[index]
        return token.kind in (Kind.IDENTIFIER, Kind.KEYWORD, Kind.AGGREGATOR, Kind.OPERATOR) and (
            token.text[:1].isalpha() or token.text[:1] in "_:"
        )

    def _expression(self, least: int) -> Node:
        """The operands from here on, as long as their operators bind at least so much."""
        left = self._unary()
        while True:
            operator = self._next
            token = self.outline.tokens[operator]
            binds = _PRECEDENCE.get(token.text.lower(), 0) if token.kind is Kind.OPERATOR else 0
            if not binds or binds < least:
                return left
            self._next = self._behind_modifiers(operator + 1)
            left = Binary(left, operator, self._expression(binds if binds == _POWER else binds + 1))

    def _behind_modifiers(self, index: int) -> int:
        outline = self.outline
        index += outline.is_word(index, "bool")
        if outline.is_word(index, "on", "ignoring"):
            index = outline.pairs[index + 1] + 1
            if outline.is_word(index, "group_left", "group_right"):
                index += 1
                index = outline.pairs[index] + 1 if outline.is_word(index, "(") else index
        return index

    def _unary(self) -> Node:
        first = self._next
        if self.outline.is_word(first, "+", "-"):
            self._next += 1
            return Unary(first, self._expression(_POWER))
        return self._suffixed(self._operand())

    def _operand(self) -> Node:
        first, outline = self._next, self.outline
        call = self._calls.get(first)
        if call or outline.is_word(first, "("):
            opening = call.opening if call else first
            arguments = tuple(self._inside(opening))
            self._next = call.last if call else outline.pairs[first] + 1
            return Bracketed(first, self._next, opening, outline.pairs[opening], arguments, call)
        if outline.is_word(first, "{") or self.is_name(first):
            self._next = outline.selector_at(first, outline.tokens[first].text if self.is_name(first) else "").last
        else:
            self._next += 1
        return Leaf(first, self._next)

    def _inside(self, opening: int) -> list[Node]:
        self._next = opening + 1
        found: list[Node] = []
        while self._next < self.outline.pairs[opening]:
            found.append(self._expression(0))
            self._next += self.outline.is_word(self._next, ",")
        return found

    def _suffixed(self, inner: Node) -> Node:
        last = self.outline.behind_suffixes(self._next)
        self._next = last
        return Suffixed(inner, last) if last > inner.last else inner
