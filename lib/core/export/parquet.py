"""Parquet: one row per value, labels as columns, and where the numbers come from in the metadata of the schema."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lib.core.export.cells import readable
from lib.core.export.columns import iso_times, label_columns, long_blocks, time_headers
from lib.core.export.registry import export
from lib.core.provenance import Provenance
from lib.core.result import Result

METADATA = b"hubscope"  # the key of the provenance, as JSON


@export("parquet", label="Parquet, for pandas, DuckDB and R", suffix="parquet", mime="application/vnd.apache.parquet")
def parquet(result: Result, *, unit: str = "", days: Sequence[date] = (), about: Provenance | None = None) -> bytes:
    """The rows of the long CSV with types: `time` as an instant in the grid's zone, `day`, texts, `value` as float64.

    A value that was sent as NaN is NaN; a gap has no row. Written in row groups, so that no more than one of them is in
    memory besides the file. The same result gives the same bytes with the same version of Arrow.
    """
    file, (schema, tables) = io.BytesIO(), _typed(result, unit, days)
    if about:
        schema = schema.with_metadata({METADATA: about.as_json().encode()})
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table.cast(schema))
    return file.getvalue()


def frame(result: Result, days: Sequence[date] = ()) -> pd.DataFrame:
    """The same rows as a table of pandas, with `time` in the grid's zone."""
    schema, tables = _typed(result, "", days)
    found: pd.DataFrame = pa.concat_tables([schema.empty_table(), *tables]).to_pandas()
    return found


def _typed(result: Result, unit: str, days: Sequence[date]) -> tuple[pa.Schema, Iterator[pa.Table]]:
    value = f"value_{unit}" if unit else "value"
    iso_times(result, days)
    labels = label_columns(result, [*time_headers(days), value])
    columns = {readable(name): pa.array(map(readable, texts), pa.string()) for name, texts in labels.items()}
    times = pa.array(result.instants * 1000, pa.timestamp("ms", tz=result.grid.zone))
    when = [times, pa.array(days, pa.date32())] if days else [times]
    types = [*(each.type for each in when), *[pa.string()] * len(columns), pa.float64()]
    schema = pa.schema(list(zip([*time_headers(days), *columns, value], types, strict=True)))

    def tables() -> Iterator[pa.Table]:
        for place, point, numbers in long_blocks(result):
            cells = [*(each.take(point) for each in when), *(each.take(place) for each in columns.values())]
            yield pa.table([*cells, pa.array(numbers, from_pandas=False)], schema)

    return schema, tables()
