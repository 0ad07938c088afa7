"""How an answer is shown, the same on every page: numbers, what is missing, chart, table, and where it came from."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib.core import wording
from lib.core.cells import headline_cells
from lib.core.charts import CHART_TYPES, CONFIG
from lib.core.drawing import draw, unfit
from lib.core.errors import QueryError, RestingError, SourceError
from lib.core.fence import named
from lib.core.time_range import DAY
from lib.core.view import SPLITS, View
from lib.ui import asking, captions, details, empty, messages, notices, time_notes
from lib.ui.asking import Asked
from lib.ui.frame import Scope


def subtitle(asked: Asked, scope: Scope, view: View) -> None:
    """What the answer covers: dates, clusters, what is hidden, the step, the zone."""
    parts = [wording.covered(asked.question, asked.result.grid), _clusters(scope)]
    parts += ["staging hubs hidden"] * (view.hidden > 0)
    parts += [f"{named(scope.moments.hubs)} only"] if scope.moments.hubs is not None else []
    parts += [wording.spacing(asked.result.grid)] * (not asked.question.instant)
    requests = max((report.parts for report in asked.result.reports), default=1)
    parts += [f"in {requests} parts"] * (requests > 1)
    parts += filter(None, [time_notes.covering(asked.question, asked.result.grid)])
    daily = asked.result.grid.step % DAY == 0 and not asked.question.instant
    parts.append(f"days in {asked.result.grid.zone}" if daily else asked.result.grid.zone)
    st.caption(messages.md(" · ".join(parts)))
    if longer := time_notes.raised(asked.question, asked.result.grid, scope.moments):
        st.caption(f":material/info: {messages.md(longer)}")


def _clusters(scope: Scope) -> str:
    chosen = [source.name for source in scope.sources]
    if not chosen:
        return "no cluster"
    return f"all {len(chosen)} clusters" if scope.all_sources and len(chosen) > 1 else wording.names(chosen)


def numbers(asked: Asked, view: View) -> None:
    """The numbers above the chart: four over time, up to three at one moment."""
    cells = headline_cells(asked.question, view)
    with st.grid(4, min_column_width=150):
        for cell in cells:
            with st.container(gap=None):
                st.metric(messages.md(cell.label), messages.md(cell.value))
                st.caption(messages.md(cell.note))


def completeness(asked: Asked, scope: Scope) -> None:
    """Which clusters answered; where some did not, who, why, and a button that asks only those again."""
    reports, failed = asked.result.reports, asked.result.failed
    notices.remarks(reports)
    asking.freshness(asked, scope)
    pending, failed = asked.pending, tuple(report for report in failed if not asking.is_pending(report.error))
    if not failed:
        return
    others = [report for report in failed if not notices.is_kept_back(report)]
    resting = all(isinstance(report.error, RestingError) for report in failed)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        answered = len(reports) - len(failed)
        so_far = f"{len(failed)} of {len(reports)} clusters failed so far"
        said = so_far if pending else f"{answered} of {len(reports)} clusters answered"
        st.badge(said, icon=":material/warning:", color="orange")
        told = [f"**{messages.md(report.cluster)}**: {_reason(report.error)}" for report in others[:5]]
        told += [f"{len(others) - 5} more"] * (len(others) > 5)
        st.markdown("; ".join(told), width="content")
        if others:
            with st.popover("What to do", type="tertiary", key="_what_to_do"):
                notices.failures(others)
        if not pending and not resting:
            st.button(
                "Ask again",
                key="_ask_again",
                icon=":material/refresh:",
                type="tertiary",
                on_click=asking.ask_failed_again,
                args=(asked, scope),
            )
    notices.kept_back(asked, scope)


def _reason(error: SourceError | None) -> str:
    return messages.md(messages.reason(error)) if error else ""


def split_control(view: View) -> None:
    """How the series are added up, where there is a choice."""
    if len(view.splits) < 2:
        told = "Values of different hubs are not added up here." if len(view.names) > 1 else "One series."
        st.caption(told if view.names else "No series.")
        return
    st.session_state["by"] = view.by
    st.segmented_control(
        "Split",
        view.splits,
        key="by",
        required=True,
        format_func=lambda split: SPLITS.get(split, f"By {messages.md(split)}"),
        label_visibility="collapsed",
    )


def body(asked: Asked, view: View, scope: Scope) -> None:
    """The answer itself and the tabs below: a chart, or a table where one moment was asked about."""
    as_table = asked.question.instant and not view.whole.empty
    if as_table:
        details.values(asked, view)
    else:
        picture(asked, view, scope)
    details.meaning(asked.question)
    details.tabs(asked, view, scope, table=not as_table)


def picture(asked: Asked, view: View, scope: Scope, **look: Any) -> None:
    """The chart and the one caption under it. Never empty axes, never zero for what is missing.

    `look`: what of the chart's look the page decides, such as its height.
    """
    if view.whole.empty and asked.pending:
        st.skeleton(height=look.get("height", 330))
        return
    if view.whole.empty:
        nothing(asked, scope)
        return
    if reason := unfit(view):
        with st.container(border=True):
            st.markdown(f"**{messages.md(CHART_TYPES[view.chart].label)} does not fit this answer.**")
            st.markdown(messages.md(reason))
        return
    figure = draw(view, **look)
    st.plotly_chart(figure, config=CONFIG, key=f"_chart_{asked.question.slug}", alt=captions.description(asked, view))
    notes = captions.sentences(asked, view)
    if notes:
        st.caption(messages.md(" ".join(notes)))


def nothing(asked: Asked, scope: Scope) -> None:
    """In place of a chart that would be empty: why, and one way on."""
    reports = asked.result.reports
    with st.container(border=True):
        if reports and len(asked.result.failed) == len(reports):
            _no_cluster(asked)
            return
        empty.explained(asked, scope)
        for put in asked.puts:
            st.code(put.filled.text.strip(), language="promql", wrap_lines=True)


def _no_cluster(asked: Asked) -> None:
    st.markdown("**No cluster answered.**")
    notices.failures([report for report in asked.result.failed if not notices.is_kept_back(report)])


def refused(asked: Asked) -> QueryError | None:
    """The refusal of the query, its position led back to what was typed; None when it was not the query's fault."""
    error = messages.query_error(asked.result.reports)
    if error is None or not error.line:
        return error
    line, column = asked.puts[0].filled.position_in_typed(error.line, error.column)
    return QueryError(error.message, error.hint, kind=error.kind, detail=error.detail, line=line, column=column)
