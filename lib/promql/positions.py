"""Where a complaint about types belongs: `promql_parser` says what is wrong with a query, and not where."""

from __future__ import annotations

import re
from collections.abc import Iterable

import promql_parser as tree

from lib.promql.grammar import COMPARISONS, Part
from lib.promql.tokens import Kind, Token, scan

_EXAMPLES = {"vector": "x", "matrix": "x[1m]", "string": "``"}


def source(tokens: Iterable[Token]) -> str:
    """The tokens as PromQL again."""
    return " ".join(token.source() for token in tokens)


def expression_type(node: tree.Expr) -> str:
    """The type of an expression: `vector`, `matrix`, `scalar` or `string`."""
    if isinstance(node, tree.ParenExpr | tree.UnaryExpr):
        return expression_type(node.expr)
    if isinstance(node, tree.NumberLiteral | tree.StringLiteral):
        return "scalar" if isinstance(node, tree.NumberLiteral) else "string"
    if isinstance(node, tree.MatrixSelector | tree.SubqueryExpr):
        return "matrix"
    if isinstance(node, tree.Call):
        return str(node.func.return_type).rpartition(".")[2].lower()
    if isinstance(node, tree.BinaryExpr):
        return "scalar" if expression_type(node.lhs) == expression_type(node.rhs) == "scalar" else "vector"
    return "vector"


def position(tokens: list[Token], parts: list[Part], message: str) -> int:
    """The offset, in characters, of what the library complains about.

    It is in the smallest part that alone makes the library say the same: there it is the wrong argument, the operator
    or the bracket, as in Prometheus, or else the part itself.
    """
    for part in parts:
        if _complaint(tokens[part.first : part.last]) == message:
            return _culprit(tokens, part, parts, message)
    return tokens[0].at


def _culprit(tokens: list[Token], part: Part, parts: list[Part], message: str) -> int:
    inside = tokens[part.first : part.last]
    if "before range" in message or "ranges only" in message:
        return next(token.at for token in reversed(inside) if token.text == "[")
    if "bool" in message.lower() or "ON and GROUP" in message:
        return _operator(inside, message)
    if message.startswith("binary expression"):
        return _operand(tokens, part, parts)
    wrong = re.search(r"expected type (\w+) .* got (\w+)", message)
    return tokens[_argument(tokens, part, wrong[1], wrong[2]).first].at if wrong else inside[0].at


def _operand(tokens: list[Token], part: Part, parts: list[Part]) -> int:
    """The first range vector or string among the operands of an operator."""
    for one in parts:
        if part.first <= one.first and one.last <= part.last and _type_of(tokens, one) == "matrix":
            return tokens[one.first].at
    strings = (token.at for token in tokens[part.first : part.last] if token.kind is Kind.STRING)
    return next(strings, tokens[part.first].at)


def _argument(tokens: list[Token], call: Part, expected: str, got: str) -> Part:
    """The first argument of the type `got` that may be of the type `expected` instead, and the call is no worse."""
    complaint = _complaint(tokens[call.first : call.last])
    suspects = [one for one in call.arguments if _type_of(tokens, one) == got]
    for one in suspects:
        right = scan(_EXAMPLES.get(expected, "1"))[:-1]
        mended = _complaint([*tokens[call.first : one.first], *right, *tokens[one.last : call.last]])
        if mended in ("", complaint):  # the same again: another argument is wrong in the same way
            return one
    return suspects[0] if suspects else call


def _operator(inside: list[Token], message: str) -> int:
    """The first operator that the complaint can be about."""
    for token, after in zip(inside, inside[1:], strict=False):
        comparison, has_bool = token.text in COMPARISONS, after.text.lower() == "bool"
        fits = {"com": comparison and not has_bool, "boo": has_bool and not comparison}
        if token.kind is Kind.OPERATOR and fits.get(message[:3], after.text.lower() in ("on", "ignoring")):
            return token.at
    return inside[0].at


def _complaint(tokens: list[Token]) -> str:
    try:
        tree.parse(source(tokens))
    except ValueError as error:
        return str(error)
    return ""


def _type_of(tokens: list[Token], part: Part) -> str:
    try:
        return expression_type(tree.parse(source(tokens[part.first : part.last])))
    except ValueError:
        return ""
