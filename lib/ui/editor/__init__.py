"""The PromQL editor: Prometheus' own CodeMirror language in a component, fed with completions by Python.

Source and build are in this folder (`npm ci && npm run build`); what is built lies in `static/` and is served as a
file, so that it travels once. The browser asks Python, never a data source. After each pause Python says what is wrong
with the text. Typing reruns a fragment at most: draw the editor inside `st.fragment`, and whatever reads the text at a
click (a Run button) in the same one, or the click is lost when it is also what takes the focus away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from lib import cache
from lib.core.diagnosis import diagnose
from lib.core.promql import MAX_LENGTH
from lib.sources import hubs_of
from lib.ui import draft
from lib.ui.editor.answers import Completions
from lib.ui.editor.verdict import in_words, verdict
from lib.ui.messages import md
from lib.ui.static_files import address

BUNDLE = Path(__file__).parents[3] / "static" / "promql_editor.js"
NAME = "hubscope.promql_editor"
_LISTED = "_metrics_listed"  # the scope whose metrics an editor has been told
PLAIN_HEIGHT = 150  # pixels
# Runs at every change of data; a module is loaded once whatever the number of imports.
_LOADER = """
export default function (component) {
  const { data, parentElement } = component;
  const loaded = import(new URL(data.bundle, document.location.origin).href);
  loaded.then((editor) => editor.render(component), () => {
    parentElement.querySelector(".promql-editor").textContent =
      "The editor could not be loaded. Reload the page, or set HUBSCOPE_EDITOR=plain for a plain field.";
  });
  return () => loaded.then((editor) => editor.remove(parentElement), () => undefined);
}
"""
_LEAST = "6.5rem"  # keeps the page from jumping while the bundle loads


def promql_editor(
    letter: str = draft.FIRST,
    *,
    completions: Completions,
    on_run: Callable[[], None],
    label: str = "PromQL",
    placeholder: str = "",
) -> None:
    """The editor of one draft. Ctrl+Enter in it calls `on_run` when the draft is up to date, then reruns the app.

    `label` is what screen readers call it. Where the setting HUBSCOPE_EDITOR says `plain`, a plain field is drawn that
    looks nothing up.
    """
    st.session_state.setdefault(draft.key(letter), "")
    if cache.settings().plain_editor:
        _plain(letter, label, placeholder, sent=hubs_of(completions.sources) is None)
        return
    name = draft.editor_key(letter)

    def hear() -> None:
        draft.text(letter)  # which takes over what was told, before another page lets go of the editor
        _forget_answer(name)

    def run() -> None:
        hear()
        on_run()
        st.rerun()

    def answer() -> None:
        ask = st.session_state[name]["ask"]
        st.session_state[f"{name}_answer"] = completions.answer(ask)
        if ask.get("kind") == "catalogue":
            st.session_state[_LISTED] = completions.scope

    _component()(
        key=name,
        data={
            "bundle": address(BUNDLE),
            "text": draft.text(letter),
            "faults": verdict(draft.text(letter), sent=hubs_of(completions.sources) is None),
            "cursor": draft.cursor(letter)[1],
            "revision": draft.revision(letter),
            "scope": completions.scope,
            "label": label,
            "placeholder": placeholder,
            "answer": st.session_state.get(f"{name}_answer"),
        },
        on_text_change=hear,
        on_run_change=run,
        on_ask_change=answer,
    )


def known_types(completions: Completions) -> Mapping[str, str]:
    """The types of metrics, once the editor has asked for them: nobody waits for a list only to be given hints."""
    return completions.types() if st.session_state.get(_LISTED) == completions.scope else {}


def _plain(letter: str, label: str, placeholder: str, *, sent: bool) -> None:
    st.text_area(
        label,
        key=draft.key(letter),
        height=PLAIN_HEIGHT,
        max_chars=MAX_LENGTH,
        placeholder=placeholder,
        label_visibility="collapsed",
        persist_state="session",
    )
    for fault in diagnose(draft.text(letter)):
        if not fault.certain:  # what is certain is refused when it is run
            place = f"Line {fault.line}, column {fault.column}"
            st.caption(f":material/info: {md(place)}: {md(in_words(fault, sent=sent))}")


def _forget_answer(name: str) -> None:
    """An answer that has arrived need not be sent again with every change of the text."""
    answer = st.session_state.get(f"{name}_answer")
    told = st.session_state[name].get("text")
    if answer and told and told["got"] == answer["id"]:
        st.session_state[f"{name}_answer"] = None


def _component() -> Any:
    return st.components.v2.component(
        NAME, html=f'<div class="promql-editor" style="min-height: {_LEAST}"></div>', js=_LOADER
    )
