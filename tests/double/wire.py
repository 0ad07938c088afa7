"""HTTP/1.1 by hand: reads one request, and lets a behaviour write whatever bytes it likes, well-formed or not."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_REASONS = {200: "OK", 204: "No Content", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden"}


@dataclass(frozen=True)
class Asked:
    """One request as it came over the wire. `path` is as sent, percent signs and dots included."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def form(self) -> dict[str, str]:
        """Query string and posted form together, the last value of each name."""
        pairs = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        pairs |= parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[-1] for name, values in pairs.items()}

    @property
    def authorization(self) -> str:
        return self.headers.get("authorization", "")


@dataclass
class Exchange:
    """A request and the open connection to answer it on.

    `uid` names the data source and `rest` what is asked of it, such as `api/v1/query`; both are empty outside of the
    proxy. `sink` is the address of the server that nobody may talk to. A behaviour that leaves the connection unusable
    sets `close`. `clock` is by how many seconds the server's clock is ahead; None where it sends no dates.
    """

    asked: Asked
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    sink: str
    uid: str = ""
    rest: str = ""
    upstream: Any = None
    close: bool = False
    clock: float | None = None
    written: int = field(default=0)

    async def send(self, data: bytes) -> None:
        """Writes bytes and waits until the peer has room for more. Raises ConnectionError when it has gone."""
        self.writer.write(data)
        self.written += len(data)
        await self.writer.drain()

    async def drip(self, data: bytes, seconds: float = 0.02) -> None:
        """Writes one byte at a time."""
        for place in range(len(data)):
            await self.send(data[place : place + 1])
            await asyncio.sleep(seconds)

    async def answer(
        self, status: int, body: bytes | str = b"", kind: str = "application/json", **headers: str
    ) -> None:
        """A whole and honest answer; underscores in the names of further headers stand for hyphens."""
        data = body.encode() if isinstance(body, str) else body
        if self.clock is not None:
            headers["Date"] = formatdate(time.time() + self.clock, usegmt=True)
        await self.send(head(status, kind, {"Content-Length": str(len(data)), **headers}) + data)

    async def answer_json(self, status: int, value: Any, **headers: str) -> None:
        """A whole and honest answer in JSON."""
        await self.answer(status, json.dumps(value), **headers)

    async def until_client_leaves(self) -> None:
        """Says nothing until the other side has closed its end."""
        self.close = True
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(4_096):
                pass

    def reset(self) -> None:
        """Ends the connection with RST instead of FIN."""
        self.close = True
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


def head(status: int, kind: str = "application/json", headers: Mapping[str, str] | None = None) -> bytes:
    """Status line and headers, up to and including the empty line."""
    fields = {"Content-Type": kind, **(headers or {})}
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


TLS_HELLO = b"\x16"


class NotHttp(Exception):
    """Somebody speaks TLS to a port for plain HTTP."""


async def read_request(reader: asyncio.StreamReader) -> Asked | None:
    """The next request of a connection; None when there is none. Raises NotHttp."""
    try:
        opening = await reader.readexactly(1)
        if opening == TLS_HELLO:
            raise NotHttp
        start = (opening + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = start.rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        return None
    return Asked(method, target, headers, body)


def decoded_segments(path: str) -> list[str]:
    """The parts of a path between slashes, percent signs decoded."""
    return [unquote(part) for part in path.split("/")]
