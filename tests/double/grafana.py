"""The double itself: a Grafana on 127.0.0.1 whose data sources misbehave as their uids say.

Routes and rights are Grafana's: `GET /api/datasources` lists, `/api/datasources/proxy/uid/<uid>/...` asks, POST is
let through by list, `/api/search` and `/api/dashboards/uid/<uid>` show dashboards, a wrong token gets 401, a known one
is told its permissions. It runs in a
thread of its own, so a test may use it for one `with` and a session fixture for an hour, from this process or from
another one.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.double import dashboards as boards
from tests.double import faults, good, identity, manners, odd_answers, odd_http  # noqa: F401  registers behaviours
from tests.double.behaviours import BEHAVIOURS
from tests.double.identity import Account
from tests.double.record import Double, Logged
from tests.double.scripts import script
from tests.double.wire import Asked, Exchange, NotHttp, decoded_segments, head, read_request

TOKEN = "glsa_double0canary0double0canary0_d0ub1e00"
_POSTS = {"api/v1/query", "api/v1/query_range", "api/v1/series", "api/v1/labels", "api/v1/query_exemplars"}


@contextlib.contextmanager
def grafana_double(
    sources: Mapping[str, str] | None = None,
    *,
    upstream: str | Mapping[str, str] = "",
    behaviours: Mapping[str, str | Sequence[str]] | None = None,
    token: str = TOKEN,
    tokens: Sequence[str] = (),
    listing: str | Sequence[object] = "ok",
    dashboards: Mapping[str, object] | None = None,
    scrapes: Mapping[str, object] | None = None,
    types: Mapping[str, str] | None = None,
    account: Account | None = None,
    clock: float | None = None,
    prefix: str = "",
    tls: ssl.SSLContext | None = None,
) -> Iterator[Double]:
    """A double for one `with`.

    - `sources`: uid -> name of what it lists as Prometheus; by default one per behaviour, named like it.
    - `behaviours`: uid -> name of a behaviour, or several, shown one after the other, the last for ever, or a word for
      a script (`tests.double.scripts`). A uid that is not in it behaves as its own name says; one that says nothing is
      `good`.
    - `upstream`: address of a real Prometheus for the uid `good`, or uid -> address.
    - `token`, `tokens`: what it lets in. `listing`: "ok", "forbidden", the behaviour of the list, or its entries.
    - `dashboards`: uid -> dashboard, or the name of a behaviour; None when the token may not see any.
    - `scrapes`: uid -> the scrape interval that its settings name, of whatever kind.
    - `types`: uid -> type of data source, where it is not prometheus.
    - `account`: whose token it is; by default this Grafana does not know the routes that tell.
    - `clock`: by how many seconds its clock is ahead of ours; None where it sends no dates.
    - `prefix`: the path it lives under, such as "/grafana". `tls`: a server's context, for https.
    """
    shown = {name: name for name in BEHAVIOURS} if sources is None else dict(sources)
    plan = _Plan(
        sources=shown,
        upstream={"good": upstream} if isinstance(upstream, str) else dict(upstream),
        scripts={uid: script(names) for uid, names in (behaviours or {}).items()},
        tokens={f"Bearer {each}" for each in (token, *tokens)},
        listing=listing,
        dashboards=dashboards,
        scrapes=dict(scrapes or {}),
        types=dict(types or {}),
        account=account,
        clock=clock,
        prefix=prefix,
    )
    server = _Server(plan, token, tls)
    server.start()
    try:
        yield server.double
    finally:
        server.stop()


@dataclass(frozen=True)
class _Plan:
    sources: Mapping[str, str]
    upstream: Mapping[str, str]
    scripts: Mapping[str, Iterator[str]]
    tokens: set[str]
    listing: str | Sequence[object]
    dashboards: Mapping[str, object] | None
    scrapes: Mapping[str, object]
    types: Mapping[str, str]
    account: Account | None
    clock: float | None
    prefix: str

    def behaviour_of(self, uid: str) -> str:
        if uid in self.scripts:
            return next(self.scripts[uid])
        return uid if uid in BEHAVIOURS else "good"


class _Server:
    """The event loop in its thread, the two listening sockets, and what to do with each connection."""

    def __init__(self, plan: _Plan, token: str, tls: ssl.SSLContext | None) -> None:
        self._plan, self._token, self._tls = plan, token, tls
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop: asyncio.Event
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="grafana-double", daemon=True)
        self.double: Double

    def start(self) -> None:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("The double did not start.")

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        sink = await asyncio.start_server(self._swallow, "127.0.0.1", 0)
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0, ssl=self._tls, limit=2**24)
        port, sink_port = (each.sockets[0].getsockname()[1] for each in (server, sink))
        scheme = "https" if self._tls else "http"
        address = f"{scheme}://127.0.0.1:{port}{self._plan.prefix}"
        self.double = Double(address, f"http://127.0.0.1:{sink_port}", self._token)
        self._ready.set()
        await self._stop.wait()
        for each in (server, sink):
            each.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0.01)  # lets the transports close their sockets

    async def _swallow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.double.sink_log.append((await reader.read(100)).decode("latin-1"))
        writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self.double.connections += 1
        try:
            with contextlib.suppress(ConnectionError, TimeoutError, ssl.SSLError):
                while (asked := await read_request(reader)) and await self._answer(asked, reader, writer):
                    pass
        except NotHttp:
            writer.write(head(400, "text/plain"))
        except asyncio.CancelledError:  # the double is being stopped
            writer.transport.abort()  # without the farewell of TLS, which nobody would wait for
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _answer(self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answers one request; False when the connection cannot be used for another."""
        exchange = Exchange(asked, reader, writer, self.double.sink, clock=self._plan.clock)
        exchange.uid, exchange.rest = self._data_source(asked.path)
        entry = Logged(asked, exchange.uid, time.monotonic())
        self.double.log.append(entry)
        try:
            await self._route(exchange)
        finally:
            entry.ended = time.monotonic()
        return not exchange.close and asked.headers.get("connection", "").lower() != "close"

    def _data_source(self, path: str) -> tuple[str, str]:
        if not path.startswith(self._plan.prefix):
            return "", ""
        parts = decoded_segments(path.removeprefix(self._plan.prefix))
        if parts[:5] != ["", "api", "datasources", "proxy", "uid"] or len(parts) < 7:
            return "", ""
        return parts[5], "/".join(parts[6:])

    async def _route(self, exchange: Exchange) -> None:
        asked, plan = exchange.asked, self._plan
        path = asked.path.removeprefix(plan.prefix)
        if asked.authorization not in plan.tokens:
            await exchange.answer_json(401, {"message": "Invalid API key" if asked.authorization else "Unauthorized"})
        elif asked.path == f"{plan.prefix}/api/datasources" and asked.method == "GET":
            await self._list(exchange)
        elif boards.is_theirs(path) and asked.method == "GET":
            await boards.show(exchange, path, plan.dashboards)
        elif plan.account and identity.is_theirs(path):
            await identity.show(exchange, path, plan.account)
        elif not exchange.uid:
            await BEHAVIOURS["html-404"](exchange)
        elif exchange.uid not in plan.sources:
            await BEHAVIOURS["grafana-404"](exchange)
        elif asked.method == "POST" and exchange.rest not in _POSTS:
            await exchange.answer_json(403, {"message": "non allow-listed POSTs not allowed on proxied datasource"})
        elif plan.upstream.get(exchange.uid):
            exchange.upstream = plan.upstream[exchange.uid]
            await good.proxied(exchange)
        else:
            await BEHAVIOURS[plan.behaviour_of(exchange.uid)](exchange)

    async def _list(self, exchange: Exchange) -> None:
        if self._plan.listing == "forbidden":
            text = "You'll need additional permissions to perform this action. Permissions needed: datasources:read"
            await exchange.answer_json(403, {"message": text, "title": "Access denied"})
        elif not isinstance(self._plan.listing, str):
            await exchange.answer_json(200, list(self._plan.listing))
        elif self._plan.listing != "ok":
            await BEHAVIOURS[self._plan.listing](exchange)
        else:
            await exchange.answer_json(200, [*self._listed(), {"uid": "logs", "name": "logs", "type": "loki"}])

    def _scrape(self, uid: str) -> dict[str, object]:
        return {"timeInterval": self._plan.scrapes[uid]} if uid in self._plan.scrapes else {}

    def _listed(self) -> list[dict[str, object]]:
        """What Grafana shows even to a Viewer, the addresses inside the cluster included: they lead to the sink."""
        return [
            {
                "id": number,
                "uid": uid,
                "name": name,
                "type": self._plan.types.get(uid, "prometheus"),
                "access": "proxy",
                "url": self.double.sink,
                "user": "admin",
                "database": "",
                "jsonData": {"httpMethod": "POST", **self._scrape(uid)},
            }
            for number, (uid, name) in enumerate(self._plan.sources.items(), start=1)
        ]
