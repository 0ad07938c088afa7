"""The wish to compare with an earlier time, among the transforms. What it takes is in `lib.core.comparing`."""

from __future__ import annotations

from collections.abc import Sequence

from lib.core.errors import AppError
from lib.core.result import Result
from lib.core.transform.meaning import Meaning
from lib.core.transform.registry import Chosen, transform

COMPARE = "compare"
EARLIER = {"previous": "the time before", "year": "the same weeks a year before"}


def _read(text: str) -> str:
    if text not in EARLIER:
        raise AppError(f"“{text[:20]}” is no earlier time.", f"Known are: {', '.join(EARLIER)}.")
    return text


def _refuse(meaning: Meaning) -> str:
    if meaning.instant:
        return "This is one moment; ask about a time to compare it with an earlier one."
    if meaning.adds is False or meaning.parts:
        return "Only a sum of all series is compared, and these values have none."
    return ""


@transform(
    COMPARE,
    label="Compare with earlier",
    read=_read,
    refuse=_refuse,
    shown=lambda earlier: f"compared with {EARLIER[earlier]}",
    offered=True,
    usual="previous",
)
def compare(result: Result, earlier: str) -> Result:
    """Draws the sum of the time before, or of the same weeks a year before, dashed beside that of now.

    Asks the clusters once more. The change is that of the sum over all points that both times have.
    """
    return result


def wanted(do: Sequence[Chosen]) -> str:
    """Which earlier time the transforms ask for, `previous` or `year`; "" for none."""
    return next((each.argument for each in do if each.name == COMPARE and each.argument in EARLIER), "")
