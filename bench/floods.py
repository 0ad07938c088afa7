"""P17: whether the server still says that it is up while one visitor floods it, with the guard and without it."""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from bench.registry import Measured, figure, seconds
from tests.e2e.app import App, serve_app

_LIMIT = 0.5  # seconds: the promise
_FRAMES, _SOCKETS = 400, 150
_WATCHED = 15.0  # seconds from the start of a flood
_LONGEST = 30.0


def _socket(app: App) -> ClientConnection:
    address = f"ws://{urlsplit(app.url).netloc}/_stcore/stream"
    return connect(
        address,
        subprotocols=["streamlit"],  # type: ignore[list-item]
        origin=app.url,  # type: ignore[arg-type]
        max_size=None,
        ping_interval=None,
        close_timeout=0.1,
    )


def _frame() -> bytes:
    request = BackMsg()
    request.rerun_script.query_string = ""
    return request.SerializeToString()


def frames(app: App, stack: contextlib.ExitStack) -> None:
    """400 reruns from one web socket in half a second."""
    with contextlib.suppress(WebSocketException, OSError):
        socket = stack.enter_context(_socket(app))
        for _ in range(_FRAMES):
            socket.send(_frame())
            time.sleep(0.5 / _FRAMES)


def sockets(app: App, stack: contextlib.ExitStack) -> None:
    """150 web sockets, each of which opens the first page."""
    for _ in range(_SOCKETS):
        with contextlib.suppress(WebSocketException, OSError):
            stack.enter_context(_socket(app)).send(_frame())


def _put(app: App, size: int) -> None:
    with contextlib.suppress(requests.RequestException):
        requests.put(f"{app.url}/_stcore/upload_file/a/b", files={"file": b"x" * size}, timeout=_LONGEST)


def bodies(app: App, stack: contextlib.ExitStack) -> None:
    """Three uploads of 60 MB at once."""
    pool = stack.enter_context(ThreadPoolExecutor(3))
    list(pool.map(lambda _: _put(app, 60_000_000), range(3)))


def uploads(app: App, stack: contextlib.ExitStack) -> None:
    """60 uploads of 1 MB, six at a time."""
    pool = stack.enter_context(ThreadPoolExecutor(6))
    list(pool.map(lambda _: _put(app, 1_000_000), range(60)))


FLOODS: dict[str, Callable[[App, contextlib.ExitStack], None]] = {
    "400 reruns from one socket": frames,
    "150 sockets": sockets,
    "3 uploads of 60 MB": bodies,
    "60 uploads of 1 MB": uploads,
}


@figure("P17", "Health while one visitor floods (99th percentile)", against="plain streamlit run of the same app")
def p17() -> Iterator[Measured]:
    """What share of the promised half second; a fresh server for each flood and side."""
    for name, flood in FLOODS.items():
        with serve_app({}) as app:
            ours = health(app, flood)
        with serve_app({}, script="streamlit_app.py") as app:
            peer = health(app, flood)
        words = tuple(f"{seconds(at(each, 0.99))} of {len(each)}, most {seconds(max(each))}" for each in (ours, peer))
        yield Measured(name, at(ours, 0.99) / _LIMIT, 1.0, "less", *words)


def _hold(app: App, name: str) -> None:
    """Floods, and leaves nothing before it is ended."""
    flood = next(each for each in FLOODS.values() if each.__name__ == name)
    with contextlib.ExitStack() as stack:
        flood(app, stack)
        time.sleep(_WATCHED)


def at(values: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def health(app: App, flood: Callable[[App, contextlib.ExitStack], None]) -> list[float]:
    """The seconds that each question for health took, asked 20 times a second from before the flood until after it."""
    spent: list[float] = []
    with contextlib.ExitStack() as stack:
        # In a process of its own: what asks for health shall not wait for what floods.
        started = multiprocessing.get_context("spawn").Process(target=_hold, args=(app, flood.__name__))
        started.start()
        stack.callback(started.kill)
        end = time.monotonic() + _WATCHED
        while time.monotonic() < end:
            before = time.perf_counter()
            with contextlib.suppress(requests.RequestException):  # no answer counts as one after the longest wait
                requests.get(f"{app.url}/_stcore/health", timeout=_LONGEST)
            spent.append(time.perf_counter() - before)
            time.sleep(0.05)
    return spent
