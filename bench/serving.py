"""P10, P11 and P14: the whole app with the sample, as `make run` starts it and as Streamlit's defaults would."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from bench.process import process_of, taken
from bench.registry import Measured, figure, seconds, share
from tests.e2e.app import App, serve_app

_STARTS = {"ours": "server.py", "peer": "streamlit_app.py"}
_RERUNS, _ROUNDS = 30, 5
_VISITORS = 20


@figure("P10", "A rerun that changes nothing, whole app", against="the same app without the freeze of imports (CPU)")
def p10() -> Iterator[Measured]:
    """What share of the server's CPU; 30 reruns a round, the two servers in turn."""
    with contextlib.ExitStack() as stack:
        sides = {name: stack.enter_context(_visited(script)) for name, script in _STARTS.items()}
        spent: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(_ROUNDS):
            for name, (app, visit) in sides.items():
                before = taken(process_of(app.url)).cpu
                for _ in range(_RERUNS):
                    run_page(visit)
                    time.sleep(0.05)  # the garbage is collected after the page is sent
                spent[name].append((taken(process_of(app.url)).cpu - before) / _RERUNS)
    yield share("first page, sample", *(statistics.median(spent[name]) for name in ("ours", "peer")), 0.2)


@figure("P11", "First visitor after start: request to first chart", against="plain streamlit run of the same app")
def p11() -> Iterator[Measured]:
    """What share of the time; each start is a fresh server."""
    spent: dict[str, list[float]] = {name: [] for name in _STARTS}
    for _ in range(3):
        for name, script in _STARTS.items():
            with serve_app({}, script=script) as app, connected(app) as visit:
                spent[name].append(run_page(visit, until_chart=True))
    yield share("first page, sample", *(statistics.median(spent[name]) for name in ("ours", "peer")), 0.5)


@figure("P14", "20 visitors with the first page open", against="the server before anybody came (memory)")
def p14() -> Iterator[Measured]:
    """How much more memory; and the processor that each first look takes."""
    with contextlib.ExitStack() as stack:
        app = stack.enter_context(serve_app({}))
        run_page(stack.enter_context(connected(app)))  # what the first one costs is not for each
        before = taken(process_of(app.url))
        for _ in range(_VISITORS):
            run_page(stack.enter_context(connected(app)))
        after = taken(process_of(app.url))
    memory, more, spent = before.memory, after.memory - before.memory, (after.cpu - before.cpu) / _VISITORS
    words = f"{more / _VISITORS / 2**20:.1f} MiB and {seconds(spent)} of CPU each"
    yield Measured("first page, sample", (memory + more) / memory, 1.5, "less", words, f"{memory / 2**20:.0f} MiB")


@contextlib.contextmanager
def _visited(script: str) -> Iterator[tuple[App, ClientConnection]]:
    """An app whose first page one visitor has open, and has seen twice."""
    with serve_app({}, script=script) as app, connected(app) as visit:
        run_page(visit)
        run_page(visit)
        yield app, visit


@contextlib.contextmanager
def connected(app: App) -> Iterator[ClientConnection]:
    """A visitor of the app, with a web socket in place of a browser."""
    address = f"ws://{urlsplit(app.url).netloc}/_stcore/stream"
    with connect(address, subprotocols=["streamlit"], max_size=None, origin=app.url) as visit:  # type: ignore[arg-type,list-item]
        yield visit


def run_page(visit: ClientConnection, *, until_chart: bool = False) -> float:
    """Runs the page; the seconds until it is sent, or until its first chart is. Sends nothing else than a browser."""
    started = time.perf_counter()
    request = BackMsg()
    request.rerun_script.query_string = ""
    visit.send(request.SerializeToString())
    while True:
        message = ForwardMsg()
        received = visit.recv()
        message.ParseFromString(received if isinstance(received, bytes) else received.encode())
        chart = message.delta.new_element.WhichOneof("type") == "plotly_chart"
        if (until_chart and chart) or message.WhichOneof("type") == "script_finished":
            return time.perf_counter() - started
