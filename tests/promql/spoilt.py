"""Queries spoilt at random, always in the same way: words lost, doubled, swapped or taken from elsewhere."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable

_WORD = re.compile(r"\s+|\w+|[^\w\s]")


def spoilt(texts: Iterable[str], count: int, seed: int) -> dict[str, str]:
    """So many spoilt queries, by number."""
    chance = random.Random(seed)
    whole = [text for text in texts if "$" not in text]
    words = sorted({word for text in whole for word in _WORD.findall(text)})
    return {str(number): _spoil(chance.choice(whole), words, chance) for number in range(1, count + 1)}


def _spoil(text: str, words: list[str], chance: random.Random) -> str:
    parts = _WORD.findall(text) or [""]
    for _ in range(chance.choice((1, 1, 2, 3))):
        at, other = chance.randrange(len(parts)), chance.randrange(len(parts))
        match chance.choice(("lost", "added", "replaced", "doubled", "swapped")):
            case "lost" if len(parts) > 1:
                del parts[at]
            case "added":
                parts.insert(at, chance.choice(words))
            case "replaced":
                parts[at] = chance.choice(words)
            case "doubled":
                parts.insert(at, parts[at])
            case "swapped":
                parts[at], parts[other] = parts[other], parts[at]
    return "".join(parts)
