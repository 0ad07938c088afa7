"""A dialog to find a metric and its labels, and put one into the query. Nothing is asked until it opens."""

from __future__ import annotations

import streamlit as st

from lib.core import wording
from lib.core.errors import AppError
from lib.core.metadata import KnownMetric, MetricCatalogue
from lib.core.metric_search import (
    MOST_LABELS,
    MOST_VALUES,
    by_cluster,
    by_label,
    search_metrics,
    series_query,
    top_query,
    top_values,
    values_query,
)
from lib.core.query import InstantQuery
from lib.core.result import NAME, Outcome
from lib.core.selector_text import add_matcher, selector_of
from lib.core.time_range import DAY
from lib.ui import draft, messages, permitted, visitor, written
from lib.ui.frame import Scope

_MOST_ROWS = 40  # metrics on the page
_LONGEST_HELP = 160  # characters
_OPEN, _LABEL, _INTO = "_browsed_metric", "_browsed_label", "_browse_into"


def open_button(scope: Scope, letter: str = draft.FIRST) -> None:
    """A button that opens the browser; what is chosen goes into the query of this letter, or another that is open."""
    if st.button("Metrics", key="_metrics", icon=":material/search:", type="tertiary"):
        st.session_state[_OPEN] = ""
        _dialog(scope, letter)


@st.dialog("Metrics", width="medium")
@visitor.gated
def _dialog(scope: Scope, letter: str) -> None:
    try:
        catalogue = permitted.metric_catalogue(scope.sources, *_days(scope))
    except AppError as error:
        messages.show_error(error)
        return
    known = catalogue.by_name.get(st.session_state.get(_OPEN, ""))
    if known is None:
        _search(catalogue, scope)
    else:
        _metric(known, scope, _into(letter))


def _days(scope: Scope) -> tuple[int, int]:
    """The last day, in whole days, so that everybody who looks today asks the same."""
    end = int(scope.moments.now // DAY * DAY) + DAY
    return end - 2 * DAY, end


def _into(letter: str) -> str:
    """The query that takes what is chosen; asked only where there are several."""
    letters = written.letters()
    if len(letters) < 2:
        return letter
    chosen = st.segmented_control("Into query", letters, key=_INTO, default=letters[-1], format_func=str.upper)
    return str(chosen or letters[-1])


def _search(catalogue: MetricCatalogue, scope: Scope) -> None:
    typed = st.text_input(
        "Search metrics",
        key="_metric_search",
        live=True,
        placeholder="Words of a name or of its description",
        label_visibility="collapsed",
        icon=":material/search:",
        persist_state="session",
    )
    answered = len(scope.sources) - len(catalogue.silent)
    found = search_metrics(catalogue, typed or "")
    if not found:
        st.markdown("No metric has these words." if typed else "No cluster could list its metrics.")
    with st.container(gap="xsmall"):
        for place, metric in enumerate(found[:_MOST_ROWS]):
            _row(metric, place, everywhere=len(metric.clusters) == answered)
    if len(found) > _MOST_ROWS:
        st.caption(f"{len(found) - _MOST_ROWS:,} more; type to narrow them down.")
    if catalogue.more:
        st.caption(f"{catalogue.more:,} names are not in this list, there are too many.")
    if catalogue.silent:
        st.caption(f"{messages.md(wording.names(list(catalogue.silent)))}: could not list any.")


def _row(metric: KnownMetric, place: int, *, everywhere: bool) -> None:
    with st.container(gap=None):
        st.button(
            messages.md(metric.name), key=f"_metric_{place}", type="tertiary", on_click=_open, args=(metric.name,)
        )
        if told := _told(metric, everywhere=everywhere):
            st.caption(messages.md(told))


def _open(metric: str) -> None:
    st.session_state[_OPEN], st.session_state[_LABEL] = metric, None


def _told(metric: KnownMetric, *, everywhere: bool) -> str:
    """Type, unit, help, and the clusters that have it where not all do."""
    words = metric.info.help
    short = words if len(words) <= _LONGEST_HELP else f"{words[:_LONGEST_HELP]}…"
    where = "" if everywhere else f"on {wording.names(list(metric.clusters))}"
    return " · ".join(filter(None, (metric.info.type, metric.info.unit, short, where)))


def _metric(metric: KnownMetric, scope: Scope, letter: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "All metrics",
            key="_metrics_back",
            icon=":material/arrow_back:",
            type="tertiary",
            on_click=_open,
            args=("",),
        )
    st.markdown(f"**{messages.md(metric.name)}**")
    st.caption(messages.md(" · ".join(filter(None, (metric.info.type, metric.info.unit, metric.info.help)))))
    st.caption(messages.md(_series(metric, scope)))
    if st.button(
        "Insert metric", key="_insert_metric", icon=":material/add:", on_click=_insert, args=(metric.name, letter)
    ):
        st.rerun()
    _labels(metric, scope, letter)


def _ask(scope: Scope, expr: str) -> tuple[Outcome, ...]:
    moment = int(min(scope.moments.end, scope.moments.now)) // 60 * 60
    return permitted.ask_freely(scope.sources, InstantQuery(expr, moment))


def _series(metric: KnownMetric, scope: Scope) -> str:
    counts = by_cluster(_ask(scope, series_query(metric.name)))
    told = [f"{cluster} {count:,}" for cluster, count in counts.items()]
    silent = [source.name for source in scope.sources if source.name not in counts]
    told += [f"{wording.names(silent)} could not say"] * bool(silent)
    return f"Series now: {', '.join(told)}"


def _labels(metric: KnownMetric, scope: Scope, letter: str) -> None:
    selector = selector_of(metric.name).text
    named = permitted.label_names(scope.sources, selector, *_days(scope))
    labels = sorted({name for names in named.values() for name in names} - {NAME})
    if not labels:
        st.caption("It has no labels." if named else "No cluster could list its labels.")
        return
    counts = by_label(_ask(scope, values_query(metric.name, labels)))
    labels.sort(key=lambda label: -counts.get(label, (0, 0))[1])
    st.markdown("**Labels**, by number of values")
    chosen = st.pills(
        "Labels",
        labels[:MOST_LABELS],
        key=_LABEL,
        format_func=lambda label: f"{messages.md(label)} :gray[{_many(counts.get(label))}]",
        label_visibility="collapsed",
    )
    if chosen in labels:
        _values(metric, str(chosen), scope, letter)


def _many(count: tuple[int, int] | None) -> str:
    if count is None:
        return "–"
    return f"{count[0]:,}" if count[0] == count[1] else f"{count[0]:,}–{count[1]:,}"


def _values(metric: KnownMetric, label: str, scope: Scope, letter: str) -> None:
    values = [each for each in top_values(_ask(scope, top_query(metric.name, label)), label) if each.value]
    if not values:
        st.caption("No series has this label now.")
    with st.container(horizontal=True, gap="xsmall"):
        for place, each in enumerate(values):
            clicked = st.button(
                f"{messages.md(each.value)} :gray[{each.series:,}]",
                key=f"_value_{place}",
                on_click=_insert_matcher,
                args=(metric.name, label, each.value, letter),
            )
            if clicked:
                st.rerun()
    st.caption(
        f"With their numbers of series: up to {MOST_VALUES:,} values of each cluster. A click adds one to the query."
    )


def _insert(metric: str, letter: str) -> None:
    draft.insert(selector_of(metric).text, letter)


def _insert_matcher(metric: str, label: str, value: str, letter: str) -> None:
    """On a selector of this metric that stands in the query already, else as a selector of its own."""
    changed = add_matcher(draft.text(letter), metric, label, value)
    if changed is not None:
        draft.replace(changed, letter)
        return
    draft.insert(selector_of(metric).with_matcher(label, value).text, letter)
