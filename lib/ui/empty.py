"""What stands in place of an answer without series: why there is none, and other queries that have one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

import streamlit as st

from lib.core import wording
from lib.core.emptiness import Look, Reason, Why
from lib.core.emptiness_probes import Fix
from lib.core.question import Put, Question
from lib.core.written import Written, from_state
from lib.ui import draft, messages, permitted, visitor, written
from lib.ui.asking import Asked
from lib.ui.frame import PROMQL, SOURCES, Scope, remember

_REASONS = "_reasons"
_MOST = 20  # investigations that a visit remembers
_MOST_SHOWN = 5  # reasons on the page
_MOST_FIXES = 4  # buttons
_NOW, _RANGE = "**Nothing right now.**", "**Nothing in this time.**"
_FITS = "The clusters answered: nothing fits."
_LONGER = "The clusters answered, but have no series for this query in this range. Try a longer range."


def explained(asked: Asked, scope: Scope) -> None:
    """Why the clusters that answered have no series, grouped by reason, with one button per way on."""
    if not asked.result.reports:
        _nobody_asked(scope)
        return
    if asked.result.histograms:
        st.markdown("**Only native histograms.**")
        st.markdown("They have no single value to draw. Take one from them: histogram_quantile(0.95, …).")
        return
    if not asked.result.empty:
        st.markdown("**Only staging hubs.**")
        st.markdown("All series of this answer are theirs, and they are hidden. Hide staging hubs, beside, shows them.")
        return
    _investigated(asked, scope)


def _nobody_asked(scope: Scope) -> None:
    st.markdown("**No cluster to ask.**")
    for name, error in scope.discovery.failures[:_MOST_SHOWN]:
        st.markdown(f"**{messages.md(name)}**: {messages.md(error.message)}")
    st.page_link(SOURCES, label="Open Sources", icon=":material/arrow_forward:")


def _investigated(asked: Asked, scope: Scope) -> None:
    put = asked.puts[0]
    groups = _grouped(asked, _reasons(asked, put, scope))
    known = [reason for reason in groups if reason is not None]
    now = asked.question.instant
    if known and all(reason.why is Why.UNKNOWN for reason in groups if reason) and None not in groups:
        st.markdown("**Not collected here.**")
    else:
        st.markdown(_NOW if now else _RANGE)
    if not known:
        st.markdown(_FITS if now else _LONGER)
    for reason in known[:_MOST_SHOWN]:
        _tell(reason, groups[reason] if len(groups) > 1 else [])
    if known and None in groups:
        st.caption(f"{messages.md(wording.names(groups[None]))}: why was not found out.")
    if len(known) > _MOST_SHOWN:
        st.caption(f"{len(known) - _MOST_SHOWN:,} more reasons on other clusters.")
    _offer(list(dict.fromkeys(fix for reason in known for fix in reason.fixes)), asked)


def _tell(reason: Reason, clusters: list[str]) -> None:
    where = f"**{messages.md(wording.names(clusters))}**: " if clusters else ""
    st.markdown(f"{where}{messages.md(reason.message)}")
    if reason.hint:
        st.caption(messages.md(reason.hint))


def _offer(fixes: list[Fix], asked: Asked) -> None:
    """A button per query that would have an answer; it opens in the editor and runs."""
    if not fixes or not visitor.may_write():
        return
    with st.container(horizontal=True, gap="xsmall"):
        for place, fix in enumerate(fixes[:_MOST_FIXES]):
            label = messages.md(fix.label)
            if st.button(label, key=f"_fix_{place}", on_click=_take, args=(fix, asked.question)):
                st.switch_page(PROMQL)


def _take(fix: Fix, question: Question) -> None:
    """Puts the query into the editor, beside the others that stand there, and runs it."""
    others = () if question.preset else from_state(st.session_state)[1:]
    written.fill_fields([Written(draft.FIRST, fix.expr), *others])
    remember(mode="now" if question.instant else None)
    written.run()


def _grouped(asked: Asked, found: Mapping[str, Reason | None]) -> dict[Reason | None, list[str]]:
    """The clusters of each reason; those where none was found come under None."""
    groups: dict[Reason | None, list[str]] = {}
    for report in asked.result.reports:
        if not report.error:
            groups.setdefault(found.get(report.source_id), []).append(report.cluster)
    return groups


def _reasons(asked: Asked, put: Put, scope: Scope) -> Mapping[str, Reason | None]:
    """What was found out about an empty answer: once, and not again at every click."""
    known: OrderedDict[object, Mapping[str, Reason | None]] = st.session_state.setdefault(_REASONS, OrderedDict())
    answered = {report.source_id for report in asked.result.reports if not report.error}
    sources = [source for source in scope.sources if source.id in answered]
    key = put.query, tuple((source.id, source.credential_id, source.hubs) for source in sources)
    if key not in known:
        slot = st.empty()
        slot.caption(f"No series. Asking {len(sources)} cluster{'s' * (len(sources) != 1)} why …")
        known[key] = permitted.reasons(asked.question, sources, Look(put.filled, put.query.grid, scope.moments.now))
        slot.empty()
    while len(known) > _MOST:
        known.popitem(last=False)
    return known[key]
