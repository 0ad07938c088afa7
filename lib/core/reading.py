"""A PromQL query in plain words: one sentence that says what it asks, for somebody who does not read PromQL."""

from __future__ import annotations

import re
from typing import Any

from lib.core.naming import one_line
from lib.core.needs import metrics_in
from lib.core.promql import parse
from lib.core.reading_phrases import phrase
from lib.core.reading_shape import deeper_than, grouping
from lib.core.reading_words import labels, listed, selection

LONGEST = 400  # characters of a sentence
DEEPEST = 12  # levels of a tree
_FIRST_WORD = re.compile(r"[\w:.]+")
_PLAIN_WORD = re.compile(r"[a-z]+(?=[\s,:]|$)")  # others, as info(...), keep their small letter


def read(expr: str) -> str:
    """What a query asks, as one sentence of at most 400 characters. Never raises.

    The query is complete: no `$` variables. One that is nested too deeply, or would take a longer sentence, is told by
    the metrics it uses; "" stands for what is no PromQL.
    """
    try:
        node = parse(expr)
    except ValueError:
        return ""
    names = sorted(metrics_in(expr))
    if deeper_than(node, DEEPEST):
        return _short(names, "")
    start = f"For each {labels(grouping(node))}, " if grouping(node) else ""
    try:
        told = phrase(node, grouping(node))
    except (ValueError, OverflowError):  # a moment or an offset beyond what Python's dates can hold
        return _short(names, start)
    sentence = _sentence(start, told, names)
    return sentence if len(sentence) <= LONGEST else _short(names, start)


def read_selector(node: Any) -> str:
    """Which series a selector of a tree picks, as one sentence. Never raises."""
    try:
        told = f"Every series of {selection(node)}" if node.name else phrase(node)
    except (ValueError, OverflowError):
        told = "A selection at a moment that no calendar has"
    text = one_line(told)
    return f"{text[:1].upper()}{text[1:]}." if len(text) < LONGEST else f"{text[:LONGEST]}…"


def _sentence(start: str, told: str, names: list[str]) -> str:
    first = _FIRST_WORD.match(told)
    if first and first[0] in names:  # the name of a metric keeps its small letter
        told = f"the value of {told}"
    text = one_line(f"{start}{told}")
    return f"{text[:1].upper()}{text[1:]}." if _PLAIN_WORD.match(text) else f"{text}."


def _short(names: list[str], start: str) -> str:
    """The shorter reading: which metrics a query puts together, or only how many where their names are too long."""
    count = f"{len(names)} metrics" if len(names) > 1 else "1 metric"
    what = (
        f"a combination of {count}" if len(names) > 1 else f"a calculation with {count}" if names else "a calculation"
    )
    named = _sentence(start, f"{what}: {listed(names)}" if names else what, [])
    return named if len(named) <= LONGEST else _sentence("", what, [])
