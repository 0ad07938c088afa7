"""Text to tree: `promql_parser` reads it, and errors get the line, the column and the words of Prometheus 2.42."""

from __future__ import annotations

import re
from collections.abc import Container

import promql_parser as tree

from lib.sample.promql.errors import PromQLError, refuse
from lib.sample.promql.grammar import Recogniser, SyntaxFault
from lib.sample.promql.positions import position, source
from lib.sample.promql.tokens import Kind, Token, scan

# Functions of Prometheus 2.42 that are not evaluated: refused as a wish that cannot be met, not as an unknown word.
UNSUPPORTED = frozenset({"holt_winters", "histogram_count", "histogram_sum", "histogram_fraction"})

# Python's `datetime`, which carries `@`, ends with the year 9999.
_LAST_SECOND = 253_402_300_799
_OCTAL = re.compile(r"0\d+")
_MOST_OPERATORS = 200  # the library recurses without a limit; at some hundred the whole process would end
_DEEPEST = 100
_WORDS = (
    (re.compile(r"\bgot: (\w+)"), r'got "\1"'),
    (re.compile(r"((?:type |or |on |got \"?))vector\b(?! selectors)"), r"\1instant vector"),
    (re.compile(r"((?:type |or |got \"?))matrix\b(?! instead)"), r"\1range vector"),
    (re.compile(r"(by an|between) vector"), r"\1 instant vector"),
    (re.compile(r"aggregate expression '\w+' provided"), "aggregate expression provided"),
    (re.compile(r"'([^']*)'"), r'"\1"'),
)


def parse(text: str, functions: Container[str]) -> tree.Expr:
    """The tree of a query.

    Raises `bad_data` with Prometheus' `line:column: parse error: ...` for what is no PromQL (columns count bytes from
    1, as there), and `execution` for the few things `promql_parser` would read as something else.
    """
    tokens = scan(text)
    recogniser = Recogniser(tokens, functions)
    try:
        recogniser.query()
    except SyntaxFault as fault:
        raise _bad_query(text, fault.at, fault.message) from None
    except RecursionError:
        refuse("the query is nested too deeply")
    _refuse_misread(tokens)
    try:
        return tree.parse(source(tokens))
    except ValueError as error:
        at = position(tokens, recogniser.parts, str(error))
        raise _bad_query(text, at, _worded(str(error))) from None


def _bad_query(text: str, at: int, message: str) -> PromQLError:
    before = text[:at].encode()
    line = before.count(b"\n") + 1
    column = len(before) - (before.rfind(b"\n") + 1) + 1
    return PromQLError("bad_data", f"{line}:{column}: parse error: {message}")


def _refuse_misread(tokens: list[Token]) -> None:
    """Refuse what is not supported, and what the library takes for another number than Prometheus does."""
    if sum(token.kind is Kind.OPERATOR or token.text in ("(", "[") for token in tokens) > _MOST_OPERATORS:
        refuse("the query is nested too deeply")
    depth = 0
    for before, token in zip([tokens[0], *tokens], tokens, strict=False):
        if token.kind is Kind.NUMBER and _OCTAL.fullmatch(token.text):
            refuse(f"numbers with leading zeros are not supported: {token.text}")
        if before.text in UNSUPPORTED and before.kind is Kind.IDENTIFIER and token.text == "(":
            refuse(f"function {before.text} is not supported by the sample")
        if before.text == "@" and before.kind is Kind.OPERATOR:
            _refuse_odd_timestamp(token)
        if token.kind is Kind.MARK:
            depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth > _DEEPEST:
            refuse("the query is nested too deeply")


def _refuse_odd_timestamp(token: Token) -> None:
    if token.text in ("+", "-"):
        refuse("signed timestamps after @ are not supported")
    if token.kind is Kind.NUMBER and not _is_moment(token.text):
        refuse(f"timestamp out of bounds for @ modifier: {token.text}")


def _is_moment(text: str) -> bool:
    return bool(re.match(r"[\d.]+(?:[eE]|$)", text)) and float(text) < _LAST_SECOND


def _worded(message: str) -> str:
    """The library's complaint in Prometheus' words."""
    for pattern, words in _WORDS:
        message = pattern.sub(words, message)
    return message
