"""What somebody takes away from an answer: every file of one look at it, the same on a page and in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import pandas as pd

from lib.core.export import Export, file_name, fingerprint, frame
from lib.core.provenance import Provenance, provenance
from lib.core.question import Put, Question
from lib.core.result import Result
from lib.core.time_range import as_datetime
from lib.core.view import View
from lib.core.zones import wall


@dataclass(frozen=True, eq=False)
class Takeaway:
    """What the files of one look at an answer are made from, and what tells it from any other in their names."""

    whole: Result
    days: tuple[date, ...]
    about: Provenance
    mark: bytes
    title: str
    words: tuple[str, ...]

    @classmethod
    def of(
        cls,
        view: View,
        question: Question,
        puts: Sequence[Put],
        *,
        clusters: Sequence[str] = (),
        typed: tuple[str, str] = ("", ""),
    ) -> Takeaway:
        """The files of a look. `clusters` are those that were chosen, none for all; `typed` the range as it was."""
        about = provenance(
            view.whole,
            question,
            puts,
            split=view.by,
            hidden=view.hidden,
            typed=typed,
            transforms=view.transforms,
            unit=view.look.unit,
        )
        covered = days(view)
        split = {"total": ["total"], "series": []}.get(view.by, [f"by-{view.by}"])
        done = [each.spelling for each in view.done.applied]
        mark = fingerprint(view.whole, covered, about.as_json())
        return cls(view.whole, covered, about, mark, question.slug, (*(clusters or ["all-clusters"]), *split, *done))

    def name(self, kind: Export) -> str:
        """What the file of this format is called."""
        words = (*self.words, *(["wide"] if kind.wide else []))
        return file_name(self.title, words, self.whole.grid, self.mark, kind.suffix, self.days)

    def maker(self, kind: Export) -> Callable[[], bytes]:
        """What writes the file, later and in another thread."""
        return partial(kind.write, self.whole, days=self.days, about=self.about)

    def frame(self) -> pd.DataFrame:
        """The rows of the long CSV as a table: `time` in the zone, `day` where it has one, the labels, `value`."""
        return frame(self.whole, self.days)


def days(view: View) -> tuple[date, ...]:
    """The day that each point covers, where points are labelled so; else none."""
    if not view.look.shift:
        return ()
    instants, zone = view.whole.instants, view.whole.grid.zone
    return tuple(as_datetime(t).date() for t in (wall(instants, zone) - view.look.shift).tolist())
