"""Files to take away: the CSV button, and beside it the other formats. They are made once somebody clicks."""

from __future__ import annotations

import streamlit as st

from lib import cache
from lib.core.errors import AppError
from lib.core.export import EXPORTS, Export, check_size, size_in_words
from lib.core.result import Result
from lib.core.takeaway import Takeaway
from lib.core.view import View
from lib.ui import kept_files, messages
from lib.ui.asking import Asked
from lib.ui.frame import Scope

_KEPT, _REFUSED = "_takeaway", "_no_such_files"
_USUAL = "csv_long"


def csv_buttons(asked: Asked, view: View, scope: Scope, *, primary: bool = True) -> None:
    """`CSV (N rows)`, one row per value, and beside it every other format. All have every series, whatever is drawn."""
    if view.whole.empty:
        return
    kept_files.keep_files_a_while()
    offered = takeaway(asked, view, scope)
    _button(offered, EXPORTS[_USUAL], f"CSV ({size_in_words(EXPORTS[_USUAL], view.whole)})", primary=primary)
    files = st.popover("More", key="_more_files", help="Excel, Parquet, JSON and everything as one ZIP")
    with files, st.container(gap=None):
        for kind in EXPORTS.values():
            if kind.name != _USUAL:
                _button(offered, kind, f"{kind.label} ({size_in_words(kind, view.whole)})")


def takeaway(asked: Asked, view: View, scope: Scope) -> Takeaway:
    """What files of this look are made from; worked out once: a rerun that changes only the chart fingerprints none."""
    key = (scope.typed, scope.all_sources, asked.question, view.transforms)
    kept: tuple[Result, object, Takeaway] | None = st.session_state.get(_KEPT)
    if kept is None or kept[0] is not view.whole or kept[1] != key:
        chosen = () if scope.all_sources else tuple(source.name for source in scope.sources)
        typed = (scope.typed[0], scope.typed[1])
        made = Takeaway.of(view, asked.question, asked.puts, clusters=chosen, typed=typed)
        kept = st.session_state[_KEPT] = (view.whole, key, made)
    return kept[2]


def _button(offered: Takeaway, kind: Export, label: str, *, primary: bool = False) -> None:
    refused = _refusals(offered)[kind.name]
    st.download_button(
        label,
        offered.maker(kind),
        file_name=offered.name(kind),
        mime=kind.mime,
        key=f"_download_{kind.name}",
        icon=":material/download:" if kind.name == _USUAL else None,
        type="primary" if primary else "secondary" if kind.name == _USUAL else "tertiary",
        on_click="ignore",
        disabled=bool(refused),
        help=messages.md(refused) if refused else f"Download {kind.label}",
    )


def _refusals(offered: Takeaway) -> dict[str, str]:
    """By format, why there is no such file; worked out once for a look, since it reads every label."""
    kept: tuple[Takeaway, dict[str, str]] | None = st.session_state.get(_REFUSED)
    if kept is None or kept[0] is not offered:
        told = {name: _refusal(kind, offered.whole) for name, kind in EXPORTS.items()}
        kept = st.session_state[_REFUSED] = (offered, told)
    return kept[1]


def _refusal(kind: Export, whole: Result) -> str:
    """Why there is no such file, with an estimate and what to do; "" where there is one."""
    try:
        check_size(kind, whole, cache.settings().max_rows)
    except AppError as error:
        return f"{error.message} {error.hint}"
    return ""
