"""The behaviours that work: a closed form that tests can check, a proxy to a real Prometheus, and an echo."""

from __future__ import annotations

import asyncio
import hashlib
import json
import zlib
from typing import Any
from urllib.parse import urlsplit

from tests.double.refusing import duration, instant, refused
from tests.double.wire import Exchange

HUBS = ("prod", "staging")


def good_value(uid: str, hub: str, time: float) -> float:
    """What the data source `uid` says about a hub at a moment (Unix seconds): the same in every process."""
    return zlib.crc32(f"{uid} {hub}".encode()) % 100 + int(time) // 60 % 7


def good_answer(uid: str, rest: str, form: dict[str, str]) -> dict[str, Any]:
    """The answer of a Prometheus that has one series per hub, whatever the query."""
    if rest == "api/v1/query_range":
        start, end, step = int(instant(form["start"])), int(instant(form["end"])), int(duration(form["step"]))
        grid = range(start, end + 1, step)
        series = [
            {"metric": {"namespace": hub}, "values": [[time, _text(uid, hub, time)] for time in grid]} for hub in HUBS
        ]
        return success({"resultType": "matrix", "result": series})
    if rest == "api/v1/query":
        time = instant(form.get("time", "0"))
        vector = [{"metric": {"namespace": hub}, "value": [time, _text(uid, hub, time)]} for hub in HUBS]
        return success({"resultType": "vector", "result": vector})
    if rest.endswith("/values"):
        return success(list(HUBS))
    if rest == "api/v1/labels":
        return success(["__name__", "namespace"])
    if rest == "api/v1/metadata":
        return success({"up": [{"type": "gauge", "help": "Whether the target answered.", "unit": ""}]})
    return success([{"__name__": "users", "namespace": hub} for hub in HUBS] if rest == "api/v1/series" else [])


def _text(uid: str, hub: str, time: float) -> str:
    return f"{good_value(uid, hub, time):g}"


def success(data: Any, **more: Any) -> dict[str, Any]:
    """Prometheus' envelope around data; `warnings` and `infos` go beside it."""
    return {"status": "success", "data": data, **more}


def good_body(exchange: Exchange, **more: Any) -> bytes:
    """The closed form as the bytes of an answer to this exchange."""
    return json.dumps(good_answer(exchange.uid, exchange.rest, exchange.asked.form) | more).encode()


async def good(exchange: Exchange) -> None:
    """Answers in the closed form, and refuses what Prometheus refuses, as it does."""
    if refusal := refused(exchange.rest, exchange.asked.form):
        await exchange.answer(*refusal)
    else:
        await exchange.answer(200, good_body(exchange))


async def echo(exchange: Exchange) -> None:
    """Answers with one series whose label `credential` is the SHA-256 of the Authorization header, in hex."""
    digest = hashlib.sha256(exchange.asked.authorization.encode("latin-1")).hexdigest()
    series = [{"metric": {"credential": digest}, "value": [float(exchange.asked.form["time"]), "1"]}]
    await exchange.answer_json(200, success({"resultType": "vector", "result": series}))


async def proxied(exchange: Exchange) -> None:
    """Passes the question on to a Prometheus on this machine, as Grafana's proxy does.

    Without the token (pkg/api/pluginproxy/ds_proxy.go, director), an unreachable one becomes an empty 502, a 401 the
    plain-text 400 of its modifyResponse (pkg/util/proxyutil/reverse_proxy.go).
    """
    upstream = urlsplit(exchange.upstream)
    assert upstream.hostname in ("127.0.0.1", "localhost"), "the double talks to this machine only"
    try:
        reader, writer = await asyncio.open_connection(upstream.hostname, upstream.port)
    except OSError:
        await exchange.answer(502)
        return
    asked = exchange.asked
    target = f"{upstream.path}/{exchange.rest}" + (f"?{query}" if (query := urlsplit(asked.target).query) else "")
    lines = [f"{asked.method} {target} HTTP/1.1", f"Host: {upstream.netloc}", "Connection: close"]
    lines += [f"Content-Type: {asked.headers['content-type']}"] if "content-type" in asked.headers else []
    lines += [f"Content-Length: {len(asked.body)}", "", ""]
    writer.write("\r\n".join(lines).encode() + asked.body)
    try:
        raw = await reader.read()
    finally:
        writer.close()  # also when the double is stopped meanwhile
    await writer.wait_closed()
    if raw.startswith(b"HTTP/1.1 401"):
        await exchange.answer(400, "Authentication to data source failed", "text/plain")
        return
    exchange.close = True  # the answer says Connection: close itself, and comes as the upstream framed it
    await exchange.send(raw)
