"""JSON: where the numbers come from, then every series with its labels once and its values over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import orjson

from lib.core.export.cells import readable
from lib.core.export.columns import iso_times, label_columns, present, time_headers
from lib.core.export.registry import export
from lib.core.number_text import number_text
from lib.core.provenance import Provenance
from lib.core.result import Result


@export("json", label="JSON, labels once per series", suffix="json", mime="application/json")
def json_file(result: Result, *, unit: str = "", days: Sequence[date] = (), about: Provenance | None = None) -> bytes:
    """`{"provenance", "columns", "series": [{"labels", "values": [[time, value], ...]}, ...]}`, one line per series.

    Times are ISO 8601 with the offset of the zone, values numbers in full precision; what JSON has no number for is a
    text, "NaN", "+Inf" or "-Inf", as Prometheus writes it. A gap is left out. With `days`, each value is
    `[time, day, value]`. An empty label is a missing one, and left out.
    """
    value = f"value_{unit}" if unit else "value"
    head = {"provenance": about.as_dict() if about else None, "columns": [*time_headers(days), value]}
    start = orjson.dumps(head).removesuffix(b"}") + b',"series":['
    return start + b",".join(_series(result, days)) + b"\n]}\n"


def _series(result: Result, days: Sequence[date]) -> Iterator[bytes]:
    times = iso_times(result, days)
    when = [list(pair) for pair in zip(times, (day.isoformat() for day in days), strict=True)] if days else None
    labels = label_columns(result, [])
    values, there = result.values.to_numpy(dtype=np.float64), present(result)
    for place in range(values.shape[1]):
        points = np.flatnonzero(there[:, place]).tolist()
        numbers = zip(points, values[points, place].tolist(), strict=True)
        told = [[*(when[point] if when else [times[point]]), _number(number)] for point, number in numbers]
        row = {readable(name): readable(texts[place]) for name, texts in labels.items() if texts[place]}
        yield b"\n" + orjson.dumps({"labels": row, "values": told})


def _number(value: float) -> float | str:
    return value if np.isfinite(value) else number_text(value)
