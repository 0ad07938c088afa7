"""Answers put together: those of all data sources to one query, and those of several queries over one grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from lib.core.query import Query
from lib.core.result import CLUSTER, QUERY, Answer, Outcome, Report, Result, ResultType
from lib.core.time_range import TimeRange


def merge(query: Query, outcomes: Sequence[Outcome]) -> Result:
    """All outcomes of one query as one result: every series of every answer, told apart by `cluster`.

    Series are never added or joined, so two hubs of one name on two clusters stay two series. A label called `cluster`
    in the data is kept as `exported_cluster`. A failure becomes a report and nothing else.
    """
    answers = [(outcome.cluster, outcome.answer) for outcome in outcomes if isinstance(outcome.answer, Answer)]
    rows = [_labelled(CLUSTER, cluster, labels) for cluster, answer in answers for labels in answer.labels]
    first = answers[0][1].type if answers else ResultType.MATRIX
    return Result(
        query=query,
        type=first,
        values=_frame(query.grid, [answer.values for _, answer in answers]),
        series=_label_table(rows),
        reports=tuple(_report(outcome) for outcome in outcomes),
        nan=_nan_frame(query.grid, [answer for _, answer in answers]),
        histograms=sum(answer.histograms for _, answer in answers),
        text="\n".join(answer.text for _, answer in answers if answer.text),
    )


def combine(named: Sequence[tuple[str, Result]]) -> Result:
    """The answers of several queries over one grid as one result; the label `query` says which a series belongs to.

    One answer alone is returned as it is. A data source has one report: its first failure, else the sum of all.
    """
    if len(named) == 1:
        return named[0][1]
    results = [result for _, result in named]
    rows = [
        _labelled(QUERY, name, {str(label): str(value) for label, value in row.items()})
        for name, result in named
        for row in result.series.to_dict("records")
    ]
    blocks = [result.values.to_numpy().T for result in results]
    nans = [np.zeros(r.values.shape[::-1], bool) if r.nan is None else r.nan.to_numpy().T for r in results]
    return Result(
        query=results[0].query,
        type=results[0].type,
        values=_frame(results[0].grid, blocks),
        series=_label_table(rows),
        reports=tuple(_one_report(reports) for reports in zip(*(r.reports for r in results), strict=True)),
        nan=_frame(results[0].grid, nans) if any(result.nan is not None for result in results) else None,
        histograms=sum(result.histograms for result in results),
        text="\n".join(result.text for result in results if result.text),
    )


def _one_report(reports: Sequence[Report]) -> Report:
    return replace(
        reports[0],
        error=next((report.error for report in reports if report.error), None),
        warnings=tuple(dict.fromkeys(text for report in reports for text in report.warnings)),
        infos=tuple(dict.fromkeys(text for report in reports for text in report.infos)),
        series=sum(report.series for report in reports),
        samples=sum(report.samples for report in reports),
        seconds=max(report.seconds for report in reports),
        size=sum(report.size for report in reports),
        fetched_at=min(report.fetched_at for report in reports),
        parts=max(report.parts for report in reports),
    )


def _labelled(name: str, value: str, labels: Mapping[str, str]) -> dict[str, str]:
    """The labels with one of ours first; theirs of that name is kept as `exported_<name>`, as Prometheus does it."""
    theirs = dict(labels)
    own = theirs.pop(name, "")
    if own:
        theirs[_free_name(f"exported_{name}", theirs)] = own
    return {name: value} | theirs


def _free_name(name: str, taken: Mapping[str, str]) -> str:
    """Prefixes `exported_` until the name is free, as Prometheus does (scrape: resolveConflictingExposedLabels)."""
    return _free_name(f"exported_{name}", taken) if name in taken else name


def _label_table(rows: Sequence[Mapping[str, str]]) -> pd.DataFrame:
    names = [CLUSTER, *sorted({name for row in rows for name in row} - {CLUSTER})]
    return pd.DataFrame({name: [row.get(name, "") for row in rows] for name in names}, columns=names, dtype="str")


def _frame(grid: TimeRange, blocks: Sequence[npt.NDArray[np.generic]]) -> pd.DataFrame:
    # One answer alone, however large, is not copied.
    stacked = blocks[0] if len(blocks) == 1 else np.concatenate(blocks or [np.empty((0, grid.points))], axis=0)
    return pd.DataFrame(stacked.T, index=grid.index, copy=False)


def _nan_frame(grid: TimeRange, answers: Sequence[Answer]) -> pd.DataFrame | None:
    blocks = [np.zeros(each.values.shape, bool) if each.nan is None else each.nan for each in answers]
    return _frame(grid, blocks) if any(each.nan is not None for each in answers) else None


def _report(outcome: Outcome) -> Report:
    answer = outcome.answer
    if not isinstance(answer, Answer):
        return Report(outcome.cluster, outcome.source_id, error=answer)
    samples = int(np.count_nonzero(~np.isnan(answer.values)))
    return Report(
        cluster=outcome.cluster,
        source_id=outcome.source_id,
        warnings=answer.warnings,
        infos=answer.infos,
        series=len(answer.labels),
        samples=samples + (0 if answer.nan is None else int(answer.nan.sum())),
        seconds=answer.seconds,
        size=answer.size,
        fetched_at=answer.fetched_at,
        parts=answer.parts,
        ahead=answer.ahead,
    )
