"""What a link says of itself: what is known about it, and nothing that a stranger could have put there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.link_preview import LinkPreview, link_preview, title_only
from lib.core.preset_files import read_catalogue
from lib.core.relative_time import Calendar

PRESETS = read_catalogue()
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()
MONTH = "now-1M/M"
DAILY = {"preset": "daily-users"}
HOSTILE = 'sum(x{a="</title><script>alert(1)</script>"}) Pay here: evil.example'


def said(path: str, parameters: dict[str, str]) -> LinkPreview:
    lists = {name: [value] for name, value in parameters.items()}
    return link_preview(path, lists, PRESETS, NOW, Calendar())


TITLES = {
    "its usual time": ("", DAILY, "Daily users · Last 30 days · Hubscope"),
    "a time with a name": ("", DAILY | {"from": MONTH, "to": MONTH}, "Daily users · Last full month · Hubscope"),
    "an end left out": ("", DAILY | {"from": "now-7d"}, "Daily users · Last 7 days · Hubscope"),
    "words": ("chart", DAILY | {"from": "last month"}, "Daily users · 1 Oct – 31 Oct 2026 · Hubscope"),
    "frozen": (
        "",
        DAILY | {"from": "2026-07-01", "to": "2026-07-31"},
        "Daily users · 1 Jul – 31 Jul 2026 · Hubscope",
    ),
    "a time that is none": ("", DAILY | {"from": "Pay here: evil.example"}, "Daily users · Hubscope"),
    "the first page": ("", {}, "Hubscope"),
    "an unknown preset": ("", {"preset": "no-such"}, "Hubscope"),
    "a panel of a dashboard": ("", DAILY | {"dashboard": "g/abc"}, "Hubscope"),
    "a query": ("promql", {"expr": HOSTILE, "name_a": HOSTILE[:30]}, "PromQL · Hubscope"),
    "a chart of a query": ("chart", {"expr": HOSTILE, "title": "Pay here"}, "PromQL · Hubscope"),
    "a chart of a preset": ("chart", DAILY | {"expr": HOSTILE}, "Daily users · Last 30 days · Hubscope"),
    "sources": ("sources", DAILY, "Sources · Hubscope"),
}


@pytest.mark.parametrize(("path", "parameters", "title"), TITLES.values(), ids=TITLES)
def test_a_link_says_what_it_is(path: str, parameters: dict[str, str], title: str) -> None:
    assert said(path, parameters).title == title


def test_the_description_of_a_preset_says_what_its_number_means() -> None:
    preset = PRESETS["daily-users"]
    assert said("", DAILY).description == f"{preset.question} {preset.means}"


_VALUES = st.text(max_size=64) | st.sampled_from(["now/d", "99999999999999", "now-99999y", "Q9 2026", "now+9y/fy"])


@given(st.sampled_from(["", "chart", "promql", "sources"]), st.fixed_dictionaries({"from": _VALUES, "to": _VALUES}))
def test_whatever_an_address_says_its_title_is_made_of_our_words_and_of_dates(path: str, times: dict[str, str]) -> None:
    found = said(path, DAILY | times)
    assert found.title.endswith("Hubscope") and len(found.title) < 100
    assert not set("<>&\"'") & set(found.title)


def test_where_people_sign_in_a_preview_says_the_title_of_the_preset_and_no_more():
    asked = {"preset": ["daily-users"], "from": ["now-30d"], "v.hub": ["secret-hub"], "tz": ["Europe/Berlin"]}
    found = title_only("chart", asked, PRESETS)
    assert found == LinkPreview("Daily users · Hubscope", LinkPreview().description)
    assert title_only("", {**asked, "dashboard": ["g/x"]}, PRESETS) == LinkPreview()
    for path in ("promql", "sources"):
        assert title_only(path, asked, PRESETS) == LinkPreview()
    assert title_only("chart", {"expr": ["secret"]}, PRESETS) == LinkPreview()
