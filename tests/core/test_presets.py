"""The catalogue: every preset is whole and asks valid PromQL; a bad one is refused by file, preset and field."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import promql_parser
import pytest

from lib.core.charts import CHART_TYPES
from lib.core.errors import PresetError
from lib.core.preset_files import FOLDER, TABLE, read_catalogue, read_file
from lib.core.presets import SUBJECTS, Audience, Covers, Difference, NamedQuery, Preset
from lib.core.question import Moments, Question
from lib.core.time_range import DAY
from lib.core.time_text import resolve
from lib.core.units import UNITS

CATALOGUE = read_catalogue()
NOW = 1_790_000_000.0
every_preset = pytest.mark.parametrize("preset", CATALOGUE.values(), ids=CATALOGUE)


def test_there_are_presets_and_some_stand_on_the_page_itself():
    first = [preset for preset in CATALOGUE.values() if preset.first]
    assert len(CATALOGUE) > 5 and 2 <= len(first) <= 6
    assert all(preset.audience is Audience.EVERYONE for preset in first)


@every_preset
def test_its_queries_are_promql_once_they_are_filled_in(preset):
    moments = Moments(resolve(preset.range, NOW), NOW, NOW)
    for put in moments.put(Question.of_preset(preset)):
        assert promql_parser.parse(put.filled.text)
        assert "$" not in re.sub(r'"[^"]*"', "", put.filled.text)


@every_preset
def test_its_queries_are_promql_with_every_choice_made(preset):
    choices = dict.fromkeys(("hub", "namespace", "user", "group"), ('a"b\\c.d$__range|e', "f"))
    for put in Moments(NOW - 30 * DAY, NOW, NOW).put(Question.of_preset(preset, choices)):
        assert promql_parser.parse(put.filled.text)


@every_preset
def test_it_says_what_its_number_means_and_how_it_misleads_in_at_most_60_words(preset):
    assert preset.means.endswith(".") and preset.care.endswith(".")
    assert len(f"{preset.means} {preset.care}".split()) <= 60


@every_preset
def test_its_question_is_a_question(preset):
    assert preset.question.endswith("?") and preset.question[0].isupper()
    assert len(preset.title) <= 32


@every_preset
def test_it_is_drawn_and_written_in_ways_that_exist(preset):
    assert preset.unit in UNITS
    assert preset.chart in {*CHART_TYPES, TABLE}
    assert preset.subject in SUBJECTS
    assert resolve(preset.range, NOW) < NOW


@every_preset
def test_its_address_upstream_is_a_plain_link(preset):
    if preset.upstream:
        assert re.fullmatch(r"https://github\.com/[A-Za-z0-9_./#-]+", preset.upstream.url)


@every_preset
def test_it_says_in_one_sentence_how_it_differs_from_upstream(preset):
    if preset.differs:
        assert re.fullmatch(r"The panel [^.]+(?:\d\.\d[^.]*)?\.", preset.differs)
        assert len(preset.differs.split()) <= 40
        assert not re.search(r"[*_`\[\]<>$|~#\\]|:[a-z]", preset.differs)


@every_preset
def test_its_own_words_hold_nothing_that_markdown_would_read(preset):
    assert not re.search(r"[*_`\[\]<>$|~#\\]|:[a-z]", preset.question + preset.title)


def test_titles_and_questions_are_different():
    for field in ("title", "question"):
        said = [getattr(preset, field).lower() for preset in CATALOGUE.values()]
        assert len(set(said)) == len(said)


def test_the_catalogue_has_the_order_of_its_subjects():
    places = [SUBJECTS.index(preset.subject) for preset in CATALOGUE.values()]
    assert places == sorted(places)


def test_every_file_says_whose_queries_it_borrows():
    for path in FOLDER.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        assert "upstream =" not in text or "BSD-3-Clause" in text, path.name


GOOD = """
[my-preset]
question = "How many?"
title = "Mine"
subject = "People"
means = "A number."
care = "It misleads."
unit = "people"
chart = "bars"
range = "now-30d"
covers = "instant"
adds = true
expr = 'up{job="a"}'
"""


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_in_a_file_is_all_that_a_new_preset_takes(tmp_path):
    write(tmp_path, GOOD)
    write(tmp_path, GOOD.replace("my-preset", "another").replace("Mine", "Another"), "more.toml")
    assert list(read_catalogue(tmp_path)) == ["my-preset", "another"]
    preset = read_catalogue(tmp_path)["my-preset"]
    assert (preset.question, preset.expr, preset.step) == ("How many?", 'up{job="a"}', 0)
    assert (preset.covers, preset.adds, preset.first) == (Covers.INSTANT, True, False)
    assert preset.upstream is None and preset.synonyms == () and preset.audience is Audience.EVERYONE


def test_every_field_arrives(tmp_path):
    text = (
        GOOD.replace("expr = 'up{job=\"a\"}'\n", "")
        + """
step = "1d"
mode = "now"
legend = "{{ namespace }}"
by = "total"
first = true
audience = "operators"
synonyms = ["one", "two words"]
upstream = { dashboard = "D", panel = "P", url = "https://github.com/x" }
differs = "The panel adds hubs up."
differs_in = ["mixed hubs", "short window"]
variables.hours = { words = "Hours", default = 8, unit = "hours" }
queries = { used = "up > $hours", limit = "down" }
"""
    )
    preset = read_file(write(tmp_path, text))[0]
    assert preset.queries == (NamedQuery("used", "up > $hours"), NamedQuery("limit", "down"))
    assert (preset.step, preset.instant, preset.legend, preset.by) == (DAY, True, "{{ namespace }}", "total")
    assert (preset.first, preset.audience, preset.synonyms) == (True, Audience.OPERATORS, ("one", "two words"))
    assert preset.upstream is not None and preset.upstream.panel == "P"
    assert preset.differs == "The panel adds hubs up."
    assert preset.differs_in == (Difference.MIXED_HUBS, Difference.SHORT_WINDOW)
    assert [(number.name, number.default, number.unit) for number in preset.numbers] == [("hours", 8.0, "hours")]
    assert preset.variables == preset.numbers


def test_no_files_are_an_empty_catalogue(tmp_path):
    assert read_catalogue(tmp_path) == {}


UPSTREAM = 'upstream = { dashboard = "D", panel = "P", url = "https://github.com/x" }'
# The name of a field, and what stands there instead of its line.
WRONG = {
    "an unknown field": ("color", 'color = "red"\nadds = true', "adds"),
    "a missing question": ("question", "", "question"),
    "a missing note of care": ("care", "", "care"),
    "a missing query": ("expr", "", "expr"),
    "an empty text": ("means", 'means = "  "', "means"),
    "a number for a text": ("title", "title = 5", "title"),
    "a list for a text": ("expr", 'expr = ["up"]', "expr"),
    "a text for a flag": ("adds", 'adds = "yes"', "adds"),
    "a number for a flag": ("adds", "adds = 1", "adds"),
    "an unknown unit": ("unit", 'unit = "parsecs"', "unit"),
    "an unknown chart": ("chart", 'chart = "pie"', "chart"),
    "an unknown subject": ("subject", 'subject = "Weather"', "subject"),
    "an unknown coverage": ("covers", 'covers = "day"', "covers"),
    "an unknown audience": ("audience", 'audience = "cats"\nadds = true', "adds"),
    "an unknown mode": ("mode", 'mode = "later"\nadds = true', "adds"),
    "a range that is a date": ("range", 'range = "2026-01-01"', "range"),
    "a range in minutes": ("range", 'range = "now-5m"', "range"),
    "a range of nothing": ("range", 'range = "now-0d"', "range"),
    "a range beyond the calendar": ("range", 'range = "now-99999y"', "range"),
    "a step of a month": ("step", 'step = "1M"\nadds = true', "adds"),
    "a step without a unit": ("step", "step = 60\nadds = true", "adds"),
    "a step of nothing": ("step", 'step = "0s"\nadds = true', "adds"),
    "synonyms as one text": ("synonyms", 'synonyms = "abc"\nadds = true', "adds"),
    "synonyms as a number": ("synonyms", "synonyms = 5\nadds = true", "adds"),
    "a legend that is no text": ("legend", "legend = 5\nadds = true", "adds"),
    "a source that lacks its panel": (
        "upstream",
        'upstream = { dashboard = "D", url = "https://x" }\nadds = true',
        "adds",
    ),
    "a source that is a text": ("upstream", 'upstream = "https://x"\nadds = true', "adds"),
    "a difference of no kind": (
        "differs_in",
        f'{UPSTREAM}\ndiffers = "It does."\nadds = true',
        "adds",
    ),
    "a kind of difference without a sentence": (
        "differs_in",
        f'{UPSTREAM}\ndiffers_in = ["mixed hubs"]\nadds = true',
        "adds",
    ),
    "an unknown kind of difference": (
        "differs_in",
        f'{UPSTREAM}\ndiffers = "It does."\ndiffers_in = ["taste"]\nadds = true',
        "adds",
    ),
    "a difference from nothing": (
        "differs",
        'differs = "It does."\ndiffers_in = ["mixed hubs"]\nadds = true',
        "adds",
    ),
    "two ways to ask": ("expr", 'queries = { a = "up" }\nadds = true', "adds"),
    "queries that are no table": ("queries", 'queries = "up"\nadds = true', "adds"),
    "an unknown variable": (r"\$cat", "expr = 'up{job=~\"$cat\"}'", "expr"),
    "a variable without a default": ("default", 'variables.hours = { words = "Hours" }\nadds = true', "adds"),
    "a variable under a name that is taken": (
        "name",
        'variables.hub = { words = "x", default = 1 }\nadds = true',
        "adds",
    ),
}


@pytest.mark.parametrize(("field", "line", "instead_of"), WRONG.values(), ids=WRONG)
def test_a_bad_field_is_refused_by_file_preset_and_field(tmp_path, field, line, instead_of):
    text = re.sub(rf"^{instead_of} = .*$", lambda _: line, GOOD, flags=re.MULTILINE)
    assert text != GOOD
    tomllib.loads(text)  # it is TOML; only the preset is wrong
    with pytest.raises(PresetError, match=rf"^mine\.toml, \[my-preset\].*{field}\b") as caught:
        read_catalogue(write(tmp_path, text).parent)
    assert caught.value.hint


BAD_FILES = {
    "no TOML": ("[my-preset", "not a TOML file"),
    "two presets of one name": (GOOD + GOOD, "not a TOML file"),
    "not UTF-8": (b"\xff\xfe[", "not a TOML file"),
    "an id with capitals": (GOOD.replace("my-preset", "MyPreset"), r"\[MyPreset\]: an id has"),
    "an id with a blank": (GOOD.replace("my-preset", '"my preset"'), r"\[my preset\]: an id has"),
    "an id that leads elsewhere": (GOOD.replace("my-preset", '"../x"'), r"\[\.\./x\]: an id has"),
    "an empty id": (GOOD.replace("my-preset", '""'), r"\[\]: an id has"),
    "a value where a preset should be": ("answer = 42", r"\[answer\] is not a table"),
    "a list of presets": (GOOD.replace("[my-preset]", "[[my-preset]]"), r"\[my-preset\] is not a table"),
}


@pytest.mark.parametrize(("text", "words"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_refused_by_its_name(tmp_path, text, words):
    (tmp_path / "mine.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PresetError, match=rf"^mine\.toml.*{words}") as caught:
        read_catalogue(tmp_path)
    assert caught.value.hint


def test_one_id_in_two_files_is_refused_by_the_second(tmp_path):
    write(tmp_path, GOOD, "a.toml")
    write(tmp_path, GOOD, "b.toml")
    with pytest.raises(PresetError, match=r"^b\.toml.*my-preset"):
        read_catalogue(tmp_path)


def test_a_preset_is_a_value():
    assert read_catalogue() == CATALOGUE
    assert len({hash(preset) for preset in CATALOGUE.values()}) == len(CATALOGUE)
    assert isinstance(next(iter(CATALOGUE.values())), Preset)
