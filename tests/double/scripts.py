"""What a data source shows one after the other: behaviours in a row, and the words for faults that come and go."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence

_USUAL = "html-502"


def script(names: str | Sequence[str]) -> Iterator[str]:
    """The behaviours to show, for ever: the last name of several stays.

    Three words stand for whole scripts, the same at every run: `seq~good~html-502~good` shows one after the other,
    `flap~0.3` (or `flap~0.3~rst`) fails at that share of the requests, `after~5~rst` from the sixth request on.
    """
    if isinstance(names, str):
        word, *rest = names.split("~")
        if word == "seq":
            return script(rest)
        if word == "flap":
            return _flapping(names, float(rest[0]), rest[1] if len(rest) > 1 else _USUAL)
        if word == "after":
            return itertools.chain(itertools.repeat("good", int(rest[0])), itertools.repeat(rest[1]))
        names = [names]
    return itertools.chain(names, itertools.repeat(names[-1]))


def _flapping(seed: str, share: float, fault: str) -> Iterator[str]:
    dice = random.Random(seed)
    while True:
        yield fault if dice.random() < share else "good"
