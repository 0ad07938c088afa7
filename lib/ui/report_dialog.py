"""A report of several questions: which, about what time, and the file once it is made."""

from __future__ import annotations

import streamlit as st

from lib import cache
from lib.core import report, wording
from lib.core.errors import AppError
from lib.core.presets import Preset
from lib.core.pseudonyms import Pseudonyms
from lib.core.question import Moments
from lib.core.relative_time import Calendar
from lib.core.report import Heading
from lib.core.report_sections import Part
from lib.core.time_text import resolve_range
from lib.core.view import Choices
from lib.ui import messages, permitted, visitor
from lib.ui.catalogue import known_presets
from lib.ui.frame import Scope

_MADE = "_report_made"
_MONTH, _PAGE = "month", "page"


@st.dialog("Report of several questions", width="medium")
@visitor.gated
def draw(scope: Scope) -> None:
    """Choose, make, save. It opens with the monthly community report."""
    usual, known = report.monthly(), known_presets()
    st.session_state.setdefault("_report_presets", [each for each in usual.presets if each in known])
    ids = st.multiselect(
        "Questions", list(known), key="_report_presets", format_func=lambda each: messages.md(known[each].title)
    )
    times = {_MONTH: _last_month(scope, usual.range), _PAGE: scope.moments}
    st.session_state.setdefault("_report_time", _MONTH)
    st.segmented_control(
        "Time", list(times), key="_report_time", required=True, format_func=lambda each: _words(times[each])
    )
    chosen = str(st.session_state["_report_time"])
    hide = st.toggle("Hide names of people", value=True, key="_report_hide_names")
    wanted = (tuple(ids), chosen, hide, scope.typed, scope.hide_staging, tuple(source.id for source in scope.sources))
    if st.button("Make report", key="_make_report", type="primary", disabled=not ids):
        _make([known[each] for each in ids], times[chosen], hide, scope, wanted)
    made = st.session_state.get(_MADE)
    if made and made[0] == wanted:
        _, name, content = made
        st.download_button(
            f"Save ({len(content) // 1000:,} kB)",
            content,
            file_name=name,
            mime=report.MIME,
            key="_save_report",
            icon=":material/description:",
            on_click="ignore",
        )


def _last_month(scope: Scope, text: str) -> Moments:
    """The time of the report that ships, in the zone of the page."""
    rules = Calendar(scope.moments.zone, cache.settings().fiscal_start, cache.settings().languages)
    start, end = resolve_range(text, "", scope.moments.now, rules)
    return Moments(
        start, end, scope.moments.now, zone=scope.moments.zone, scrape=scope.moments.scrape, hubs=scope.moments.hubs
    )


def _words(moments: Moments) -> str:
    return wording.span(moments.start, moments.end, moments.zone)


def _make(presets: list[Preset], moments: Moments, hide: bool, scope: Scope, wanted: object) -> None:
    parts: list[Part] = []
    progress = st.progress(0.0)
    choices = Choices(hide_staging=scope.hide_staging)
    try:
        asked = report.answered(presets, moments, lambda query: permitted.ask_of_presets(scope.sources, query), choices)
        for preset in presets:
            told = f"{len(parts) + 1} of {len(presets)}: {messages.md(preset.title)}"
            progress.progress(len(parts) / len(presets), told)
            parts.append(next(asked))
    except AppError as error:
        messages.show_error(error)
        return
    finally:
        progress.empty()
    title = report.monthly().title if [each.id for each in presets] == list(report.monthly().presets) else "Report"
    heading = Heading(title, moments.start, moments.end, moments.now, moments.zone)
    pseudonyms = Pseudonyms(cache.pseudonym_key()) if hide else None
    content = report.write(parts, heading, pseudonyms).encode()
    st.session_state[_MADE] = (wanted, report.file_name(title, heading, content), content)
    missing = sorted({each.cluster for part in parts for each in part.result.failed})
    if missing:
        st.warning(messages.md(f"{', '.join(missing)}: no answer to at least one question. The report says so."))
