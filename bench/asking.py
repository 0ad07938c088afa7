"""P4 and P5: from a question to a real Prometheus to the frame; and P3, the memory that takes."""

from __future__ import annotations

import http.client
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode, urlsplit

import numpy as np
import pandas as pd
from prometheus_pandas.query import Prometheus

from bench.data import SIZES, Size, pieces, prometheus
from bench.registry import Measured, faster, figure, share
from bench.timing import alternating
from lib.core.merging import merge
from lib.core.query import RangeQuery
from lib.core.result import Outcome, Result
from lib.core.secret import Secret
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.sources import Source, connect

MIB = 1 << 20
HUGE = Size(2_000, 8_760, whole=False)


def source(url: str) -> Source:
    """A Prometheus as the app connects to it, with room for large replies and slow ones."""
    server = PrometheusSettings("bench", url, "", Secret(""))
    return connect(Settings(prometheuses=(server,), timeout=600, max_bytes=1 << 30)).sources[0]


def asked(of: Source, query: RangeQuery) -> Result:
    """The question put, and its answer as a frame."""
    return merge(query, [Outcome(of.name, of.id, of.ask(query))])


def thrown_away(line: http.client.HTTPConnection, query: RangeQuery) -> int:
    """The same question, and the bytes of its answer read and forgotten, as fast as Python's own client can."""
    grid = query.time_range
    form = urlencode({"query": query.expr, "start": grid.start, "end": grid.end, "step": grid.step})
    line.request("POST", "/api/v1/query_range", form, {"Content-Type": "application/x-www-form-urlencoded"})
    reply, size = line.getresponse(), 0
    while piece := reply.read(64 * 1024):
        size += len(piece)
    return size


@figure("P4", "Question to a real Prometheus to the frame", against="reading the same bytes and throwing them away")
def p4() -> Iterator[Measured]:
    """What the frame costs beyond the bytes, on the wall: the server's work is in both."""
    with prometheus() as url:
        ours, line = source(url), http.client.HTTPConnection(urlsplit(url).netloc)
        for size, goal in zip(SIZES, (1.1, 1.1, 1.5), strict=True):
            spent = alternating(
                {
                    "ours": lambda size=size: asked(ours, size.query),
                    "peer": lambda size=size: thrown_away(line, size.query),
                },
                rounds=9,
            )
            yield share(size.name, spent["ours"].wall, spent["peer"].wall, goal)


@figure("P5", "Question to a real Prometheus to the frame", against="prometheus-pandas as it is")
def p5() -> Iterator[Measured]:
    """As `Prometheus(url).query_range(...)`, which asks for gzip, parses JSON and makes a Series of each series."""
    with prometheus() as url:
        ours, peer = source(url), Prometheus(url)
        for size, goal in zip(SIZES, (5, 8, 15), strict=True):
            grid = size.query.time_range
            times = [pd.Timestamp(at, unit="s") for at in (grid.start, grid.end)]
            spent = alternating(
                {
                    "ours": lambda size=size: asked(ours, size.query),
                    "peer": lambda size=size, times=times: peer.query_range(
                        size.query.expr, *times, pd.Timedelta(seconds=size.query.time_range.step)
                    ),
                }
            )
            yield faster(size.name, spent["ours"].wall, spent["peer"].wall, goal)


class _Made(BaseHTTPRequestHandler):
    """Answers with the huge reply, made on the way: 2,000 series by the hour for a year, each value of 17 digits."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        for piece in pieces(HUGE):
            self.wfile.write(piece)
        self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""


@figure("P3", "Peak memory of a streamed answer of 2,000x8,760", against="the final frame")
def p3() -> Iterator[Measured]:
    """In a process of its own, over HTTP; its peak above what it used before the question."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Made)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    command = [sys.executable, "-m", "bench.asking", f"http://127.0.0.1:{server.server_port}"]
    try:
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    finally:
        server.shutdown()
    peak, frame = (int(number) for number in said)
    goal = 1.3 + 24 * MIB / frame
    yield Measured(HUGE.name, peak / frame, round(goal, 2), "less", f"{peak / MIB:.0f} MiB", f"{frame / MIB:.0f} MiB")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    asking = source(sys.argv[1])
    before = _peak()
    answer = asking.api.ask(HUGE.query)  # as one request: the server here makes the whole reply, whatever is asked
    result = merge(HUGE.query, [Outcome(asking.name, asking.id, answer)])
    assert not np.isnan(result.values.to_numpy()).any()
    print(_peak() - before, result.values.to_numpy().nbytes)
