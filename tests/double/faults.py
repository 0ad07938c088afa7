"""Behaviours that bend the wire: silence, slowness, broken endings, what is not HTTP, and too much of everything."""

from __future__ import annotations

import asyncio
import functools
import gzip

from tests.double import good
from tests.double.behaviours import behaviour
from tests.double.wire import Exchange, head

MEBIBYTE = 1024 * 1024

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
    return 64 * gzip.compress(b" " * MEBIBYTE, 6)  # as many members; one would take longer to make than a test waits


@behaviour("gzip-bomb")
async def gzip_bomb(exchange: Exchange) -> None:
    """64 MiB in 64 KiB, although nobody asked for gzip."""
    await exchange.answer(200, _bomb(), Content_Encoding="gzip")


@behaviour("bad-gzip")
async def bad_gzip(exchange: Exchange) -> None:
    """Says gzip and is not."""
    await exchange.answer(200, good.good_body(exchange), Content_Encoding="gzip")
