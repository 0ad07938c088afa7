"""The data sources as a page shows them: what fails and why, what answers and how fast, how to connect more."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from lib import cache
from lib.core import wording
from lib.core.errors import Kind, SourceError
from lib.core.question import Question
from lib.core.settings import Settings
from lib.core.time_range import DAY
from lib.core.variables import LABEL_VARIABLES
from lib.sources.failures import DOWN, NARROWER
from lib.ui import asking, messages, permitted, token_notes, visitor_sources
from lib.ui.asking import Asked
from lib.ui.frame import PRESETS, Scope

CHECK_SECONDS = 8.0  # whoever looks here wants to know now what does not answer
_OWN = "Or use one of your own, below."
# Costs a cluster nearly nothing, and says how many hubs it knows.
_CHECK = replace(
    Question.of_expr("count(count by (namespace) (jupyterhub_total_users)) or vector(0)", instant=True), ours=True
)


def check(scope: Scope) -> Asked:
    """Asks every chosen cluster one small question, which each has a few seconds to answer."""
    return asking.ask(_CHECK, scope, seconds=CHECK_SECONDS)


def check_again_button(scope: Scope) -> None:
    """Asks for the lists of data sources, and then every cluster, anew."""
    if st.button("Check again", icon=":material/refresh:", key="_check_again"):
        cache.forget_sources()
        asking.refresh(_CHECK, scope)
        st.rerun()


def summary(checked: Asked, scope: Scope) -> None:
    """One line of health."""
    if not checked.result.reports:
        st.caption("No cluster is connected.")
        return
    reports, pending = checked.result.reports, len(checked.pending)
    failed = len(checked.result.failed) - pending
    origins = len({source.origin for source in scope.sources})
    st.caption(
        f"{len(reports)} cluster{'s' * (len(reports) != 1)} behind {origins} address{'es' * (origins != 1)} · "
        f"{len(reports) - failed - pending} answer, {failed} do{'es' * (failed == 1)} not · "
        f"checked {wording.clock(checked.asked_at, scope.moments.zone)}"
    )


def unlisted(scope: Scope) -> None:
    """A box for each address without a list of clusters: what happened, what to do."""
    for name, error in scope.discovery.failures:
        _trouble(name, "Waits for a token" if error.kind is Kind.NO_TOKEN else "No list of clusters", error, name)


def silent(checked: Asked, scope: Scope) -> None:
    """A box for each cluster that does not answer: what happened, what to do."""
    groups = {source.id: source.group for source in scope.sources}
    for report in checked.result.failed:
        if report.error is not None and not asking.is_pending(report.error):
            _trouble(report.cluster, "No answer", report.error, groups.get(report.source_id, ""))


def _trouble(name: str, what: str, error: SourceError, group: str) -> None:
    """`group` is the Grafana that was asked, if it was one."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{messages.md(name)}**", width="content")
            waits = error.kind is Kind.NO_TOKEN
            st.badge(
                messages.md(what), icon=f":material/{'key' if waits else 'error'}:", color="orange" if waits else "red"
            )
        st.markdown(messages.md(error.message))
        st.caption(messages.md(_next_step(error, group)))
        if error.kind in visitor_sources.WANTING:
            token_notes.where_tokens_are_made(group)
        if error.detail:
            st.code(error.detail, language=None, wrap_lines=True)


def _next_step(error: SourceError, group: str) -> str:
    """What to do about a failure here: nobody chose a range or a step, and tokens of one's own have their place."""
    if NARROWER in error.hint:
        return DOWN
    if error.kind not in visitor_sources.WANTING or not cache.settings().own_tokens:
        return error.hint
    if group in cache.own_tokens():
        lacking = f"{error.hint} " if error.kind is Kind.FORBIDDEN else ""
        return f"{lacking}That is your own token. Give another one below, or let it be forgotten."
    return "Give one below; it serves for this visit." if error.kind is Kind.NO_TOKEN else f"{error.hint} {_OWN}"


def healthy(checked: Asked) -> None:
    """The clusters that answer, as one table."""
    hubs = dict(zip(checked.result.series["cluster"], checked.result.values.iloc[0], strict=True))
    rows = [
        {
            "Cluster": report.cluster,
            "Status": "Answers",
            "Hubs": int(hubs.get(report.cluster, 0)),
            "Answer time": f"{report.seconds:.2f} s",
        }
        for report in checked.result.reports
        if not report.error
    ]
    if rows:
        st.markdown("##### Answering")
        st.dataframe(pd.DataFrame(rows), hide_index=True, key="_answering")


def first_chart(checked: Asked) -> None:
    """From here to an answer, where there is somebody to give one."""
    if any(not report.error for report in checked.result.reports):
        st.page_link(PRESETS, label="Open the first chart", icon=":material/arrow_forward:")


def hubs(scope: Scope) -> None:
    """Every hub with the clusters that know it. They are asked when somebody opens the list, and not before."""
    if not scope.sources:
        return
    shown = st.expander("Hubs and their clusters", on_change="rerun", key="_hubs")
    if not shown.open:
        return
    with shown:
        end = int(scope.moments.now // DAY * DAY) + DAY
        known = permitted.values_of(LABEL_VARIABLES["hub"], scope.sources, end - 30 * DAY, end)
        clusters: dict[str, list[str]] = {}
        for cluster, names in known.items():
            for name in names:
                clusters.setdefault(name, []).append(cluster)
        rows = [
            {"Hub": name, "Clusters": ", ".join(clusters[name]), "Count": len(clusters[name])}
            for name in sorted(clusters)
        ]
        st.dataframe(pd.DataFrame(rows, columns=["Hub", "Clusters", "Count"]), hide_index=True, key="_hub_list")
        silent = [source.name for source in scope.sources if source.name not in known]
        st.caption("Hubs that had users in the last 30 days.")
        if silent:
            st.caption(messages.md(f"{wording.names(silent)}: no list."))


def how_to_connect(settings: Settings) -> None:
    """Three steps to one's own data; the same as in the README."""
    st.markdown("##### Connect your Grafana" if settings.sample else "##### Connect another")
    st.markdown(
        "1. In Grafana, open **Administration › Users and access › Service accounts**, add one with the role"
        " **Viewer**, and add a token to it.\n"
        "2. Write both into a file called `.env` beside `streamlit_app.py`, or set them in the environment:\n"
    )
    st.code("GRAFANA_URL=https://grafana.example.org\nGRAFANA_TOKEN=glsa_…", language="bash")
    st.markdown("3. Start Hubscope again. Every Prometheus behind that Grafana is a cluster here.")
    st.caption("The token is sent to that Grafana and nowhere else. `.env.example` has every setting.")
