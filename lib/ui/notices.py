"""What there is to say beside an answer: what servers remark on it, and what this app kept from being asked."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib import cache
from lib.core import wording
from lib.core.errors import Kind, RestingError
from lib.core.result import Report
from lib.ui import asking, messages
from lib.ui.asking import Asked
from lib.ui.frame import Scope

_MOST = 5  # remarks on the page
_KEPT_BACK = (Kind.REPLACED, Kind.BUSY, Kind.RESTING)
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


def is_kept_back(report: Report) -> bool:
    """Whether a cluster was not asked, or not to the end, for a reason of our own that `kept_back` says."""
    return report.error is not None and report.error.kind in _KEPT_BACK


def kept_back(asked: Asked, scope: Scope) -> None:
    """Says which clusters were not asked, or not to the end, for reasons of our own: a newer question of the same
    person, too many others, a rest. Each reason stands once, with the way on.
    """
    failed = asked.result.failed
    by_kind = {kind: [each for each in failed if each.error and each.error.kind is kind] for kind in _KEPT_BACK}
    if replaced := by_kind[Kind.REPLACED]:
        told = messages.md(_missing(replaced, asked))
        st.markdown(f":material/move_down: **Another question of yours took its place.** {told}")
    if busy := by_kind[Kind.BUSY]:
        told = messages.md(f"{_missing(busy, asked)} {_words(busy[0])}")
        st.markdown(f":material/hourglass_top: **Busy.** {told}")
    if resting := by_kind[Kind.RESTING]:
        _resting(resting, asked, scope)


def _words(report: Report) -> str:
    return f"{report.error.message} {report.error.hint}" if report.error else ""


def _missing(reports: Sequence[Report], asked: Asked) -> str:
    if len(reports) == len(asked.result.reports):
        return "No cluster had answered." if len(reports) > 1 else "It had not been answered."
    return f"Without an answer: {_all_of([report.cluster for report in reports])}."


def _all_of(clusters: Sequence[str]) -> str:
    """Every name: a cluster that is missing is named, however many are."""
    return wording.names(list(clusters), most=len(clusters))


def _resting(reports: Sequence[Report], asked: Asked, scope: Scope) -> None:
    """Those that are left alone for a while, since when and why, and a button that tries them at once."""
    alike: dict[Kind, list[tuple[RestingError, str]]] = {}
    for report in reports:
        if isinstance(report.error, RestingError):
            alike.setdefault(report.error.last, []).append((report.error, report.cluster))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for group in alike.values():
            latest = max((error for error, _ in group), key=lambda error: error.until)
            names = messages.md(_all_of([cluster for _, cluster in group]))
            told = f"**{names}**: {messages.md(messages.reason(latest))}"
            st.markdown(f":material/bedtime: {told}", width="content")
        st.button(
            "Try now",
            key="_try_now",
            icon=":material/refresh:",
            type="tertiary",
            on_click=_try,
            args=(tuple(each.error for each in reports), asked, scope),
        )


def _try(errors: Sequence[object], asked: Asked, scope: Scope) -> None:
    for error in errors:
        if isinstance(error, RestingError):
            cache.try_now(error)
    asking.ask_failed_again(asked, scope)


def failures(failed: Sequence[Report]) -> None:
    """What happened and what to do, once for all clusters that failed alike, with the server's own words."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for report in failed:
        if error := report.error:
            alike.setdefault((error.message, error.hint, error.detail), []).append(report.cluster)
    for (message, hint, detail), clusters in alike.items():
        with st.container(gap=None):
            st.markdown(f"**{messages.md(_all_of(clusters))}**: {messages.md(message)}")
            st.caption(messages.md(hint))
        if detail:
            st.code(detail, language=None, wrap_lines=True)


def _grouped(remarks: Sequence[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {}
    for text, cluster in remarks:
        groups.setdefault(text[:_LONGEST], []).append(cluster)
    return [(text, list(dict.fromkeys(clusters))) for text, clusters in groups.items()]
