"""Files to take away: the CSV button, and the menu that offers its other form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from lib.core.export import EXPORTS, file_name
from lib.core.result import Outcome
from lib.core.time_range import as_datetime
from lib.core.view import View
from lib.core.zones import wall
from lib.ui.asking import Asked
from lib.ui.frame import Scope

_FILES = "_files"


def csv_buttons(asked: Asked, view: View, scope: Scope, *, primary: bool = True) -> None:
    """`CSV (N rows)`, one row per value, and beside it the wide form. Both have every series, whatever is drawn."""
    if view.whole.empty:
        return
    count = f"{view.whole.rows:,} row{'s' * (view.whole.rows != 1)}"
    for name, label in (("csv_long", f"CSV ({count})"), ("csv_wide", "Wide")):
        content = _content(asked, view, name)
        kind = EXPORTS[name]
        st.download_button(
            label,
            content,
            file_name=_file_name(asked, view, scope, content, kind.suffix),
            mime=kind.mime,
            key=f"_download_{name}",
            icon=":material/download:" if name == "csv_long" else None,
            type="primary" if primary and name == "csv_long" else "secondary",
            on_click="ignore",
            help=f"Download {kind.label}",
        )


@dataclass(frozen=True, eq=False)
class _File:
    """A file and what it was made of. It holds the outcomes themselves: an address in memory may be used again."""

    outcomes: tuple[tuple[Outcome, ...], ...]
    by: str
    hidden: int
    content: bytes


def _content(asked: Asked, view: View, name: str) -> bytes:
    """The file, written once per view: a rerun that changes only the look writes none."""
    made: dict[str, _File] = st.session_state.setdefault(_FILES, {})
    kept = made.get(name)
    if kept is None or kept.outcomes is not asked.outcomes or (kept.by, kept.hidden) != (view.by, view.hidden):
        content = EXPORTS[name].write(view.whole, days=days(asked, view))
        kept = made[name] = _File(asked.outcomes, view.by, view.hidden, content)
    return kept.content


def days(asked: Asked, view: View) -> tuple[date, ...]:
    """The day that each point covers, where points are labelled so; else none."""
    if not view.look.shift:
        return ()
    grid = asked.result.grid
    return tuple(as_datetime(t).date() for t in (wall(grid.instants, grid.zone) - view.look.shift).tolist())


def _file_name(asked: Asked, view: View, scope: Scope, content: bytes, suffix: str) -> str:
    clusters = ["all-clusters"] if scope.all_sources else [source.name for source in scope.sources]
    split = {"total": ["total"], "series": []}.get(view.by, [f"by-{view.by}"])
    return file_name(asked.question.slug, [*clusters, *split], asked.result.grid, content, suffix, days(asked, view))
