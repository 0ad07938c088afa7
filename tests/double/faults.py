"""Every behaviour by its name, which is the uid of the data source that shows it. Here: those that bend the wire.

To add one, write `async def` under `@behaviour("name")`, or a `Canned` in `replies.py` when it is a whole answer, and
say in `tests/sources/test_faults.py` what must become of it.
"""

from __future__ import annotations

import asyncio
import functools
import gzip
from collections.abc import Awaitable, Callable

from tests.double import good
from tests.double.replies import CANNED, HTML, PAGE, Canned
from tests.double.wire import Exchange, head

Behaviour = Callable[[Exchange], Awaitable[None]]
BEHAVIOURS: dict[str, Behaviour] = {"good": good.good, "echo": good.echo}

MEBIBYTE = 1024 * 1024


def behaviour(name: str) -> Callable[[Behaviour], Behaviour]:
    """Registers a behaviour under the uid that chooses it."""

    def register(function: Behaviour) -> Behaviour:
        BEHAVIOURS[name] = function
        return function

    return register


async def _canned(exchange: Exchange, canned: Canned) -> None:
    await exchange.answer(canned.status, canned.body, canned.kind, **canned.headers)


BEHAVIOURS |= {name: functools.partial(_canned, canned=canned) for name, canned in CANNED.items()}


# Silence, slowness, and endings


@behaviour("hang")
async def hang(exchange: Exchange) -> None:
    """Takes the question and says nothing."""
    await exchange.until_client_leaves()


@behaviour("slow")
async def slow(exchange: Exchange) -> None:
    """Answers well, a little later."""
    await asyncio.sleep(0.05)
    await good.good(exchange)


@behaviour("drip-headers")
async def drip_headers(exchange: Exchange) -> None:
    """Status line and headers one byte at a time, without an end."""
    exchange.close = True
    await exchange.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await exchange.drip(b"X-Drip: " + b"x" * 500 + b"\r\n")


@behaviour("drip-body")
async def drip_body(exchange: Exchange) -> None:
    """Good headers, then a body one byte at a time."""
    exchange.close = True
    await exchange.send(head(200, headers={"Content-Length": "100000"}))
    await exchange.drip(b" " * 100_000)


@behaviour("drip-body-without-length")
async def drip_body_without_length(exchange: Exchange) -> None:
    """The same, where shutting the socket looks like the regular end of the body."""
    exchange.close = True
    await exchange.send(head(200, headers={"Connection": "close"}) + good.good_body(exchange))
    await exchange.drip(b" " * 100_000)


@behaviour("drip-chunks")
async def drip_chunks(exchange: Exchange) -> None:
    """Chunks of one byte."""
    exchange.close = True
    await exchange.send(head(200, headers={"Transfer-Encoding": "chunked"}))
    while True:
        await exchange.send(b"1\r\n \r\n")
        await asyncio.sleep(0.02)


@behaviour("rst")
async def rst(exchange: Exchange) -> None:
    """Takes the question, then RST."""
    exchange.reset()


@behaviour("rst-mid-body")
async def rst_mid_body(exchange: Exchange) -> None:
    """RST in the middle of the body."""
    await exchange.send(head(200, headers={"Content-Length": "1000"}) + b'{"status":')
    exchange.reset()


@behaviour("close")
async def close(exchange: Exchange) -> None:
    """Takes the question and closes."""
    exchange.close = True


@behaviour("stale")
async def stale(exchange: Exchange) -> None:
    """Answers well and closes a moment later, although it promised to keep the connection."""
    await good.good(exchange)
    exchange.close = True


@behaviour("cut-body")
async def cut_body(exchange: Exchange) -> None:
    """The body ends before its Content-Length."""
    exchange.close = True
    body = good.good_body(exchange)
    await exchange.send(head(200, headers={"Content-Length": str(len(body) + 100)}) + body)


@behaviour("cut-chunk")
async def cut_chunk(exchange: Exchange) -> None:
    """The body ends in the middle of a chunk."""
    exchange.close = True
    await exchange.send(head(200, headers={"Transfer-Encoding": "chunked"}) + b"100\r\n{")


@behaviour("no-last-chunk")
async def no_last_chunk(exchange: Exchange) -> None:
    """Every chunk is whole and the answer looks complete, but the chunk of length 0 never comes."""
    exchange.close = True
    body = good.good_body(exchange)
    await exchange.send(head(200, headers={"Transfer-Encoding": "chunked"}) + b"%x\r\n%s\r\n" % (len(body), body))


@behaviour("bad-chunk")
async def bad_chunk(exchange: Exchange) -> None:
    """A chunk's length is not a number."""
    exchange.close = True
    await exchange.send(head(200, headers={"Transfer-Encoding": "chunked"}) + b"zz\r\n{}\r\n0\r\n\r\n")


# What is not HTTP, or strange HTTP


@behaviour("not-http")
async def not_http(exchange: Exchange) -> None:
    """Another protocol's greeting."""
    exchange.close = True
    await exchange.send(b"SSH-2.0-OpenSSH_9.2\r\n")


@behaviour("tls-alert")
async def tls_alert(exchange: Exchange) -> None:
    """What a TLS port says to plain HTTP."""
    exchange.close = True
    await exchange.send(b"\x15\x03\x01\x00\x02\x02\x46")


@behaviour("long-header")
async def long_header(exchange: Exchange) -> None:
    """A header line of a mebibyte."""
    exchange.close = True
    await exchange.send(head(200, headers={"X-Long": "x" * MEBIBYTE}))


@behaviour("many-headers")
async def many_headers(exchange: Exchange) -> None:
    """A thousand headers."""
    exchange.close = True
    await exchange.send(head(200, headers={f"X-{number}": "x" for number in range(1_000)}) + b"{}")


@behaviour("endless-headers")
async def endless_headers(exchange: Exchange) -> None:
    """100 Continue for ever: no header count limits these."""
    exchange.close = True
    while True:
        await exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await asyncio.sleep(0)


@behaviour("bad-length")
async def bad_length(exchange: Exchange) -> None:
    """A Content-Length that is no number; the body is good and the connection closes after it."""
    exchange.close = True
    await exchange.send(head(200, headers={"Content-Length": "-5"}) + good.good_body(exchange))


# Too much


@behaviour("endless")
async def endless(exchange: Exchange) -> None:
    """A body without a length and without an end."""
    exchange.close = True
    await exchange.send(head(200, headers={"Connection": "close"}))
    while True:
        await exchange.send(b" " * 65_536)


@behaviour("endless-chunks")
async def endless_chunks(exchange: Exchange) -> None:
    """The same in chunks."""
    exchange.close = True
    await exchange.send(head(200, headers={"Transfer-Encoding": "chunked"}))
    while True:
        await exchange.send(b"10000\r\n" + b" " * 65_536 + b"\r\n")


@behaviour("big-body")
async def big_body(exchange: Exchange) -> None:
    """An honest 64 MiB."""
    await exchange.send(head(200, headers={"Content-Length": str(64 * MEBIBYTE)}))
    for _ in range(64):
        await exchange.send(b" " * MEBIBYTE)


@functools.cache
def _bomb() -> bytes:
    return gzip.compress(b" " * (64 * MEBIBYTE), 6)


@behaviour("gzip-bomb")
async def gzip_bomb(exchange: Exchange) -> None:
    """64 MiB in 64 KiB, although nobody asked for gzip."""
    await exchange.answer(200, _bomb(), Content_Encoding="gzip")


@behaviour("bad-gzip")
async def bad_gzip(exchange: Exchange) -> None:
    """Says gzip and is not."""
    await exchange.answer(200, good.good_body(exchange), Content_Encoding="gzip")


# Redirects: none may be followed


@behaviour("redirect")
async def redirect(exchange: Exchange) -> None:
    """To the login page of the same host, where anything may answer."""
    await exchange.answer(302, HTML, PAGE, Location="/login")


@behaviour("redirect-host")
async def redirect_host(exchange: Exchange) -> None:
    """To another host and port."""
    await exchange.answer(307, "", PAGE, Location=f"{exchange.sink}/steal")


@behaviour("redirect-loop")
async def redirect_loop(exchange: Exchange) -> None:
    """To itself."""
    await exchange.answer(302, "", PAGE, Location=exchange.asked.target)


@behaviour("redirect-endless")
async def redirect_endless(exchange: Exchange) -> None:
    """A redirect with an endless body, for those who read it although they do not follow."""
    exchange.close = True
    await exchange.send(head(302, headers={"Location": "/login", "Connection": "close"}))
    while True:
        await exchange.send(b" " * 65_536)


# Right answers in unusual clothes


@behaviour("html-type")
async def html_type(exchange: Exchange) -> None:
    """JSON that says it is a web page."""
    await exchange.answer(200, good.good_body(exchange), PAGE)


@behaviour("bom")
async def bom(exchange: Exchange) -> None:
    """JSON after a byte order mark."""
    await exchange.answer(200, b"\xef\xbb\xbf" + good.good_body(exchange))


@behaviour("extra-keys")
async def extra_keys(exchange: Exchange) -> None:
    """Keys that the API does not have, as Thanos and VictoriaMetrics send them."""
    await exchange.answer(200, good.good_body(exchange, stats={"seriesFetched": "2"}, isPartial=False))


@behaviour("gzip")
async def gzipped(exchange: Exchange) -> None:
    """Compressed, although nobody asked for it: an ingress may."""
    await exchange.answer(200, gzip.compress(good.good_body(exchange)), Content_Encoding="gzip")


@behaviour("chunked")
async def chunked(exchange: Exchange) -> None:
    """In chunks of seven bytes."""
    body = good.good_body(exchange)
    parts = [body[place : place + 7] for place in range(0, len(body), 7)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    await exchange.send(head(200, headers={"Transfer-Encoding": "chunked"}) + framed + b"0\r\n\r\n")


@behaviour("close-delimited")
async def close_delimited(exchange: Exchange) -> None:
    """Without a length; the end of the connection is the end of the body."""
    exchange.close = True
    await exchange.send(head(200, headers={"Connection": "close"}) + good.good_body(exchange))


@behaviour("warnings")
async def warnings(exchange: Exchange) -> None:
    """A partial answer that says so."""
    await exchange.answer(200, good.good_body(exchange, warnings=["store eu-1 did not answer"]))


@behaviour("infos")
async def infos(exchange: Exchange) -> None:
    """An answer with a hint on the query."""
    await exchange.answer(200, good.good_body(exchange, infos=["metric might not be a counter: up"]))


@behaviour("cookie")
async def cookie(exchange: Exchange) -> None:
    """Sets a cookie that must not come back."""
    await exchange.answer(200, good.good_body(exchange), Set_Cookie="grafana_session=1; Path=/")


# Refusals that need to see the question


@behaviour("get-only")
async def get_only(exchange: Exchange) -> None:
    """A Grafana that does not let POST through to its data sources."""
    if exchange.asked.method == "POST":
        await exchange.answer_json(
            403, {"message": "non allow-listed POSTs not allowed on proxied Prometheus datasource"}
        )
    else:
        await good.good(exchange)


@behaviour("get-only-405")
async def get_only_405(exchange: Exchange) -> None:
    """A proxy that knows GET only."""
    if exchange.asked.method == "POST":
        await exchange.answer(405)
    else:
        await good.good(exchange)


@behaviour("reflect")
async def reflect(exchange: Exchange) -> None:
    """Repeats the Authorization header in its refusal."""
    await exchange.answer_json(400, {"message": f"cannot use {exchange.asked.authorization} here"})


@behaviour("reflect-in-data")
async def reflect_in_data(exchange: Exchange) -> None:
    """Repeats the Authorization header as a label."""
    time = float(exchange.asked.form.get("time", "0"))
    series = [{"metric": {"header": exchange.asked.authorization}, "value": [time, "1"]}]
    await exchange.answer_json(200, good.success({"resultType": "vector", "result": series}))
