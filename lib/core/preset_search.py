"""Finding a preset by what people type: its question, its short name, its synonyms, its subject."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from lib.core.presets import Preset

MOST_WORDS = 20  # of a search; a whole page that somebody pastes is no search, and would take seconds
_WORD = re.compile(r"[a-z0-9]+")
# Words that nearly every question has; they find nothing by themselves, but count when a whole phrase fits.
_COMMON = frozenset(
    _WORD.findall("a an and are at did do does each for from have how in is it many of on or the their to was what")
)


def search(presets: Iterable[Preset], text: str) -> list[Preset]:
    """The presets that fit what was typed, best first; all, in their order, for an empty text.

    Every word must be found, as the beginning of a word of the preset. Phrases among the synonyms come first, then
    short names, then questions, and a phrase that is all of one before one that only begins it; equals keep the
    catalogue's order. Only the first 20 words count.
    """
    presets = list(presets)
    words = _WORD.findall(text[:1_000].lower())[:MOST_WORDS]
    if not words:
        return presets
    ranked = [(_score(preset, words), place, preset) for place, preset in enumerate(presets)]
    return [preset for score, _, preset in sorted(ranked, key=lambda item: (-item[0], item[1])) if score > 0]


def _score(preset: Preset, words: list[str]) -> int:
    fields = ((4, preset.synonyms), (3, (preset.title,)), (2, (preset.question,)), (1, (preset.subject, preset.means)))
    wanted = [word for word in words if word not in _COMMON] or words
    phrase = " ".join(words)
    score = 0
    for weight, texts in fields:
        said = [_words(text) for text in texts]
        phrases = [" ".join(each) for each in said]
        score += 10 * weight * any(each.startswith(phrase) for each in phrases) + 20 * weight * (phrase in phrases)
        found = {word for word in wanted if any(known.startswith(word) for each in said for known in each)}
        score += weight * (found == set(wanted))
    everywhere = [word for _, texts in fields for text in texts for word in _words(text)]
    return score + all(any(known.startswith(word) for known in everywhere) for word in wanted)


@lru_cache(maxsize=4_000)
def _words(text: str) -> tuple[str, ...]:
    """The words of a text of a preset, which every key that is pressed asks for again."""
    return tuple(_WORD.findall(text.lower()))
