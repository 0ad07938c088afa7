"""Hints on matchers: a pattern that is none."""

from __future__ import annotations

import re

from lib.core.hints.registry import Hint, Query, hint
from lib.promql import Kind

_SIGN_OF_PATTERN = re.compile(r"[\\.+*?()|\[\]{}^$]")
_EQUALITY = {"=~": "=", "!~": "!="}


@hint("regex where equality was meant")
def regex_where_equality_was_meant(query: Query) -> Hint | None:
    """`=~` or `!~` with a text that has no sign of a pattern in it, and no variable."""
    tokens = query.outline.tokens
    changes, named = [], ""
    for index in range(1, len(tokens) - 1):
        value = tokens[index + 1]
        if tokens[index].kind is not Kind.MARK or tokens[index].text not in _EQUALITY or value.kind is not Kind.STRING:
            continue
        if value.text and not _SIGN_OF_PATTERN.search(value.text) and not query.is_variable(index + 1):
            changes.append((index, index + 1, _EQUALITY[tokens[index].text]))
            named = named or f"{tokens[index - 1].text}{tokens[index].text}{query.text(index + 1, index + 2)}"
    if not changes:
        return None
    sentence = f"{named} holds no pattern: {changes[0][2]} says the same."
    why = "A pattern fits the whole value, so a part of it finds nothing; equality says so, and is found faster."
    return query.hint(sentence, why, *changes)
