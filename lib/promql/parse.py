"""Text to tree: `promql_parser` reads it, and faults get the place and the words of Prometheus 2.42."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

import promql_parser as tree

from lib.promql.errors import SyntaxFault, UnreadableError
from lib.promql.functions import FUNCTIONS
from lib.promql.grammar import Part, Recogniser
from lib.promql.positions import position, source
from lib.promql.tokens import Kind, Token, scan

_MOST_OPERATORS = 200  # the library recurses without a limit; at some hundred the whole process would end
_DEEPEST = 100
_WORDS = (
    (re.compile(r"\bgot: (\w+)"), r'got "\1"'),
    (re.compile(r"((?:type |or |on |got \"?))vector\b(?! selectors)"), r"\1instant vector"),
    (re.compile(r"((?:type |or |got \"?))matrix\b(?! instead)"), r"\1range vector"),
    (re.compile(r"(by an|between) vector"), r"\1 instant vector"),
    (re.compile(r"aggregate expression '\w+' provided"), "aggregate expression provided"),
    (re.compile(r"'([^']*)'"), r'"\1"'),
    (re.compile(r"type string in aggregation expression"), "type string in aggregation parameter"),
    (re.compile(r"(@ modifier: [+-]?)inf"), r"\1Inf"),
    (re.compile(r"(@ modifier: )Inf"), r"\1+Inf"),
)


@dataclass(frozen=True)
class Recognised:
    """A text whose grammar is right: its tokens, and the parts of it that are expressions, innermost first."""

    tokens: list[Token]
    parts: list[Part]


def recognise(text: str, functions: Container[str] = FUNCTIONS) -> Recognised:
    """The tokens and parts of a query; its types are not looked at.

    Raises `SyntaxFault` for what is no PromQL, and `UnreadableError` for what cannot be read here.
    """
    tokens = scan(text)
    recogniser = Recogniser(tokens, functions)
    try:
        recogniser.query()
    except RecursionError:
        raise UnreadableError("the query is nested too deeply") from None
    if sum(token.kind is Kind.OPERATOR or token.text in ("(", "[") for token in tokens) > _MOST_OPERATORS:
        raise UnreadableError("the query is nested too deeply")
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind is Kind.MARK else 0
        if depth > _DEEPEST:
            raise UnreadableError("the query is nested too deeply")
    return Recognised(tokens, recogniser.parts)


def tree_of(read: Recognised) -> tree.Expr:
    """The tree of a query whose grammar is right.

    Raises `SyntaxFault` where its types are not, and `UnreadableError`.
    """
    try:
        return tree.parse(source(read.tokens))
    except ValueError as error:
        if str(error).startswith("illegal regex"):  # the grammar has looked at patterns, as RE2 does
            raise UnreadableError(str(error)) from None
        at = position(read.tokens, read.parts, str(error))
        raise SyntaxFault(at, _worded(str(error))) from None


def _worded(message: str) -> str:
    """The library's complaint in Prometheus' words."""
    for pattern, words in _WORDS:
        message = pattern.sub(words, message)
    return message
