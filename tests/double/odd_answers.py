"""Behaviours that answer with odd series, samples, labels and envelopes: the good answer with one thing changed.

Some are right, though unusual; most are what no Prometheus sends, so that reading them would mean guessing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.double import good
from tests.double.behaviours import BEHAVIOURS
from tests.double.wire import Exchange

Envelope = dict[str, Any]

HOSTILE = "\x1b[31m<script>alert(1)</script>\n![x](http://x/) =HYPERLINK(1) \u202e$\\frac{1}{2}$ 🗝"
MANY = 100_000


def twisted(name: str, change: Callable[[Envelope, list[dict[str, Any]]], object]) -> None:
    """Registers the good answer, changed in place: `change` gets the envelope and its series."""

    async def show(exchange: Exchange) -> None:
        envelope = good.good_answer(exchange.uid, exchange.rest, exchange.asked.form)
        change(envelope, envelope["data"]["result"])
        await exchange.answer(200, json.dumps(envelope))

    BEHAVIOURS[name] = show


def rewritten(name: str, change: Callable[[bytes], bytes]) -> None:
    """Registers the good answer with its bytes changed."""

    async def show(exchange: Exchange) -> None:
        await exchange.answer(200, change(good.good_body(exchange)))

    BEHAVIOURS[name] = show


def _first_sample(place: int, new: Callable[[Any], Any]) -> Callable[[Envelope, list[dict[str, Any]]], object]:
    def change(envelope: Envelope, series: list[dict[str, Any]]) -> None:
        sample = series[0]["values"][0]
        sample[place] = new(sample[place])

    return change


def _value(text: object) -> Callable[[Envelope, list[dict[str, Any]]], object]:
    return _first_sample(1, lambda value: text)


def _labels(**more: object) -> Callable[[Envelope, list[dict[str, Any]]], object]:
    return lambda envelope, series: series[0]["metric"].update(more)


def _all_values(*texts: str) -> Callable[[Envelope, list[dict[str, Any]]], object]:
    def change(envelope: Envelope, series: list[dict[str, Any]]) -> None:
        for sample, text in zip(series[0]["values"], texts, strict=False):
            sample[1] = text

    return change


def _top(**keys: object) -> Callable[[Envelope, list[dict[str, Any]]], object]:
    return lambda envelope, series: envelope.update(keys)


def _data(**keys: object) -> Callable[[Envelope, list[dict[str, Any]]], object]:
    return lambda envelope, series: envelope["data"].update(keys)


def _moved(seconds: float) -> Callable[[Envelope, list[dict[str, Any]]], object]:
    def change(envelope: Envelope, series: list[dict[str, Any]]) -> None:
        for one in series:
            for sample in one["values"]:
                sample[0] += seconds

    return change


def _finer(envelope: Envelope, series: list[dict[str, Any]]) -> None:
    for one in series:
        one["values"] = [[time + shift, value] for time, value in one["values"] for shift in (0, 30)][:-1]


def _gaps(envelope: Envelope, series: list[dict[str, Any]]) -> None:
    del series[0]["values"][1:4]
    del series[1]["values"][:1]


# Times

twisted("time-negative", _first_sample(0, lambda time: -time))
twisted("time-off-grid", _first_sample(0, lambda time: time + 7))
twisted("time-before-range", _first_sample(0, lambda time: time - 60))
twisted("time-of-text", _first_sample(0, str))
twisted("time-true", _first_sample(0, lambda time: True))
twisted("time-null", _first_sample(0, lambda time: None))
twisted("time-in-milliseconds", _first_sample(0, lambda time: time * 1_000))
twisted("time-beyond-all", _first_sample(0, lambda time: 1e300))
twisted("time-after-range", lambda envelope, series: series[0]["values"].append([series[0]["values"][-1][0] + 60, "1"]))
twisted("times-unsorted", lambda envelope, series: series[0]["values"].reverse())
twisted("time-twice", lambda envelope, series: series[0]["values"].insert(1, list(series[0]["values"][0])))
twisted("times-with-fractions", _first_sample(0, lambda time: time + 0.0004))
twisted("times-as-floats", _moved(0.0))
twisted("of-another-day", _moved(86_400.0))
twisted("of-a-finer-step", _finer)
twisted("gaps", _gaps)

# Values

for _name, _text in {
    "null": None,
    "true": True,
    "number": 12,
    "list": ["1"],
    "word": "abc",
    "empty": "",
    "blank": " ",
    "space": " 1",
    "underscore": "1_000",
    "comma": "1,5",
    "hex": "0x1p4",
    "infinity": "Infinity",
    "inf": "inf",
    "nan": "nan",
    "overflow": "1e999",
    "arabic": "١٢",
    "two": "1 2",
    "dots": "1.2.3",
}.items():
    twisted(f"value-{_name}", _value(_text))
twisted("values-special", _all_values("NaN", "+Inf", "-Inf", "-0", "1e308", "5e-324", "1.7976931348623157e+308"))
twisted("values-large", _all_values("9007199254740993", "18446744073709551616", "0.1", "1e-7"))
twisted("sample-of-three", lambda envelope, series: series[0]["values"][0].append("2"))
twisted("sample-an-object", lambda envelope, series: series[0]["values"].insert(0, {"time": 1}))
twisted("values-an-object", lambda envelope, series: series[0].update(values={}))
twisted("values-missing", lambda envelope, series: series[0].pop("values"))
twisted("value-for-values", lambda envelope, series: series[0].update(value=series[0].pop("values")[0]))
twisted("one-point", lambda envelope, series: [one.update(values=one["values"][:1]) for one in series])

_BUCKETS = {"count": "3", "sum": "6", "buckets": [[0, "0.5", "1", "3"]]}
twisted(
    "histograms-only",
    lambda envelope, series: series[0].update(histograms=[[time, _BUCKETS] for time, _ in series[0].pop("values")]),
)
twisted(
    "histograms-beside",
    lambda envelope, series: series[0].update(histograms=[[series[0]["values"].pop()[0], _BUCKETS]]),
)

# Series and labels

twisted("series-twice", lambda envelope, series: series.append(series[0]))
twisted(
    "series-twice-but-for-an-empty-label",
    lambda envelope, series: series.append(series[0] | {"metric": series[0]["metric"] | {"pod": ""}}),
)
twisted("series-a-list", lambda envelope, series: series.append([]))
twisted("labels-missing", lambda envelope, series: series[0].pop("metric"))
twisted("labels-a-list", lambda envelope, series: series[0].update(metric=[]))
twisted("label-null", _labels(pod=None))
twisted("label-of-lists", _labels(pod=["a"]))
twisted("label-without-name", _labels(**{"": "x"}))
twisted("labels-hostile", _labels(pod=HOSTILE))
twisted("label-of-a-megabyte", _labels(pod="x" * 1_000_000))
twisted("labels-nine-hundred", _labels(**{f"label_{number}": "x" for number in range(900)}))
twisted("labels-ten-thousand", _labels(**{f"label_{number}": "x" for number in range(10_000)}))
twisted(
    "labels-of-ours",
    _labels(cluster="theirs", exported_cluster="too", time="1", value="2", index="3", query="4", __name__="up"),
)
twisted("labels-other-sets", lambda envelope, series: series[0].update(metric={"pod": "only"}))

# Envelopes

twisted("type-vector", _data(resultType="vector"))
twisted("type-scalar", _data(resultType="scalar"))
twisted("type-unknown", _data(resultType="table"))
twisted("type-null", _data(resultType=None))
twisted("result-an-object", _data(result={}))
twisted("data-a-list", _top(data=[]))
twisted("status-unknown", _top(status="ok"))
twisted("status-null", _top(status=None))
twisted("success-and-an-error", _top(errorType="internal", error="one shard is down"))
twisted("error-and-data", _top(status="error", errorType="execution", error="it went wrong half way"))
twisted("partial-flag", _top(isPartial=True))
twisted("partial-flag-of-text", _top(isPartial="true"))
twisted("warnings-null", _top(warnings=None))
twisted("warnings-a-text", _top(warnings="partial"))
twisted("warnings-of-numbers", _top(warnings=[1, 2]))
twisted("warnings-hostile", _top(warnings=[HOSTILE]))
twisted("warnings-many", _top(warnings=[f"store {number} is down" for number in range(MANY)]))
twisted("warning-of-a-megabyte", _top(warnings=["x" * 1_000_000]))
twisted("infos-a-text", _top(infos="hint"))

# Bytes

rewritten("documents-two", lambda body: body + body)
rewritten("documents-in-lines", lambda body: body + b"\n" + body + b"\n")
rewritten("garbage-behind", lambda body: body + b";")
rewritten("nul-behind", lambda body: body + b"\x00")
rewritten("script-guard", lambda body: b")]}',\n" + body)
rewritten("callback", lambda body: b"callback(" + body + b");")
rewritten("utf-16", lambda body: body.decode().encode("utf-16"))
rewritten("utf-32", lambda body: body.decode().encode("utf-32-be"))
rewritten("surrogate", lambda body: body.replace(b'"prod"', b'"\\ud83d"'))
rewritten("single-quotes", lambda body: body.replace(b'"', b"'"))
rewritten("comment", lambda body: b"/* made by hand */" + body)
rewritten("comma-at-the-end", lambda body: body[:-1] + b",}")
rewritten("infinity-literal", lambda body: body.replace(b'"success",', b'"success", "stats": Infinity,'))
rewritten("key-twice-status", lambda body: b'{"status": "error", ' + body[1:])
rewritten(
    "key-twice-label", lambda body: body.replace(b'{"namespace": "prod"}', b'{"namespace": "x", "namespace": "prod"}')
)
rewritten("key-twice-values", lambda body: body.replace(b'"values": [', b'"values": [[0, "1"]], "values": [', 1))
rewritten("key-twice-spelled-otherwise", lambda body: b'{"st\\u0061tus" : "error", ' + body[1:])
rewritten("spaces", lambda body: b"\n\t " + body.replace(b",", b" ,\n\t").replace(b":", b" : ") + b" \n")
rewritten("compact", lambda body: json.dumps(json.loads(body), separators=(",", ":")).encode())
rewritten("escaped", lambda body: body.replace(b"namespace", b"\\u006eamespace").replace(b"prod", b"\\u0070rod"))

# What takes far more memory than it has bytes

for _name, _piece, _many in [
    ("lists", b"[],", 2_500_000),
    ("numbers", b"1.5,", 1_500_000),
    ("objects", b'{"a":1},', 900_000),
    ("texts", b'"ab",', 1_400_000),
    ("depths", b"[[[[[[]]]]]],", 500_000),
]:
    rewritten(
        f"filled-with-{_name}",
        lambda body, piece=_piece, many=_many: body[:-1] + b', "stats": [' + piece * many + b"0]}",  # type: ignore[misc]
    )
rewritten("filled-with-one-text", lambda body: body[:-1] + b', "stats": "' + b"x" * 7_500_000 + '🗝"}'.encode())
rewritten("filled-with-blanks", lambda body: body[:-1] + b" " * 30_000_000 + b"}")
rewritten("messagepack", lambda body: b"\x82\xa6status\xa7success\xa4data\xc0")
rewritten("xml", lambda body: b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>")


# Instant queries


def _instant(name: str, type_: str, result: Callable[[float], object]) -> None:
    async def show(exchange: Exchange) -> None:
        time = float(exchange.asked.form.get("time", "0"))
        await exchange.answer_json(200, good.success({"resultType": type_, "result": result(time)}))

    BEHAVIOURS[name] = show


_instant("scalar", "scalar", lambda time: [time, "12.5"])
_instant("string", "string", lambda time: [time, HOSTILE])
_instant("string-a-number", "string", lambda time: [time, 5])
_instant("scalar-a-series", "scalar", lambda time: [{"metric": {}, "value": [time, "1"]}])
_instant("range-vector-for-an-instant", "matrix", lambda time: [{"metric": {}, "values": [[time, "1"]]}])
_instant("vector-of-yesterday", "vector", lambda time: [{"metric": {}, "value": [time - 86_400, "1"]}])
_instant("vector-of-an-array", "vector", lambda time: [{"metric": {}, "values": [[time, "1"]]}])
_instant("series-of-twenty-thousand", "vector", lambda time: _many_series(time, 20_000))
_instant("series-too-many", "vector", lambda time: _many_series(time, 20_001))


def _many_series(time: float, count: int) -> list[dict[str, object]]:
    return [{"metric": {"pod": f"p{number}"}, "value": [time, str(number)]} for number in range(count)]


# What was sent, repeated


def _repeating(name: str, written: Callable[[str], str]) -> None:
    async def show(exchange: Exchange) -> None:
        said = written(f"you sent {exchange.asked.authorization}")
        await exchange.answer(200, good.good_body(exchange)[:-1] + b', "warnings": ["%s"]}' % said.encode())

    BEHAVIOURS[name] = show


_repeating("reflect-in-warning", lambda text: text)
_repeating("reflect-in-escapes", lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text))
_repeating("reflect-half-in-escapes", lambda text: text.replace("0", "\\u0030").replace("_", "\\u005F"))
_repeating("reflect-in-percents", lambda text: "".join(f"%{ord(letter):02X}" for letter in text))
