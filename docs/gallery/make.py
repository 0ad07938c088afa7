"""Draws the gallery: `make gallery`, or `PYTHONPATH=. python docs/gallery/make.py`. Needs the program chromium.

Every chart type and every transform on the built-in sample, in both themes, as wide as the page and as a phone. The
moment is fixed, so that the pictures change when the drawing does.
"""

from __future__ import annotations

import json
import shutil
import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import plotly.graph_objects as go
import streamlit
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from lib.core.charts import CHART_TYPES
from lib.core.drawing import draw, unfit
from lib.core.merging import combine, merge
from lib.core.palette import DARK, LIGHT, Palette
from lib.core.preset_files import read_catalogue
from lib.core.question import Moments, Question
from lib.core.settings import Settings
from lib.core.standalone import BUNDLE
from lib.core.time_range import DAY
from lib.core.transform import TRANSFORMS, Chosen
from lib.core.view import Choices, View, view
from lib.sources import ask_all, connect

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC).timestamp()
THEMES = {"light": LIGHT, "dark": DARK}
FONT = "Source Sans"
WIDTHS = {"1280": 738, "390": 326}  # of the window, and what the chart page leaves of it for the chart
COLORS = 256  # in a picture's own palette
SERVERS = "sum by (namespace) (jupyterhub_running_servers)"
BUCKETS = "sum by (le) (increase(jupyterhub_server_spawn_duration_seconds_bucket[$__interval]))"


@dataclass(frozen=True)
class Example:
    """One picture: its name in files, its heading, what is said of it, and what is asked for it over how many days."""

    name: str
    title: str
    words: str
    question: str
    days: float
    choices: Choices


def chart_examples() -> Iterator[Example]:
    """One of each chart type, and buckets, which a heatmap draws in their own way."""
    asked = {
        "grouped": ("daily-users", 10, "cluster"),
        "steps": (SERVERS, 1, "cluster"),
        "area": (SERVERS, 10, "namespace"),
        "lines": ("memory-used", 10, "hub"),
        "points": ("start-times", 20, ""),
        "calendar": ("daily-users", 364, "total"),
        "histogram": ("hours-by-person", 30, ""),
    }
    for name, kind in CHART_TYPES.items():
        question, days, by = asked.get(name, ("daily-users", 30, "hub"))
        yield Example(name, kind.label, kind.help, question, days, Choices(by=by, chart=name))
    yield Example("buckets", "Heatmap of buckets", BUCKETS, BUCKETS, 10, Choices(by="series", chart="heatmap"))


def transform_examples() -> Iterator[Example]:
    """One of each transform that is offered."""
    for name, kind in TRANSFORMS.items():
        if kind.offered:
            choices = Choices(by="cluster", chart="lines", do=(Chosen(name, kind.usual),))
            question = "server-starts" if name == "cumulative" else "daily-users"  # what may be added up over time
            yield Example(f"do-{name}", kind.label, kind.help, question, 60, choices)


def answer(example: Example) -> View:
    """What the sample says to the question of an example, as one looks at it."""
    presets = read_catalogue()
    known = presets.get(example.question)
    question = Question.of_preset(known) if known else Question.of_expr(example.question)
    puts = Moments(NOW - example.days * DAY, NOW, NOW).put(question)
    sources = connect(Settings()).sources
    answers = [(put.name, merge(put.query, ask_all(sources, put.query))) for put in puts]
    result = combine(answers)
    reports = tuple(replace(report, fetched_at=NOW if report.fetched_at else 0.0) for report in result.reports)
    return view(replace(result, reports=reports), question, example.choices)


def photograph(page: Page, figure: go.Figure, width: int, palette: Palette) -> bytes:
    """The figure as the browser draws it, as PNG."""
    described = json.loads(figure.to_json())
    height = described["layout"]["height"]
    described["layout"]["font"] = {"family": FONT}
    page.set_viewport_size({"width": width + 32, "height": height + 32})
    page.evaluate(
        """async ([figure, color]) => {
            await document.fonts.load("13px 'Source Sans'");
            document.body.style.cssText = `margin: 0; padding: 16px; background: ${color}`;
            document.body.innerHTML = "<div id=chart></div>";
            await Plotly.newPlot("chart", figure.data, figure.layout, {displayModeBar: false, responsive: true});
        }""",
        [described, palette.page],
    )
    return page.screenshot(full_page=True)


def _style() -> str:
    """The font that Streamlit brings along."""
    (font,) = (Path(streamlit.__file__).parent / "static" / "static" / "media").glob("SourceSansVF-Upright*.woff2")
    held = b64encode(font.read_bytes()).decode("ascii")
    return f"<style>@font-face {{ font-family: '{FONT}'; src: url(data:font/woff2;base64,{held}); }}</style>"


def smaller(picture: bytes) -> bytes:
    """The same with few colours, in a fraction of the bytes."""
    packed = BytesIO()
    Image.open(BytesIO(picture)).convert("RGB").quantize(
        COLORS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
    ).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def section(heading: str, examples: Sequence[Example]) -> str:
    """The part of the page for some examples."""
    parts = [f"## {heading}"]
    for example in examples:
        said = f"`{example.words}`" if example.words == BUCKETS else example.words.split("\n\n")[0].replace("\n", " ")
        pictures = [
            f'<img src="{example.name}-{width}-{theme}.png" width="{410 if width == "1280" else 200}" '
            f'alt="{example.title}, {theme}, {width} pixels">'
            for width in WIDTHS
            for theme in THEMES
        ]
        parts.append(f"### {example.title}\n\n{said}\n\n" + "\n".join(pictures))
    return "\n\n".join(parts)


def make() -> int:
    """Draw every picture and write the page; returns the exit status, 1 where something could not be drawn."""
    charts, transforms = list(chart_examples()), list(transform_examples())
    for old in HERE.glob("*.png"):
        old.unlink()
    failed = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content(f"<!doctype html><html><head>{_style()}</head><body></body></html>")
        page.add_script_tag(path=BUNDLE)
        for example in [*charts, *transforms]:
            shown = answer(example)
            if why := ("no series" if shown.whole.empty else unfit(shown)):
                failed.append(f"{example.name}: {why}")
                continue
            for theme, palette in THEMES.items():
                for width, pixels in WIDTHS.items():
                    picture = photograph(page, draw(shown, palette=palette), pixels, palette)
                    (HERE / f"{example.name}-{width}-{theme}.png").write_bytes(smaller(picture))
        browser.close()
    written = [
        "# Gallery",
        "Every chart type and every transform on the built-in sample, as `make gallery` draws them: light and dark, as "
        "wide as the chart page and as a phone. To add one, see "
        "[`lib/core/charts`](../../lib/core/charts/__init__.py) and "
        "[`lib/core/transform`](../../lib/core/transform/__init__.py); it appears here the next time.",
        section("Chart types", charts),
        section("Transforms", transforms),
    ]
    (HERE / "README.md").write_text("\n\n".join(written) + "\n", encoding="utf-8")
    print("\n".join(failed))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(make())
