"""How an answer is shown, the same on every page: numbers, what is missing, chart, table, and where it came from."""

from __future__ import annotations

import streamlit as st

from lib.core.charts import CHART_TYPES, CONFIG, suits, undrawn
from lib.core.charts.advice import MOST_BARS
from lib.core.errors import QueryError, SourceError
from lib.core.question import Question
from lib.core.result import Result, ResultType
from lib.core.time_range import DAY
from lib.core.units import format_change, format_value
from lib.core.view import SPLITS, View
from lib.core.zones import earlier_on_the_wall
from lib.ui import asking, details, empty, messages, notices, time_notes, wording
from lib.ui.asking import Asked
from lib.ui.frame import Scope


def subtitle(asked: Asked, scope: Scope, view: View) -> None:
    """What the answer covers: dates, clusters, what is hidden, the step, the zone."""
    parts = [covered(asked.question, asked.result, view), _clusters(scope)]
    parts += ["staging hubs hidden"] * (view.hidden > 0)
    parts += [wording.spacing(asked.result.grid)] * (not asked.question.instant)
    requests = max((report.parts for report in asked.result.reports), default=1)
    parts += [f"in {requests} parts"] * (requests > 1)
    parts += filter(None, [time_notes.covering(asked.question, asked.result.grid)])
    daily = asked.result.grid.step % DAY == 0 and not asked.question.instant
    parts.append(f"days in {asked.result.grid.zone}" if daily else asked.result.grid.zone)
    st.caption(messages.md(" · ".join(parts)))
    if longer := time_notes.raised(asked.question, asked.result.grid, scope.moments):
        st.caption(f":material/info: {messages.md(longer)}")


def covered(question: Question, result: Result, view: View) -> str:
    """The time that the values speak of, as dates."""
    grid = result.grid
    if question.instant:
        return wording.moment(grid.start, grid.zone)
    if view.look.shift:
        first = earlier_on_the_wall(grid.start, view.look.shift, grid.zone)
        return wording.span(first, earlier_on_the_wall(grid.end, DAY, grid.zone), grid.zone)
    return wording.span(grid.start, grid.end, grid.zone)


def _clusters(scope: Scope) -> str:
    chosen = [source.name for source in scope.sources]
    return f"all {len(chosen)} clusters" if scope.all_sources and len(chosen) > 1 else wording.names(chosen)


def numbers(asked: Asked, view: View) -> None:
    """The numbers above the chart: four over time, up to three at one moment."""
    cells = _at_one_moment(asked, view) if asked.question.instant else _over_time(asked, view)
    with st.grid(4, min_column_width=150):
        for label, value, note in cells:
            with st.container(gap=None):
                st.metric(label, messages.md(value))
                st.caption(messages.md(note))


def _over_time(asked: Asked, view: View) -> list[tuple[str, str, str]]:
    unit, told, shift = asked.question.unit, view.headlines, view.look.shift
    per = "day" if asked.result.grid.step == DAY else "point"
    of = "" if view.summed else "highest series, "
    return [
        (f"Average {per}", format_value(told.mean, unit), f"{of}over {told.points:,} {per}s"),
        (f"Highest {per}", format_value(told.peak, unit), f"{of}{_when(asked, told.peak_at, shift)}"),
        (f"Latest {per}", format_value(told.latest, unit), f"{of}{_when(asked, told.latest_at, shift)}"),
        ("Change", format_change(told.change), f"{of}second half against the first"),
    ]


def _at_one_moment(asked: Asked, view: View) -> list[tuple[str, str, str]]:
    unit, count = asked.question.unit, len(view.names)
    if not count or asked.result.type is ResultType.STRING:
        return []
    largest = ("Largest", format_value(view.whole.values.to_numpy()[0, 0], unit), view.names[0])
    total = ("Total", format_value(view.headlines.latest, unit), f"over {count} series")
    return [*([total] if view.summed and count > 1 else []), largest, ("Series", f"{count:,}", "")]


def _when(asked: Asked, moment: object, shift: int) -> str:
    if moment is None:
        return "–"
    grid = asked.result.grid
    seconds = earlier_on_the_wall(moment.timestamp(), shift, grid.zone)  # type: ignore[attr-defined]
    if grid.step % DAY == 0:
        return wording.date(seconds, grid.zone, year=False, weekday=True)
    return f"{wording.moment(seconds, grid.zone, year=False)} {grid.zone}"


def completeness(asked: Asked, scope: Scope) -> None:
    """Which clusters answered; where some did not, who, why, and a button that asks only those again."""
    reports, failed = asked.result.reports, asked.result.failed
    notices.remarks(reports)
    asking.freshness(asked, scope)
    pending, failed = asked.pending, tuple(report for report in failed if not asking.is_pending(report.error))
    if not failed:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        answered = len(reports) - len(failed)
        so_far = f"{len(failed)} of {len(reports)} clusters failed so far"
        said = so_far if pending else f"{answered} of {len(reports)} clusters answered"
        st.badge(said, icon=":material/warning:", color="orange")
        told = [f"**{messages.md(report.cluster)}**: {_reason(report.error)}" for report in failed[:5]]
        told += [f"{len(failed) - 5} more"] * (len(failed) > 5)
        st.markdown("; ".join(told), width="content")
        if not pending:
            st.button(
                "Ask again",
                key="_ask_again",
                icon=":material/refresh:",
                type="tertiary",
                on_click=asking.ask_failed_again,
                args=(asked, scope),
            )


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


def picture(asked: Asked, view: View, scope: Scope, height: int = 0) -> None:
    """The chart and the one caption under it. Never empty axes, never zero for what is missing."""
    if view.whole.empty and asked.pending:
        st.skeleton(height=height or 330)
        return
    if view.whole.empty:
        nothing(asked, scope)
        return
    figure = CHART_TYPES[view.chart].draw(view.drawn, view.look)
    if height:
        figure.update_layout(height=height)
    st.plotly_chart(figure, config=CONFIG, key=f"_chart_{asked.question.slug}", alt=description(asked, view))
    notes = caption(asked, view)
    if notes:
        st.caption(messages.md(" ".join(notes)))


def caption(asked: Asked, view: View) -> list[str]:
    """What the chart leaves out or draws in its own way, as sentences."""
    notes = [f"{wording.names([report.cluster for report in asked.result.failed])}: left out, not counted as zero."]
    notes = notes if asked.result.failed else []
    if view.look.others is not None:
        rest = len(view.names) - len(view.look.names) + 1
        notes.append(f"Others: the {rest} smallest series added up; the CSV has each.")
    elif len(view.names) > len(view.look.names):
        rest = len(view.names) - len(view.look.names)
        notes.append(f"{rest} smaller series {'is' if rest == 1 else 'are'} not drawn; table and CSV have them.")
    left_out = undrawn(view.whole)
    if left_out.total:
        notes.append(f"{left_out.total:,} values are no finite numbers (NaN, Inf) and not drawn; the CSV has them.")
    if asked.result.histograms:
        notes.append(f"{asked.result.histograms:,} histogram samples are not drawn; use histogram_quantile().")
    growing = view.drawn.values.iloc[list(view.look.unfinished)]
    notes += ["The last value still grows."] * bool(growing.notna().any(axis=None))
    bars = view.drawn.values.size if view.chart == "area" and asked.question.chart == "bars" else 0
    notes += [f"{bars:,} bars would be too many for a browser: drawn as an area."] * (bars > MOST_BARS)
    return [
        *notes,
        *time_notes.clocks(asked.question, asked.result.grid),
        *filter(None, [suits(view.drawn, view.chart)]),
    ]


def description(asked: Asked, view: View) -> str:
    """The chart in a sentence, for those who do not see it."""
    told, unit = view.headlines, asked.question.unit
    return (
        f"{asked.question.title} {len(view.names)} series from {covered(asked.question, asked.result, view)}; "
        f"average {format_value(told.mean, unit)}, highest {format_value(told.peak, unit)}, "
        f"latest {format_value(told.latest, unit)}."
    )


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
    for report in asked.result.failed:
        if report.error:
            st.markdown(f"{messages.md(report.cluster)}: {messages.md(report.error.message)}")
            st.caption(messages.md(report.error.hint))


def refused(asked: Asked) -> QueryError | None:
    """The refusal of the query, its position led back to what was typed; None when it was not the query's fault."""
    error = messages.query_error(asked.result.reports)
    if error is None or not error.line:
        return error
    line, column = asked.puts[0].filled.position_in_typed(error.line, error.column)
    return QueryError(error.message, error.hint, kind=error.kind, detail=error.detail, line=line, column=column)
