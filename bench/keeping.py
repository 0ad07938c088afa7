"""P12: what a kept answer of 50 MB costs each time the page runs again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import streamlit as st

from bench.registry import Measured, figure, share
from bench.timing import alternating
from lib.cache.store import Store, Terms
from lib.core.query import RangeQuery
from lib.core.question import Moments, Question
from lib.core.result import Answer, Outcome, ResultType
from lib.core.time_range import HOUR, TimeRange
from lib.ui.asking import Asked, handed_out

SERIES, POINTS = 1_000, 6_250  # 50 MB
_HITS = 20


@figure("P12", "A kept answer of 50 MB, when the page runs again", against="an st.cache_data hit of the same frame")
def p12() -> Iterator[Measured]:
    """What share of the time: what a visit remembers, and what all visits share."""
    answer, asked = _kept()
    store = Store(2**30)
    store.get("key", Terms(1e9), lambda: answer)

    @st.cache_data
    def cached() -> pd.DataFrame:
        return asked.result.values

    cached()
    spent = alternating(
        {
            "visit": lambda: [handed_out(asked) for _ in range(_HITS)],
            "store": lambda: [store.get("key", Terms(1e9), lambda: answer) for _ in range(_HITS)],
            "peer": lambda: [cached() for _ in range(_HITS)][-1],
        }
    )
    for name in ("visit", "store"):
        yield share(f"50 MB, kept by the {name}", spent[name].cpu / _HITS, spent["peer"].cpu / _HITS, 0.01)


def _kept() -> tuple[Answer, Asked]:
    grid = TimeRange(0, (POINTS - 1) * HOUR, HOUR)
    values = np.random.default_rng(1).random((SERIES, POINTS))
    answer = Answer(ResultType.MATRIX, grid, tuple({"hub": f"{row}"} for row in range(SERIES)), values)
    question = Question.of_expr("up")
    puts = Moments(0, grid.end, grid.end, HOUR).put(question)
    assert isinstance(puts[0].query, RangeQuery) and puts[0].query.grid == grid
    return answer, Asked.of(question, puts, ((Outcome("a", "a", answer),),), 0.0)
