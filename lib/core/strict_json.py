"""JSON read strictly: what two readers could understand in two ways is no JSON here."""

from __future__ import annotations

import re

import orjson

from lib.core.decode_limits import check_values

_BOM = b"\xef\xbb\xbf"
_SPACED = (b" :", b"\t:", b"\n:", b"\r:")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class NotStrict(ValueError):
    """Bytes that are not strict JSON; the text says why, in the parser's words, without a place."""


def loads(body: bytes) -> object:
    """The value that a body is, after a byte order mark if there is one.

    Raises NotStrict, and SourceError (TOO_LARGE) for what would take more memory than a question may.

    orjson refuses NaN literals, numbers beyond float64, bad UTF-8, halves of characters and nesting over 1,024 levels,
    but of two equal keys in one object it keeps the last without a word (RFC 8259, section 4: unpredictable): refused.
    """
    body = body.removeprefix(_BOM)
    check_values(body)
    try:
        parsed: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotStrict(error.msg) from None
    if not _has_all_keys(body, _keys(parsed)):
        raise NotStrict("a key stands twice in one object")
    return parsed


def _has_all_keys(body: bytes, kept: int) -> bool:
    """Whether valid JSON has no more keys than were kept of it."""
    # Where no space stands before a colon, every key ends in `":`. A string may hold that too, so there are at least as
    # many of them as keys: when there are just as many as were kept, none is missing.
    if not any(spaced in body for spaced in _SPACED) and body.count(b'":') == kept:
        return True
    return _STRING.sub(b"", body).count(b":") == kept


def _keys(parsed: object) -> int:
    count, todo = 0, [parsed]
    while todo:
        value = todo.pop()
        if type(value) is dict:
            count += len(value)
            todo += value.values()
        elif type(value) is list:
            todo += value
    return count
