"""What the values of a result mean, as far as a transform over time has to know."""

from __future__ import annotations

from dataclasses import dataclass

from lib.core.presets import Covers
from lib.core.question import Question, shown_earlier
from lib.core.time_range import TimeRange
from lib.core.units import FLOWS


@dataclass(frozen=True)
class Meaning:
    """What a value is.

    - `unit`: as `lib.core.units` knows it.
    - `flow`: whether it counts what happened since the value before, so that values of several instants may be added:
      yes for starts of servers, no for people, of whom many come every day; None where nobody has said.
    - `adds`: whether values of different series may be added up at one instant; None where nobody has said.
    - `earlier`: how many seconds before its instant the time begins that it counts for, on the clocks of the zone.
    - `step`: seconds from one value to the next; 0 where calendar months make it uneven.
    - `each`: "day", "week" or "month" where values were put together to one for each, else "".
    - `parts`: whether values are shares of a whole, so that all together are always 100 %.
    - `instant`: whether there is but one moment.
    """

    unit: str = "short"
    flow: bool | None = None
    adds: bool | None = None
    earlier: int = 0
    step: int = 0
    each: str = ""
    parts: bool = False
    instant: bool = False

    @classmethod
    def of(cls, question: Question, grid: TimeRange) -> Meaning:
        """What the values that a question is answered with mean."""
        covers = question.covers
        before = grid.step if covers is Covers.STEP else 1 if covers is Covers.WINDOW else 0
        flow = covers is Covers.STEP and question.unit in FLOWS
        return cls(
            unit=question.unit,
            flow=flow if question.preset else None,
            adds=question.adds,
            earlier=shown_earlier(question, grid) or before,
            step=grid.step,
            instant=question.instant,
        )
