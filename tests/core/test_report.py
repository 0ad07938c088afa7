"""Reports: self-contained, escaped, honest about what is missing, and small."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import Kind, SourceError
from lib.core.merging import merge
from lib.core.preset_files import read_catalogue
from lib.core.pseudonyms import Pseudonyms
from lib.core.question import Moments, Question
from lib.core.report import Heading, file_name, monthly, write
from lib.core.report_axes import time_ticks, value_ticks
from lib.core.report_sections import Part
from lib.core.result import Answer, Outcome, ResultType
from lib.core.time_range import DAY
from lib.core.view import Choices

OCTOBER = Moments(1_790_812_800, 1_793_491_199.999, 1_793_500_000)
HEADING = Heading("Monthly community report", OCTOBER.start, OCTOBER.end, OCTOBER.now, "UTC", "https://hubs.example/")
HOSTILE = '<img src=x onerror="alert(1)">&amp;'


def part(rows: dict[str, list[float]], preset: str = "daily-users", failed: str = "", moments=OCTOBER) -> Part:
    """A preset answered by one cluster, one row of values per hub, repeated; and a cluster that failed."""
    question = Question.of_preset(read_catalogue()[preset])
    puts = moments.put(question)
    grid = puts[0].query.grid
    values = np.array([np.resize(np.array(row, float), grid.points) for row in rows.values()])
    values = values.reshape(len(rows), grid.points)
    kind = ResultType.VECTOR if question.instant else ResultType.MATRIX
    answer = Answer(kind, grid, tuple({"namespace": hub} for hub in rows), values, fetched_at=OCTOBER.now)
    outcomes = [Outcome("leap", "leap", answer)]
    outcomes += [Outcome(failed, "f", SourceError(Kind.TIMEOUT, "No answer in 30 s."))] if failed else []
    return Part(question, puts, merge(puts[0].query, outcomes), Choices(hide_staging=False))


class Tags(HTMLParser):
    """What an HTML text consists of, read by Python's own parser."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.rows: list[list[str]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        self.words += data
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip() if self.lasttag in ("td", "th") else ""


def test_nothing_in_a_report_makes_a_browser_load_anything() -> None:
    text = write([part({"prod": [1, 2]}), part({"prod": [3]}, "servers-running")], HEADING, Pseudonyms(b"k"))
    found = Tags(text)
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form", "video"} & set(found.tags)
    names = {name for name, _ in found.attributes}
    assert not [name for name in names if name.startswith("on")] and not {"src", "srcset", "xlink:href"} & names
    assert not re.search(r"url\((?!#)|@import", text)
    assert "default-src 'none'" in text


def test_foreign_text_is_text() -> None:
    text = write([part({HOSTILE: [1], "prod": [2]}, failed=f"c{HOSTILE}")], HEADING, Pseudonyms(b"k"))
    assert "<img" not in text
    assert f"c{HOSTILE}" in Tags(text).words
    assert HOSTILE in Tags(text).rows[0]


def test_a_cluster_that_failed_is_named_with_its_reason_and_never_a_zero() -> None:
    text = write([part({"prod": [5, np.nan]}, failed="dusk")] * 2, HEADING, Pseudonyms(b"k"))
    words = " ".join(Tags(text).words.split())
    assert "Not everything is here. Without an answer to at least one question: dusk." in words
    assert "1 of 2 clusters answered. dusk: No answer in 30 s." in words
    cells = {cell for row in Tags(text).rows for cell in row[1:]}
    assert "–" in cells and "0" not in cells


def test_numbers_of_the_table_and_the_headlines_are_those_of_the_answer() -> None:
    text = write([part({"prod": [10, 20], "workshop": [1, 3]})], HEADING, None)
    found = Tags(text)
    assert found.rows[0] == ["Day (UTC)", "Total", "prod", "workshop"]
    assert found.rows[1] == ["2026-10-31", "11", "10", "1"]
    assert found.rows[2] == ["2026-10-30", "23", "20", "3"]
    assert len(found.rows) == 32
    assert "In October 2026 on average 17 people a day used the hubs" in found.words
    assert "Different people who did something on a hub" in found.words and "Counted anew every hour." in found.words


def test_an_empty_answer_says_so() -> None:
    assert "There is no value in this time." in write([part({})], HEADING, None)
    assert "There is no value in this time." not in write([part({"prod": [1]})], HEADING, None)


def test_a_year_of_many_hubs_in_short_steps_stays_under_three_megabytes() -> None:
    year = Moments(OCTOBER.end - 365 * DAY, OCTOBER.end, OCTOBER.now, 900)
    hubs = {f"hub-{number:03}": [number, 2 * number + 1, 7] for number in range(120)}
    text = write([part(hubs, "servers-running", moments=year), part(hubs, "hub-up", moments=year)] * 4, HEADING, None)
    assert len(text.encode()) < 3_000_000


def test_a_link_that_holds_people_or_a_query_is_left_out_where_names_are_hidden() -> None:
    link = "https://hubs.example/?preset=memory-by-person&var-user=ada"
    heading = Heading("Report", OCTOBER.start, OCTOBER.end, OCTOBER.now, "UTC", link)
    assert "var-user" not in write([part({"prod": [1]})], heading, Pseudonyms(b"k"))
    assert "var-user" in write([part({"prod": [1]})], heading, None)
    assert "https://hubs.example/" in write([part({"prod": [1]})], HEADING, Pseudonyms(b"k"))


def test_the_monthly_report_asks_presets_that_exist() -> None:
    assert set(monthly().presets) <= set(read_catalogue()) and len(monthly().presets) > 3


def test_a_file_name_says_what_and_when() -> None:
    assert file_name(HEADING.title, HEADING) == "monthly-community-report_2026-10-01_2026-10-31.html"
    named = file_name(HEADING.title, HEADING, b"a")
    assert named == "monthly-community-report_2026-10-01_2026-10-31_ca978112ca1bbdca.html"
    assert named != file_name(HEADING.title, HEADING, b"b")


@given(st.floats(-1e12, 0), st.floats(0, 1e12), st.integers(3, 8), st.booleans())
def test_ticks_of_values_are_few_distinct_and_hold_all_between_them(low, high, most, whole) -> None:
    ticks = value_ticks(low, high, most, whole=whole, suffix="")
    near = max(high - low, 1e-6) * 1e-8  # what floats of this size cannot tell apart
    assert ticks[0].at <= low + near and ticks[-1].at >= high - near
    assert 2 <= len(ticks) <= most + 2
    assert len({tick.text for tick in ticks}) == len(ticks)


@given(st.integers(0, 4_000_000_000), st.integers(1, 40 * 365 * DAY), st.integers(3, 9))
def test_ticks_of_times_are_few_and_lie_within(start, length, most) -> None:
    ticks = time_ticks(start, start + length, most)
    assert len(ticks) <= most + 1
    assert all(start <= tick.at <= start + length for tick in ticks)


@pytest.mark.parametrize("preset", ["daily-users", "weekly-users", "hub-answers"], ids=["bars", "lines", "area"])
def test_a_gap_is_drawn_as_one(preset: str) -> None:
    def pieces(values: list[float]) -> int:
        """How many pieces the series in the wide drawing is made of."""
        text = write([part({"prod": values}, preset, moments=replace(OCTOBER, step=DAY))], HEADING, None)
        wide = text[text.index('<svg class="wide"') : text.index('<svg class="narrow"')]
        (path,) = re.findall(r'<path d="([^"]*)"[^>]*><title>', wide)
        return path.count("M")

    whole, gappy = pieces([5.0]), pieces([5.0, 5.0, np.nan])
    # Of 31 days every third is missing: 10 pieces of two days, and a last day, which as a line has a dot of its own.
    assert gappy == {"daily-users": 21, "weekly-users": 12, "hub-answers": 11}[preset]
    assert whole == (31 if preset == "daily-users" else 1)
