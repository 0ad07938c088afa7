"""What people type, paste or click: addresses, moments, durations, transforms, settings, and names on their way out."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import parse_qs

import orjson

from lib.core import permalink
from lib.core.charts.text import plain
from lib.core.errors import ConfigError
from lib.core.export.cells import escape, is_formula, unescape
from lib.core.export.naming import file_name
from lib.core.history import from_json, to_json
from lib.core.link_preview import PATHS, link_preview
from lib.core.naming import one_line, verbose
from lib.core.preset_files import read_catalogue
from lib.core.preset_search import search
from lib.core.presets import Preset
from lib.core.relative_time import Calendar
from lib.core.secret import check_token
from lib.core.settings import SETTINGS, load_settings
from lib.core.time_range import format_duration, parse_duration
from lib.core.time_text import resolve, resolve_range
from lib.core.transform import spell, understand
from lib.core.written import from_state, make_ready
from lib.ui.messages import md
from tests.answers.made import START, grid_of
from tests.fuzz.targets import parts_of, sendable, target, text_of

_CALENDARS = (
    Calendar(),
    Calendar("America/New_York", 7, ("de", "fr", "es", "it", "nl", "pt")),
    Calendar("Asia/Kolkata", 4),
    Calendar("Pacific/Apia"),
)


@lru_cache(maxsize=1)
def _presets() -> Mapping[str, Preset]:
    return read_catalogue()


@target("address")
def address(data: bytes) -> None:
    """The parameters of an address give valid state; that state in an address is read as the same."""
    path, _, query = sendable(data).partition("?")
    state = permalink.decode(parse_qs(query, keep_blank_values=True))
    assert permalink.decode(permalink.encode(state)) == state
    for calendar in _CALENDARS[:2]:
        found = link_preview(PATHS[len(path) % len(PATHS)], permalink.encode(state), _presets(), START, calendar)
        assert found.title.endswith("Hubscope") and found.title.isprintable()
    written = from_state(state)
    if written:
        make_ready(written, {})


@target("moment")
def moment(data: bytes) -> None:
    """A text is a moment that can be written, or not one; the first byte chooses calendar and end."""
    chosen, text = (data[0], text_of(data[1:])) if data else (0, "")
    calendar, end = _CALENDARS[chosen % 4], bool(chosen & 4)
    if chosen & 8:
        first, last = (text.split("\0", 1) + [""])[:2]
        start, finish = resolve_range(first, last, START, calendar)
        assert start <= finish
    else:
        datetime.fromtimestamp(resolve(text, START, calendar, end=end), UTC)


@target("duration")
def duration(data: bytes) -> None:
    """A duration is whole seconds that are written and read as the same."""
    seconds = parse_duration(text_of(data))
    assert seconds >= 1 and parse_duration(format_duration(seconds)) == seconds


@target("transforms")
def transforms(data: bytes) -> None:
    """Transforms in a link are read as they are spelt."""
    chosen = understand(text_of(data))
    assert understand(spell(chosen)) == chosen


@target("settings")
def settings(data: bytes) -> None:
    """Settings are settings, or refused by name without the token. Values between NULs, in the order of SETTINGS."""
    values = dict(zip((setting.name for setting in SETTINGS), parts_of(data, len(SETTINGS)), strict=False))
    try:
        load_settings(values)
    except ConfigError as error:
        token = values.get("GRAFANA_TOKEN", "").strip()
        assert len(token) < 12 or token not in f"{error.message} {error.hint}"


@target("token")
def token(data: bytes) -> None:
    """A token is one that can stand in a header, or refused without being shown."""
    text = text_of(data)
    try:
        secret = check_token(text, "GRAFANA_TOKEN")
    except ConfigError as error:
        assert len(text.strip()) < 12 or text.strip() not in f"{error.message} {error.hint}"
    else:
        assert re.fullmatch(r"[\x21-\x7e]{8,512}", secret.reveal()) and repr(secret) == "***"


@target("history")
def history(data: bytes) -> None:
    """What a browser hands back as history is read, written and read as the same."""
    runs = from_json(text_of(data))
    assert from_json(to_json(runs)) == runs


@target("search")
def searched(data: bytes) -> None:
    """Any text finds presets, none twice."""
    found = search(_presets().values(), text_of(data))
    assert len({preset.id for preset in found}) == len(found)


@target("cell")
def cell(data: bytes) -> None:
    """A text in a file is no formula, and comes back."""
    text = text_of(data)
    assert unescape(escape(text)) == text
    assert not escape(text).startswith(tuple("=+-@\t\r\n\0＝＋－＠")) and escape(text)[:1] == (
        "'" if is_formula(text) else text[:1]
    )
    unescape(text)


@target("name")
def name(data: bytes) -> None:
    """A label is text wherever it goes: in markdown, in a figure, in a name, in a selector, in the name of a file."""
    text = text_of(data)
    assert "\n" not in md(text) and one_line(one_line(text)) == one_line(text)
    assert html.unescape(plain(text)) == plain_of(text)
    verbose({"__name__": text, text: text})
    assert re.fullmatch(r"[\w-]+\.[a-z-]+", file_name(text, [text], grid_of(2), data, "csv"), re.ASCII)


def plain_of(text: str) -> str:
    """What a figure shows of a text: the same on one line."""
    return " ".join(text.split())


@target("editor-message")
def editor_message(data: bytes) -> None:
    """What the editor sends is a text or is left alone; see the history for what a browser keeps."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return
    from_json(found)
