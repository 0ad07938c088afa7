"""P1 to P3: from the bytes of a reply to the frame."""

from __future__ import annotations

import json
from collections.abc import Iterator

import orjson
from prometheus_pandas.query import to_pandas

from bench.data import SIZES, Size, body
from bench.registry import Measured, faster, figure, share
from bench.timing import alternating, without_gc
from lib.core.decode import decode
from lib.core.merging import merge
from lib.core.result import Outcome, Result

_TIMES_FASTER = (18, 45, 30)


def _frame(reply: bytes, size: Size) -> Result:
    return merge(size.query, [Outcome("cluster", "cluster", decode(reply, size.query))])


@figure("P1", "Bytes of a reply to the frame", against="prometheus-pandas on the same bytes")
def p1() -> Iterator[Measured]:
    """How many times as fast as `to_pandas(json.loads(body)["data"])`."""
    for size, goal in zip(SIZES, _TIMES_FASTER, strict=True):
        reply = body(size)
        spent = alternating(
            {
                "ours": lambda reply=reply, size=size: _frame(reply, size),
                "peer": lambda reply=reply: to_pandas(json.loads(reply)["data"]),
            }
        )
        yield faster(size.name, spent["ours"].cpu, spent["peer"].cpu, goal)


@figure("P2", "Bytes of a reply to the frame", against="orjson.loads alone, garbage collector off")
def p2() -> Iterator[Measured]:
    """What share of the time that parsing the JSON alone takes at its fastest."""
    for size in SIZES:
        reply = body(size)
        spent = alternating(
            {
                "ours": lambda reply=reply, size=size: _frame(reply, size),
                "peer": without_gc(lambda reply=reply: orjson.loads(reply)),
            },
            rounds=9,
        )
        yield share(size.name, spent["ours"].cpu, spent["peer"].cpu, 1.0)
