"""The HTTP API of one cluster's Prometheus: queries, series, labels, metadata and build information."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import orjson
import promql_parser as tree

from lib.sample import wire
from lib.sample.parameters import BadParameter, Parameters, duration_of, first, limit_of, range_of, time_of
from lib.sample.promql import Matcher, PromQLError, evaluate_instant, evaluate_range
from lib.sample.promql.parse import parse
from lib.sample.promql.selectors import matchers_of
from lib.sample.world import METRICS, SampleStorage

JSON = {"Content-Type": "application/json"}
POSTED = frozenset({"query", "query_range", "series", "labels"})  # what may be asked by POST, too
_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
_QUERY = 'invalid parameter "query": '
_STATUS = {"bad_data": HTTPStatus.BAD_REQUEST, "execution": HTTPStatus.UNPROCESSABLE_ENTITY}


@dataclass(frozen=True)
class Response:
    """An answer over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def answer(endpoint: str, parameters: Parameters, storage: SampleStorage, now: int) -> Response:
    """Return the answer of `/api/v1/<endpoint>`; `now` is in milliseconds since 1970."""
    try:
        data = _data(endpoint, parameters, storage, now)
    except BadParameter as error:
        return _failure("bad_data", str(error))
    except PromQLError as error:
        refused = endpoint == "query" and error.kind == "bad_data"
        return _failure(error.kind, _in_parameter(error.message, "query") if refused else _bare(error))
    if data is None:
        return Response(HTTPStatus.NOT_FOUND, {"Content-Type": "text/plain; charset=utf-8"}, b"404 page not found\n")
    return Response(HTTPStatus.OK, JSON, wire.success(data))


def _data(endpoint: str, parameters: Parameters, storage: SampleStorage, now: int) -> bytes | None:
    """Return the JSON of an endpoint's data, or None for an endpoint that does not exist."""
    if endpoint.startswith("label/") and endpoint.endswith("/values"):
        return _label_values(endpoint[6:-7], parameters, storage, now)
    endpoints: dict[str, Callable[[Parameters, SampleStorage, int], bytes]] = {
        "query": _query,
        "query_range": _query_range,
        "series": _series,
        "labels": _labels,
        "metadata": _metadata,
        "status/buildinfo": _build_information,
    }
    found = endpoints.get(endpoint)
    return None if found is None else found(parameters, storage, now)


def _query(parameters: Parameters, storage: SampleStorage, now: int) -> bytes:
    time = time_of(parameters, "time", now)
    _check_timeout(parameters)
    return wire.instant(evaluate_instant(first(parameters, "query"), storage, time))


def _query_range(parameters: Parameters, storage: SampleStorage, now: int) -> bytes:
    start, end, step = range_of(parameters)
    _check_timeout(parameters)
    return wire.matrix(evaluate_range(first(parameters, "query"), storage, start, end, step))


def _series(parameters: Parameters, storage: SampleStorage, now: int) -> bytes:
    if not parameters.get("match[]"):
        raise BadParameter("no match[] parameter provided")
    living = _living(parameters, storage, now)
    found = sorted({tuple(sorted((("__name__", name), *labels.items()))) for name, labels in living})
    return orjson.dumps([dict(labels) for labels in found[: limit_of(parameters)]])


def _labels(parameters: Parameters, storage: SampleStorage, now: int) -> bytes:
    names = {"__name__"}
    for _, labels in _living(parameters, storage, now):
        names.update(labels)
    return orjson.dumps(sorted(names)[: limit_of(parameters)])


def _label_values(name: str, parameters: Parameters, storage: SampleStorage, now: int) -> bytes:
    if not _LABEL_NAME.fullmatch(name):
        raise BadParameter(f'invalid label name: "{name}"')
    if name == "__name__":
        # The first living series of a metric tells as much as all of them.
        values = {metric.name for metric in METRICS if any(_living(parameters, storage, now, metric.name))}
    else:
        values = {labels.get(name, "") for _, labels in _living(parameters, storage, now)}
    return orjson.dumps(sorted(values - {""})[: limit_of(parameters)])


def _living(
    parameters: Parameters, storage: SampleStorage, now: int, metric: str = ""
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the series that meet any `match[]`, all of them without one, between start and end; or only a metric's."""
    start = time_of(parameters, "start", 0)
    end = time_of(parameters, "end", now)
    named = [Matcher("__name__", "=", metric)] if metric else []
    for matchers in [_matchers(text) for text in parameters.get("match[]", ())] or [[]]:
        yield from storage.living([*named, *matchers], start, end)


def _matchers(text: str) -> list[Matcher]:
    """Return what a `match[]` demands, or raise BadParameter as Prometheus would."""
    try:
        selector = parse(text, ())
        if not isinstance(selector, tree.VectorSelector):
            raise BadParameter(_in_parameter("1:1: parse error: no selector", "match[]"))
        return matchers_of(selector)
    except PromQLError as error:
        empty = error.message.endswith("must contain at least one non-empty matcher")
        complaint = "match[] must contain at least one non-empty matcher" if empty else _bare(error)
        raise BadParameter(_in_parameter(complaint, "match[]")) from None


def _metadata(parameters: Parameters, storage: SampleStorage, now: int) -> bytes:
    wanted = first(parameters, "metric")
    families = {metric.family or metric.name: metric for metric in METRICS}
    chosen = {name: metric for name, metric in families.items() if name == wanted or not wanted}
    limited = sorted(chosen.items())[: limit_of(parameters)]
    return orjson.dumps({name: [{"type": metric.type, "help": metric.help, "unit": ""}] for name, metric in limited})


def _build_information(parameters: Parameters, storage: SampleStorage, now: int) -> bytes:
    build = {
        "version": "2.42.0",
        "revision": "sample",
        "branch": "HEAD",
        "buildUser": "",
        "buildDate": "20230201-00:00:00",
        "goVersion": "go1.19",
    }
    return orjson.dumps(build)


def _check_timeout(parameters: Parameters) -> None:
    if first(parameters, "timeout"):
        duration_of(parameters, "timeout")


def _in_parameter(complaint: str, name: str) -> str:
    """Prometheus 2.42 names the parameter, but not for an expression in a range query."""
    return f'invalid parameter "{name}": {complaint.removeprefix(_QUERY)}'


def _bare(error: PromQLError) -> str:
    return error.message.removeprefix(_QUERY)


def _failure(kind: str, message: str) -> Response:
    return Response(_STATUS[kind], JSON, wire.failure(kind, message))
