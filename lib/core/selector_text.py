"""The text of one selector, taken apart and put together again: another name, one more matcher, a window."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

_STRING = r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`"""
_HEAD = re.compile(r"\s*([\w:.]*)\s*(\{)?")
_MATCHER = re.compile(rf"\s*((?:{_STRING}|[\w.:]+)\s*(?:(=~|!~|!=|=)\s*(?:{_STRING}))?)\s*(,|(?=\}}))", re.DOTALL)
_LABEL = re.compile(rf"({_STRING}|[\w.:]+)\s*(=~|!~|!=|=)", re.DOTALL)
_PLAIN = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_PLAIN_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


@dataclass(frozen=True)
class SelectorText:
    """A selector: the name of its metric, "" without one; its matchers as typed; what stands behind, as `offset`."""

    name: str
    matchers: tuple[str, ...] = ()
    rest: str = ""

    @property
    def text(self) -> str:
        """The selector as PromQL."""
        return f"{self.bare}{self.rest}"

    @property
    def bare(self) -> str:
        """The selector without what stands behind it."""
        return f"{self.name}{{{', '.join(self.matchers)}}}" if self.matchers or not self.name else self.name

    def over(self, length: str) -> str:
        """The selector with a window of a length such as `5m`."""
        return f"{self.bare}[{length}]{self.rest}"

    def with_matcher(self, label: str, value: str) -> SelectorText:
        """With `label="value"`, in place of an equality or a pattern that this label had."""
        new, matchers = matcher(label, value), list(self.matchers)
        places = [place for place, text in enumerate(matchers) if _label(text) in ((label, "="), (label, "=~"))]
        if not places:
            return replace(self, matchers=(*matchers, new))
        matchers[places[0]] = new
        kept = [text for place, text in enumerate(matchers) if place not in places[1:]]
        return replace(self, matchers=tuple(kept))

    def without(self, label: str) -> SelectorText:
        """Without every matcher of a label."""
        return replace(self, matchers=tuple(text for text in self.matchers if _label(text)[0] != label))

    def named(self, metric: str) -> SelectorText:
        """The same matchers on another metric."""
        rest = self.without("__name__")
        return replace(rest, name=metric) if _PLAIN_METRIC.fullmatch(metric) else _quoted(rest, metric)


def read_text(text: str) -> SelectorText:
    """Takes the text of one selector apart. Raises ValueError for one with `or` or a comment between its matchers."""
    head = _HEAD.match(text)
    assert head is not None
    at, matchers = head.end(), list[str]()
    if not head[2]:
        return SelectorText(head[1], (), text[head.end(1) :].rstrip())
    while found := _MATCHER.match(text, at):
        matchers.append(found[1])
        at = found.end()
    closing = re.compile(r"\s*\}").match(text, at)
    if closing is None:
        raise ValueError("no list of matchers")
    return SelectorText(head[1], tuple(matchers), text[closing.end() :].rstrip())


def selector_of(metric: str) -> SelectorText:
    """All series of a metric."""
    return SelectorText("").named(metric)


def matcher(label: str, value: str, operator: str = "=") -> str:
    """A matcher as PromQL, its value quoted; a label with other letters too, as Prometheus 3 has them."""
    return f"{label if _PLAIN.fullmatch(label) else quote(label)}{operator}{quote(value)}"


def quote(text: str) -> str:
    """A string of PromQL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _quoted(selector: SelectorText, metric: str) -> SelectorText:
    return replace(selector, name="", matchers=(quote(metric), *selector.matchers))


def _label(text: str) -> tuple[str, str]:
    """The label and the operator of a matcher; a quoted name of a metric is the label `__name__`."""
    found = _LABEL.match(text)
    return (found[1].strip("\"'`"), found[2]) if found else ("__name__", "=")


def add_matcher(expr: str, metric: str, label: str, value: str) -> str | None:
    """The query, complete or not, with a matcher on every selector of a metric; None where it has none of them."""
    changed, found = expr, False
    for start, end in reversed(list(_selectors(expr, metric))):
        try:
            selector = read_text(expr[start:end])
        except ValueError:
            continue
        changed, found = f"{changed[:start]}{selector.with_matcher(label, value).text}{changed[end:]}", True
    return changed if found else None


def _selectors(expr: str, metric: str) -> Iterator[tuple[int, int]]:
    """Where the selectors of a metric begin and end, without `offset` and `@`; lists of labels are passed over."""
    tokens = [(each.group(), each.start(), each.end()) for each in _TOKEN.finditer(expr) if not each["space"]]
    closings = {mark: [at for at, (text, *_) in enumerate(tokens) if text == mark] for mark in "})"}

    def next_closing(mark: str, place: int) -> int:
        rest = bisect_right(closings[mark], place)
        return closings[mark][rest] if rest < len(closings[mark]) else place

    place = 0
    while place < len(tokens):
        text, start, end = tokens[place]
        behind = tokens[place + 1][0] if place + 1 < len(tokens) else ""
        closing = {"{": "}", "(": ")"}.get(behind, "") if text == metric or text.lower() in _LISTS else ""
        if text == "{":
            closing, behind = "}", text
        last = next_closing(closing, place) if closing else place
        if text == metric and behind != "(" and (behind != "{" or last > place):
            yield start, tokens[last][2] if behind == "{" else end
        place = last + 1


_LISTS = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
_TOKEN = re.compile(rf"(?P<space>\s+|\#[^\n]*)|(?:{_STRING})|[\w.:]+|.", re.DOTALL)
