"""The fence around hubs: a query that sees no other hub than those allowed, whatever it asks.

The idea is prom-label-proxy's (github.com/prometheus-community/prom-label-proxy): a matcher on the label `namespace` is
added to every selector of a query, at every depth. Matchers of one label all have to hold, so none that somebody
writes can widen it. Whatever `lib.promql` does not read to the end is refused, and so is what another server may read
in another way than Prometheus; the result is read again, by two parsers, before it is sent.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import promql_parser as tree

from lib.core.errors import QueryError
from lib.core.explain_spans import parts
from lib.core.promql import Filled, check, line_and_column, parse
from lib.core.promql_nodes import Binary, Bracketed, Leaf, Node, Nodes, Suffixed, Unary
from lib.core.query import Query
from lib.core.reading_words import listed
from lib.core.selector_text import matcher
from lib.promql import Kind, SyntaxFault, Token, UnreadableError, recognise, scan, tree_of

LABEL = "namespace"
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")  # what Go's regexp.QuoteMeta puts a backslash before
_OWN_LABELS = frozenset({"__name__", "__type__", "__unit__"})  # the others select in ways of one server's own
_MOST_NAMED = 5
_SIMPLER = "Write it more plainly, or ask whoever runs this for all hubs."

Piece = tuple[int, int, str]


def fenced(expr: str, hubs: tuple[str, ...]) -> Filled:
    """A complete query with the matcher of `hubs` on every selector, and how its places lead back to `expr`.

    All else stays as it is, but for texts in single quotes and backticks: they come in double quotes, which every
    server reads alike. Raises QueryError, with line and column in `expr`, for what cannot be fenced: that may be a
    query that some server would take. An empty list allows nothing, and every query is refused.
    """
    _demand_hubs(hubs)
    return _fenced(expr, hubs)


def fenced_match(match: str, hubs: tuple[str, ...]) -> str:
    """The selector of a question about labels, with the fence; for "", all series within it. Raises QueryError."""
    _demand_hubs(hubs)
    return fenced(match, hubs).text if match.strip() else f"{{{hub_matcher(hubs)}}}"


def within(query: Query, hubs: tuple[str, ...] | None) -> Query:
    """A query as it is asked of those who see these hubs only; itself for None, which means all. Raises QueryError."""
    return query if hubs is None else replace(query, expr=fenced(query.expr, hubs).text)


def is_hub(name: str) -> bool:
    """Whether a text can be the name of a hub: the empty one would let in all that belongs to none."""
    return bool(name.strip()) and name.isprintable()


def narrower(hubs: tuple[str, ...] | None, others: Iterable[str] | None) -> tuple[str, ...] | None:
    """The hubs that both lists allow, in one order; None allows all."""
    if others is None:
        return hubs
    wanted = set(others)
    return tuple(sorted(wanted if hubs is None else wanted & set(hubs)))


def named(hubs: Sequence[str]) -> str:
    """The hubs in words: `the hub a`, `the hubs a and b`; of many the first ones."""
    rest = len(hubs) - _MOST_NAMED
    shown = [*hubs[:_MOST_NAMED], *([f"{rest:,} more"] if rest > 0 else [])]
    return f"the hub{'s' * (len(hubs) != 1)} {listed(shown)}" if hubs else "no hub"


def said(hubs: Sequence[str]) -> str:
    """A sentence that goes with what was asked of these hubs only."""
    return f"Only {named(hubs)} {'is' if len(hubs) == 1 else 'are'} asked for." if hubs else "You see no hub."


def hub_matcher(hubs: Sequence[str]) -> str:
    """The matcher that allows these hubs: `namespace="a"` or `namespace=~"a|b"`. Servers anchor patterns."""
    if len(hubs) == 1:
        return matcher(LABEL, hubs[0])
    return matcher(LABEL, "|".join(_SPECIAL.sub(r"\\\g<0>", hub) for hub in hubs), "=~")


def _demand_hubs(hubs: Sequence[str]) -> None:
    if not hubs or not all(map(is_hub, hubs)):
        raise QueryError("You see no hub here, so nothing was asked.", "Ask whoever runs this to open a hub for you.")


@lru_cache(maxsize=1_000)
def _fenced(expr: str, hubs: tuple[str, ...]) -> Filled:
    check(expr)
    _refuse_odd_letters(expr)
    tokens = _read(expr)
    for token in tokens:
        _refuse_odd_token(expr, token)
    wall = hub_matcher(hubs)
    pieces = sorted([*_matchers(expr, wall), *_plain_texts(expr, tokens)])
    made = _rewritten(expr, pieces)
    _verify(made, tokens, wall)
    return made


def _refuse_odd_letters(expr: str) -> None:
    """A comment ends at a lone carriage return for Prometheus and not for others; texts need no control characters."""
    for at, letter in enumerate(expr):
        plain = letter in "\t\n" or (letter == "\r" and expr[at + 1 : at + 2] == "\n")
        if not plain and unicodedata.category(letter) in ("Cc", "Cs"):
            raise _refusal(expr, at, "a character here cannot be sent where hubs are limited")


def _read(expr: str) -> list[Token]:
    """The tokens of a query whose grammar and types are right."""
    try:
        read = recognise(expr)
        tree_of(read)
    except SyntaxFault as fault:
        raise _refusal(expr, fault.at, fault.message) from None
    except UnreadableError as error:
        raise _refusal(expr, 0, str(error)) from None
    return read.tokens


def _refuse_odd_token(expr: str, token: Token) -> None:
    """What one server reads as Prometheus does and another may not: letters for colons, labels with a meaning."""
    written = expr[token.at : token.end]
    if token.kind not in (Kind.STRING, Kind.END) and written != token.text:
        raise _refusal(expr, token.at, f"{written} stands in an odd place")
    if token.kind is Kind.IDENTIFIER and token.text.startswith("__") and token.text not in _OWN_LABELS:
        raise _refusal(expr, token.at, f"{token.text} cannot be asked about where hubs are limited")


def _refusal(expr: str, at: int, why: str) -> QueryError:
    line, column = line_and_column(expr, at)
    message = f"Line {line}, column {column}: this cannot be limited to the hubs that you see."
    return QueryError(message, _SIMPLER, detail=why, line=line, column=column)


def _matchers(expr: str, wall: str) -> Iterator[Piece]:
    """Where the matcher goes: first between the braces of a selector, where no comment can be before it."""
    nodes = Nodes(expr)
    tokens = nodes.outline.tokens
    for leaf in _leaves(nodes.root):
        brace = leaf.first + nodes.is_name(leaf.first)
        if nodes.outline.is_word(brace, "{"):
            at = tokens[brace].end
            yield at, at, wall if nodes.outline.is_word(brace + 1, "}") else f"{wall}, "
        elif brace > leaf.first:
            at = tokens[leaf.first].end
            yield at, at, f"{{{wall}}}"


def _leaves(node: Node) -> Iterator[Leaf]:
    if isinstance(node, Leaf):
        yield node
        return
    inner: tuple[Node, ...] = ()
    if isinstance(node, Bracketed):
        inner = node.arguments
    elif isinstance(node, Binary):
        inner = node.left, node.right
    elif isinstance(node, Unary):
        inner = (node.operand,)
    elif isinstance(node, Suffixed):
        inner = (node.inner,)
    for each in inner:
        yield from _leaves(each)


def _plain_texts(expr: str, tokens: Sequence[Token]) -> Iterator[Piece]:
    """Texts in backticks and single quotes, in double ones: a backslash before a backtick ends no text elsewhere."""
    for token in tokens:
        if token.kind is Kind.STRING and expr[token.at] != '"':
            yield token.at, token.end, token.source()


def _rewritten(expr: str, pieces: Sequence[Piece]) -> Filled:
    texts: list[str] = []
    places: list[tuple[int, int, int, int]] = []
    last = length = 0
    for start, end, new in pieces:
        texts += [expr[last:start], new]
        begin = length + start - last
        length, last = begin + len(new), end
        places.append((start, end, begin, length))
    return Filled("".join([*texts, expr[last:]]), expr, tuple(places))


def _verify(made: Filled, before: Sequence[Token], wall: str) -> None:
    """That the new text is the old one but for the matchers, and that no selector is without. Raises QueryError."""
    added = [(begin, end) for typed, typed_end, begin, end in made.pieces if typed == typed_end]
    after = [token for token in scan(made.text) if not any(begin <= token.at < end for begin, end in added)]
    same = [(token.kind, token.text) for token in after] == [(token.kind, token.text) for token in before]
    if not (same and all(_holds(reading, wall, len(added)) for reading in _readings(made.text))):
        raise _refusal(made.typed, 0, "not every selector could be limited")


def _readings(text: str) -> Iterator[Any]:
    """The text as read with our own grammar, and by the library alone, which knows less and takes more."""
    yield tree_of(recognise(text))
    with contextlib.suppress(ValueError):
        yield parse(text)


def _holds(root: Any, wall: str, walls: int) -> bool:
    """Whether a tree has so many selectors, and each of them the matcher."""
    (wanted,) = _matchers_of(tree.parse(f"{{{wall}}}"))
    found = list(_selectors(root))
    return len(found) == walls and all(wanted in _matchers_of(each) and not each.matchers.or_matchers for each in found)


def _selectors(node: Any) -> Iterator[Any]:
    if isinstance(node, tree.VectorSelector):
        yield node
    for part in parts(node):
        yield from _selectors(part)


def _matchers_of(selector: Any) -> list[tuple[str, str, str]]:
    return [(each.name, str(each.op), each.value) for each in selector.matchers.matchers]
