"""A query laid out as Prometheus' own formatter does, comments and variables kept.

Only blanks, the place of `by (...)`, trailing commas and the case of keywords change; texts, numbers and durations stay
as they were typed, so that what is asked stays the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lib.core.diagnosis import readable
from lib.core.promql import Filled
from lib.core.promql_nodes import Binary, Bracketed, Leaf, Node, Nodes, Suffixed, Unary

LONGEST = 100  # characters of a line before it is split, as in Prometheus (promql/parser/prettier.go)
_INDENT = "  "


@dataclass
class _Line:
    """A line: how deep it stands, its text, and the tokens in it."""

    level: int
    text: str
    tokens: list[int] = field(default_factory=list)


def prettify(typed: str) -> str:
    """The query laid out anew; as it was where it cannot be read.

    A comment keeps its place: at the end of its line if something stood before it, or else on a line of its own. One
    amid a selector goes above it.
    """
    filled = readable(typed)
    if filled is None:
        return typed
    nodes = Nodes(filled.text)
    comments = _moved(_comments(filled, nodes), nodes.root)
    printer = _Printer(filled, nodes, sorted(comments))
    lines = printer.lines(nodes.root, 0)
    return "\n".join(_woven(lines, comments)) + ("\n" if typed.endswith("\n") else "")


# By token, the comments before it, and whether each stands behind the token before it, on its line.
_Comments = dict[int, list[tuple[bool, str]]]


def _comments(filled: Filled, nodes: Nodes) -> _Comments:
    found: _Comments = {}
    last = 0
    for index, token in enumerate(nodes.outline.tokens):
        gap = filled.typed[filled.offset_in_typed(last) if last else 0 : filled.offset_in_typed(token.at)]
        for number, line in enumerate(gap.replace("\r", "\n").split("\n")):
            if "#" in line:
                found.setdefault(index, []).append((number == 0 and index > 0, line.strip()))
        last = token.end
    return found


def _moved(comments: _Comments, node: Node) -> _Comments:
    """The comments with those amid what stays on one line moved above that line."""
    moved = dict(comments)

    def lift(tokens: Iterable[int], above: int) -> None:
        for token in tokens:
            lifted = [(False, text) for _, text in moved.pop(token, [])]
            if lifted:
                moved[above] = [*moved.get(above, []), *lifted]

    match node:
        case Leaf():
            lift(range(node.first + 1, node.last), node.first)
        case Bracketed():
            for argument in node.arguments:
                moved = _moved(moved, argument)
            lift([*range(node.first + 1, node.opening + 1), *range(node.closing + 1, node.last)], node.first)
        case Binary():
            moved = _moved(_moved(moved, node.left), node.right)
            lift(range(node.operator + 1, node.right.first), node.operator)
        case Unary():
            moved = _moved(moved, node.operand)
            lift([node.operand.first], node.first)
        case Suffixed():
            moved = _moved(moved, node.inner)
            lift(range(node.inner.last, node.last), node.first)
    return moved


class _Printer:
    def __init__(self, filled: Filled, nodes: Nodes, commented: list[int]) -> None:
        self.filled = filled
        self.nodes = nodes
        self.commented = commented

    def lines(self, node: Node, level: int) -> list[_Line]:
        flat = self.flat(node)
        split = len(flat) > LONGEST or any(node.first < each < node.last for each in self.commented)
        if not split or isinstance(node, Leaf):
            return [_Line(level, flat, list(range(node.first, node.last)))]
        match node:
            case Bracketed():
                return self._bracketed(node, level)
            case Binary():
                operator = _Line(level, self._operator(node), list(range(node.operator, node.right.first)))
                return [*self.lines(node.left, level + 1), operator, *self.lines(node.right, level + 1)]
            case Unary():
                inner = self.lines(node.operand, level)
                inner[0].text = self._source(node.first) + inner[0].text
                inner[0].tokens.insert(0, node.first)
                return inner
        assert isinstance(node, Suffixed)
        inner = self.lines(node.inner, level)
        inner[-1].text += self._joined(node.inner.last, node.last)
        inner[-1].tokens += range(node.inner.last, node.last)
        return inner

    def _bracketed(self, node: Bracketed, level: int) -> list[_Line]:
        head = [*range(node.first, node.opening + 1), *range(node.closing + 1, node.last)]
        lines = [_Line(level, self._head(node) + "(", head)]
        for argument in node.arguments:
            inner = self.lines(argument, level + 1)
            if argument is not node.arguments[-1]:
                inner[-1].text += ","
            inner[-1].tokens += [argument.last] if argument.last < node.closing else []
            lines += inner
        return [*lines, _Line(level, ")", [node.closing])]

    def flat(self, node: Node) -> str:
        match node:
            case Binary():
                return f"{self.flat(node.left)} {self._operator(node)} {self.flat(node.right)}"
            case Unary():
                return self._source(node.first) + self.flat(node.operand)
            case Suffixed():
                return self.flat(node.inner) + self._joined(node.inner.last, node.last)
            case Bracketed():
                return f"{self._head(node)}({', '.join(self.flat(each) for each in node.arguments)})"
        return self._joined(node.first, node.last, named=self.nodes.is_name(node.first))

    def _head(self, node: Bracketed) -> str:
        if node.call is None:
            return ""
        name = self._source(node.first)
        if not node.call.aggregation:
            return name
        grouping = node.call.grouping
        return name.lower() + (f" {self._words(grouping.first, grouping.last)} " if grouping else "")

    def _operator(self, node: Binary) -> str:
        return self._words(node.operator, node.right.first)

    def _words(self, first: int, last: int) -> str:
        """An operator with its modifiers, or a grouping: words with lists of labels."""
        words: list[str] = []
        index = first
        while index < last:
            closing = self.nodes.outline.pairs.get(index)
            if closing is None:
                words.append(self._source(index).lower())
                bare = index + 1 not in self.nodes.outline.pairs or index + 1 >= last
                words += ["()"] if words[-1] in ("group_left", "group_right") and bare else []
                index += 1
            else:
                labels = [self._source(each) for each in range(index + 1, closing) if not self._is_comma(each)]
                words.append(f"({', '.join(labels)})")
                index = closing + 1
        return " ".join(words)

    def _is_comma(self, index: int) -> bool:
        return self.nodes.outline.is_word(index, ",")

    def _source(self, index: int) -> str:
        token = self.nodes.outline.tokens[index]
        start, end = self.filled.offset_in_typed(token.at), self.filled.offset_in_typed(token.end)
        return self.filled.typed[start:end]

    def _joined(self, first: int, last: int, *, named: bool = False) -> str:
        """The tokens of a selector, or what stands behind an expression: blanks only around `offset` and `@`.

        `named` says that the first token is a name, which may be that of a keyword.
        """
        outline, parts = self.nodes.outline, [self._source(first)] if named else []
        for index in range(first + named, last):
            if self._is_comma(index) and outline.is_word(index + 1, "}"):
                continue
            modifier = outline.is_word(index, "offset", "@") and not self._in_braces(index)
            parts.append(f" {self._source(index).lower()} " if modifier else self._source(index))
        return "".join(parts)

    def _in_braces(self, index: int) -> bool:
        outline = self.nodes.outline
        return any(
            opening < index < closing for opening, closing in outline.pairs.items() if outline.is_word(opening, "{")
        )


def _woven(lines: list[_Line], comments: _Comments) -> Iterator[str]:
    """The lines with their comments: behind the line that ends with the token before, or else above the line."""
    line_of = {token: number for number, line in enumerate(lines) for token in line.tokens}
    above: dict[int, list[str]] = {}
    behind: dict[int, list[str]] = {}
    for token, found in sorted(comments.items()):
        for attached, text in found:
            here = line_of.get(token, len(lines))  # what is behind everything belongs to the end
            before = line_of.get(token - 1, here) if here < len(lines) else len(lines) - 1
            if attached and before != here and before not in behind:
                behind[before] = [text]
            else:
                above.setdefault(here, []).append(text)
    for number, line in enumerate([*lines, None]):
        level = line.level if line else 0
        yield from (_INDENT * level + text for text in above.get(number, ()))
        if line:
            yield (
                "  ".join([_INDENT * level + line.text, *behind.get(number, ())])
                if number in behind
                else (_INDENT * level + line.text)
            )
