"""A query explained step by step: its tree in words, each part with its own text and what its function does.

The words are those of `lib.core.reading`, asked about one node at a time: whatever is explained by a step of its own
is replaced by a name that stands for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import promql_parser as tree

from lib.core.explain_spans import Placed, Span, placed
from lib.core.function_docs import AGGREGATIONS, FUNCTIONS, OPERATORS
from lib.core.reading import read, read_selector
from lib.core.reading_shape import value
from lib.promql import expression_type

MOST_STEPS = 40  # more would be no explanation any more
_STAND_IN = "__part_{}__"
_ORDER = ("the first", "the second", "the third", "the fourth")


class Part(StrEnum):
    """What a step is."""

    SELECTOR = "selector"
    AGGREGATION = "aggregation"
    FUNCTION = "function"
    OPERATION = "operation"
    WINDOW = "range vector"
    CONSTANT = "number or text"


@dataclass(frozen=True)
class Step:
    """One part of a query.

    - `words`: one sentence; "the following", "the first" and "the second" are the steps in `parts`.
    - `text`: its PromQL, complete in itself; `span`: where it stands in the query, in characters, None if unknown.
    - `name`: the function, aggregation, operator or metric; `docs`: what that does, "" for selectors and constants.
    - `gives`: `vector`, `matrix`, `scalar` or `string`, as an instant query of `text` would have it.
    """

    words: str
    text: str
    span: Span | None
    depth: int
    part: Part
    gives: str
    name: str = ""
    docs: str = ""
    parts: tuple[Step, ...] = ()


def explain(expr: str) -> Step:
    """The steps of a complete query, the outermost first; it is done last. Raises ValueError for what has no tree."""
    return _step(placed(expr), 0)


def steps(step: Step) -> Iterator[Step]:
    """A step and all inside it, in the order in which they are read."""
    yield step
    for part in step.parts:
        yield from steps(part)


def _step(here: Placed, depth: int) -> Step:
    here = unwrapped(here)
    explained = _explained(here)
    inner = tuple(_step(each, depth + 1) for each in explained)
    part, name, docs = _kind(here.node)
    words = _words(here, explained) if part is not Part.SELECTOR else read_selector(here.node)
    return Step(words, here.text, here.span, depth, part, expression_type(here.node), name, docs, inner)


def unwrapped(here: Placed) -> Placed:
    """The node inside the brackets around it."""
    while isinstance(here.node, tree.ParenExpr):
        here = here.parts[0]
    return here


def _explained(here: Placed) -> list[Placed]:
    """The parts that get a step of their own: all that need data. The window of a function is told with it."""
    found = []
    for each in here.parts:
        inner = unwrapped(each)
        if isinstance(inner.node, tree.MatrixSelector | tree.SubqueryExpr):
            inner = unwrapped(inner.parts[0])
        if needs_data(inner):
            found.append(inner)
    return found


def needs_data(here: Placed) -> bool:
    """Whether a selector is anywhere inside."""
    return isinstance(here.node, tree.VectorSelector) or any(needs_data(part) for part in here.parts)


def _words(here: Placed, explained: list[Placed]) -> str:
    """The sentence about a node, in which a plain metric has its name and any other part a word for it."""
    stands = {id(each): _STAND_IN.format(place) for place, each in enumerate(explained)}
    names = {id(each): _short(each, stands[id(each)]) for each in explained}
    told = read(_shortened(here, names)) or "A part that cannot be put into words."
    words = _ORDER if len(explained) > 1 else ("the following",)
    for place, name in enumerate(stands.values()):
        told = told.replace(name, words[place] if place < len(words) else "another part")
    return told.replace("The value of the ", "The ", 1)


def _short(here: Placed, stand_in: str) -> str:
    """What takes the place of a part: of the same type as the part, for the parser looks at that."""
    if isinstance(here.node, tree.VectorSelector) and here.node.name:
        return str(here.node.name)
    return f"scalar({stand_in})" if expression_type(here.node) == "scalar" else stand_in


def _shortened(here: Placed, names: dict[int, str]) -> str:
    """The text of a node with names in place of the parts that have steps of their own."""
    text, base = here.text, (here.span or (0, 0))[0]
    for inner in reversed(list(_within(here, names))):
        if inner.span is None or here.span is None:
            text = text.replace(inner.text, names[id(inner)], 1)
            continue
        text = text[: inner.span[0] - base] + names[id(inner)] + text[inner.span[1] - base :]
    return text


def _within(here: Placed, names: dict[int, str]) -> Iterator[Placed]:
    for each in here.parts:
        if id(each) in names:
            yield each
        else:
            yield from _within(each, names)


def _kind(node: Any) -> tuple[Part, str, str]:
    if isinstance(node, tree.VectorSelector):
        return Part.SELECTOR, str(node.name or ""), ""
    if value(node) is not None or isinstance(node, tree.StringLiteral):
        return Part.CONSTANT, "", ""
    if isinstance(node, tree.AggregateExpr):
        return Part.AGGREGATION, str(node.op), AGGREGATIONS.get(str(node.op), "")
    if isinstance(node, tree.Call):
        return Part.FUNCTION, str(node.func.name), FUNCTIONS.get(str(node.func.name), "")
    if isinstance(node, tree.MatrixSelector | tree.SubqueryExpr):
        return Part.WINDOW, "", _WINDOW
    if isinstance(node, tree.UnaryExpr):
        return Part.OPERATION, "-", "Turns the sign."
    return Part.OPERATION, str(node.op), OPERATORS.get(str(node.op), "")


_WINDOW = "Every sample within the time in square brackets; a function such as rate() makes one value of them."
