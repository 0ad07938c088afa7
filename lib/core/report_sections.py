"""What a report says of one answer: its parts as texts and drawings, ready to be written down (`section`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.core import wording
from lib.core.cells import Cell, headline_cells
from lib.core.comparing import beside
from lib.core.naming import OTHERS
from lib.core.presets import Preset
from lib.core.provenance import provenance
from lib.core.pseudonyms import Pseudonyms
from lib.core.question import Put, Question
from lib.core.report_chart import Drawing, drawn, legend
from lib.core.result import Result
from lib.core.sentence import sentence
from lib.core.units import format_value
from lib.core.view import SPLITS, Choices, View, view

_WIDE, _NARROW = (720, 280), (360, 240)  # the second for telephones, where letters of the first would be too small
_ROWS, _COLUMNS = 62, 7
_OURS = ("Question", "Preset", "Unit", "Made with")
_UPSTREAM = "https://github.com/jupyterhub/grafana-dashboards/"


@dataclass(frozen=True, eq=False)
class Part:
    """A question with its answer, the look at it that was chosen, and the answer for an earlier time beside it."""

    question: Question
    puts: tuple[Put, ...]
    result: Result
    choices: Choices
    earlier: Result | None = None


@dataclass(frozen=True)
class Table:
    """Texts in rows below a head; `note` says what is left out, "" for nothing."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


@dataclass(frozen=True)
class Section:
    """One answer of a report. All texts are plain; whoever writes them down escapes them.

    `missing` names each cluster without an answer, with the reason; `origin` is (what, which), where it comes from.
    """

    title: str
    subtitle: str
    cells: tuple[Cell, ...]
    sentence: str
    wide: Drawing | None
    narrow: Drawing | None
    legend: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    preset: Preset | None
    table: Table | None
    asked: int
    missing: tuple[tuple[str, str], ...]
    origin: tuple[tuple[str, str], ...]

    @property
    def borrowed(self) -> bool:
        """True where the query was taken from the dashboards of the JupyterHub project, which asks to be named."""
        return bool(self.preset and self.preset.upstream and self.preset.upstream.url.startswith(_UPSTREAM))


def section(part: Part, pseudonyms: Pseudonyms | None) -> Section:
    """A question and its answer as a report has them; with `pseudonyms`, no name of a person is in it."""
    question, result = part.question, pseudonyms.in_result(part.result) if pseudonyms else part.result
    told_of = pseudonyms.in_text if pseudonyms else str  # queries, and what servers say, may name people too
    shown = view(result, question, part.choices)
    if part.earlier:
        then = pseudonyms.in_result(part.earlier) if pseudonyms else part.earlier
        shown = beside(shown, then, question, part.choices)
    drawable = not shown.whole.empty and not question.instant
    split = SPLITS.get(shown.by, f"By {shown.by}")
    done, unit = shown.transforms, shown.look.unit
    told = provenance(shown.whole, question, part.puts, split=split, hidden=shown.hidden, transforms=done, unit=unit)
    return Section(
        title=question.title if question.preset else "A query over time" if not question.instant else "A query",
        subtitle=" · ".join(_subtitle(question, result, shown)),
        cells=headline_cells(question, shown) if not shown.whole.empty else (),
        sentence=sentence(question, shown) if not shown.whole.empty else "",
        wide=drawn(shown, *_WIDE) if drawable else None,
        narrow=drawn(shown, *_NARROW) if drawable else None,
        legend=legend(shown) if drawable else (),
        notes=tuple(_notes(shown)),
        preset=question.preset,
        table=_table(question, shown),
        asked=len(result.reports),
        missing=tuple((report.cluster, told_of(report.error.message)) for report in result.failed if report.error),
        origin=tuple((what, which if what in _OURS else told_of(which)) for what, which in told.as_lines()),
    )


def _subtitle(question: Question, result: Result, shown: View) -> Iterator[str]:
    yield wording.covered(question, result.grid)
    yield wording.names([report.cluster for report in result.reports if not report.error], most=6) or "no cluster"
    if shown.hidden:
        yield "staging hubs hidden"
    if not question.instant and not shown.transforms:
        yield f"1 point every {wording.step(result.grid.step)}"
    yield result.grid.zone


def _notes(shown: View) -> Iterator[str]:
    """What the chart leaves out, as sentences."""
    if any(report.error for report in shown.whole.reports):
        yield "Clusters without an answer are left out, not counted as zero."
    if shown.look.others is not None:
        yield f"Others: the {len(shown.names) - len(shown.look.names) + 1} smallest series added up."
    elif len(shown.names) > len(shown.look.names):
        yield f"The {len(shown.look.names)} largest of {len(shown.names)} series."
    yield from shown.doubts
    growing = shown.drawn.values.iloc[list(shown.look.unfinished)].notna().any(axis=None)
    if growing and not shown.doubts:
        yield "The last value still grows."


def _table(question: Question, shown: View) -> Table | None:
    if shown.whole.empty:
        return None
    return _of_one_moment(shown) if question.instant else _over_time(shown)


def _over_time(shown: View) -> Table:
    """The newest moments first; the total, where there is one, and the largest series."""
    values, names = shown.drawn.values.to_numpy(dtype=np.float64), shown.look.names
    if shown.look.summed and shown.summed and len(names) > 1:
        known = ~np.isnan(values)
        total = np.where(known.any(axis=1), np.nansum(values, axis=1), np.nan)
        values, names = np.column_stack([total, values]), ("Total", *names)
    times = wording.instants(shown.whole.grid, shown.look.shift)
    told = [
        [times[at], *(format_value(float(each), shown.look.unit) for each in values[at, :_COLUMNS])]
        for at in range(len(times) - 1, max(len(times) - 1 - _ROWS, -1), -1)
    ]
    left = [f"the newest {_ROWS} of {len(times):,} rows"] * (len(times) > _ROWS)
    left += [f"{_COLUMNS} of {len(names):,} columns"] * (len(names) > _COLUMNS)
    head = (wording.instants_name(shown.whole.grid, shown.look.shift), *names[:_COLUMNS])
    return Table(head, tuple(tuple(row) for row in told), _left(left))


def _of_one_moment(shown: View) -> Table:
    values = shown.whole.values.to_numpy(dtype=np.float64)[0]
    if shown.whole.text:
        return Table(("Text",), ((shown.whole.text,),), "")
    unit = shown.look.unit
    rows = [(name, format_value(float(value), unit)) for name, value in zip(shown.names, values, strict=True)]
    labels = [str(label) for label in shown.whole.series if label != OTHERS and shown.whole.series[label].nunique() > 1]
    left = [f"the {_ROWS} largest of {len(rows):,} series"] * (len(rows) > _ROWS)
    return Table((" / ".join(labels[:3]) or "Series", "Value"), tuple(rows[:_ROWS]), _left(left))


def _left(left: list[str]) -> str:
    return f"Shown: {', '.join(left)}. The CSV of the app has all." if left else ""
