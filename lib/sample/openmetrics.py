"""The sample's samples as OpenMetrics text, so that a real Prometheus can be filled with the very same."""

from collections.abc import Iterator

from lib.sample.promql.storage import Matcher, Windows
from lib.sample.wire import time_text, value_text
from lib.sample.world import METRICS, SampleStorage

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def openmetrics(storage: SampleStorage, start: int, end: int, families: frozenset[str] | None = None) -> Iterator[str]:
    """Yield lines with every sample from `start` to `end` (milliseconds), of all families or of those named.

    Histograms are declared as such; a counter's family is declared without `_total`; timestamps are in seconds.
    """
    declared = set()
    for metric in METRICS:
        family = (metric.family or metric.name).removesuffix("_total" if metric.type == "counter" else "")
        if families is not None and (metric.family or metric.name) not in families:
            continue
        if family not in declared:
            declared.add(family)
            yield f"# TYPE {family} {'unknown' if metric.type == 'histogram' else metric.type}\n"
        yield from _samples(storage, metric.name, start, end)
    yield "# EOF\n"


def _samples(storage: SampleStorage, name: str, start: int, end: int) -> Iterator[str]:
    windows = Windows(end, end, 0, end - start)
    for series in storage.select([Matcher("__name__", "=", name)], windows):
        pairs = ((key, value) for key, value in series.labels.items() if key != "__name__")
        labels = ",".join(f'{key}="{value.translate(_ESCAPES)}"' for key, value in pairs)
        for time, value in zip(series.times.tolist(), series.values.tolist(), strict=True):
            yield f"{name}{{{labels}}} {value_text(value)} {time_text(time)}\n"
