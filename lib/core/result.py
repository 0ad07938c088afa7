"""The answers: `Answer` is what one data source said, `Result` what all of them said together.

A range query's answer lies on a fixed grid (`TimeRange`), so both keep plain arrays on that grid and no per-sample
index. Labels stay a table; they are never parsed back out of a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from lib.core.errors import SourceError
from lib.core.query import Query
from lib.core.time_range import TimeRange
from lib.core.zones import Instants

CLUSTER = "cluster"
NAME = "__name__"
QUERY = "query"  # tells the answers of a question's queries apart, where it has several

Floats = npt.NDArray[np.float64]


class ResultType(StrEnum):
    """The result types of the Prometheus HTTP API (docs/querying/api.md, expression query result formats)."""

    MATRIX = "matrix"
    VECTOR = "vector"
    SCALAR = "scalar"
    STRING = "string"


@dataclass(frozen=True, eq=False)
class Answer:
    """What one data source answered to one query.

    - `values`: float64, shape (series, points of the grid), NaN where there is no sample. Read-only.
    - `nan`: bool, same shape, True where the server sent a sample whose value is NaN; None when it sent none.
    - `labels`: one mapping per series, as the server sent them, `__name__` included, without our `cluster`.
    - `warnings`, `infos`: the server's own texts.
    - `histograms`: native-histogram samples, counted, not drawn. `text`: a string result, whose series has no number.
    - `seconds` to the last byte and decoded bytes (`size`) of its `parts` together; `fetched_at`: Unix seconds.
    - `ahead`: by how many seconds the server's clock was ahead of ours; 0 where it was not said.
    """

    type: ResultType
    grid: TimeRange
    labels: tuple[Mapping[str, str], ...]
    values: Floats
    nan: npt.NDArray[np.bool_] | None = None
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
    histograms: int = 0
    text: str = ""
    seconds: float = 0.0
    size: int = 0
    fetched_at: float = 0.0
    parts: int = 1
    ahead: float = 0.0


@dataclass(frozen=True)
class Report:
    """How one data source fared with one query: answered, or the error and nothing else.

    `seconds` and `size` (bytes) are those of the request that fetched the answer, at `fetched_at` (Unix seconds);
    all three are 0 for a failure that sent nothing. `series` and `samples` count what it contributed, in `parts`.
    `ahead`: see `Answer`.
    """

    cluster: str
    source_id: str
    error: SourceError | None = None
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
    series: int = 0
    samples: int = 0
    seconds: float = 0.0
    size: int = 0
    fetched_at: float = 0.0
    parts: int = 1
    ahead: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """One data source's part in a fan-out: its answer, or why there is none."""

    cluster: str
    source_id: str
    answer: Answer | SourceError


@dataclass(frozen=True, eq=False)
class Result:
    """What all data sources answered together. The one shape that transforms, charts, tables and files read.

    - `values`: float64 frame; index `time` (UTC: the query's grid, or what a transform made of it); column `i` belongs
      to row `i` of `series`; NaN where there is no sample: a gap, never a zero.
    - `series`: one row per series, one str column per label, `cluster` always first, "" where a label is missing.
    - `reports`: one per data source asked, in the order asked. A failed one has no series and says why.
    - `nan`: like `values` but bool, True where a server sent NaN as a value; None when none did.
    - `own_grid`: where a transform put values together, the days, weeks or months they stand for now.
    """

    query: Query
    type: ResultType
    values: pd.DataFrame
    series: pd.DataFrame
    reports: tuple[Report, ...] = ()
    nan: pd.DataFrame | None = None
    histograms: int = 0
    text: str = ""
    own_grid: TimeRange | None = None

    @property
    def grid(self) -> TimeRange:
        """The points in time that the values stand at: those that were asked for, or those that a transform made."""
        return self.own_grid or self.query.grid

    @property
    def instants(self) -> Instants:
        """The same as Unix seconds, shape (points,), rising."""
        return self.grid.instants

    @property
    def empty(self) -> bool:
        """True when no data source contributed a series."""
        return self.values.shape[1] == 0

    @property
    def rows(self) -> int:
        """How many samples there are: the rows of a long table."""
        samples = int(self.values.notna().to_numpy().sum())
        return samples + (0 if self.nan is None else int(self.nan.to_numpy().sum()))

    @property
    def failed(self) -> tuple[Report, ...]:
        """The reports of the data sources that gave no answer."""
        return tuple(report for report in self.reports if report.error)

    @property
    def complete(self) -> bool:
        """True when every data source answered, and none with a warning."""
        return not any(report.error or report.warnings for report in self.reports)
