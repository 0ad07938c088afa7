"""Sending an answer on: the link of exactly this view, the sentence to copy, and the report as a file."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

import streamlit as st

from lib import cache
from lib.core import report, wording
from lib.core.export import fingerprint
from lib.core.pseudonyms import Pseudonyms, names_people
from lib.core.report import Heading
from lib.core.report_sections import Part
from lib.core.result import Result
from lib.core.sentence import sentence
from lib.core.view import Choices, View
from lib.ui import report_dialog, transforms
from lib.ui.asking import Asked
from lib.ui.frame import Scope, address, remember

_OPEN, _WANTED = "_share", "_several_wanted"


def draw(asked: Asked, view: View, choices: Choices, scope: Scope) -> None:
    """The button in the bar of an answer, and the name of the page: what a link to it should say."""
    st.set_page_config(page_title=_page_title(asked, scope))
    opener = st.popover("Share", key=_OPEN, width="content", on_change="rerun")
    if opener.open:
        with opener:
            _link(scope)
            hide = names_switch() if shows_people(asked.result) else True
            if told := _sentence(asked, view, hide=hide):
                st.caption("In a sentence")
                st.code(told, language=None, wrap_lines=True)
            with st.container(horizontal=True, gap="xsmall"):
                part = Part(asked.question, asked.puts, asked.result, choices, transforms.earlier(asked, view, scope))
                _report(asked, part, scope, hide=hide)
                st.button("Several questions", key="_several", on_click=_open_dialog)
    if st.session_state.pop(_WANTED, False):
        report_dialog.draw(scope)


def _open_dialog() -> None:
    st.session_state[_OPEN] = False  # it would lie above the dialog
    st.session_state[_WANTED] = True


def _sentence(asked: Asked, view: View, *, hide: bool) -> str:
    told = "" if view.whole.empty else sentence(asked.question, view)
    if not (hide and shows_people(asked.result)):
        return told
    pseudonyms = Pseudonyms(cache.pseudonym_key())
    pseudonyms.in_result(asked.result)  # whoever it meets is found in the sentence
    return pseudonyms.in_text(told)


def _page_title(asked: Asked, scope: Scope) -> str:
    """`Daily users · 1 – 31 Oct 2026 · 4 clusters · Hubscope`."""
    preset, count = asked.question.preset, len(scope.sources)
    title = preset.title if preset else "A query in PromQL"
    covered = wording.covered(asked.question, asked.result.grid)
    return f"{title} · {covered} · {count} cluster{'s' * (count != 1)} · Hubscope"


def link(scope: Scope) -> str:
    """The address of exactly this view."""
    parameters = urlencode(address(scope.path), doseq=True)
    base = (st.context.url or "").rstrip("/") + ("" if scope.path else "/")
    return f"{base}{'?' * bool(parameters)}{parameters}"


def _link(scope: Scope) -> None:
    st.caption("Whoever opens this link sees the same.")
    st.code(link(scope), language=None, wrap_lines=False)
    frozen = scope.moments.frozen()
    if scope.typed[:2] == frozen:
        st.caption("Its dates are fixed.")
        return
    start, end = frozen
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Its dates move with time.", width="content")
        st.button("Freeze dates", key="_freeze", on_click=remember, kwargs={"from": start, "to": end}, type="tertiary")


def _report(asked: Asked, part: Part, scope: Scope, *, hide: bool) -> None:
    """The report of this one answer. It is made on click, from what has been asked already."""
    made_at = max(asked.fetched_at, asked.asked_at)
    heading = Heading(
        asked.question.title, scope.moments.start, scope.moments.end, made_at, asked.result.grid.zone, link(scope)
    )
    st.download_button(
        "Report (HTML)",
        partial(_written, part, heading, cache.pseudonym_key() if hide else b""),
        file_name=report.file_name(asked.question.slug, heading, _mark(part, heading, hide=hide)),
        mime=report.MIME,
        key="_report",
        icon=":material/description:",
        on_click="ignore",
        help="One file that opens without a network: numbers, chart, table, definition and sources",
    )


def _mark(part: Part, heading: Heading, *, hide: bool) -> bytes:
    """What tells this report from any other before it is made."""
    about = repr((part.question, part.choices, heading, hide))
    return b"".join(fingerprint(each, (), about) for each in (part.result, part.earlier) if each is not None)


def names_switch() -> bool:
    """Whether people get pseudonyms in the sentence and the report: yes, unless somebody says otherwise."""
    return st.toggle("Hide names of people", value=True, key="_hide_names")


def shows_people(result: Result) -> bool:
    """Whether the series of a result are told apart by people."""
    return any(names_people(str(label)) for label in result.series.columns)


def _written(part: Part, heading: Heading, key: bytes) -> bytes:
    return report.write([part], heading, Pseudonyms(key) if key else None).encode()
