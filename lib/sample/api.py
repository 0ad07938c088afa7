"""The made-up Grafana: what it answers to a request, as a pure function of the request and the time."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

from lib.sample import prometheus_api
from lib.sample.hubs import CLUSTERS
from lib.sample.prometheus_api import POSTED, Response
from lib.sample.world import storage_of

SAMPLE_URL = "https://grafana.sample.invalid"
SAMPLE_TOKEN = "sample-token-of-nobody"  # opens nothing but the sample
_PROXY = "/api/datasources/proxy/uid/"
_JSON = {"Content-Type": "application/json; charset=UTF-8"}
_REFUSED = "non allow-listed {}s not allowed on proxied Prometheus datasource"


def respond(method: str, url: str, headers: Mapping[str, str], body: bytes, now: float) -> Response:
    """Return the answer to a request at `now`, in seconds since 1970-01-01.

    `url` may be whole or a path; only its path and query count. Routes, rights and texts follow Grafana 12 and, behind
    its data source proxy, Prometheus 2.42. Reading needs the header `Authorization: Bearer <SAMPLE_TOKEN>`.
    """
    parts = urlsplit(url)
    if parts.path == "/api/health":
        return _json(HTTPStatus.OK, {"commit": "sample", "database": "ok", "version": "12.3.0"})
    if not _may_read(headers):
        return _message(HTTPStatus.UNAUTHORIZED, "Invalid API key")
    if parts.path == "/api/datasources" and method == "GET":
        return _json(HTTPStatus.OK, _data_sources())
    if not parts.path.startswith(_PROXY):
        return _message(HTTPStatus.NOT_FOUND, "Not found")
    uid, _, path = parts.path[len(_PROXY) :].partition("/")
    return _proxied(method, uid, path, _parameters(parts.query, headers, body), now)


def _proxied(method: str, uid: str, path: str, parameters: dict[str, list[str]], now: float) -> Response:
    """Answer through the data source proxy: Prometheus says what is asked, Grafana who may ask."""
    clusters = {cluster.uid: cluster for cluster in CLUSTERS}
    if uid not in clusters:
        return _message(HTTPStatus.NOT_FOUND, "Unable to find datasource")
    endpoint = unquote(path.removeprefix("api/v1/")) if path.startswith("api/v1/") else ""
    if method != "GET" and not (method == "POST" and endpoint in POSTED):
        return _message(HTTPStatus.FORBIDDEN, _REFUSED.format(method))
    if clusters[uid].down:
        return Response(HTTPStatus.BAD_GATEWAY, {}, b"")
    storage = storage_of(clusters[uid].name, now)
    return prometheus_api.answer(endpoint, parameters, storage, int(now * 1000))


def _parameters(query: str, headers: Mapping[str, str], body: bytes) -> dict[str, list[str]]:
    """Return the parameters of a posted form, then those of the URL, as Go's `Request.Form` has them."""
    texts = [query]
    if _header(headers, "content-type").startswith("application/x-www-form-urlencoded"):
        texts.insert(0, body.decode("utf-8", "replace"))
    merged: dict[str, list[str]] = {}
    for text in texts:
        for name, values in parse_qs(text, keep_blank_values=True).items():
            merged.setdefault(name, []).extend(values)
    return merged


def _data_sources() -> list[dict[str, object]]:
    """Return the list as a Viewer sees it: the Prometheus of each cluster, and one source of another kind."""
    sources = [
        _data_source(place, cluster.uid, cluster.name, "prometheus", "http://support-prometheus-server")
        for place, cluster in enumerate(CLUSTERS, start=1)
    ]
    costs = ("sample-costs", "costs", "yesoreyeram-infinity-datasource", "http://jupyterhub-cost-monitoring")
    return [*sources, _data_source(len(sources) + 1, *costs)]


def _data_source(number: int, uid: str, name: str, kind: str, url: str) -> dict[str, object]:
    return {
        "id": number,
        "uid": uid,
        "orgId": 1,
        "name": name,
        "type": kind,
        "typeName": "Prometheus" if kind == "prometheus" else "Infinity",
        "typeLogoUrl": f"public/plugins/{kind}/img/logo.svg",
        "access": "proxy",
        "url": url,
        "user": "",
        "database": "",
        "basicAuth": False,
        "isDefault": number == 1,
        "jsonData": {"httpMethod": "POST", "timeInterval": "1m"} if kind == "prometheus" else {},
        "readOnly": False,
    }


def _may_read(headers: Mapping[str, str]) -> bool:
    return _header(headers, "authorization") == f"Bearer {SAMPLE_TOKEN}"


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _message(status: HTTPStatus, text: str) -> Response:
    return _json(status, {"message": text})


def _json(status: HTTPStatus, content: object) -> Response:
    return Response(status, _JSON, orjson.dumps(content))
