"""The scanner of PromQL: text to tokens with positions, as Prometheus 2.42's lexer reads them.

The tree is made by `promql_parser`, whose errors carry no position; the tokens are what positions are found with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from lib.promql.numbers import measured
from lib.promql.strings import quoted, shown

AGGREGATORS = frozenset(
    "avg bottomk count count_values group max min quantile stddev stdvar sum topk".split()  # noqa: SIM905
)
PARAMETERISED = frozenset({"bottomk", "count_values", "quantile", "topk"})
KEYWORDS = frozenset("offset by without on ignoring group_left group_right bool start end".split())  # noqa: SIM905
WORD_OPERATORS = frozenset({"and", "or", "unless", "atan2"})

_SPACE = re.compile(r"(?:[ \t\n\r]|#[^\n\r]*)+")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_GOOD_DURATION = re.compile(r"(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?")
_WORD = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r"==|!=|<=|>=|[-+*/%^<>@]")
# So many characters of a token Prometheus shows in an error.
_SHOWN = 10


class Kind(StrEnum):
    """What a token is. `MARK` are brackets, comma, colon and the operators of matchers."""

    NUMBER = "number"
    DURATION = "duration"
    STRING = "string"
    IDENTIFIER = "identifier"
    KEYWORD = "keyword"
    AGGREGATOR = "aggregator"
    OPERATOR = "operator"
    MARK = "mark"
    END = "end of input"
    ERROR = "error"


@dataclass(frozen=True)
class Token:
    """A token. `text` is the source, or the value of a string, or an error's text.

    It stands at the offsets `at` to `end` (exclusive), in characters.
    """

    kind: Kind
    text: str
    at: int
    end: int

    def __str__(self) -> str:
        """As Prometheus names it in an error."""
        if self.kind is Kind.END:
            return str(self.kind)
        if self.kind in (Kind.KEYWORD, Kind.AGGREGATOR, Kind.OPERATOR) or self.text in ("=~", "!=", "!~"):
            sort = {Kind.KEYWORD: "", Kind.AGGREGATOR: "aggr:"}.get(self.kind, "op:")
            return f"<{sort}{self.text.lower()}>"
        shown = self.source().replace("\\", "\\\\").replace('"', '\\"')
        if self.kind is not Kind.IDENTIFIER and len(self.source()) > _SHOWN:
            shown = self.source()[:_SHOWN].replace("\\", "\\\\").replace('"', '\\"')
            return f'{self.kind} "{shown}"...'
        kind = "metric identifier" if self.kind is Kind.IDENTIFIER and ":" in self.text else self.kind
        return f'"{shown}"' if self.kind is Kind.MARK else f'{kind} "{shown}"'

    def source(self) -> str:
        """PromQL for the token that `promql_parser` reads as Prometheus does: it knows no raw strings."""
        if self.kind is not Kind.STRING:
            return self.text
        escaped = self.text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
        return f'"{escaped}"'


def scan(text: str) -> list[Token]:
    """The tokens of a query. The last one is `END`, or `ERROR` where the text stops being PromQL."""
    scanner = _Scanner(text)
    while scanner.tokens[-1:] == [] or scanner.tokens[-1].kind not in (Kind.END, Kind.ERROR):
        scanner.advance()
    return scanner.tokens


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.tokens: list[Token] = []
        self.parens = 0
        self.braces = self.brackets = self.colon = False

    def advance(self) -> None:
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at
        if self.at >= len(self.text):
            self._end()
        elif self.text[self.at] in "\"'`":
            self._string()
        elif self.braces:
            self._inside_braces()
        else:
            self._statement()

    def _emit(self, kind: Kind, text: str, length: int | None = None) -> None:
        end = self.at + (len(text) if length is None else length)
        self.tokens.append(Token(kind, text, self.at, end))
        self.at = end

    def _fail(self, message: str, shift: int = 0) -> None:
        self.tokens.append(Token(Kind.ERROR, message, self.at + shift, self.at + shift))

    def _end(self) -> None:
        if self.braces:
            self._fail("unexpected end of input inside braces")
        elif self.parens:
            self._fail("unclosed left parenthesis")
        elif self.brackets:
            self._fail("unclosed left bracket")
        else:
            self._emit(Kind.END, "")

    def _string(self) -> None:
        try:
            value, length = quoted(self.text, self.at)
        except ValueError as error:
            self._fail(str(error))
        else:
            self._emit(Kind.STRING, value, length)

    def _inside_braces(self) -> None:
        here = self.text[self.at]
        label = _LABEL.match(self.text, self.at)
        if label:
            self._emit(Kind.IDENTIFIER, label.group())
        elif self.text[self.at : self.at + 2] in ("=~", "!=", "!~"):
            self._emit(Kind.MARK, self.text[self.at : self.at + 2])
        elif here in ",=}":
            self.braces = here != "}"
            self._emit(Kind.MARK, here)
        elif here == "{":
            self._fail("unexpected left brace '{'")
        elif here == "!":
            self._fail(f"unexpected character after '!' inside braces: {self.text[self.at + 1 : self.at + 2]!r}")
        else:
            self._fail(f"unexpected character inside braces: '{shown(here)}'")

    def _statement(self) -> None:
        here = self.text[self.at]
        if here in "()[]{},:" and not (here == ":" and not self.brackets):
            self._mark(here)
        elif here.isascii() and (here.isdigit() or (here == "." and self.text[self.at + 1 : self.at + 2].isdigit())):
            self._number()
        elif self.brackets and here.isascii() and (here.isalpha() or here == "_"):
            self._letter(here)
        elif word := _WORD.match(self.text, self.at):
            self._emit(_kind_of(word.group()), word.group())
        elif operator := _OPERATOR.match(self.text, self.at):
            self._emit(Kind.OPERATOR, operator.group())
        else:
            self._strange(here)

    def _letter(self, here: str) -> None:
        """Between brackets, Prometheus takes any letter for a colon."""
        if self.colon:
            self._fail(f"unexpected colon '{here}'")
        else:
            self.colon = True
            self._emit(Kind.MARK, ":")

    def _strange(self, here: str) -> None:
        after = self.text[self.at + 1 : self.at + 2]
        if here == "=" and after != "~":
            self._emit(Kind.MARK, here)
        elif here in "=!":
            self._fail(f"unexpected character after '{here}': '{after}'")
        else:
            self._fail(f"unexpected character: '{shown(here)}'")

    def _mark(self, here: str) -> None:
        self.parens += {"(": 1, ")": -1}.get(here, 0)
        if self.parens < 0:
            self._fail("unexpected right parenthesis ')'", shift=1)
        elif here == "}":
            self._fail("unexpected character: '}'")
        elif here in "[]" and self.brackets == (here == "["):
            self._fail(f"unexpected {'left' if here == '[' else 'right'} bracket '{here}'")
        elif here == ":" and self.colon:
            self._fail("unexpected colon ':'")
        else:
            self.braces = here == "{"
            self.brackets = here == "[" or (self.brackets and here != "]")
            self.colon = here == ":" or (self.colon and here != "[")
            self._emit(Kind.MARK, here)
            if here == "[":
                self._range()

    def _range(self) -> None:
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at
        digits, units, rest = measured(self.text, self.at)
        if units is None:
            self._fail("missing unit character in duration")
        elif rest or not units:
            self._fail(f'bad duration syntax: "{digits}{units}{rest}"')
        else:
            self._duration(digits + units)

    def _number(self) -> None:
        digits, units, rest = measured(self.text, self.at)
        if units is None and _NUMBER.fullmatch(digits):
            self._emit(Kind.NUMBER, digits)
        elif units is None:
            self._fail(f'error parsing number: strconv.ParseFloat: parsing "{digits}": invalid syntax')
        elif rest or not units:
            self._fail(f'bad number or duration syntax: "{digits}{units}{rest}"')
        else:
            self._duration(digits + units)

    def _duration(self, text: str) -> None:
        if not _GOOD_DURATION.fullmatch(text):
            self._fail(f'not a valid duration string: "{text}"')
        elif not re.search(r"[1-9]", text):
            self._fail("duration must be greater than 0")
        else:
            self._emit(Kind.DURATION, text)


def _kind_of(word: str) -> Kind:
    lower = word.lower()
    if lower in ("inf", "nan"):
        return Kind.NUMBER
    if lower in AGGREGATORS:
        return Kind.AGGREGATOR
    if lower in WORD_OPERATORS:
        return Kind.OPERATOR
    return Kind.KEYWORD if lower in KEYWORDS else Kind.IDENTIFIER
