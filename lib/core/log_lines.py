"""Lines of a log: one event each, as text or as JSON, without what must never be in one.

Whatever is logged here or by a library passes `Redaction`, so that a token that stands in a foreign error's text does
not reach a file. Text that came from a query or from labels is not logged at all.
"""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus

HIDDEN = "***"
# What looks like a credential although it is none of ours; and ids of sessions, which let one in while they live.
_LOOKS_SECRET = re.compile(
    r"glsa_\w+|(?i:\b(?:bearer|basic)\s+)[^\s'\"\\,;<>]+"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
)

Make = Callable[..., logging.LogRecord]


class Redaction:
    """Takes secrets out of texts: those it is given, however they are written, and whatever looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = {spelling for secret in secrets if secret for spelling in spellings_of(secret)}
        longest_first = sorted(spellings, key=len, reverse=True)
        self._ours = re.compile("|".join(map(re.escape, longest_first))) if spellings else None

    def __call__(self, text: str) -> str:
        """The text with `***` in place of every secret."""
        return _LOOKS_SECRET.sub(HIDDEN, self._ours.sub(HIDDEN, text) if self._ours else text)


def spellings_of(secret: str) -> frozenset[str]:
    """How a text may be written: as it is, in an address, in JSON or Python, in hexadecimal, in base64 at any place."""
    raw = secret.encode("utf-8", "surrogateescape")
    plain = {secret, quote(raw, safe=""), quote_plus(raw), json.dumps(secret)[1:-1], repr(secret)[1:-1], raw.hex()}
    return frozenset(plain | set(_in_base64(raw)))


def _in_base64(raw: bytes) -> Iterable[str]:
    """The characters that stand for these bytes alone, wherever they begin in what was encoded (RFC 4648, 4 and 5)."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw).decode("ascii")
        first, left = (0, 2, 3)[before], (before + len(raw)) % 3
        sure = text.rstrip("=")[first : None if left == 0 else -1]
        yield sure
        yield sure.translate(str.maketrans("+/", "-_"))


def record_maker(make: Make, redact: Redaction, *, as_json: bool) -> Make:
    """A factory for `logging.setLogRecordFactory`: what `make` makes, redacted, tracebacks too, each message one line.

    Every logger of the process passes it, whoever made it and wherever its lines go. As JSON a message is an object:
    time (UTC), level, logger, message, the values that were logged by name, and the traceback.
    """

    def redacted(*given: object, **named: object) -> logging.LogRecord:
        record = make(*given, **named)
        values = record.args if isinstance(record.args, Mapping) else {}
        text = redact(_message(record))
        trace = redact(_trace(record)) if record.exc_info and record.exc_info[0] else ""
        record.msg, record.args = (_object(record, text, values, trace) if as_json else on_one_line(text)), ()
        record.exc_info, record.exc_text = None, (None if as_json else trace or None)
        return record

    return redacted


def on_one_line(text: str) -> str:
    """The text with whatever would end a line or move the cursor written as an escape."""
    return text if text.isprintable() else "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _object(record: logging.LogRecord, text: str, values: Mapping[str, object], trace: str) -> str:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    told = {"time": at, "level": record.levelname.lower(), "logger": record.name, "message": text}
    return json.dumps(told | dict(values) | ({"trace": trace} if trace else {}), default=str)


def _trace(record: logging.LogRecord) -> str:
    assert record.exc_info
    return logging.Formatter().formatException(record.exc_info)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001  a line that cannot be made must not end what logs it
        return str(record.msg)
