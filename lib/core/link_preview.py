"""What a link to the app says of itself before the app runs: a title and a sentence, from the address alone.

A chat that previews a link runs no JavaScript, so it never sees the name that the page gives itself. Nobody is asked
for this. Of what an address says, only what has a known meaning is repeated: the title of a preset and a time that can
be read; never PromQL or other free text, with which a stranger could write under the name of this app.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.core import permalink, wording
from lib.core.errors import TimeError
from lib.core.periods import FISCAL, USUAL
from lib.core.presets import Preset
from lib.core.relative_time import Calendar
from lib.core.time_text import resolve_range
from lib.core.zones import is_zone

APP = "Hubscope"
_ABOUT = "Questions about JupyterHubs, asked of the Prometheus of every cluster at once."
_PAGES = {"promql": "PromQL", "sources": "Sources"}
PATHS = ("", "chart", *_PAGES)


@dataclass(frozen=True)
class LinkPreview:
    """The title of a link, such as `Daily users · Last full month · Hubscope`, and what it leads to in a sentence."""

    title: str = APP
    description: str = _ABOUT


def link_preview(
    path: str, parameters: Mapping[str, Sequence[str]], presets: Mapping[str, Preset], now: float, rules: Calendar
) -> LinkPreview:
    """What a link says. `path` is that of a page, `parameters` those of the address, `presets` the catalogue by id.

    Dates are those seen from `now` (Unix seconds) by `rules`, unless the address has a time zone of its own. The panels
    of dashboards and presets that are unknown here get the name of the app. Never raises.
    """
    state = permalink.decode(parameters)
    if path in _PAGES or (path and "expr" in state and "preset" not in state):
        return LinkPreview(f"{_PAGES.get(path, 'PromQL')} · {APP}")
    preset = presets.get(_text(state, "preset"))
    if preset is None or "dashboard" in state:
        return LinkPreview()
    parts = [preset.title, _when(state, preset, now, rules), APP]
    return LinkPreview(" · ".join(part for part in parts if part), f"{preset.question} {preset.means}")


def title_only(path: str, parameters: Mapping[str, Sequence[str]], presets: Mapping[str, Preset]) -> LinkPreview:
    """What a link says to anybody where people have to sign in: the title of a preset of the catalogue, no more."""
    state = permalink.decode(parameters)
    preset = None if path in _PAGES or "dashboard" in state else presets.get(_text(state, "preset"))
    return LinkPreview(f"{preset.title} · {APP}") if preset else LinkPreview()


def _text(state: permalink.State, name: str) -> str:
    value = state.get(name, "")
    return value if isinstance(value, str) else ""


def _when(state: permalink.State, preset: Preset, now: float, rules: Calendar) -> str:
    """A usual time by its name, any other as its dates; "" for what cannot be read, as the page shows another then."""
    start, end = _text(state, "from"), _text(state, "to")
    start, end = start or preset.range, end if start else end or "now"
    for usual in (*USUAL, *FISCAL):
        if (usual.start, usual.end) == (start, end or "now"):
            return usual.name
    zone = _text(state, "tz")
    here = Calendar(zone if is_zone(zone) else rules.zone, rules.fiscal_start, rules.languages)
    try:
        return wording.span(*resolve_range(start, end, now, here), here.zone)
    except TimeError:
        return ""
