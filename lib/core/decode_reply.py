"""Reads the parsed JSON of a reply into an `Answer`: the plain way, which takes every shape the API may give.

`lib.core.decode` uses it for whatever is not a plain matrix, and for everything around the numbers of one.
Sources: Prometheus docs/querying/api.md (formats), util/jsonutil/marshal.go (how times and values are written).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from lib.core import strict_json
from lib.core.decode_limits import check_labels, check_points
from lib.core.errors import Kind, QueryError, SourceError
from lib.core.naming import one_line
from lib.core.query import InstantQuery, Query
from lib.core.result import Answer, Floats, ResultType
from lib.core.time_range import TimeRange

MAX_TEXT = 4_096
MAX_TEXTS = 100  # warnings, or infos, of one answer: nobody reads more, and a page has to show them
MAX_DETAIL = 300
TOLERANCE = 0.001  # seconds; Prometheus keeps milliseconds

Places = npt.NDArray[np.intp]
Numbers = Callable[[], tuple[Floats, npt.NDArray[np.bool_] | None]]

_NOT_IN_NUMBERS = re.compile(r"[^0-9eE.+-]")
_WRAP_HINT = "Wrap it: last_over_time(...[5m]) gives its last value, rate(...[5m]) its increase per second."


def parse(body: bytes) -> dict[str, object]:
    """The object that a reply is, or SourceError: NOT_JSON, or NOT_PROMETHEUS for any other value.

    Where it stopped being JSON is left out: nobody sees the body, and one read in parts has no such place any more.
    """
    try:
        parsed = strict_json.loads(body)
    except strict_json.NotStrict as error:
        hint = "Check that the address is that of Grafana or Prometheus, and not of a login page in front of it."
        raise SourceError(Kind.NOT_JSON, "The answer is not JSON.", hint, str(error)[:MAX_DETAIL]) from None
    return _object(parsed, "the reply")


def read(reply: dict[str, object], query: Query, size: int, numbers: Numbers | None = None) -> Answer:
    """A reply as an `Answer`, as `lib.core.decode.decode` says. `size`: bytes of its body.

    `numbers` are those of a matrix whose series say nothing of their own but labels. Raises SourceError, QueryError.
    """
    _check_status(reply)
    data = _object(reply.get("data"), "data")
    result_type = _result_type(data.get("resultType"), query)
    result = _array(data.get("result"), "result")
    if result_type in (ResultType.SCALAR, ResultType.STRING):
        answer = _single(result_type, result, query.grid)
    elif numbers is None:
        answer = _series(result_type, result, query.grid)
    else:
        answer = _labelled(result_type, result, query.grid, numbers)
    nan = answer.nan if answer.nan is not None and answer.nan.any() else None
    for array in (answer.values, nan):
        if array is not None:
            array.setflags(write=False)
    return replace(answer, nan=nan, warnings=_warnings(reply), infos=_texts(reply, "infos"), size=size)


def _check_status(reply: dict[str, object]) -> None:
    status, error = reply.get("status"), reply.get("error")
    if status == "success":
        return
    if status != "error":
        raise _malformed("it has no status")
    words = one_line(error)[:MAX_DETAIL] if isinstance(error, str) else ""
    hint = "Its own words are below." if words else "It does not say why. Ask again, or try a simpler query."
    kind = Kind.QUERY if words else Kind.BAD_REQUEST
    raise QueryError("The server could not answer the query.", hint, kind=kind, detail=words)


def _result_type(name: object, query: Query) -> ResultType:
    if name == "streams":
        hint = "Choose a data source of type Prometheus; this one holds logs, as Loki does."
        raise SourceError(Kind.NOT_PROMETHEUS, "This is a log source.", hint)
    if not isinstance(name, str) or name not in list(ResultType):
        raise _malformed("it has an unknown result type")
    result_type, over_time = ResultType(name), not isinstance(query, InstantQuery)
    if result_type is ResultType.MATRIX and not over_time:
        raise QueryError("The query gives a range vector: many values of each series, not one.", _WRAP_HINT)
    if result_type is not ResultType.MATRIX and over_time:
        raise _malformed(f"it answers a range query with a {result_type}")
    return result_type


def _single(result_type: ResultType, result: list[object], grid: TimeRange) -> Answer:
    """A scalar or a string: one `[time, text]` without labels."""
    _, content = _samples([[result]], grid)
    if result_type is ResultType.SCALAR:
        values = _numbers(content).reshape(1, 1)
        return Answer(result_type, grid, ({},), values, np.isnan(values))
    if not isinstance(content[0], str):
        raise _malformed("its string is not text")
    return Answer(result_type, grid, ({},), np.full((1, 1), np.nan), text=_shortened(content[0]))


def _series(result_type: ResultType, result: list[object], grid: TimeRange) -> Answer:
    """A vector or a matrix: series, each with labels and one or many samples."""
    check_points(len(result), grid)
    items = [_object(item, "a series") for item in result]
    labels = [_labels(item.get("metric")) for item in items]
    _check_labels(labels)
    floats = [_pairs(item, "value", result_type) for item in items]
    histograms = [_pairs(item, "histogram", result_type) for item in items]
    if any(own is None and other is None for own, other in zip(floats, histograms, strict=True)):
        raise _malformed("a series has no samples")
    drawn = [row for row, pairs in enumerate(floats) if pairs is not None]
    places, content = _samples([pairs for pairs in floats if pairs is not None], grid)
    values, nan = np.full((len(drawn), grid.points), np.nan), np.zeros((len(drawn), grid.points), np.bool_)
    values.flat[places] = numbers = _numbers(content)
    nan.flat[places] = np.isnan(numbers)
    _, counted = _samples([pairs or [] for pairs in histograms], grid)
    return Answer(result_type, grid, tuple(labels[row] for row in drawn), values, nan, histograms=len(counted))


def _labelled(result_type: ResultType, result: list[object], grid: TimeRange, numbers: Numbers) -> Answer:
    """The same series when their numbers are read already: their labels are checked alike."""
    check_points(len(result), grid)
    labels = [_labels(_object(item, "a series").get("metric")) for item in result]
    _check_labels(labels)
    values, nan = numbers()
    return Answer(result_type, grid, tuple(labels), values, nan)


def _pairs(item: dict[str, object], key: str, result_type: ResultType) -> list[object] | None:
    """What a series has under `value` (vector) or `values` (matrix), always as a list; None when it has no such key."""
    if result_type is ResultType.VECTOR:
        return [item[key]] if key in item else None
    return _array(item[f"{key}s"], f"{key}s") if f"{key}s" in item else None


def _samples(series: Sequence[list[object]], grid: TimeRange) -> tuple[Places, list[object]]:
    """All `[time, content]` pairs: their places in a flat array (series, points), and their contents."""
    pairs = [pair for samples in series for pair in samples]
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise _malformed("a sample is not a pair of time and value")
    times, content = [pair[0] for pair in pairs], [pair[1] for pair in pairs]  # type: ignore[index]
    rows = np.repeat(np.arange(len(series)), np.array([len(samples) for samples in series], np.intp))
    places = rows * grid.points + _points(times, grid)
    if np.any(np.diff(places) <= 0):
        raise _malformed("samples are not in the order of time")
    return places, content


def _points(times: list[object], grid: TimeRange) -> Places:
    """Which point of the grid each time (Unix seconds) is."""
    if not {type(time) for time in times} <= {int, float}:  # not isinstance: true and false are ints to Python
        raise _malformed("the time of a sample is not a number")
    seconds = np.array(times, np.float64)
    points = np.rint((seconds - grid.start) / grid.step)
    off = np.abs(seconds - (grid.start + points * grid.step)) > TOLERANCE
    if np.any(off | (points < 0) | (points >= grid.points)):
        raise _malformed("a sample lies at a time that was not asked for")
    return points.astype(np.intp)


def _numbers(texts: list[object]) -> Floats:
    """Sample values, which Prometheus writes as text because JSON has no NaN: digits, `NaN`, `+Inf` or `-Inf`."""
    try:
        joined = "".join(texts)  # type: ignore[arg-type]  # TypeError unless all are text
        numbers = np.fromiter(map(float, texts), np.float64, len(texts))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise _malformed("the value of a sample is not a number in quotes") from None
    # float() also reads "1_000", " 1", "infinity" and other digits than 0-9, and makes an infinity of "1e999".
    foreign = _NOT_IN_NUMBERS.search(joined.replace("NaN", "").replace("Inf", ""))
    if foreign or np.count_nonzero(np.isinf(numbers)) != joined.count("Inf"):
        raise _malformed("the value of a sample is not written as Prometheus writes numbers")
    return numbers


def _labels(metric: object) -> dict[str, str]:
    labels = _object(metric, "the labels of a series")
    if "" in labels or not all(isinstance(value, str) for value in labels.values()):
        raise _malformed("a label is not text")
    if all(len(name) + len(value) <= MAX_TEXT for name, value in labels.items()):  # type: ignore[arg-type]
        return labels  # type: ignore[return-value]
    return {_shortened(name): _shortened(str(value)) for name, value in labels.items()}


def _check_labels(labels: Sequence[dict[str, str]]) -> None:
    check_labels(len(labels), len({name for own in labels for name in own}))
    # A label that is empty is a label that is missing (Prometheus' data model), so it tells no two series apart.
    distinct = {frozenset((name, value) for name, value in own.items() if value) for own in labels}
    if len(distinct) < len(labels):
        raise _malformed("two series have the same labels")


def _warnings(reply: dict[str, object]) -> tuple[str, ...]:
    # VictoriaMetrics says with a flag what Thanos says with a warning; and a success that names an error is not whole.
    partial = () if reply.get("isPartial") in (None, False) else ("The server marks this answer as partial.",)
    error = reply.get("error")
    failed = (_shortened(f"The server names an error: {error}"),) if error else ()
    return (*partial, *failed, *_texts(reply, "warnings"))


def _texts(reply: dict[str, object], name: str) -> tuple[str, ...]:
    texts = [] if reply.get(name) is None else _array(reply[name], name)
    if not all(isinstance(text, str) for text in texts):
        raise _malformed(f"{name} are not texts")
    more = len(texts) - MAX_TEXTS
    return tuple(_shortened(str(text)) for text in texts[:MAX_TEXTS]) + ((f"… and {more:,} more",) if more > 0 else ())


def _shortened(text: str) -> str:
    """A text of at most 4,096 characters; a longer one ends in `…` and a hash, so that two stay two."""
    if len(text) <= MAX_TEXT:
        return text
    end = f"…{sha256(text.encode()).hexdigest()[:12]}"
    return text[: MAX_TEXT - len(end)] + end


def _object(value: object, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _malformed(f"{name} is missing or not an object")
    return value


def _array(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        raise _malformed(f"{name} is missing or not a list")
    return value


def _malformed(what: str) -> SourceError:
    hint = "Check that the address is that of a Prometheus, or of a Grafana in front of one."
    return SourceError(Kind.NOT_PROMETHEUS, f"The answer is not one that Prometheus gives: {what}.", hint)
