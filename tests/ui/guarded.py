"""An ASGI app behind the guard, asked without a socket: for tests of what the guard does before the app is reached."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.types import Message, Receive, Scope, Send

from lib.core.guard_settings import GuardSettings
from lib.ui.guard import Guard
from lib.ui.guard.floods import Sleep

HOST = "127.0.0.1:8501"


@dataclass
class Behind:
    """Answers everything with `ok`, reads a web socket to its end, and remembers what it got."""

    asked: list[str] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or one web socket."""
        self.asked.append(scope["path"])
        if scope["type"] == "http":
            headers = [(b"content-type", b"text/plain"), (b"X-Frame-Options", b"ALLOWALL")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"ok"})
            return
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            self.frames.append(message["bytes"])


@dataclass(frozen=True)
class Reply:
    """What came back: the status (101 where a web socket was accepted), headers by small name, the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    closed: int | None = None


def request(
    path: str = "/",
    *,
    kind: str = "http",
    method: str = "GET",
    client: str = "192.0.2.1",
    scheme: str = "",
    **lines: str,
) -> Scope:
    """A request as uvicorn would hand it on. `lines` are headers, `_` for `-`; "" leaves one out."""
    usual = {"host": HOST, **({"origin": f"http://{HOST}"} if kind == "websocket" else {})}
    headers = {**usual, **{name.replace("_", "-"): value for name, value in lines.items()}}
    scope: Scope = {
        "type": kind,
        "path": path,
        "scheme": scheme or {"http": "http", "websocket": "ws"}[kind],
        "client": (client, 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items() if value],
        "extensions": {"websocket.http.response": {}},
    }
    return scope | ({"method": method} if kind == "http" else {})


def guard(behind: Behind, base: str = "", sleep: Sleep = asyncio.sleep, **settings: object) -> Guard:
    """The guard before an app, with these settings and a clock that stands still."""
    return Guard(behind, lambda: GuardSettings(**settings), base, lambda: 0.0, sleep)  # type: ignore[arg-type]


def ask(app: Guard, scope: Scope, incoming: Sequence[Message] = ()) -> Reply:
    """What is answered, whatever was sent in; nothing more comes after it."""
    return asyncio.run(asking(app, scope, incoming))


async def asking(app: Guard, scope: Scope, incoming: Sequence[Message] = ()) -> Reply:
    """The same, inside a loop."""
    waiting, sent = [*incoming, {"type": "websocket.disconnect", "code": 1000}], list[Message]()

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    headers = {name.decode().lower(): value.decode() for name, value in start.get("headers", [])}
    body = b"".join(each.get("body", b"") for each in sent[1:])
    closed = next((each["code"] for each in sent if each["type"] == "websocket.close"), None)
    return Reply(101 if start["type"] == "websocket.accept" else start["status"], headers, body, closed)
