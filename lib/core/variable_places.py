"""Where the variables of a Grafana dashboard stand in a query, and so what may be put there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lib.core.dashboard_variables import ALIASES, FILLED, FORMS, VARIABLE, name_of

_TOKEN = re.compile(
    rf"""(?P<comment>\#[^\n]*)
    |(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
    |(?P<variable>{FORMS})
    |(?P<name>[A-Za-z_:][\w:]*)
    |(?P<operator>=~|!~|!=|=)
    |(?P<mark>[{{}}()\[\],])
    |(?P<other>\S)""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN_LABEL = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_GROUPINGS = frozenset(("by", "without", "on", "ignoring", "group_left", "group_right"))


class Place(StrEnum):
    """What stands where a variable stands.

    - MATCHER: the whole value of a matcher, so that the matcher can go; PATTERN: a part of such a value;
    - TEXT: in another text, as an argument of label_replace; DURATION: between brackets or after `offset`;
    - NAMES: names of labels; NAME: the name of a metric or a function; VALUE: a number or a metric;
    - COMMENT: in a comment, where nothing matters.
    """

    MATCHER = "matcher"
    PATTERN = "pattern"
    TEXT = "text"
    DURATION = "duration"
    NAMES = "names"
    NAME = "name"
    VALUE = "value"
    COMMENT = "comment"


@dataclass(frozen=True)
class Matcher:
    """`label operator "value"`: from `start` to `end`, its value from `value_at`; `whole` names the variable it is."""

    label: str
    operator: str
    start: int
    value_at: int
    end: int
    whole: str = ""


@dataclass
class Selector:
    """What stands between braces, from `start` to `end`, after the name of a metric or none."""

    metric: str
    start: int
    end: int = 0
    matchers: list[Matcher] = field(default_factory=list)
    others: bool = False  # something besides matchers, such as a metric's name in quotes


@dataclass(frozen=True)
class Use:
    """One variable where it stands, from `start` to `end`. `quote` is that of the text around it, "" outside."""

    name: str
    start: int
    end: int
    place: Place
    quote: str = ""
    matcher: Matcher | None = None


@dataclass
class Places:
    """All selectors of a query, and all uses of variables that Grafana does not fill in itself."""

    typed: str
    selectors: list[Selector] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)


def find(typed: str) -> Places:
    """Reads a query, complete or not. Never raises.

    Left alone are `$__interval` and its like, `$1`, and the named groups of the query's own regular expressions.
    """
    return _Reader(typed).read()


def our_name(name: str) -> str:
    """The name under which a choice is kept: `$hub_name` of one dashboard is `$hub` of another."""
    return ALIASES.get(name, name)


class _Reader:
    """Goes through the tokens once, with the brackets that are open and the tokens before."""

    def __init__(self, typed: str) -> None:
        self.places = Places(typed)
        self.open: list[tuple[str, str]] = []  # each bracket with the word before it
        self.before: list[re.Match[str]] = []
        self.within: Selector | None = None
        self._readers: Mapping[str, Callable[[re.Match[str]], None]] = {
            "comment": self._comment,
            "mark": self._mark,
            "string": self._string,
            "variable": self._variable,
        }

    def read(self) -> Places:
        for token in _TOKEN.finditer(self.places.typed):
            if reader := self._readers.get(str(token.lastgroup)):
                reader(token)
            if token.lastgroup != "comment":
                self.before.append(token)
        return self.places

    def _comment(self, token: re.Match[str]) -> None:
        for name, start, end in self._named(token):
            self.places.uses.append(Use(name, start, end, Place.COMMENT))

    def _mark(self, token: re.Match[str]) -> None:
        mark = token[0]
        if mark in "([{":
            self.open.append((mark, self._word_before()))
        elif mark != "," and self.open:
            self.open.pop()
        if mark == "{":
            last = self.before[-1] if self.before else None
            metric = last[0] if last and last.lastgroup in ("name", "variable") else ""
            self.within = Selector(metric, token.start())
            self.places.selectors.append(self.within)
        elif mark == "}" and self.within:
            self.within.end = token.end()
            self.within = None

    def _string(self, token: re.Match[str]) -> None:
        named = list(self._named(token))
        matcher = self._matcher(token, named) if self.within else None
        if self.within:
            if matcher:
                self.within.matchers.append(matcher)
            elif not (self.before and self.before[-1].lastgroup == "operator"):
                self.within.others = True
        place = Place.TEXT if matcher is None else Place.MATCHER if matcher.whole else Place.PATTERN
        for name, start, end in named:
            self.places.uses.append(Use(name, start, end, place, token[0][0], matcher))

    def _matcher(self, token: re.Match[str], named: list[tuple[str, int, int]]) -> Matcher | None:
        if len(self.before) < 2 or self.before[-1].lastgroup != "operator":
            return None
        label, operator = self.before[-2:]
        whole = ""
        if named and named[0][1:] == (token.start() + 1, token.end() - 1) and _PLAIN_LABEL.fullmatch(label[0]):
            whole = named[0][0]
        return Matcher(label[0], operator[0], label.start(), token.start(), token.end(), whole)

    def _variable(self, token: re.Match[str]) -> None:
        name = name_of(token)
        if self._ours(name):
            self.places.uses.append(Use(name, token.start(), token.end(), self._bare_place(token)))

    def _bare_place(self, token: re.Match[str]) -> Place:
        typed = self.places.typed
        bracket, word = self.open[-1] if self.open else ("", "")
        following = typed[token.end() :].lstrip()[:1]
        glued = re.match(r"\w", typed[token.end() :]) or re.search(r"[A-Za-z_]\w*$", typed[: token.start()])
        if bracket == "[" or self._after_offset():
            return Place.DURATION
        if bracket == "(" and word.lower() in _GROUPINGS:
            return Place.NAMES
        return Place.NAME if bracket == "{" or glued or following in ("{", "[", "(") else Place.VALUE

    def _after_offset(self) -> bool:
        words = [token[0].lower() for token in self.before[-2:]]
        return words[-1:] == ["offset"] or words == ["offset", "-"]

    def _word_before(self) -> str:
        return self.before[-1][0] if self.before else ""

    def _named(self, token: re.Match[str]) -> Iterator[tuple[str, int, int]]:
        for found in VARIABLE.finditer(token[0]):
            name, at = name_of(found), token.start()
            if self._ours(name) or (token.lastgroup == "comment" and name not in FILLED):
                yield name, at + found.start(), at + found.end()

    def _ours(self, name: str) -> bool:
        return not name.startswith("__") and f"(?P<{name}>" not in self.places.typed
