"""Pictures that go alone: the frame is inside, nothing of it is markup, and a page of it needs no network."""

from __future__ import annotations

import json
import re
from pathlib import Path

import plotly
import plotly.io
import pytest

from lib.core.charts import CHART_TYPES
from lib.core.charts.framed import HEIGHT, WIDTH, Frame, framed
from lib.core.palette import LIGHT
from lib.core.standalone import BUNDLE, standalone
from tests.core.test_charts import HOSTILE, draw, many

FRAME = Frame(
    "How many people a day?",
    "24 Oct – 22 Nov 2026 · by hub · 3 of 4 clusters · UTC",
    "leap: left out, not counted as zero. leap has no data before 12 Oct.",
    "Source: Prometheus of aurora and birch. Hubscope, 22 Nov 2026",
)


def texts(kind: str, frame: Frame, count: int = 3) -> list[str]:
    figure = framed(draw(kind, many(count, 30), palette=LIGHT), frame)
    return [note.text for note in figure.layout.annotations]


@pytest.mark.parametrize("kind", list(CHART_TYPES))
def test_title_subtitle_notes_and_source_stand_in_the_picture(kind: str) -> None:
    title, subtitle, foot = texts(kind, FRAME, 12)
    assert (title, subtitle) == (FRAME.title, FRAME.subtitle)
    assert foot == f"{FRAME.notes}<br>{FRAME.stamp}"


@pytest.mark.parametrize("kind", list(CHART_TYPES))
def test_a_picture_has_one_size_and_no_placeholder(kind: str) -> None:
    figure = framed(draw(kind, many(12, 30), palette=LIGHT), FRAME)
    assert (figure.layout.width, figure.layout.height) == (WIDTH, HEIGHT)
    assert "#0000" not in plotly.io.to_json(figure)


def test_long_texts_are_broken_into_lines_that_fit() -> None:
    long = Frame("word " * 40, "word " * 60, "word " * 100, "stamp")
    title, subtitle, foot = texts("bars", long)
    assert [text.count("<br>") for text in (title, subtitle, foot)] == [2, 2, 4]
    assert max(len(line) for text in (title, subtitle, foot) for line in text.split("<br>")) <= 165


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_of_the_frame_is_markup(hostile: str) -> None:
    for text in texts("lines", Frame(hostile, hostile, hostile, hostile)):
        assert not set(text.replace("<br>", "")) & set("<>%$")


def test_room_above_the_chart_grows_with_the_legend() -> None:
    tops = [framed(draw("bars", many(count), palette=LIGHT), FRAME).layout.margin.t for count in (1, 3, 7, 11)]
    assert tops == sorted(set(tops))


def test_a_page_alone_asks_nothing_of_the_network_and_breaks_out_of_no_tag() -> None:
    name = "</script><script>alert(1)</script>"
    page = standalone(draw("lines", many(2), name, "b", palette=LIGHT), Frame(name, "s", "n", "m"))
    assert not re.search(r"""(src|href)\s*=|@import|url\(""", page)
    assert page.count("<script") == page.count("</script>") == 3 and "alert(1)</script>" not in page
    assert page == standalone(draw("lines", many(2), name, "b", palette=LIGHT), Frame(name, "s", "n", "m"))
    assert len(page) < 800_000


def test_the_drawing_in_the_page_is_that_of_the_chart() -> None:
    figure = draw("bars", many(3), palette=LIGHT)
    held = re.search(r'<script id="drawing" type="application/json">(.*?)</script>', standalone(figure, FRAME))
    assert held and json.loads(held[1]) == json.loads(figure.to_json())


def test_the_bundle_is_of_the_version_that_the_installed_plotly_draws_with() -> None:
    theirs = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    versions = [re.search(r"v(\d+\.\d+\.\d+)", path.read_text(encoding="utf-8")[:300]) for path in (theirs, BUNDLE)]
    assert all(versions) and versions[0][1] == versions[1][1]  # type: ignore[index]
