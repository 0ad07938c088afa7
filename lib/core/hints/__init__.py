"""Hints: what is probably meant otherwise in a query that Prometheus would take, each with one change that mends it.

To add one, write a function under `@hint` in the module of its subject; its docstring says when it speaks. It must be
silent on every preset and on upstream's queries.
"""

from lib.core.hints import comparisons, counters, groupings, matchers, ranges
from lib.core.hints.registry import HINTS, Hint, hints

REGISTERED = (comparisons, counters, groupings, matchers, ranges)

__all__ = ["HINTS", "Hint", "hints"]
