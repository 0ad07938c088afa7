"""Behaviours in sound HTTP: redirects, right answers in unusual clothes, refusals that look at the question."""

from __future__ import annotations

import gzip

from tests.double import good
from tests.double.behaviours import behaviour
from tests.double.replies import HTML, PAGE
from tests.double.wire import Exchange, head

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


@behaviour("fast-clock")
async def fast_clock(exchange: Exchange) -> None:
    """By a clock that is ten minutes ahead."""
    exchange.clock = 600.0
    await good.good(exchange)


@behaviour("slow-clock")
async def slow_clock(exchange: Exchange) -> None:
    """By a clock that is two hours behind."""
    exchange.clock = -7_200.0
    await good.good(exchange)


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
