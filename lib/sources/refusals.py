"""What Prometheus itself says about a query it refuses: its error envelope as a QueryError, or another SourceError.

The envelope is `{"status": "error", "errorType": ..., "error": ...}` (docs/querying/api.md); the texts are those of
promql/parser and promql/engine.go.
"""

from __future__ import annotations

import re

from lib.core.diagnosis import advice
from lib.core.errors import Kind, QueryError, SourceError
from lib.sources.exchange import Reply
from lib.sources.failures import LATER, NARROWER
from lib.sources.statuses import clean, read_object

_POSITION = re.compile(r"(?:^|: )(\d{1,6}):(\d{1,6}): parse error")
_COST = ("too many samples", "maximum resolution", "too many points", "exceeds the limit", "memory limit")


def read_refusal(reply: Reply, expr: str) -> SourceError | None:
    """The error envelope of a reply as an error; None when the reply holds none.

    `expr` is the query as it was sent; a position is given in its characters.
    """
    found = read_object(reply.body)
    kind, text = found.get("errorType"), found.get("error")
    if found.get("status") != "error" or not isinstance(kind, str) or not isinstance(text, str):
        return None
    detail = clean(text)
    if kind in ("timeout", "canceled"):
        hint = f"{NARROWER} Adding up fewer series helps too."
        return SourceError(Kind.UPSTREAM_TIMEOUT, "Prometheus gave up on this query: it took too long.", hint, detail)
    if any(sign in text for sign in _COST):
        hint = f"{NARROWER} Or add up fewer series."
        return QueryError("This query is too large for Prometheus.", hint, kind=Kind.QUERY_COST, detail=detail)
    if kind in ("bad_data", "execution") or reply.status == 422:
        return _refused(expr, text, detail)
    if kind == "not_found":
        return SourceError(Kind.NOT_FOUND, "Prometheus knows nothing of that name.", "Check the spelling.", detail)
    return SourceError(Kind.UPSTREAM, f"Prometheus failed at this query ({reply.status}).", LATER, detail)


def _refused(expr: str, text: str, detail: str) -> QueryError:
    line, column = _position(expr, text)
    message = (
        f"Line {line}, column {column}: Prometheus cannot read this." if line else "Prometheus refused this query."
    )
    return QueryError(message, advice(text), detail=detail, line=line, column=column)


def _position(expr: str, text: str) -> tuple[int, int]:
    """Line and column, from 1, in characters; (0, 0) when there is none. Prometheus counts columns in UTF-8 bytes."""
    found = _POSITION.search(text[:1_000])
    if not found:
        return 0, 0
    line, column = int(found[1]), int(found[2])
    lines = expr.split("\n")
    if not 1 <= line <= len(lines):
        return 0, 0
    before = lines[line - 1].encode("utf-8", "surrogatepass")[: max(0, column - 1)]
    return line, len(before.decode("utf-8", "ignore")) + 1
