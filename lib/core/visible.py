"""Foreign text with everything to be seen: a character that has no look of its own is shown by its number.

A line break between two letters is written `a⟨U+000A⟩b`. So two different labels do not look the same, and none can
turn round the direction of what is written beside it. Files hold labels as they are.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_DOUBTFUL = re.compile("[^!-~]")
_UNSEEN = ("Cc", "Cf", "Cs")
_BLANK = ("Zl", "Zp", "Zs")
# What Unicode counts as letters, marks or symbols and shows nothing of (DerivedCoreProperties.txt,
# Default_Ignorable_Code_Point), and Braille without a dot.
_EMPTY = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"  # parts of some scripts and pictures; behind a Latin letter they only hide


def visible(text: str) -> str:
    """A label with a mark such as ⟨U+202E⟩ for every character that cannot be seen.

    Those are controls, switches of the writing direction, characters without a width, halves of characters, blanks
    other than the usual one, and that one too at the start, at the end or beside another.
    """
    return text if _PLAIN.fullmatch(text) else _DOUBTFUL.sub(_marked, text)


def sentence(text: str) -> str:
    """Text of several words in the same way, on one line: blanks and line breaks of all kinds become one blank."""
    return visible(" ".join(text.split()))


def has_no_look(letter: str) -> bool:
    """Whether a character shows nothing of itself wherever it stands: not even the usual blank."""
    return letter != " " and _has_no_look(letter)


@lru_cache(maxsize=5_000)
def _has_no_look(letter: str) -> bool:
    return unicodedata.category(letter) in (*_UNSEEN, *_BLANK) or _EMPTY.match(letter) is not None


def _marked(found: re.Match[str]) -> str:
    letter, at, text = found[0], found.start(), found.string
    before, behind = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if letter == " ":
        fine = before not in ("", " ") and behind not in ("", " ")
    else:
        fine = not _has_no_look(letter) or (letter in _JOINERS and not before.isascii())
    return letter if fine else f"⟨U+{ord(letter):04X}⟩"
