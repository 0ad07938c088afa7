"""What is wrong with a draft, found without asking anybody, as the editor underlines it."""

from __future__ import annotations

import re
from typing import Any

from lib.core.diagnosis import Fault, advice, diagnose
from lib.core.promql import offset_of

_COMMENT = re.compile("#.*")
_LINE_END = re.compile("\r\n?")


def verdict(text: str) -> list[dict[str, Any]]:
    """The faults of a text, from and to a place in characters; one without a query in it has none.

    A warning is what Prometheus 2.42 refuses and a later one may take.
    """
    typed = _LINE_END.sub("\n", text)  # as the editor counts
    if not _COMMENT.sub("", typed).strip():
        return []
    return [_told(fault, typed) for fault in diagnose(typed)]


def _told(fault: Fault, typed: str) -> dict[str, Any]:
    start = offset_of(typed, fault.line, fault.column)
    end = min(start + fault.length, len(typed))
    severity = "error" if fault.certain else "warning"
    return {"from": start, "to": end, "severity": severity, "message": in_words(fault)}


def in_words(fault: Fault) -> str:
    """The fault in Prometheus' words, and what to do about it."""
    more = advice(fault.message, "") if fault.certain else "A newer server may know it, so it is sent."
    return f"{fault.message}. {more}".strip()
