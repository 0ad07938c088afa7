"""The builder: a query put together by choosing, which then stands in a field, to be read, changed and run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeVar

import streamlit as st

from lib.core.builder import WORDS, How, Per, Spec, build, find, kind_of, selector, splits, ways
from lib.core.metadata import KnownMetric
from lib.core.naming import NAMESPACE
from lib.core.question import Question
from lib.core.reading import read
from lib.core.result import NAME
from lib.core.time_range import DAY
from lib.core.written import LETTERS
from lib.ui import draft, messages, permitted, visitor, written
from lib.ui.frame import Scope, remember

_PER = {Per.HUB: "Per hub", Per.CLUSTER: "Per cluster", Per.TOTAL: "In total", Per.LABEL: "Per label"}
Choice = TypeVar("Choice", How, Per)
_PATIENCE = 10.0  # seconds; a cluster that takes longer adds nothing to the choices


def open_button(scope: Scope) -> None:
    """Opens the builder. Nothing is looked up before."""
    if st.button("Builder", key="_open_builder", icon=":material/construction:", type="tertiary"):
        _dialog(scope)


@st.dialog("Build a query", width="medium")
@visitor.gated
def _dialog(scope: Scope) -> None:
    panel(scope)


def panel(scope: Scope) -> None:
    """Every choice of the builder, and the query that they make: what the dialog holds."""
    metric = _choose_metric(scope)
    if metric is None:
        return
    labels = _labels(metric.name, scope)
    how = _one_of("What", ways(kind_of(metric)), WORDS, "_builder_how")
    per = _one_of("One line", splits(how, labels), _PER, "_builder_per")
    label = ""
    if per is Per.LABEL:
        label = st.selectbox("Label", [each for each in labels if each not in (NAMESPACE, "le")], key="_builder_label")
    expr = build(Spec(metric.name, how, per, label, _choose_only(metric.name, labels, scope)))
    _preview(expr, scope)
    _take_over(expr, per)


def _choose_metric(scope: Scope) -> KnownMetric | None:
    start, end = _days(scope)
    with st.spinner("Asking the clusters for their metrics", show_time=False):
        catalogue = permitted.metric_catalogue(scope.sources, start, end)
    typed = st.text_input(
        "Search a metric",
        key="_builder_search",
        live=True,
        placeholder="Words of its name or its meaning: active users, memory",
        icon=":material/search:",
    )
    found = {metric.name: metric for metric in find(catalogue, typed or "")}
    if not found:
        st.markdown("No metric has these words." if catalogue.metrics else "No cluster could say which metrics it has.")
        return None
    name = st.selectbox(f"Metric ({len(found):,} found)", list(found), key="_builder_metric")
    metric = found.get(name or "", next(iter(found.values())))
    st.caption(messages.md(" · ".join(filter(None, [metric.info.help, f"on {', '.join(metric.clusters)}"]))))
    return metric


def _labels(metric: str, scope: Scope) -> list[str]:
    found = permitted.label_names(scope.sources, selector(metric), *_days(scope), patience=_PATIENCE)
    return sorted({label for labels in found.values() for label in labels} - {NAME})


def _choose_only(metric: str, labels: Sequence[str], scope: Scope) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Which series count: some labels, and for each the values that clusters know."""
    chosen = st.multiselect(
        "Only where", labels, key="_builder_only", placeholder="All series; choose labels to narrow"
    )
    only: list[tuple[str, tuple[str, ...]]] = []
    for label in chosen:
        found = permitted.label_values(scope.sources, label, selector(metric, only), *_days(scope), patience=_PATIENCE)
        values = sorted({value for values in found.values() for value in values if value})
        picked = st.multiselect(label, values, key=f"_builder_value_{label}", placeholder="Any value")
        only.append((label, tuple(picked)))
    return tuple(only)


def _one_of(title: str, options: Sequence[Choice], words: dict[Choice, str], key: str) -> Choice:
    """One of a few, the first unless another was chosen that still makes sense."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]
    chosen = st.segmented_control(title, options, key=key, required=True, format_func=words.__getitem__)
    return chosen or options[0]


def _preview(expr: str, scope: Scope) -> None:
    st.code(expr, language="promql", wrap_lines=True)
    (put,) = scope.moments.put(Question.of_expr(expr))
    if told := read(put.filled.text):
        st.caption(messages.md(told))


def _take_over(expr: str, per: Per) -> None:
    """Into a field that is empty; where none is, in place of the first or as one more, so that nothing is lost."""
    shown = written.letters()
    empty = [letter for letter in shown if not draft.text(letter).strip()]
    free = [letter for letter in LETTERS if letter not in shown]
    with st.container(horizontal=True, gap="small"):
        if empty:
            _take_button("Use this query", expr, empty[0], per, primary=True)
            return
        if free:
            _take_button("Add as another query", expr, free[0], per, primary=True)
        _take_button("Replace the first query", expr, LETTERS[0], per, primary=not free)


def _take_button(words: str, expr: str, letter: str, per: Per, *, primary: bool) -> None:
    key = f"_builder_take_{letter}"
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    if st.button(messages.md(words), key=key, type=kind, on_click=_take, args=(expr, letter, per)):
        st.rerun()


def _take(expr: str, letter: str, per: Per) -> None:
    if letter not in written.letters():
        written.add()
    draft.replace(expr, letter)
    remember(by=None if per is Per.LABEL else str(per))


def _days(scope: Scope) -> tuple[int, int]:
    """The time that the page is about, in whole days, so that lists are kept from one minute to the next."""
    moments = scope.moments
    return int(moments.start // DAY * DAY), int(moments.end // DAY * DAY + DAY)
