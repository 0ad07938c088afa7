"""Files to take away: the CSV button, and beside it the other formats. They are made once somebody clicks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

import streamlit as st

from lib import cache
from lib.core.errors import AppError
from lib.core.export import EXPORTS, Export, check_size, file_name, fingerprint, size_in_words
from lib.core.provenance import Provenance, provenance
from lib.core.result import Result
from lib.core.time_range import as_datetime
from lib.core.view import View
from lib.core.zones import wall
from lib.ui import messages
from lib.ui.asking import Asked
from lib.ui.frame import Scope

_MARK = "_file_mark"
_USUAL = "csv_long"


def csv_buttons(asked: Asked, view: View, scope: Scope, *, primary: bool = True) -> None:
    """`CSV (N rows)`, one row per value, and beside it every other format. All have every series, whatever is drawn."""
    if view.whole.empty:
        return
    offered = _Offered.of(asked, view, scope)
    _button(offered, EXPORTS[_USUAL], f"CSV ({size_in_words(EXPORTS[_USUAL], view.whole)})", primary=primary)
    with st.popover("More", key="_more_files", help="Excel, Parquet, JSON and everything as one ZIP"):
        for kind in EXPORTS.values():
            if kind.name != _USUAL:
                _button(offered, kind, f"{kind.label} ({size_in_words(kind, view.whole)})")


@dataclass(frozen=True, eq=False)
class _Offered:
    """What the files of one look at an answer are made from. `mark` tells it from any other, in their names."""

    whole: Result
    days: tuple[date, ...]
    about: Provenance
    mark: bytes
    title: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, asked: Asked, view: View, scope: Scope) -> _Offered:
        about, covered = where_from(asked, view, scope), days(asked, view)
        clusters = ["all-clusters"] if scope.all_sources else [source.name for source in scope.sources]
        split = {"total": ["total"], "series": []}.get(view.by, [f"by-{view.by}"])
        done = [each.spelling for each in view.done.applied]
        mark = _mark(view.whole, covered, about)
        return cls(view.whole, covered, about, mark, asked.question.slug, (*clusters, *split, *done))

    def name(self, kind: Export) -> str:
        words = (*self.words, *(["wide"] if kind.wide else []))
        return file_name(self.title, words, self.whole.grid, self.mark, kind.suffix, self.days)

    def maker(self, kind: Export) -> Callable[[], bytes]:
        """What writes the file, later and in another thread: so it holds values, and nothing of the visit."""
        return partial(kind.write, self.whole, days=self.days, about=self.about)


def where_from(asked: Asked, view: View, scope: Scope) -> Provenance:
    """What a file or a report of this look says of where its numbers come from."""
    typed = (scope.typed[0], scope.typed[1])
    return provenance(
        view.whole,
        asked.question,
        asked.puts,
        split=view.by,
        transforms=view.transforms,
        unit=view.look.unit,
        hidden=view.hidden,
        typed=typed,
    )


def days(asked: Asked, view: View) -> tuple[date, ...]:
    """The day that each point covers, where points are labelled so; else none."""
    if not view.look.shift:
        return ()
    instants, zone = view.whole.instants, asked.result.grid.zone
    return tuple(as_datetime(t).date() for t in (wall(instants, zone) - view.look.shift).tolist())


def _mark(whole: Result, covered: tuple[date, ...], about: Provenance) -> bytes:
    """The fingerprint, taken once per look: a rerun that changes only the chart takes none."""
    kept = st.session_state.get(_MARK)
    if kept is None or kept[0] is not whole or kept[1:3] != (covered, about):
        kept = st.session_state[_MARK] = (whole, covered, about, fingerprint(whole, covered, about.as_json()))
    found: bytes = kept[3]
    return found


def _button(offered: _Offered, kind: Export, label: str, *, primary: bool = False) -> None:
    refused = _refusal(kind, offered.whole)
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


def _refusal(kind: Export, whole: Result) -> str:
    """Why there is no such file, with an estimate and what to do; "" where there is one."""
    try:
        check_size(kind, whole, cache.settings().max_rows)
    except AppError as error:
        return f"{error.message} {error.hint}"
    return ""
