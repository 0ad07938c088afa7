"""PromQL for the built-in sample: an evaluator that answers as Prometheus 2.42 would, or refuses.

`evaluate_range` and `evaluate_instant` ask a `Storage`. A new function goes, under `@function` or `@range_function`,
into the module of its subject; a new aggregation, under `@aggregation`, into `aggregations`.
"""

from lib.sample.promql.errors import PromQLError
from lib.sample.promql.evaluate import evaluate_instant, evaluate_range
from lib.sample.promql.storage import Matcher, MemoryStorage, SeriesSamples, Storage, Windows, matches
from lib.sample.promql.values import InstantResult, InstantVector, Matrix, RangeSamples, Scalar, String

__all__ = [
    "InstantResult",
    "InstantVector",
    "Matcher",
    "Matrix",
    "MemoryStorage",
    "PromQLError",
    "RangeSamples",
    "Scalar",
    "SeriesSamples",
    "Storage",
    "String",
    "Windows",
    "evaluate_instant",
    "evaluate_range",
    "matches",
]
