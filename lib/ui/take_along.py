"""The query of an answer for elsewhere: as Python, as a shell command, and in Grafana."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib import cache
from lib.core import code_text
from lib.core.code_text import Behind, Look
from lib.core.question import Put, Question
from lib.core.time_range import format_duration
from lib.core.transform import COMPARE, spell
from lib.core.view import View
from lib.ui import messages
from lib.ui.asking import Asked
from lib.ui.frame import Scope

_PROXY = "/api/datasources/proxy/uid/"
_MOST_LINKS = 30


def offer(asked: Asked, view: View, scope: Scope) -> None:
    """A quiet button with texts to copy. None of them holds a token; each says where it takes it from."""
    with st.popover("Take along", key="_take_along", icon=":material/content_copy:", type="tertiary"):
        look = _look(asked, view, scope)
        if look is not None:
            st.markdown("**As Python, beside this app** — the rows of the CSV")
            st.code(code_text.library_cell(look), language="python")
            if command := code_text.command(look):
                st.markdown("**In a terminal, beside this app** — the same file")
                st.code(command, language="shell", wrap_lines=True)
        for put in asked.puts:
            for behind in _by_grafana(asked, scope):
                _elsewhere(behind, put, len(asked.puts) > 1)


def _elsewhere(behind: Sequence[Behind], put: Put, several: bool) -> None:
    """One query at the clusters of one Grafana."""
    of = f" · {messages.md(put.name)}" if several and put.name else ""
    st.markdown(f"**As Python, with prometheus-pandas**{of} — every series as sent")
    st.code(code_text.python_cell(behind, put.sent), language="python")
    st.markdown(f"**As curl**{of}")
    st.code(code_text.curl(behind, put.sent), language="shell")
    st.caption("Both take the token from GRAFANA_TOKEN in the environment.")
    links = [messages.link(each.cluster, code_text.explore(each, put.sent)) for each in behind[:_MOST_LINKS]]
    st.markdown(f"**In Grafana's Explore**{of}, for Editors: {', '.join(links)}")


def _by_grafana(asked: Asked, scope: Scope) -> list[list[Behind]]:
    """The clusters that answered, by the Grafana that leads to them; none for the sample and for direct servers."""
    answered = {report.cluster for report in asked.result.reports if report.error is None}
    found: dict[str, list[Behind]] = {}
    for source in scope.sources:
        grafana, proxied, uid = source.api.base.partition(_PROXY)
        if source.kind == "grafana" and proxied and source.name in answered:
            found.setdefault(grafana, []).append(Behind(source.name, grafana, uid))
    return list(found.values())


def _look(asked: Asked, view: View, scope: Scope) -> Look | None:
    """What makes the same look again; None where `lib.ask` cannot: for panels of a dashboard, and several queries."""
    question, moments = asked.question, scope.moments
    preset = question.preset
    if (preset and preset.id not in cache.catalogue()) or (not preset and (len(asked.puts) > 1 or question.instant)):
        return None
    return Look(
        asked=preset.id if preset else question.expr if scope.moments.hubs is None else asked.puts[0].sent.expr,
        preset=preset is not None,
        start=moments.start,
        end=moments.end,
        zone=moments.zone,
        by=view.by,
        step=format_duration(moments.step) if moments.step else "",
        do=spell([each for each in view.done.applied if each.name != COMPARE]),  # the file has no other time
        staging=not scope.hide_staging,
        clusters=() if scope.all_sources else tuple(source.name for source in scope.sources),
        queries=_chosen(asked),
    )


def _chosen(asked: Asked) -> tuple[str, ...]:
    """The queries of a preset where choices changed them, or a limit to some hubs."""
    question = asked.question
    if question.preset and asked.puts[0].hubs is not None:
        return tuple(put.sent.expr for put in asked.puts)
    usual = Question.of_preset(question.preset) if question.preset else question
    return () if question.queries == usual.queries else tuple(query.expr for query in question.queries)
