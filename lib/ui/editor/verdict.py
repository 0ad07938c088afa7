"""What is wrong with a draft, found without asking anybody, as the editor underlines it."""

from __future__ import annotations

import re
from typing import Any

from lib.core.diagnosis import Fault, advice, diagnose
from lib.core.promql import offset_of

_COMMENT = re.compile("#.*")
_LINE_END = re.compile("\r\n?")


def verdict(text: str, *, sent: bool = True) -> list[dict[str, Any]]:
    """The faults of a text, from and to a place in characters; one without a query in it has none.

    A warning is what Prometheus 2.42 refuses and a later one may take; `sent` tells whether it gets the chance.
    """
    typed = _LINE_END.sub("\n", text)  # as the editor counts
    if not _COMMENT.sub("", typed).strip():
        return []
    return [_told(fault, typed, sent) for fault in diagnose(typed)]


def _told(fault: Fault, typed: str, sent: bool) -> dict[str, Any]:
    start = offset_of(typed, fault.line, fault.column)
    end = min(start + fault.length, len(typed))
    severity = "error" if fault.certain else "warning"
    return {"from": start, "to": end, "severity": severity, "message": in_words(fault, sent=sent)}


def in_words(fault: Fault, *, sent: bool = True) -> str:
    """The fault in Prometheus' words, and what to do about it."""
    newer = "A newer server may know it, so it is sent." if sent else "It is not sent where hubs are limited."
    more = advice(fault.message, "") if fault.certain else newer
    return f"{fault.message}. {more}".strip()
