"""Whatever a label holds can be seen: two that differ look different, and what has no look has a mark."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.visible import has_no_look, sentence, visible

SHOWN = {
    "letters stay": ("prod hub-1 é ü 東京 🗝", "prod hub-1 é ü 東京 🗝"),
    "a line break": ("a\nb", "a⟨U+000A⟩b"),
    "a tab": ("a\tb", "a⟨U+0009⟩b"),
    "NUL": ("a\0b", "a⟨U+0000⟩b"),
    "a switch of the writing direction": ("user\u202egnp.exe", "user⟨U+202E⟩gnp.exe"),
    "no width": ("a\u200bb", "a⟨U+200B⟩b"),
    "a soft hyphen": ("a\u00adb", "a⟨U+00AD⟩b"),
    "a byte order mark": ("\ufeffa", "⟨U+FEFF⟩a"),
    "half of a character": ("a\ud800", "a⟨U+D800⟩"),
    "a blank at the start": (" a", "⟨U+0020⟩a"),
    "a blank at the end": ("a ", "a⟨U+0020⟩"),
    "two blanks": ("a  b", "a⟨U+0020⟩⟨U+0020⟩b"),
    "another blank": ("a\u00a0b\u3000c", "a⟨U+00A0⟩b⟨U+3000⟩c"),
    "a letter that is empty": ("\u3164", "⟨U+3164⟩"),
    "a tag beyond the first plane": ("a\U000e0041", "a⟨U+E0041⟩"),
    "a joiner behind a Latin letter": ("a\u200db", "a⟨U+200D⟩b"),
    "a joiner in a picture": ("👩\u200d💻 ❤\ufe0f", "👩\u200d💻 ❤\ufe0f"),
    "a joiner in Persian": ("می\u200cخواهم", "می\u200cخواهم"),
    "an accent of its own": ("e\u0301", "e\u0301"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("text", "shown"), SHOWN.values(), ids=SHOWN)
def test_what_cannot_be_seen_is_marked_and_the_rest_stays(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_sentence_is_one_line_and_its_blanks_are_blanks() -> None:
    assert sentence(" a\n\n  b\u00a0c\0\td\u200b ") == "a b c⟨U+0000⟩ d⟨U+200B⟩"


ANY = st.text(st.characters(), max_size=12) | st.text("ab \n\t\0\u202e\u200b\u200d\u00a0⟨⟩U+0A❤\ufe0f", max_size=12)
MARK = re.compile("⟨U\\+([0-9A-F]{4,6})⟩")


@settings(max_examples=300)
@given(ANY)
def test_marks_put_back_give_the_text(text: str) -> None:
    if not MARK.search(text):
        assert MARK.sub(lambda found: chr(int(found[1], 16)), visible(text)) == text
    assert visible(visible(text)) == visible(text)


@settings(max_examples=300)
@given(ANY)
def test_nothing_is_left_that_a_page_folds_or_hides(text: str) -> None:
    shown = visible(text)
    assert " ".join(shown.split()) == shown
    for at, letter in enumerate(shown):
        assert not has_no_look(letter) or not shown[at - 1].isascii()
        assert unicodedata.category(letter) not in ("Cc", "Cs", "Zl", "Zp")
