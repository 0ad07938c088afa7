"""PromQL, whoever wrote it: read, told in words, laid out, filled in, looked at for faults, answered."""

from __future__ import annotations

import numpy as np

from lib.core.diagnosis import diagnose, readable
from lib.core.explain import explain, steps
from lib.core.hints import hints
from lib.core.needs import metrics_in
from lib.core.paste import open_variables, resolve
from lib.core.promql import fill, parse
from lib.core.promql_format import prettify
from lib.core.reading import read
from lib.core.selector_text import add_matcher
from lib.core.written import on_one_line
from lib.promql import SyntaxFault, UnreadableError, recognise, scan, tree_of
from lib.sample.promql import MemoryStorage, PromQLError, SeriesSamples, evaluate_instant, evaluate_range
from lib.ui.editor.verdict import verdict
from tests.answers.made import grid_of
from tests.fuzz.targets import sendable, target, text_of

_MINUTE = 60_000
_TIMES = np.arange(30, dtype=np.int64) * _MINUTE
_STORAGE = MemoryStorage(
    [
        SeriesSamples({"__name__": name, "job": job, "le": le}, _TIMES, np.arange(30, dtype=float) * factor)
        for name, factor in (("up", 1.0), ("m", -0.5), ("m_bucket", 3.0))
        for job, le in (("a", "1"), ("a", "+Inf"), ("", ""))
    ]
)


@target("grammar", corpus="promql")
def grammar(data: bytes) -> None:
    """A text is PromQL with a tree, or has a fault that lies in it."""
    text = sendable(data)
    try:
        tokens = scan(text)
        assert all(0 <= token.at <= token.end <= len(text) for token in tokens)
        tree_of(recognise(text))
    except SyntaxFault as fault:
        assert 0 <= fault.at <= len(text) and fault.message
    except UnreadableError:
        pass


@target("layout", corpus="promql")
def layout(data: bytes) -> None:
    """Laid out, a query means the same; laid out twice, it looks the same."""
    text = text_of(data)
    new = prettify(text)
    assert prettify(new) == new
    before, after = readable(text), readable(new)
    assert (before is None) == (after is None)
    if before and after and _tree(before.text):  # one that is too long has none, and may be short once laid out
        assert _tree(before.text) == _tree(after.text)


def _tree(text: str) -> str:
    try:
        return str(parse(text))
    except ValueError:
        return ""


@target("told", corpus="promql")
def told(data: bytes) -> None:
    """Whatever is typed: words, hints, faults, its metrics, and its text on one line."""
    text = text_of(data)
    assert isinstance(read(text), str)
    for fault in diagnose(text):
        assert fault.line >= 1 and fault.column >= 1
    for found in verdict(text):
        assert 0 <= found["from"] <= found["to"] <= len(text)
    for hint in hints(text).values():
        assert hint.fixed
    assert on_one_line(on_one_line(text)) == on_one_line(text)
    add_matcher(text, "up", "job", "a")
    try:
        metrics_in(text)
        assert all(step.words for step in steps(explain(text)))
    except ValueError:
        pass


@target("pasted")
def pasted(data: bytes) -> None:
    """What Grafana's variables leave open is found and filled in; values go between NULs after the query."""
    text, *values = sendable(data).split("\0")
    found = open_variables(text)
    chosen = {variable.name: tuple(values) for variable in found}
    filled = resolve(text, chosen)
    fill(filled.text, grid_of(3))


@target("sample", corpus="promql")
def sample(data: bytes) -> None:
    """The sample answers a query or refuses it."""
    text = sendable(data)
    try:
        evaluate_instant(text, _STORAGE, 20 * _MINUTE)
        evaluate_range(text, _STORAGE, 0, 25 * _MINUTE, 5 * _MINUTE)
    except PromQLError as error:
        assert error.message
