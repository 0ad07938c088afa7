"""Results written as Prometheus writes them: its JSON, its numbers as text, its times in seconds."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

import numpy as np
import orjson

from lib.sample.noise import Floats
from lib.sample.promql.values import InstantResult, InstantVector, Matrix, RangeSamples, Scalar

_WITHOUT_ZERO = re.compile(r"\.0$")


def value_text(value: float) -> str:
    """Return a sample's value in the shortest text that reads back the same, as `util/jsonutil` of Prometheus does."""
    if value == 0 or 1e-6 <= abs(value) < 1e21 or not np.isfinite(value):
        return _plain(value)
    return _WITHOUT_ZERO.sub("", repr(float(value)))


def _plain(value: float) -> str:
    """Return the same without an exponent: Go's `strconv.FormatFloat(value, 'f', -1, 64)`."""
    if value != value:
        return "NaN"
    if value in (np.inf, -np.inf):
        return "+Inf" if value > 0 else "-Inf"
    text = repr(float(value))
    return _WITHOUT_ZERO.sub("", format(Decimal(text), "f") if "e" in text else text)


def time_text(milliseconds: int) -> str:
    """Return a time in seconds, with three decimals unless it is whole."""
    sign, rest = ("-", -milliseconds) if milliseconds < 0 else ("", milliseconds)
    whole, part = divmod(rest, 1000)
    return f"{sign}{whole}.{part:03d}" if part else f"{sign}{whole}"


def success(data: bytes) -> bytes:
    """Return the envelope around JSON data."""
    return b'{"status":"success","data":' + data + b"}"


def failure(kind: str, message: str) -> bytes:
    """Return the envelope of an error."""
    return orjson.dumps({"status": "error", "errorType": kind, "error": message})


def matrix(result: Matrix) -> bytes:
    """Return the data of a range query's answer; series without a sample are left out."""
    times = [time_text(time) for time in result.times.tolist()]
    parts = []
    for labels, values, present in zip(result.labels, result.values, result.present, strict=True):
        where = np.flatnonzero(present).tolist()
        if where:
            parts.append(_series(labels, (times[index] for index in where), values[where]))
    return _data("matrix", "[" + ",".join(parts) + "]")


def instant(result: InstantResult) -> bytes:
    """Return the data of an instant query's answer."""
    if isinstance(result, InstantVector):
        time = time_text(result.time)
        pairs = zip(result.labels, result.values.tolist(), strict=True)
        parts = [f'{{"metric":{_labels(labels)},"value":[{time},"{value_text(value)}"]}}' for labels, value in pairs]
        return _data("vector", "[" + ",".join(parts) + "]")
    if isinstance(result, RangeSamples):
        parts = [_series(one.labels, _times(one.times.tolist()), one.values) for one in result.series]
        return _data("matrix", "[" + ",".join(parts) + "]")
    time = _plain(result.time / 1000)
    if isinstance(result, Scalar):
        return _data("scalar", f'[{time},"{_plain(result.value)}"]')
    return _data("string", f"[{time},{orjson.dumps(result.value).decode()}]")


def _data(kind: str, result: str) -> bytes:
    return f'{{"resultType":"{kind}","result":{result}}}'.encode()


def _series(labels: Mapping[str, str], times: Iterable[str], values: Floats) -> str:
    samples = ",".join(f'[{time},"{text}"]' for time, text in zip(times, _texts(values), strict=True))
    return f'{{"metric":{_labels(labels)},"values":[{samples}]}}'


def _labels(labels: Mapping[str, str]) -> str:
    return orjson.dumps(dict(labels), option=orjson.OPT_SORT_KEYS).decode()


def _texts(values: Floats) -> Sequence[str]:
    return [value_text(value) for value in values.tolist()]


def _times(milliseconds: Iterable[int]) -> Iterator[str]:
    return (time_text(one) for one in milliseconds)
