"""Below the chart: the table, the query with where it came from, and how each cluster fared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from lib.core import wording
from lib.core.fence import said
from lib.core.naming import OTHERS, verbose
from lib.core.question import Question
from lib.core.reading import read
from lib.core.result import CLUSTER, Result
from lib.core.view import View
from lib.core.visible import visible
from lib.ui import explain, messages, notices, take_along, visitor
from lib.ui.asking import Asked
from lib.ui.frame import Scope

_MOST_COLUMNS = 200
_TABLE = "_table_kept"
UPSTREAM = "https://github.com/jupyterhub/grafana-dashboards/"


@st.fragment  # so that opening a tab runs this alone, and a run of the page leaves it open
@visitor.gated
def tabs(asked: Asked, view: View, scope: Scope, *, table: bool = True) -> None:
    """Table, query and clusters asked, side by side as tabs; without the table where it is the answer itself.

    Only what stands in the open one is made: the three together took a third of a run of the page.
    """
    bodies: dict[str, Callable[[], None]] = {"Table": lambda: values(asked, view)} if table else {}
    bodies |= {"Query": lambda: source(asked, view, scope), "Clusters asked": lambda: asked_clusters(asked)}
    for place, body in zip(st.tabs(list(bodies), key="_details", on_change="rerun"), bodies.values(), strict=True):
        if place.open:
            with place:
                body()


def meaning(question: Question) -> None:
    """What the number means and how it misleads, always open."""
    if question.preset is None:
        return
    left, right = st.columns(2)
    left.markdown(f"**What this number means**  \n{messages.md(question.preset.means)}")
    right.markdown(f"**Read with care**  \n{messages.md(question.preset.care)}")


@dataclass(frozen=True, eq=False)
class _Kept:
    """A table as it is sent, and what it was made of."""

    whole: Result
    table: pa.Table
    columns: dict[str, ColumnConfig] | None


def values(asked: Asked, view: View) -> None:
    """Every series as a column, the newest row first. The rest of very many is in the CSV."""
    if view.whole.empty:
        st.caption("No values.")
        return
    kept: _Kept | None = st.session_state.get(_TABLE)
    if kept is None or kept.whole is not view.whole:
        kept = st.session_state[_TABLE] = _made(asked, view)
    rows = kept.table.num_rows
    st.dataframe(
        kept.table,
        key=f"_table_{asked.question.slug}",
        height=min(38 + 35 * rows, 420),
        column_config=kept.columns,
    )
    if len(view.names) > _MOST_COLUMNS:
        st.caption(f"The first {_MOST_COLUMNS} of {len(view.names):,} series; the CSV has all.")


def _made(asked: Asked, view: View) -> _Kept:
    """The table in the form that goes to the browser: made once for a look, not at every run of the page."""
    if asked.question.instant:
        return _Kept(view.whole, pa.Table.from_pandas(_instant_table(view)), None)
    return _Kept(view.whole, pa.Table.from_pandas(_range_table(view)), _in_full(view))


def _range_table(view: View) -> pd.DataFrame:
    frame = view.whole.values.iloc[:, :_MOST_COLUMNS].copy(deep=False)
    frame.columns = pd.Index(view.names[:_MOST_COLUMNS])
    frame.index = pd.Index(
        wording.instants(view.whole.grid, view.look.shift), name=wording.instants_name(view.whole.grid, view.look.shift)
    )
    return frame.iloc[::-1]


def _in_full(view: View) -> dict[str, ColumnConfig]:
    """Under the pointer, the whole label set of each column, as PromQL writes it."""
    rows = view.whole.series.iloc[:_MOST_COLUMNS].to_dict("records")
    full = [verbose({str(label): str(text) for label, text in row.items() if label != OTHERS}) for row in rows]
    named = zip(view.names, full, strict=False)  # the rest of very many has no column
    return {name: st.column_config.NumberColumn(help=messages.md(text)) for name, text in named}


def _instant_table(view: View) -> pd.DataFrame:
    """Cluster, the labels that differ, the value; then the labels that every series shares."""
    series = view.whole.series.iloc[:10_000]
    shown = [str(name) for name in series if series[name].any() and name not in (CLUSTER, OTHERS)]
    differing = sorted(name for name in shown if series[name].nunique() > 1)
    table = series[[CLUSTER, *differing, *(name for name in shown if name not in differing)]].copy()
    for name in table:
        table[name] = [visible(text) for text in table[name]]
    table.insert(1 + len(differing), "value", view.whole.values.iloc[0].to_numpy()[:10_000])
    return table.set_index(CLUSTER)


def source(asked: Asked, view: View, scope: Scope) -> None:
    """The query as it was sent, step by step on demand, its panel upstream, and how the two differ."""
    if scope.moments.hubs is not None:
        st.caption(messages.md(said(scope.moments.hubs)))
    for place, put in enumerate(asked.puts):
        if put.name:
            st.markdown(f"**{messages.md(put.name)}**")
        if told := read(put.filled.text):
            st.markdown(messages.md(told))
        st.code(put.filled.text.strip(), language="promql", wrap_lines=True)
        explain.folded(put.filled.text, scope, f"{asked.question.slug}_{place}")
    preset = asked.question.preset
    if preset and preset.upstream:
        panel, dashboard = messages.md(preset.upstream.panel), messages.md(preset.upstream.dashboard)
        licence = " (BSD-3-Clause)" if preset.upstream.url.startswith(UPSTREAM) else ""
        linked = messages.link(preset.upstream.panel, preset.upstream.url) or panel
        st.markdown(f"After the panel {linked} of the {dashboard} dashboard{licence}. {messages.md(preset.differs)}")
    take_along.offer(asked, view, scope)


def asked_clusters(asked: Asked) -> None:
    """One row per cluster asked: whether it answered, how long it took, how much it sent."""
    rows = [
        {
            "Cluster": report.cluster,
            "Status": messages.reason(report.error) if report.error else "Answered",
            "Series": report.series,
            "Values": report.samples,
            "Seconds": round(report.seconds, 2),
            "kB": round(report.size / 1000, 1),
            "Fetched": wording.clock(report.fetched_at, asked.result.grid.zone) if report.fetched_at else "–",
        }
        for report in asked.result.reports
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="_clusters_asked")
    notices.failures(asked.result.failed)
