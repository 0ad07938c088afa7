"""Messages: foreign text stays text whatever it looks like, and every kind of failure has its words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lib.core.errors import Kind, QueryError, SourceError
from lib.core.result import Report
from lib.core.visible import sentence
from lib.ui import messages
from lib.ui.messages import md, query_error, reason

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])

HOSTILE = {
    "a picture that would be fetched": "![x](http://tracker.example/pixel.png)",
    "a link in disguise": "[click me](http://phishing.example)",
    "a link by reference": "[x]: http://phishing.example",
    "a bare address in brackets": "<http://phishing.example>",
    "a script": "<script>alert(1)</script>",
    "an image of HTML": '<img src="http://tracker.example/x.png" onerror=alert(1)>',
    "maths": "$5 and $6",
    "display maths": "$$x^2$$",
    "a colour of Streamlit": ":red[not red]",
    "a background of Streamlit": ":blue-background[x]",
    "an emoji by name": ":rocket:",
    "an icon of Streamlit": ":material/delete:",
    "stars inside a name": "jupyter_*x*_**y**",
    "underscores": "__init__ _x_",
    "code": "`rm -rf`",
    "a fence": "```python\nx\n```",
    "struck out": "~~x~~ ~y~",
    "a heading": "# x",
    "a heading by underlining": "x\n===",
    "a list": "- x\n- y",
    "a numbered list": "1. x\n2) y",
    "a quotation": "> x",
    "a rule": "---",
    "a table": "| a | b |\n|---|---|\n| 1 | 2 |",
    "an entity": "&lt;b&gt; &amp; &#x41;",
    "a backslash before a mark": "\\*x\\*",
    "backslashes at the end": "x\\\\",
    "line breaks": "a  \nb\r\n\r\nc\\\nd",
    "an indented block": "\tcode\n    code",
    "a switch of the writing direction": "user\u202egnp.exe",
    "invisible letters": "a\u200b\u2060b\ufeff\u00ad\x00\x1b[31m",
}


def folded(text: str) -> str:
    """The same in one line, what cannot be seen marked: what a reader is meant to read. See tests/core/test_visible."""
    return sentence(text)


def shown(markdown: str) -> str:
    """What a paragraph shows; fails if it is anything but one paragraph of plain text, or of text as code."""
    tokens = MARKDOWN.parse(markdown)
    if not tokens:
        return ""
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert {child.type for child in tokens[1].children or []} <= {"text", "code_inline"}
    return "".join(child.content for child in tokens[1].children or [])


def test_the_table_of_hostile_labels_has_31_rows():
    assert len(HOSTILE) == 31


@pytest.mark.parametrize("label", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_label_is_shown_letter_for_letter(label):
    assert shown(md(label)) == folded(label)


@pytest.mark.parametrize("label", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_label_stays_text_in_the_middle_of_a_sentence(label):
    assert shown(f"before {md(label)} after") == f"before {folded(label)} after"


ANY_TEXT = st.text(st.characters(), max_size=40)
MARKS = st.text(alphabet="!#$&()*+-.:<=>[\\]^_`{|}~ \n\taé1\ud800", max_size=30)


@given(ANY_TEXT | MARKS)
def test_any_text_is_shown_letter_for_letter(text):
    written = md(text)
    assert shown(written) == folded(text)
    written.encode()  # can be sent
    assert "\n" not in written


@given(st.text(max_size=30).filter(lambda text: not re.search("@|https?:|www.", text, re.IGNORECASE)))
def test_no_mark_that_streamlit_reads_is_left_without_a_backslash(text):
    rest = md(text).replace("\\\\", "")
    assert not any(mark in "$:*_`[]<>~#|!&" and rest[place - 1 : place] != "\\" for place, mark in enumerate(rest))


LINKS = {
    "plain": ("https://github.com/x/y_z/blob/1a2b/f.jsonnet#L3", True),
    "with a query": ("http://grafana.example:3000/d/abc?orgId=1&from=now-1h", True),
    "no scheme": ("grafana.example", False),
    "a script": ("javascript:alert(1)", False),
    "data": ("data:text/html,<script>", False),
    "out of the brackets": ("https://x.example/) ![a](http://tracker.example/p.png", False),
    "a blank and a title": ('https://x.example/ "title"', False),
    "a line break": ("https://x.example/\nx", False),
    "a user name": ("https://me:pass@x.example/", False),
    "nothing": ("", False),
}


@pytest.mark.parametrize(("url", "fit"), LINKS.values(), ids=LINKS)
def test_a_link_is_plain_http_or_none_and_its_words_stay_text(url, fit):
    written = messages.link("[x](http://evil.example) *y*", url)
    assert bool(written) is fit
    if fit:
        (inline,) = [token for token in MARKDOWN.parse(written) if token.type == "inline"]
        opened, *words, closed = inline.children or []
        assert (opened.type, opened.attrs["href"], closed.type) == ("link_open", url, "link_close")
        assert {word.type for word in words} <= {"text", "code_inline"}
        assert "".join(word.content for word in words) == "[x](http://evil.example) *y*"


@pytest.mark.parametrize("kind", Kind, ids=str)
def test_every_kind_of_failure_has_words_that_follow_the_name_of_a_cluster(kind):
    words = reason(SourceError(kind, "x"))
    assert words and not words.endswith(".") and shown(md(words)) == words


def report(error: SourceError | None = None) -> Report:
    return Report("c", "c", error=error)


REFUSED, DOWN = QueryError("Parse error."), SourceError(Kind.TIMEOUT, "No answer.")
FAULTS = {
    "all refused it": ([report(REFUSED), report(REFUSED)], REFUSED),
    "one refused it, one is down": ([report(DOWN), report(REFUSED)], REFUSED),
    "one refused it, one answered": ([report(), report(REFUSED)], None),
    "all are down": ([report(DOWN)], None),
    "all answered": ([report(), report()], None),
    "nobody was asked": ([], None),
}


@pytest.mark.parametrize(("reports", "expected"), FAULTS.values(), ids=FAULTS)
def test_a_refusal_is_the_querys_fault_when_nobody_answered_it(reports, expected):
    assert query_error(tuple(reports)) is expected


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What is shown by st.error and st.code."""
    found: dict[str, list[str]] = {"error": [], "code": []}
    monkeypatch.setattr(messages.st, "error", lambda text, **_: found["error"].append(text))
    monkeypatch.setattr(messages.st, "code", lambda text, **_: found["code"].append(text))
    return found


def test_the_servers_own_words_are_shown_as_code(said):
    messages.show_error(SourceError(Kind.UPSTREAM, "It *broke*.", "Wait.", "<b>502</b> ![x](y)"))
    assert said == {"error": ["**It \\*broke\\*\\.**  \nWait\\."], "code": ["<b>502</b> ![x](y)"]}


CARETS = {
    "on the first line": ("up{", 1, 4, "up{\n   ^"),
    "on the second line": ("up +\n  down{", 2, 7, "  down{\n      ^"),
    "under a tab": ("\tup{", 1, 5, " up{\n    ^"),
    "before the first letter": ("up", 1, 0, "up\n^"),
}


@pytest.mark.parametrize(("typed", "line", "column", "expected"), CARETS.values(), ids=CARETS)
def test_a_refused_query_shows_its_line_and_a_caret_under_the_column(said, typed, line, column, expected):
    messages.show_query_error(QueryError("Refused.", line=line, column=column), typed)
    assert said["code"] == [expected]


@pytest.mark.parametrize("line", [0, 3, -1])
def test_a_position_that_is_not_in_the_query_shows_no_caret(said, line):
    messages.show_query_error(QueryError("Refused.", detail="bad", line=line, column=1), "up\ndown")
    assert said["code"] == ["bad"]
