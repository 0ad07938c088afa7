"""The grammar of PromQL 2.42, read for one purpose: where a query goes wrong, and where its parts begin and end.

It makes no tree (`promql_parser` does) and knows no types. It refuses what `promql_parser` takes from later versions
of Prometheus, such as durations as numbers, `fill` or `or` between matchers.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass

from lib.promql.errors import SyntaxFault
from lib.promql.regex import ForeignPatternError, RegexError, compile_re2
from lib.promql.tokens import PARAMETERISED, Kind, Token

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_NO_METRIC = frozenset({"bool", "on", "ignoring", "group_left", "group_right", "atan2"})
_MATCH_OPS = frozenset({"=", "!=", "=~", "!~"})


@dataclass(frozen=True)
class Part:
    """A part of a query that is an expression: tokens `first` to `last` (exclusive), and the arguments of a call."""

    first: int
    last: int
    arguments: tuple[Part, ...] = ()


class Recogniser:
    """Reads the tokens of one query; `parts` then holds every operand, argument and parenthesis, innermost first."""

    def __init__(self, tokens: list[Token], functions: Container[str]) -> None:
        self._tokens = tokens
        self._functions = functions
        self._next = 0
        self.parts: list[Part] = []

    def query(self) -> None:
        """Read the whole query. Raises `SyntaxFault` at the first thing that does not belong."""
        if self._peek().kind is Kind.END:
            raise SyntaxFault(0, "no expression found in input")
        self._expression()
        if self._peek().kind is not Kind.END:
            self._unexpected()

    def _peek(self) -> Token:
        token = self._tokens[self._next]
        if token.kind is Kind.ERROR:
            raise SyntaxFault(token.at, token.text)
        return token

    def _take(self) -> Token:
        token = self._peek()
        self._next += 1
        return token

    def _is(self, *texts: str) -> bool:
        token = self._peek()
        return token.kind not in (Kind.STRING, Kind.IDENTIFIER, Kind.END) and token.text.lower() in texts

    def _accept(self, *texts: str) -> bool:
        if self._is(*texts):
            self._next += 1
            return True
        return False

    def _expect(self, text: str, context: str, expected: str) -> None:
        if not self._accept(text):
            self._unexpected(context, expected)

    def _expect_kind(self, kind: Kind, context: str, expected: str) -> Token:
        if self._peek().kind is not kind:
            self._unexpected(context, expected)
        return self._take()

    def _unexpected(self, context: str = "", expected: str = "") -> None:
        token = self._peek()
        where = f" in {context}" if context else ""
        wanted = f", expected {expected}" if expected else ""
        raise SyntaxFault(token.at, f"unexpected {token}{where}{wanted}")

    def _expression(self) -> Part:
        first = self._next
        self._unary()
        while self._peek().kind is Kind.OPERATOR and not self._is("@"):
            self._take()
            self._matching()
            self._unary()
        return self._part(first)

    def _part(self, first: int, arguments: tuple[Part, ...] = ()) -> Part:
        part = Part(first, self._next, arguments)
        self.parts.append(part)
        return part

    def _matching(self) -> None:
        self._accept("bool")
        if self._accept("on", "ignoring"):
            self._grouping()
            if self._accept("group_left", "group_right"):
                self._included()

    def _included(self) -> None:
        if self._is("("):
            self._grouping()
        elif self._peek().kind is Kind.KEYWORD and self._is(*_NO_METRIC):
            self._unexpected("grouping opts", '"("')

    def _unary(self) -> None:
        while self._accept("+", "-"):
            pass
        first = self._next
        self._operand()
        self._postfixes(first)

    def _operand(self) -> None:
        token = self._peek()
        if self._accept("("):
            self._expression()
            self._expect(")", "", "")
        elif self._is("{"):
            self._matchers()
        elif token.kind in (Kind.NUMBER, Kind.STRING):
            self._take()
        elif token.kind in (Kind.IDENTIFIER, Kind.KEYWORD, Kind.AGGREGATOR) or self._is("and", "or", "unless"):
            self._named()
        else:
            self._unexpected()

    def _named(self) -> None:
        first = self._next
        name = self._take()
        if name.kind is Kind.AGGREGATOR and self._is("by", "without", "("):
            self._aggregation(first)
        elif name.text.lower() in _NO_METRIC:
            self._next = first
            self._unexpected()
        elif name.kind is Kind.IDENTIFIER and self._is("("):
            self._part(first, self._arguments())
            if name.text not in self._functions:
                raise SyntaxFault(name.at, f'unknown function with name "{name.text}"')
        elif self._is("{"):
            self._matchers()

    def _aggregation(self, first: int) -> None:
        leading = self._accept("by", "without")
        if leading:
            self._grouping()
        if not self._is("("):
            self._unexpected("aggregation")
        arguments = self._arguments()
        if not leading and self._accept("by", "without"):
            self._grouping()
        self._demand_arguments(self._tokens[first], len(arguments))
        self._part(first, arguments)

    def _demand_arguments(self, name: Token, got: int) -> None:
        expected = 2 if name.text.lower() in PARAMETERISED else 1
        wrong = f"wrong number of arguments for aggregate expression provided, expected {expected}, got {got}"
        if got != expected:
            raise SyntaxFault(name.at, wrong if got else "no arguments for aggregate expression provided")

    def _arguments(self) -> tuple[Part, ...]:
        self._take()
        arguments: list[Part] = []
        while not self._is(")"):
            arguments.append(self._expression())
            comma = self._peek()
            if not self._accept(",") and not self._is(")"):
                self._unexpected()
            elif comma.text == "," and not self._begins_expression():
                raise SyntaxFault(comma.at, "trailing commas not allowed in function call args")
        self._take()
        return tuple(arguments)

    def _begins_expression(self) -> bool:
        kind = self._peek().kind
        return self._is("+", "-", "(", "{") or kind not in (Kind.OPERATOR, Kind.MARK, Kind.DURATION)

    def _grouping(self) -> None:
        self._expect("(", "grouping opts", '"("')
        if not self._is(")"):
            self._list(self._grouping_label, ")", "grouping opts", '"," or ")"')
        self._expect(")", "grouping opts", '"," or ")"')

    def _grouping_label(self) -> None:
        if not self._peek().text.isidentifier() or self._peek().kind is Kind.STRING:
            self._unexpected("grouping opts", "label")
        self._take()

    def _list(self, one: Callable[[], None], end: str, context: str, expected: str) -> None:
        one()
        while not self._is(end):
            self._expect(",", context, expected)
            if not self._is(end):
                one()

    def _matchers(self) -> None:
        self._take()
        if not self._is("}"):
            self._list(self._matcher, "}", "label matching", '"," or "}"')
        self._take()

    def _matcher(self) -> None:
        name = self._expect_kind(Kind.IDENTIFIER, "label matching", 'identifier or "}"')
        if not self._is(*_MATCH_OPS):
            self._unexpected("label matching", "label matching operator")
        op = self._take()
        value = self._expect_kind(Kind.STRING, "label matching", "string")
        if op.text in ("=~", "!~"):
            try:
                compile_re2(value.text)
            except ForeignPatternError:
                return
            except RegexError as error:
                raise SyntaxFault(name.at, str(error)) from None

    def _postfixes(self, first: int) -> None:
        while True:
            if self._accept("["):
                self._take()
                self._subquery()
            elif self._accept("offset"):
                self._accept("-")
                self._expect_kind(Kind.DURATION, "offset", "duration")
            elif self._accept("@"):
                self._timestamp()
            else:
                break
            self._part(first)

    def _subquery(self) -> None:
        if not self._accept(":"):
            self._expect("]", "subquery or range", '":" or "]"')
        elif self._peek().kind is Kind.DURATION:
            self._take()
            self._expect("]", "subquery selector", '"]"')
        else:
            self._expect("]", "subquery selector", 'duration or "]"')

    def _timestamp(self) -> None:
        if self._accept("start", "end"):
            self._expect("(", "@", "timestamp")
            self._expect(")", "@", "timestamp")
            return
        self._accept("+", "-")
        self._expect_kind(Kind.NUMBER, "@", "timestamp")
