"""Text to tree for the evaluator: what is no PromQL is refused as Prometheus does, what would be misread, too."""

from __future__ import annotations

import re
from collections.abc import Container

import promql_parser as tree

from lib.promql import FUNCTIONS, Kind, SyntaxFault, Token, UnreadableError, recognise, tree_of
from lib.promql.regex import RegexError, compile_re2
from lib.sample.promql.errors import PromQLError, refuse

# Functions of Prometheus 2.42 that are not evaluated: refused as a wish that cannot be met, not as an unknown word.
UNSUPPORTED = frozenset({"holt_winters", "histogram_count", "histogram_sum", "histogram_fraction"})

# Python's `datetime`, which carries `@`, ends with the year 9999.
_LAST_SECOND = 253_402_300_799
_OCTAL = re.compile(r"0\d+")


def parse(text: str, functions: Container[str] = FUNCTIONS) -> tree.Expr:
    """The tree of a query.

    Raises `bad_data` with Prometheus' `line:column: parse error: ...` for what is no PromQL (columns count bytes from
    1, as there), and `execution` for the few things `promql_parser` would read as something else.
    """
    try:
        read = recognise(text, functions)
        _refuse_misread(read.tokens)
        return tree_of(read)
    except SyntaxFault as fault:
        raise _bad_query(text, fault.at, fault.message) from None
    except UnreadableError as error:
        refuse(str(error))


def _bad_query(text: str, at: int, message: str) -> PromQLError:
    before = text[:at].encode()
    line = before.count(b"\n") + 1
    column = len(before) - (before.rfind(b"\n") + 1) + 1
    return PromQLError("bad_data", f"{line}:{column}: parse error: {message}")


def _refuse_misread(tokens: list[Token]) -> None:
    """Refuse what is not supported, and what the library takes for another number than Prometheus does."""
    for before, token in zip([tokens[0], *tokens], tokens, strict=False):
        if token.kind is Kind.STRING and before.kind is Kind.MARK and before.text in ("=~", "!~"):
            _refuse_foreign_pattern(token.text)
        if token.kind is Kind.NUMBER and _OCTAL.fullmatch(token.text):
            refuse(f"numbers with leading zeros are not supported: {token.text}")
        if before.text in UNSUPPORTED and before.kind is Kind.IDENTIFIER and token.text == "(":
            refuse(f"function {before.text} is not supported by the sample")
        if before.text == "@" and before.kind is Kind.OPERATOR:
            _refuse_odd_timestamp(token)


def _refuse_foreign_pattern(pattern: str) -> None:
    try:
        compile_re2(pattern)
    except RegexError as error:
        refuse(str(error))


def _refuse_odd_timestamp(token: Token) -> None:
    if token.text in ("+", "-"):
        refuse("signed timestamps after @ are not supported")
    if token.kind is Kind.NUMBER and not _is_moment(token.text):
        refuse(f"timestamp out of bounds for @ modifier: {token.text}")


def _is_moment(text: str) -> bool:
    return bool(re.match(r"[\d.]+(?:[eE]|$)", text)) and float(text) < _LAST_SECOND
