"""What servers remark on their own answers, warnings and small notes; and why those who gave none did not."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.core import wording
from lib.core.result import Report
from lib.ui import messages

_MOST = 5  # remarks on the page
_LONGEST = 300  # characters of one


def remarks(reports: Sequence[Report]) -> None:
    """Each warning and each note once, with the clusters that made it."""
    warnings = _grouped([(text, report.cluster) for report in reports for text in report.warnings])
    notes = _grouped([(text, report.cluster) for report in reports for text in report.infos])
    for text, clusters in warnings[:_MOST]:
        st.caption(f":material/warning: {messages.md(wording.names(clusters))}: {messages.md(text)}")
    for text, clusters in notes[:_MOST]:
        st.caption(f":small[{messages.md(wording.names(clusters))}: {messages.md(text)}]")
    more = len(warnings[_MOST:]) + len(notes[_MOST:])
    if more:
        st.caption(f"{more:,} more remarks of the servers.")


def failures(failed: Sequence[Report]) -> None:
    """What happened and what to do, once for all clusters that failed alike, with the server's own words."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for report in failed:
        if error := report.error:
            alike.setdefault((error.message, error.hint, error.detail), []).append(report.cluster)
    for (message, hint, detail), clusters in alike.items():
        with st.container(gap=None):
            st.markdown(f"**{messages.md(wording.names(clusters))}**: {messages.md(message)}")
            st.caption(messages.md(hint))
        if detail:
            st.code(detail, language=None, wrap_lines=True)


def _grouped(remarks: Sequence[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {}
    for text, cluster in remarks:
        groups.setdefault(text[:_LONGEST], []).append(cluster)
    return [(text, list(dict.fromkeys(clusters))) for text, clusters in groups.items()]
