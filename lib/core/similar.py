"""Names that look like a wanted one, for a query that has a slip in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

_MOST = 3
_LIKE = 0.65  # of 1; difflib's own 0.6 offers names that have little in common
_MOST_COMPARED = 5_000  # names that are compared letter by letter, which takes about a tenth of a second
_WORD = re.compile(r"[a-z0-9]{3,}")


def similar(wanted: str, known: Sequence[str]) -> tuple[str, ...]:
    """At most three names that look like the wanted one, the likest first.

    Of more than 5,000 only those that share a word with it, or its first letters, are compared.
    """
    if len(known) > _MOST_COMPARED:
        words = set(_WORD.findall(wanted.lower().replace("_", " ")))
        words_of = ((name, set(_WORD.findall(name.lower().replace("_", " ")))) for name in known)
        known = [name for name, has in words_of if words & has or name[:4] == wanted[:4]][:_MOST_COMPARED]
    return tuple(difflib.get_close_matches(wanted, known, _MOST, _LIKE))
