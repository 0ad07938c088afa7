"""The registry of hints, and what each of them is given: the outline of the query and what is known of its metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lib.core.diagnosis import readable
from lib.core.outline import Outline, Selector
from lib.core.promql import SCRAPE_INTERVAL, Filled

RATES = ("rate", "increase", "irate")
_OF_RANGES = (*RATES, "delta", "idelta", "deriv", "predict_linear", "holt_winters", "changes", "resets")
# What the series of a family are called, by the types of family that have them (OpenMetrics: Suffixes).
_PARTS_OF = {
    "_total": ("counter",),
    "_bucket": ("histogram",),
    "_sum": ("histogram", "summary"),
    "_count": ("histogram", "summary"),
}
_UNKNOWN = ("", "unknown", "untyped")
_SIBLINGS = {"_sum": "_count", "_count": "_sum"}
INTERVAL = "$__rate_interval"


@dataclass(frozen=True)
class Hint:
    """What is probably meant otherwise: a sentence, why, and the query with the change made.

    `start` and `end` are the offsets in `fixed` of what is new in it. All of it is plain text.
    """

    sentence: str
    why: str
    fixed: str
    start: int
    end: int


# A change: the token before which it happens, the token before which it ends, and what is put there instead.
Change = tuple[int, int, str]


@dataclass(frozen=True)
class Query:
    """A query that hints are looked for in.

    `types` are the types of metrics by name, as Prometheus' metadata has them (`counter`, `gauge`, `histogram`, ...);
    `instant` tells whether it asks about one moment; `scrape` are the seconds between two samples.
    """

    filled: Filled
    types: Mapping[str, str] = field(default_factory=dict)
    instant: bool = False
    scrape: int = SCRAPE_INTERVAL

    @cached_property
    def outline(self) -> Outline:
        """Its calls and selectors."""
        return Outline(self.filled.text)

    def is_counter(self, name: str) -> bool:
        """Whether a metric only ever grows, by its type; by the end of its name where no type is known.

        Many a gauge is called a count, so that of a histogram is told by its sum in the same query.
        """
        own = self.types.get(name, "")
        if own not in _UNKNOWN:
            return own == "counter" or any(name.endswith(end) and own in kinds for end, kinds in _PARTS_OF.items())
        for ending, kinds in _PARTS_OF.items():
            family = self.types.get(name.removesuffix(ending), "") if name.endswith(ending) else ""
            if family not in _UNKNOWN:
                return family in kinds
        for ending, other in _SIBLINGS.items():
            if name.endswith(ending):
                return any(each.name == name.removesuffix(ending) + other for each in self.outline.selectors)
        return name.endswith(("_total", "_bucket"))

    def is_gauge(self, name: str) -> bool:
        """Whether a metric is known to go up and down."""
        return self.types.get(name) == "gauge"

    def is_variable(self, token: int) -> bool:
        """Whether a token holds something that a variable was filled into."""
        place = self.outline.tokens[token]
        return any(start < place.end and end > place.at for *_, start, end in self.filled.pieces)

    def text(self, first: int, last: int) -> str:
        """The tokens as they were typed."""
        tokens = self.outline.tokens
        return self.filled.typed[self._place(tokens[first].at) : self._place(tokens[last - 1].end)]

    def hint(self, sentence: str, why: str, *changes: Change) -> Hint:
        """A hint with these changes, which are in the order of the text."""
        parts, last, spans = [], 0, []
        for first, end, new in changes:
            start, behind = self._stretch(first, end)
            parts.append(self.filled.typed[last:start])
            begin = sum(map(len, parts))
            parts.append(new)
            spans += [begin, begin + len(new)]
            last = behind
        fixed = "".join([*parts, self.filled.typed[last:]])
        return Hint(sentence, why, fixed, min(spans), max(spans))

    def _stretch(self, first: int, end: int) -> tuple[int, int]:
        """The offsets, in what was typed, of tokens; of an empty stretch, the end of the token before it."""
        tokens = self.outline.tokens
        if first == end:
            at = self._place(tokens[first - 1].end) if first else 0
            return at, at
        return self._place(tokens[first].at), self._place(tokens[end - 1].end)

    def _place(self, offset: int) -> int:
        return self.filled.offset_in_typed(offset)


HintFinder = Callable[[Query], Hint | None]
HINTS: dict[str, HintFinder] = {}


def hint(name: str) -> Callable[[HintFinder], HintFinder]:
    """Register a hint under a name in words."""

    def register(function: HintFinder) -> HintFinder:
        HINTS[name] = function
        return function

    return register


def hints(
    typed: str, types: Mapping[str, str] | None = None, *, instant: bool = False, scrape: int = SCRAPE_INTERVAL
) -> dict[str, Hint]:
    """The hints on a query, by name; none where it cannot be read.

    `typed` may have variables of Grafana's; see `Query` for the rest.
    """
    filled = readable(typed)
    if filled is None:
        return {}
    query = Query(filled, types or {}, instant, scrape)
    found = {name: find(query) for name, find in HINTS.items()}
    return {name: each for name, each in found.items() if each}


def takes_ranges(name: str) -> bool:
    """Whether a function is one of range vectors."""
    return name in _OF_RANGES or name.endswith("_over_time")


def is_plain(selector: Selector) -> bool:
    """Whether a selector has neither range nor offset nor a fixed moment."""
    return selector.window is None and not selector.offset
