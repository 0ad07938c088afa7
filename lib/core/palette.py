"""The colours of series, "Others" and states, and the placeholders by which a chart follows the visitor's theme.

On screen a figure names no colour. It writes Streamlit's placeholders (`#000001` to `#000040`), which the browser swaps
for the theme in use, also when the visitor switches between light and dark later. The mechanism is Streamlit's own but
not documented (streamlit/elements/lib/streamlit_plotly_theme.py), so its list stands here alone and a test compares it
with the installed Streamlit. Files that leave the app carry real colours.

The ten colours keep apart by a CIEDE2000 distance of at least 10 for people with normal sight, deuteranopia,
protanopia and tritanopia, the grey included, and stand out from the page by at least 3.1 : 1; a test computes both.
"""

from __future__ import annotations

from dataclasses import dataclass

OTHERS = "#87929b"  # one grey that passes on both pages, as the theme has no placeholder for it


@dataclass(frozen=True)
class Palette:
    """Colours of one figure: ten for series, in order of rank, a grey for the rest, and those of the page around it."""

    series: tuple[str, ...]
    others: str
    text: str
    grid: str
    page: str
    sequential: tuple[str, ...]  # ten steps from nothing to much

    @property
    def live(self) -> bool:
        """True for placeholders, which only Streamlit's front end can turn into colours."""
        return self.page == _PLACE["page"]


@dataclass(frozen=True)
class States:
    """Colours of good, doubtful and failed. Never the colour of a series, and never without an icon and a word."""

    good: str
    warn: str
    failed: str


def _split(colors: str) -> tuple[str, ...]:
    return tuple(colors.split())


_PLACE = {"text": "#000037", "grid": "#000035", "page": "#000038"}
_BLUES = "#e6f1f5 #c8e1ea #a6cfdd #82bccf #5da8c0 #3b93af #1f7e9c #0b6987 #07546d #043f53"

SCREEN = Palette(
    series=tuple(f"#{number:06}" for number in range(1, 11)),
    others=OTHERS,
    text=_PLACE["text"],
    grid=_PLACE["grid"],
    page=_PLACE["page"],
    sequential=tuple(f"#{number:06}" for number in range(11, 21)),
)
LIGHT = Palette(
    series=_split("#0b6580 #de7202 #bb69c0 #b24054 #765f04 #7a0c01 #6b9f5f #0f8874 #3c2691 #5d2c48"),
    others=OTHERS,
    text="#4d5b66",
    grid="#e2e8ec",
    page="#ffffff",
    sequential=_split(_BLUES),
)
DARK = Palette(
    series=_split("#5fb2cb #d67c0e #975a9a #c2423c #d8d644 #eda18b #208a65 #86f2d8 #3b6fd4 #ffc4fc"),
    others=OTHERS,
    text="#a9b6c0",
    grid="#27333c",
    page="#10171c",
    sequential=_split(_BLUES)[::-1],
)

LIGHT_STATES = States(good="#1a7f4b", warn="#a86b00", failed="#b3261e")
DARK_STATES = States(good="#4cc38a", warn="#e2a336", failed="#ff7b6e")
