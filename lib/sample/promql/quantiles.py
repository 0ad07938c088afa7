"""Quantiles of sorted numbers, as Prometheus interpolates them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.sample.promql.values import Floats, Ints


def sorted_quantile(quantile: Floats, counts: Ints, at: Callable[[Ints], Floats]) -> Floats:
    """The quantile of each of some sorted lists; `at(rank)` is the number at that place of each list (0 the least).

    NaN sorts before every number. A quantile below 0 is -Inf, above 1 +Inf, NaN is NaN. As `quantile` in Prometheus'
    promql/quantile.go. All arrays have one shape; lists must not be empty.
    """
    rank = np.clip(np.nan_to_num(quantile), 0, 1) * (counts - 1)
    lower = np.floor(rank)
    weight = rank - lower
    low = np.maximum(lower, 0).astype(np.int64)
    high = np.minimum(low + 1, counts - 1)
    values = at(low) * (1 - weight) + at(high) * weight
    values = np.where(quantile < 0, -np.inf, np.where(quantile > 1, np.inf, values))
    return np.where(np.isnan(quantile), np.nan, values)
