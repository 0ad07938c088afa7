"""A result as one look at it: split as chosen, ranked, named. The same on screen, in the table and in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from lib.core.charts import CHART_TYPES, Look
from lib.core.charts.advice import MOST_BARS
from lib.core.charts.heatmap import is_buckets
from lib.core.headline import Combine, Headlines, headline
from lib.core.naming import NAMESPACE, names, others_at
from lib.core.question import Question, shown_earlier, unfinished
from lib.core.result import CLUSTER, QUERY, Result
from lib.core.time_range import DAY, HOUR
from lib.core.transform import (
    COMPARE,
    GROUPS,
    Chosen,
    Done,
    Edges,
    Meaning,
    attempt,
    edges,
    group,
    hide_staging,
    largest,
    sort_by_total,
    told,
    top,
    words,
)

# How series may be added up. Besides these a split may be the name of any label that differs.
SPLITS: Mapping[str, str] = {"total": "Total", "cluster": "By cluster", "hub": "By hub", "series": "All series"}
FEWER_MARKS = {"bars": "area", "grouped": "lines"}  # what is drawn in place of more bars than a browser can bear
MOST_LABELS = 2  # offered as splits; with more, a choice would not fit above the chart
_BESIDE = {"bars": "grouped", "area": "lines"}
TOP = 10  # series with a colour of their own; the rest is Others


@dataclass(frozen=True)
class Choices:
    """What the visitor chose: how to split, the chart type, how many series are drawn, staging hubs or not.

    `by` is a key of SPLITS or a label; "" leaves the choice to the question. `do`: the transforms after it, in order.
    """

    by: str = ""
    chart: str = ""
    top: int = TOP
    hide_staging: bool = True
    do: tuple[Chosen, ...] = ()


@dataclass(frozen=True)
class Compared:
    """What an earlier time is to this one: its dates, and the change since, as a fraction of the sum of then over the
    points that both have and that are over. `doubt`: why there is none, as a sentence.
    """

    covered: str
    change: float | None
    doubt: str = ""


@dataclass(frozen=True, eq=False)
class View:
    """One look at an answer.

    - `whole`: every series after the split, largest first: what the table and the files have.
    - `drawn`: the first series of it, and the rest as Others where values may be added up: what the chart has, with
      `look` and the `chart` type.
    - `splits`: the splits that make sense for this answer; one alone leaves no choice. `by`: the one in use.
    - `hidden`: how many staging series were left out.
    - `headlines`: of all series together where they may be added up, which `summed` tells, else of the largest.
    - `done`: the transforms that were applied, and those that were refused. `edges`: which ends of the calendar are
      only covered in part, where values were put together by day, week or month. `compared` with an earlier time.
    """

    whole: Result
    names: tuple[str, ...]
    drawn: Result
    look: Look
    chart: str
    splits: tuple[str, ...]
    by: str
    hidden: int
    headlines: Headlines
    summed: bool
    done: Done
    edges: Edges
    compared: Compared | None = None

    def chart_for(self, chosen: str, question: Question) -> str:
        """The chart type that this look has when `chosen` is."""
        stacks = self.look.summed or not self.done.applied
        return chart_for(chosen, question, self.drawn, stacks=stacks)

    @property
    def transforms(self) -> tuple[str, ...]:
        """What was done to the values after the split, in order, in words."""
        return tuple(words(each) for each in self.done.applied if each.name != COMPARE or self.compared)

    @property
    def each(self) -> str:
        """What one value stands for, where that is part of the calendar: `day`, `week`, `month`; else ""."""
        return self.done.meaning.each or ("day" if self.whole.grid.step == DAY else "")

    @property
    def doubts(self) -> tuple[str, ...]:
        """What has to be known about transformed values, as sentences."""
        meaning = self.done.meaning
        doubt = self.compared.doubt if self.compared else ""
        return tuple(filter(None, [told(self.edges, meaning.each), *self._sums(), doubt]))

    def _sums(self) -> list[str]:
        if self.done.meaning.flow is None and any(each.added for each in self.done.applied):
            return ["Added up over time, which is right only where a value counts what happened since the one before."]
        if self.done.meaning.adds is False and self.summed and len(self.names) > 1:
            return ["What is highest or lowest lies at different times in different series and does not add up."]
        return []


def view(result: Result, question: Question, choices: Choices) -> View:
    """The answer to a question as chosen. Pure: no request, no copy of the server's values that is not needed."""
    kept, hidden = hide_staging(result) if choices.hide_staging else (result, 0)
    splits = possible_splits(kept, question)
    by = next(split for split in (choices.by, _usual(question), splits[-1]) if split in splits)
    several = (QUERY,) if len(question.queries) > 1 else ()  # a limit and what is used of it are never added up
    meaning = Meaning.of(question, result.grid)
    meaning = replace(meaning, adds=False) if several else meaning
    split = kept if by == "series" else group(kept, (*GROUPS.get(by, (by,)), *several))
    done = attempt(split, choices.do, meaning)
    whole = sort_by_total(done.result)
    stacks = done.meaning.adds is not False
    drawn = _drawn(whole, choices.top, stacks)
    others = others_at(drawn.series)
    called = _names(whole, question, by)
    now = max((report.fetched_at for report in result.reports), default=0)
    cut = edges(result, meaning, done.meaning.each, now) if done.meaning.each else Edges()
    look = Look(
        names=called[: len(drawn.series)] if others is None else (*called[:others], names(drawn)[others]),
        unit=done.meaning.unit,
        shift=0 if done.meaning.each else shown_earlier(question, result.grid),
        unfinished=_growing(whole, cut) if done.meaning.each else unfinished(question, result.grid, now),
        others=others,
        summed=stacks,
    )
    summed = meaning.adds is not False and not done.meaning.parts
    return View(
        whole=whole,
        names=called,
        drawn=drawn,
        look=look,
        chart=chart_for(choices.chart, question, drawn, stacks=stacks or not done.applied),
        splits=splits,
        by=by,
        hidden=hidden,
        headlines=headline(_total(kept, meaning, done), Combine.SUM) if summed else headline(whole, Combine.MAX),
        summed=summed,
        done=done,
        edges=cut,
    )


def _total(kept: Result, meaning: Meaning, done: Done) -> Result:
    """What the headlines are of: the transforms of the sum, as the highest sum is not the sum of what is highest."""
    return attempt(group(kept, ()), done.applied, meaning).result if done.applied else done.result


def _growing(whole: Result, cut: Edges) -> tuple[int, ...]:
    return (len(whole.values) - 1,) if cut.last else ()


def chart_for(chosen: str, question: Question, drawn: Result, *, stacks: bool = True) -> str:
    """The chart type that was chosen, else the usual one; another where bars would be so many that a browser hangs.

    Without `stacks` what a transform made of values does not add up, so they are not put on top of each other.
    """
    chart = chosen if chosen in CHART_TYPES else usual_chart(question, drawn)
    chart = chart if stacks else _BESIDE.get(chart, chart)
    return FEWER_MARKS.get(chart, chart) if drawn.values.size > MOST_BARS else chart


def usual_chart(question: Question, result: Result) -> str:
    """The chart type that an answer opens with: the question's own, unless the answer does not fit it.

    Where the question has none, buckets of a histogram are a heatmap, counts are bars by the day and steps up to an
    hour, and all else is lines.
    """
    chart = question.chart or _suggested(result)
    return chart if chart in CHART_TYPES and not CHART_TYPES[chart].unfit(result) else "lines"


def _suggested(result: Result) -> str:
    if is_buckets(result):
        return "heatmap"
    values = result.values.to_numpy()
    counts = bool(((values == np.floor(values)) | np.isnan(values)).all())
    if counts and result.grid.step >= DAY:
        return "bars"
    return "steps" if counts and result.grid.step <= HOUR else "lines"


def possible_splits(result: Result, question: Question) -> tuple[str, ...]:
    """The splits that tell something apart, coarse to fine. Values that may not be added up have one: all series."""
    labels = {label for label in result.series.columns if result.series[label].nunique() > 1}
    if question.adds is False or not labels:
        return ("series",)
    others = sorted(labels - {CLUSTER, NAMESPACE, QUERY})
    fits = {"total": True, "cluster": CLUSTER in labels, "hub": NAMESPACE in labels}
    return (
        *(split for split, fit in fits.items() if fit),
        *(label for label in others if len(others) <= MOST_LABELS and label not in SPLITS),
        *(["series"] if others else []),
    )


def _usual(question: Question) -> str:
    """The split a question opens with: its own, by hub for the other presets, every series for a typed query."""
    if question.preset is None:
        return "series"
    return question.preset.by or "hub"


def _drawn(whole: Result, most: int, summed: bool) -> Result:
    """The series that get a line or a bar. What may not be added up has no Others; it is left to table and file."""
    if not summed:
        return largest(whole, most)
    count = len(whole.series)
    return top(whole, count if count == most + 1 else most)  # Others never stands for a single series


def _names(whole: Result, question: Question, by: str) -> tuple[str, ...]:
    if by == "total" and len(question.queries) == 1:
        return ("Total",) * whole.values.shape[1]
    return tuple(names(whole, question.legend if by == "series" else ""))
