"""Behaviours in odd HTTP: other versions, interim answers, lengths that lie or contradict, strange headers."""

from __future__ import annotations

import asyncio
import functools
import gzip
import zlib

from tests.double import good
from tests.double.behaviours import BEHAVIOURS, Behaviour, behaviour
from tests.double.wire import Exchange, head

# Status lines


def _opening(name: str, first: bytes, *, length: bool = True) -> None:
    """Registers a good answer under another status line; without a length it ends with the connection."""

    async def show(exchange: Exchange) -> None:
        exchange.close = True
        body = good.good_body(exchange)
        size = b"Content-Length: %d\r\n" % len(body) if length else b""
        await exchange.send(first + b"\r\nContent-Type: application/json\r\n" + size + b"\r\n" + body)

    BEHAVIOURS[name] = show


_opening("http-1-0", b"HTTP/1.0 200 OK", length=False)
_opening("http-1-0-keep-alive", b"HTTP/1.0 200 OK\r\nConnection: keep-alive")
_opening("http-1-9", b"HTTP/1.9 200 OK")
_opening("no-reason", b"HTTP/1.1 200")
_opening("http-2-line", b"HTTP/2 200")
_opening("icy", b"ICY 200 OK")
_opening("status-of-two-digits", b"HTTP/1.1 20 OK")
_opening("status-of-words", b"HTTP/1.1 OK fine")
_opening("status-without-end", b"HTTP/1.1 2000000000 OK")


@behaviour("http-0-9")
async def http_0_9(exchange: Exchange) -> None:
    """A body and nothing before it."""
    exchange.close = True
    await exchange.send(good.good_body(exchange))


@behaviour("http-2-preface")
async def http_2_preface(exchange: Exchange) -> None:
    """The frame with which an HTTP/2 server begins."""
    exchange.close = True
    await exchange.send(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80\x00\x04\x00\x01\x00\x00")


@behaviour("bare-newlines")
async def bare_newlines(exchange: Exchange) -> None:
    """Lines that end in a newline without a carriage return."""
    exchange.close = True
    await exchange.send(head(200).replace(b"\r\n", b"\n") + good.good_body(exchange))


@behaviour("half-a-status-line")
async def half_a_status_line(exchange: Exchange) -> None:
    """The connection ends in the middle of the status line."""
    exchange.close = True
    await exchange.send(b"HTTP/1.1 2")


@behaviour("half-the-headers")
async def half_the_headers(exchange: Exchange) -> None:
    """The connection ends in the middle of the headers."""
    exchange.close = True
    await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: appl")


# Interim answers


@behaviour("continue-first")
async def continue_first(exchange: Exchange) -> None:
    """100 Continue, which nobody asked for, then a good answer."""
    await exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")
    await good.good(exchange)


@behaviour("early-hints")
async def early_hints(exchange: Exchange) -> None:
    """103 Early Hints, and after a moment the answer itself: it must not become the answer to the next question."""
    await exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
    await asyncio.sleep(0.1)
    await good.good(exchange)


@behaviour("switching-protocols")
async def switching_protocols(exchange: Exchange) -> None:
    """101, although nobody asked for another protocol."""
    exchange.close = True
    await exchange.send(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x01x"
    )


# What follows an answer on a connection that stays open


@behaviour("garbage-after")
async def garbage_after(exchange: Exchange) -> None:
    """Good, then bytes that belong to nothing."""
    await good.good(exchange)
    await exchange.send(b"\x00garbage\r\n\r\n" * 20)


@behaviour("answer-after")
async def answer_after(exchange: Exchange) -> None:
    """Good, then a second answer that nobody asked for: numbers that are none."""
    await good.good(exchange)
    await exchange.answer(200, b'{"status":"success","data":{"resultType":"matrix","result":[]}}')


@behaviour("body-of-204")
async def body_of_204(exchange: Exchange) -> None:
    """No content, says the status, and yet there is some, a moment later: another answer."""
    await exchange.send(b"HTTP/1.1 204 No Content\r\n\r\n")
    await asyncio.sleep(0.05)
    await exchange.answer(200, b'{"status":"success","data":{"resultType":"matrix","result":[]}}')


@behaviour("rst-after")
async def rst_after(exchange: Exchange) -> None:
    """A whole answer, then RST."""
    await good.good(exchange)
    await asyncio.sleep(0.05)
    exchange.reset()


@behaviour("pause-within")
async def pause_within(exchange: Exchange) -> None:
    """Half of a good answer, a pause, the other half."""
    body = good.good_body(exchange)
    half = len(body) // 2
    await exchange.send(head(200, headers={"Content-Length": str(len(body))}) + body[:half])
    await asyncio.sleep(0.15)
    await exchange.send(body[half:])


@behaviour("byte-by-byte")
async def byte_by_byte(exchange: Exchange) -> None:
    """A good answer, a byte at a time, quickly."""
    body = good.good_body(exchange)
    await exchange.send(head(200, headers={"Content-Length": str(len(body))}))
    await exchange.drip(body, 0.0)


# Lengths


def _framed(name: str, headers: bytes, framed: str = "plain", *, close: bool = True) -> None:
    """Registers a good answer with these headers in place of an honest length."""

    async def show(exchange: Exchange) -> None:
        exchange.close = close
        body = good.good_body(exchange)
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        said = headers.replace(b"LEN", b"%d" % len(body)).replace(b"CUT", b"%d" % (len(body) - 40))
        await exchange.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + said + b"\r\n"
            + (chunks if framed == "chunks" else body)
        )  # fmt: skip

    BEHAVIOURS[name] = show


_framed("length-twice", b"Content-Length: LEN\r\nContent-Length: LEN\r\n")
_framed("length-twice-differing", b"Content-Length: LEN\r\nContent-Length: CUT\r\n")
_framed("length-differing-first-short", b"Content-Length: CUT\r\nContent-Length: LEN\r\n")
_framed("length-in-a-list", b"Content-Length: LEN, LEN\r\n")
_framed("length-too-short", b"Content-Length: CUT\r\n")
_framed("length-beyond-all", b"Content-Length: 999999999999999999999999\r\n")
_framed("length-of-words", b"Content-Length: some\r\n")
_framed("length-and-chunks", b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "chunks")
_framed("chunked-in-capitals", b"TRANSFER-ENCODING: Chunked\r\n", "chunks")
_framed("chunked-and-is-not", b"Transfer-Encoding: chunked\r\n")
_framed("transfer-encoding-unknown", b"Transfer-Encoding: cloudy\r\nContent-Length: LEN\r\n")


def _chunks(name: str, *pieces: bytes) -> None:
    """Registers a chunked answer; BODY and SIZE stand for a good body and its length in hex."""

    async def show(exchange: Exchange) -> None:
        exchange.close = True
        body = good.good_body(exchange)
        await exchange.send(head(200, headers={"Transfer-Encoding": "chunked"}))
        for piece in pieces:
            await exchange.send(piece.replace(b"SIZE", b"%X" % len(body)).replace(b"BODY", body))

    BEHAVIOURS[name] = show


_chunks("chunk-extensions", b'SIZE;name=value;sig="0123"\r\nBODY\r\n', b"0;last\r\n\r\n")
_chunks("chunk-trailers", b"SIZE\r\nBODY\r\n0\r\nX-Checksum: 123\r\nX-Late: yes\r\n\r\n")
_chunks("chunk-zeros", b"00000000SIZE\r\nBODY\r\n0000\r\n\r\n")
_chunks("chunk-negative", b"-5\r\nBODY\r\n0\r\n\r\n")
_chunks("chunk-beyond-all", b"FFFFFFFFFFFFFFFFFF\r\nBODY\r\n")
_chunks("chunk-line-without-end", b"1" * 200_000)
_chunks("chunk-too-long", b"5\r\nBODY\r\n0\r\n\r\n")

# Headers


def _headed(name: str, line: bytes) -> None:
    """Registers a good answer with one more line among its headers."""

    async def show(exchange: Exchange) -> None:
        body = good.good_body(exchange)
        size = b"Content-Length: %d\r\n" % len(body)
        await exchange.send(b"HTTP/1.1 200 OK\r\n" + size + line + b"\r\nContent-Type: application/json\r\n\r\n" + body)

    BEHAVIOURS[name] = show


_headed("header-folded", b"X-Folded: one\r\n two\r\n\tthree")
_headed("header-nul", b"X-Nul: a\x00b")
_headed("header-latin", b"X-Latin: gr\xfc\xdfe")
_headed("header-without-colon", b"this line has no colon")
_headed("header-without-name", b": nameless")
_headed("keep-alive-zero", b"Keep-Alive: timeout=0, max=0")
_headed("says-close-and-stays", b"Connection: close")
_headed("stale-by-its-age", b"Age: 86400\r\nCache-Control: public, max-age=99999")

# Encodings that nobody asked for


def _encoded(name: str, encoding: str, change: object) -> None:
    async def show(exchange: Exchange) -> None:
        assert callable(change)
        await exchange.answer(200, change(good.good_body(exchange)), Content_Encoding=encoding)

    BEHAVIOURS[name] = show


def _raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


_encoded("deflate", "deflate", zlib.compress)
_encoded("deflate-raw", "deflate", _raw_deflate)
_encoded("gzip-twice", "gzip, gzip", lambda body: gzip.compress(gzip.compress(body)))
_encoded("gzip-with-garbage", "gzip", lambda body: gzip.compress(body) + b"garbage after the end")
_encoded("gzip-cut", "gzip", lambda body: gzip.compress(body)[:-12])
_encoded("gzip-many-times", ", ".join(["gzip"] * 50), gzip.compress)
_encoded("encoding-unknown", "cloudy", lambda body: bytes(byte ^ 0x55 for byte in body))
_encoded("encoding-br", "br", lambda body: b"\x0b\x02\x80" + body[:20])
_encoded("encoding-zstd", "zstd", lambda body: b"\x28\xb5\x2f\xfd" + body[:20])

# Much of something


@behaviour("honest-giant")
async def honest_giant(exchange: Exchange) -> None:
    """300 MB with their length."""
    exchange.close = True
    await exchange.send(head(200, headers={"Content-Length": str(300_000_000)}))
    for _ in range(300):
        await exchange.send(b" " * 1_000_000)


@functools.cache
def _one_bomb() -> bytes:
    """400 MB of blanks as one stream without its end, which nobody gets to: the same block over and over."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first, again = (packer.compress(b" " * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * 399


@functools.cache
def _nested_bomb() -> bytes:
    return gzip.compress(_one_bomb())


@behaviour("gzip-bomb-of-one-piece")
async def gzip_bomb_of_one_piece(exchange: Exchange) -> None:
    """400 MB in less than one, in one stream."""
    await exchange.answer(200, _one_bomb(), Content_Encoding="gzip")


@behaviour("gzip-bomb-within-a-bomb")
async def gzip_bomb_within_a_bomb(exchange: Exchange) -> None:
    """The same packed twice: a few kilobytes."""
    await exchange.answer(200, _nested_bomb(), Content_Encoding="gzip, gzip")


def _flood(name: str, status: int, kind: str) -> Behaviour:
    async def show(exchange: Exchange) -> None:
        exchange.close = True
        await exchange.send(head(status, kind, {"Connection": "close"}))
        while True:
            await exchange.send(b"x" * 65_536)

    BEHAVIOURS[name] = show
    return show


_flood("endless-error", 500, "text/plain")
_flood("endless-page", 200, "text/html")
