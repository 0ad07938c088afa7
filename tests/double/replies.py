"""Whole answers, most of them refusals, by the name of their behaviour: what Grafana, Prometheus and others say.

Texts of Grafana are those of pkg/api/datasources.go, pkg/api/pluginproxy/ds_proxy.go and pkg/middleware; texts of
Prometheus those of the real server (2.42), which `tests/sources/test_against_prometheus.py` holds them to.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.double.good import success

HTML = "<!DOCTYPE html><html><head><title>Grafana</title></head><body><div>Log in</div></body></html>"
JSON, TEXT, PAGE = "application/json", "text/plain; charset=utf-8", "text/html; charset=UTF-8"


@dataclass(frozen=True)
class Canned:
    """One answer: status, body, content type and further headers."""

    status: int
    body: bytes | str = ""
    kind: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


def _said(kind: str, text: str) -> str:
    return json.dumps({"status": "error", "errorType": kind, "error": text})


def _message(text: str) -> str:
    return json.dumps({"message": text})


def _data(type_: str, result: Any, **more: Any) -> Canned:
    return Canned(200, json.dumps(success({"resultType": type_, "result": result}, **more)))


def _vector(*samples: Any) -> Canned:
    return _data("vector", list(samples))


_FROM_GRAFANA = {
    "http-401": Canned(401, _message("Invalid API key")),
    "http-401-expired": Canned(401, _message("Expired API key")),
    "http-401-revoked": Canned(401, _message("Revoked API key")),
    "http-403": Canned(403, _message("You'll need additional permissions. Permissions needed: datasources:query")),
    "http-403-page": Canned(403, HTML, PAGE),
    "grafana-400": Canned(400, _message("UID is invalid")),
    "grafana-404": Canned(404, _message("Unable to find datasource")),
    "grafana-500": Canned(500, _message("Unable to load datasource meta data")),
    "upstream-401": Canned(400, "Authentication to data source failed", TEXT),
    "refused": Canned(502),  # Grafana's word for a data source that refuses the connection
    "empty-499": Canned(499),
    "empty-502": Canned(502),
    "empty-504": Canned(504),
}
_FROM_OTHERS = {
    "login-html": Canned(200, HTML, PAGE),
    "login-html-as-json": Canned(200, HTML, JSON),
    "login-text": Canned(200, "Log in to go on.", PAGE),
    "html-404": Canned(404, HTML, PAGE),
    "text-404": Canned(404, "404 page not found\n", TEXT),
    "http-405": Canned(405, "Method Not Allowed", TEXT),
    "http-408": Canned(408, "", TEXT),
    "http-413": Canned(413, HTML, PAGE),
    "http-414": Canned(414, HTML, PAGE),
    "http-418": Canned(418, "I'm a teapot", TEXT),
    "html-500": Canned(500, HTML, PAGE),
    "html-502": Canned(502, HTML, PAGE),
    "html-503": Canned(503, HTML, PAGE),
    "http-on-https": Canned(400, "Client sent an HTTP request to an HTTPS server.\n", TEXT),
    "http-on-https-nginx": Canned(400, "<html>The plain HTTP request was sent to HTTPS port</html>", PAGE),
    "http-on-https-apache": Canned(400, "<p>You're speaking plain HTTP to an SSL-enabled server port.</p>", PAGE),
    "rate-429": Canned(429, "", TEXT, {"Retry_After": "1"}),
    "rate-429-long": Canned(429, "", TEXT, {"Retry_After": "999999999"}),
    "rate-429-date": Canned(429, "", TEXT, {"Retry_After": "Wed, 21 Oct 2093 07:28:00 GMT"}),
    "rate-429-junk": Canned(429, "", TEXT, {"Retry_After": "soon"}),
    "rate-429-bare": Canned(429, "", TEXT),
    "empty-200": Canned(200),
    "no-content": Canned(204),
    "part-206": Canned(206, '{"status":"success","data":{"resultType":"matrix","result":[]}}'),
    "accepted-202": Canned(202, '{"message": "queued"}'),
    "choices-300": Canned(300, HTML, PAGE),
    "not-modified-304": Canned(304),
    "proxy-auth-407": Canned(407, HTML, PAGE, {"Proxy_Authenticate": "Basic"}),
    "gone-410": Canned(410, "", TEXT),
    "misdirected-421": Canned(421, "", TEXT),
    "upgrade-426": Canned(426, "", TEXT, {"Upgrade": "h2c"}),
    "headers-too-large-431": Canned(431, "", TEXT),
    "censored-451": Canned(451, HTML, PAGE),
    "not-implemented-501": Canned(501, "", TEXT),
    "version-505": Canned(505, "", TEXT),
    "storage-507": Canned(507, "", TEXT),
    "captive-511": Canned(511, HTML, PAGE),
    "cloud-520": Canned(520, HTML, PAGE),
    "cloud-530": Canned(530, "error code: 1033", TEXT),
    "status-999": Canned(999, HTML, PAGE),
    "error-with-bom": Canned(400, b"\xef\xbb\xbf" + _said("bad_data", "1:1: parse error: x").encode()),
    "rate-429-below-zero": Canned(429, "", TEXT, {"Retry_After": "-5"}),
    "rate-429-past": Canned(429, "", TEXT, {"Retry_After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
    "error-of-30-mebibytes": Canned(500, b"x" * 30 * 2**20, TEXT),
    "refusal-of-30-mebibytes": Canned(400, b'{"message":"' + b"x" * 30 * 2**20 + b'"}'),
    "busy-503": Canned(503, "", TEXT, {"Retry_After": "120"}),
}
_FROM_PROMETHEUS = {
    "parse-error": Canned(
        400, _said("bad_data", "invalid parameter \"query\": 1:3: parse error: unexpected character inside braces: ')'")
    ),
    "parse-error-line-2": Canned(400, _said("bad_data", "2:2: parse error: unexpected <op:*>")),
    "unknown-function": Canned(400, _said("bad_data", '1:1: parse error: unknown function with name "rtae"')),
    "range-vector": Canned(400, _said("bad_data", 'invalid expression type "range vector" for range query')),
    "many-to-many": Canned(
        422, _said("execution", 'found duplicate series for the match group {a="b"} ' + "x" * 5_000)
    ),
    "too-many-samples": Canned(
        422, _said("execution", "query processing would load too many samples into memory in query execution")
    ),
    "too-many-points": Canned(
        400, _said("bad_data", "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing it")
    ),
    "query-timeout": Canned(503, _said("timeout", "query timed out in expression evaluation")),
    "query-cancelled": Canned(503, _said("canceled", "query was canceled in query execution")),
    "internal-error": Canned(500, _said("internal", "cannot read the head block")),
    "hostile-error": Canned(
        400, _said("bad_data", "\x1b[31m<script>alert(1)</script>\x00\n![x](http://x/)\u202e" + "y" * 100_000)
    ),
    "status-error": Canned(200, _said("bad_data", "1:1: parse error: this came with status 200")),
    "status-error-bare": Canned(200, '{"status":"error"}'),
    "status-error-bare-400": Canned(400, '{"status":"error"}'),
    "error-list": Canned(400, "[]"),
}
_SHAPES = {
    "not-json": Canned(200, "up 1\nup 0\n", TEXT),
    "cut-json": Canned(200, '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{'),
    "nan-literal": Canned(200, '{"status":"success","data":{"resultType":"vector","result":[NaN]}}'),
    "deep-json": Canned(200, "[" * 200_000),
    "huge-integer": Canned(200, f'{{"status":"success","data":{"9" * 6_000}}}'),
    "not-utf8": Canned(200, b'{"status":"success","data":"\xff\xfe"}'),
    "json-null": Canned(200, "null"),
    "json-list": Canned(200, "[]"),
    "json-string": Canned(200, '"hello"'),
    "no-data": Canned(200, '{"status":"success"}'),
    "null-data": Canned(200, '{"status":"success","data":null}'),
    "null-result": _data("matrix", None),
    "streams": _data("streams", []),
    "pair-of-one": _vector({"metric": {}, "value": [1]}),
    "null-value": _vector({"metric": {}, "value": [1, None]}),
    "true-value": _vector({"metric": {}, "value": [1, True]}),
    "word-value": _vector({"metric": {}, "value": [1, "abc"]}),
    "label-number": _vector({"metric": {"a": 1}, "value": [1, "1"]}),
    "row-is-text": _vector("row"),
    "empty-result": _data("matrix", []),
}

CANNED = _FROM_GRAFANA | _FROM_OTHERS | _FROM_PROMETHEUS | _SHAPES
