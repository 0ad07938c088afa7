"""Where the parts of a query stand in its text: `promql_parser` makes the tree and keeps no positions.

The tree says what comes next, so its nodes are only laid over the tokens from left to right; precedence is settled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import promql_parser as tree

from lib.core.promql import parse
from lib.promql import Kind, Token, scan

Span = tuple[int, int]
_POSTFIXES = ("offset", "@")
_OPENING, _CLOSING = "([{", ")]}"
_MATCHING = frozenset({"on", "ignoring", "group_left", "group_right", "fill", "fill_left", "fill_right"})


@dataclass(frozen=True, eq=False)
class Placed:
    """A node of a tree with the expressions directly inside it, in the order in which they are written.

    `text` is its text as it was typed, `span` where that begins and ends, in characters. Where text and tree cannot be
    brought together, which no query known to us does, `span` is None and `text` as the parser would write it; so is the
    text of a selector whose `offset` stands behind its window, as in `x[5m] offset 1h`.
    Brackets around an expression belong to a node of their own.
    """

    node: Any
    text: str
    span: Span | None
    parts: tuple[Placed, ...] = ()


def placed(expr: str) -> Placed:
    """The tree of a complete query with the place of every node. Raises ValueError as `lib.core.promql.parse` does."""
    root = parse(expr)
    walk = _Walk(expr)
    try:
        found = walk.node(root)
    except (IndexError, TypeError):
        return _unplaced(root)
    return found if walk.at == len(walk.tokens) else _unplaced(root)


def _unplaced(node: Any) -> Placed:
    return Placed(node, str(node.prettify()), None, tuple(_unplaced(part) for part in parts(node)))


def parts(node: Any) -> list[Any]:
    """The expressions directly inside a node, in the order in which they are written."""
    if isinstance(node, tree.BinaryExpr):
        return [node.lhs, node.rhs]
    if isinstance(node, tree.AggregateExpr):
        return [each for each in (node.param, node.expr) if each is not None]
    if isinstance(node, tree.Call):
        return list(node.args)
    if isinstance(node, tree.MatrixSelector):
        return [node.vector_selector]
    return [node.expr] if isinstance(node, tree.ParenExpr | tree.UnaryExpr | tree.SubqueryExpr) else []


class _Walk:
    """Lays nodes over tokens; `at` is the next token."""

    def __init__(self, expr: str) -> None:
        self.expr = expr
        self.tokens = [_plain(token) for token in scan(expr) if token.kind is not Kind.END]
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at][0].lower() if self.at < len(self.tokens) else ""

    def node(self, node: Any) -> Placed:
        while self.peek() == "+":
            self.at += 1
        start = self.tokens[self.at][1]
        inside = self._inside(node)
        self._postfixes(node)
        end = self.tokens[self.at - 1][2]
        return Placed(node, self.expr[start:end], (start, end), tuple(inside))

    def _inside(self, node: Any) -> list[Placed]:
        if isinstance(node, tree.BinaryExpr):
            return self._binary(node)
        if isinstance(node, tree.AggregateExpr | tree.Call):
            return self._call(node)
        if isinstance(node, tree.ParenExpr | tree.UnaryExpr):
            self.at += 1
            inner = self.node(node.expr)
            self.at += isinstance(node, tree.ParenExpr)
            return [inner]
        if isinstance(node, tree.SubqueryExpr | tree.MatrixSelector):
            inner = self.node(parts(node)[0])
            self._skip_brackets("[")
            moved = isinstance(node, tree.MatrixSelector) and self.peek() in _POSTFIXES
            return [replace(inner, text=str(inner.node.prettify())) if moved else inner]
        self._leaf(node)
        return []

    def _leaf(self, node: Any) -> None:
        if isinstance(node, tree.VectorSelector):
            self.at += self.peek() != "{"
            self._skip_brackets("{")
        else:
            self.at += 1 + (self.peek() == "-")

    def _binary(self, node: Any) -> list[Placed]:
        left = self.node(node.lhs)
        self.at += 1
        while self.peek() == "bool" or self.peek() in _MATCHING:
            self.at += 1
            self._skip_brackets("(")
        return [left, self.node(node.rhs)]

    def _call(self, node: Any) -> list[Placed]:
        """A function or an aggregation, whose labels stand before or behind what it is given."""
        self.at += 1
        self._labels()
        self.at += 1
        found = []
        for each in parts(node):
            found.append(self.node(each))
            self.at += self.peek() == ","
        self.at += 1
        if isinstance(node, tree.AggregateExpr):
            self._labels()
        return found

    def _labels(self) -> None:
        if self.peek() in ("by", "without"):
            self.at += 1
            self._skip_brackets("(")

    def _postfixes(self, node: Any) -> None:
        """`offset` and `@`, which stand behind a selector, its window or a subquery."""
        if not isinstance(node, tree.VectorSelector | tree.MatrixSelector | tree.SubqueryExpr):
            return
        while self.peek() in _POSTFIXES:
            self.at += 1
            self.at += 1 + (self.peek() in ("+", "-"))
            self._skip_brackets("(")

    def _skip_brackets(self, opening: str) -> None:
        level = 0
        while level or self.peek() == opening:
            token = self.tokens[self.at][0]
            level += (token in _OPENING) - (token in _CLOSING)
            self.at += 1
            if not level:
                return


def _plain(token: Token) -> tuple[str, int, int]:
    """A token's text, start and end; what stands in a string is nobody's bracket or keyword."""
    return "" if token.kind is Kind.STRING else token.text, token.at, token.end
