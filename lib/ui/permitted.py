"""Everything that a page asks of data sources, each after a look at whether this visitor may ask it.

The one way from `pages/` and `lib/ui/` to the queries and lists of `lib.cache`; a test of the house keeps it the only
one. What is shown may hide what cannot be used, but does not decide: a link, a callback, a fragment or a tab that was
open before somebody signed out all end here. Raises AccessError besides what `lib.cache` raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lib import cache
from lib.core.emptiness import Look, Reason
from lib.core.metadata import MetricCatalogue
from lib.core.query import Query
from lib.core.question import Put, Question
from lib.core.result import Outcome
from lib.core.variables import LABEL_VARIABLES, LabelVariable
from lib.sources import FanOut, Source
from lib.ui import visitor

Sources = Sequence[Source]
Found = dict[str, tuple[str, ...]]


def start(
    question: Question,
    puts: Sequence[Put],
    sources: Sources,
    *,
    known: Sequence[Sequence[Outcome]] = (),
    anew: bool = False,
    seconds: float | None = None,
) -> FanOut:
    """`cache.start` for a question as it was put."""
    visitor.demand(question)
    return cache.start(sources, [put.query for put in puts], known=known, anew=anew, seconds=seconds)


def ask_of_presets(sources: Sources, query: Query) -> tuple[Outcome, ...]:
    """`cache.ask` for a query of the catalogue's presets, as a report of several asks them."""
    visitor.access()
    return cache.ask(sources, query)


def ask_freely(sources: Sources, query: Query) -> tuple[Outcome, ...]:
    """`cache.ask` for PromQL that is no question of the catalogue."""
    visitor.demand()
    return cache.ask(sources, query)


def reasons(question: Question, sources: Sources, look: Look) -> Mapping[str, Reason | None]:
    """`cache.reasons` for a question without an answer."""
    visitor.demand(question)
    return cache.reasons(sources, look)


def values_of(variable: LabelVariable, sources: Sources, start: int, end: int) -> Found:
    """`cache.label_values` for the choices of a variable. One that no preset may have is PromQL."""
    if variable in LABEL_VARIABLES.values():
        visitor.access()
    else:
        visitor.demand()
    return cache.label_values(sources, variable.label, variable.selector, start, end)


def collected(sources: Sources, now: float) -> frozenset[str]:
    """`cache.metric_names`, to tell which presets have data."""
    visitor.access()
    return cache.metric_names(sources, now)


def label_names(sources: Sources, match: str, start: int, end: int, *, patience: float | None = None) -> Found:
    """`cache.label_names` for those who write PromQL."""
    visitor.demand()
    return cache.label_names(sources, match, start, end, patience=patience)


def label_values(
    sources: Sources, name: str, match: str, start: int, end: int, *, patience: float | None = None
) -> Found:
    """`cache.label_values` for those who write PromQL."""
    visitor.demand()
    return cache.label_values(sources, name, match, start, end, patience=patience)


def metric_catalogue(sources: Sources, start: int, end: int, *, patience: float | None = None) -> MetricCatalogue:
    """`cache.metric_catalogue` for those who write PromQL."""
    visitor.demand()
    if patience is None:
        return cache.metric_catalogue(sources, start, end)
    return cache.metric_catalogue(sources, start, end, patience=patience)
