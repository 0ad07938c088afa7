"""Clusters whose data covers only a part of the range are named, and no others."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from lib.core.coverage import Missing, partly_missing
from lib.core.result import Result
from tests.core.test_charts import NAN, made

FULL = [1.0] * 10


def of(**clusters: list[list[float]]) -> Result:
    columns = [column for columns in clusters.values() for column in columns]
    names = [name for name, columns in clusters.items() for _ in columns]
    return replace(made(*columns), series=pd.DataFrame({"cluster": names}, dtype="str"))


def test_a_cluster_that_begins_late_or_ends_early_is_named_with_its_first_and_last_point() -> None:
    result = of(leap=[[NAN] * 3 + [1.0] * 7], all=[FULL], gone=[[1.0] * 5 + [NAN] * 5])
    assert partly_missing(result) == [Missing("leap", 3, 9, True, False), Missing("gone", 0, 4, False, True)]


@pytest.mark.parametrize(
    "columns",
    [
        [FULL],
        [[NAN] * 5 + [1.0] * 5, [1.0] * 5 + [NAN] * 5],
        [[NAN, *FULL[1:]]],
        [[NAN] * 10],
        [[1, NAN, NAN, *[1] * 7]],
    ],
    ids=["whole", "whole together", "one point late", "without any value", "a gap within"],
)
def test_other_clusters_are_not(columns: list[list[float]]) -> None:
    assert partly_missing(of(leap=columns)) == []


def test_no_series_at_all_is_no_part() -> None:
    assert partly_missing(made()) == []
