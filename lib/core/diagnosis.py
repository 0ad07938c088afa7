"""What is wrong with a query, found without asking anybody: Prometheus' words, line and column in what was typed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import lru_cache

from lib.core.errors import UnsentError
from lib.core.promql import COMMENT_OR_STRING, VARIABLE, Filled, check, line_and_column, parse
from lib.promql import FUNCTIONS, SyntaxFault, UnreadableError, recognise, scan, tree_of
from lib.promql.strings import NO_CHARACTER

_DURATION = "5m"
_NUMBER = "300"
# What a variable of a dashboard may stand for, where its name does not say it.
_STAND_INS = (_DURATION, _NUMBER, "x", '"x"')
_KNOWN = {
    **dict.fromkeys(("__interval", "__rate_interval", "__range"), _DURATION),
    **dict.fromkeys(("__interval_ms", "__rate_interval_ms", "__range_s", "__range_ms", "__from", "__to"), _NUMBER),
}
_MOST_TRIED = 2  # variables whose kinds are tried in every combination; more are taken to be of one kind
# What came after 2.42 and the parser behind `parse` does not read either: durations that are calculated, numbers with
# underscores, smoothed and anchored ranges (docs/feature_flags.md, docs/querying/basics.md of Prometheus 3).
_LATER = re.compile(
    r"\b(?:smoothed|anchored|step|range|min_of|max_of|limitk|limit_ratio)\b|\d_\d"
    r"|[\[:]\s*[\w.]+\s*[-+*/%^][^\[\]]*\]|\boffset\s*[-+]?\s*\(",
    re.IGNORECASE,
)
ADVICE = (
    ("unknown function", "Check the spelling; the function may also be newer than this server."),
    ("expected type range vector", "Give it a range in square brackets, such as [$__rate_interval]."),
    ("range vector", "Put it into a function such as rate() or last_over_time()."),
    ("non-empty matcher", "Name a metric, or give one label a value."),
    ("many-to-many", "Say which labels belong together: on (...) or ignoring (...), and group_left."),
    ("duplicate series", "Say which labels belong together: on (...) or ignoring (...), and group_left."),
    ("expression type", "The query must give numbers."),
    ("label matching", 'A matcher is a label, an operator and a text in quotes: job="hub".'),
    ("grouping opts", "Labels stand in parentheses: by (namespace, pod)."),
    ("error parsing regexp", "Patterns are those of RE2: no lookahead and no back references."),
    ("escape sequence", 'In a text, a backslash is written twice: "a\\\\.b".'),
    ("duration", "A duration is a number and a unit: 30s, 5m, 1h, 7d."),
    ("BOOL modifier", "Write bool behind the comparison: 1 > bool 2."),
    ("set operator", "and, or and unless need vectors: vector(0) is one."),
    ("unclosed left parenthesis", "Close it: )."),
    ("inside braces", "Matchers stand in braces, with commas between them."),
    ("unterminated", "Close the text with the quote that it began with."),
)


@dataclass(frozen=True)
class Fault:
    """Something in a query that Prometheus 2.42 does not take.

    `message` is in Prometheus' words; `line` and `column` count from 1, in characters of what was typed; `length` is
    that of the word it is about, 0 when that is not known. `certain` says that no later Prometheus takes it either.
    """

    message: str
    line: int
    column: int
    length: int = 0
    certain: bool = True


def advice(message: str, otherwise: str = "The details say what Prometheus did not like.") -> str:
    """What to do about a refusal in Prometheus' words."""
    return next((hint for sign, hint in ADVICE if sign in message), otherwise)


def check_typed(typed: str) -> None:
    """Refuses before sending what no Prometheus takes; `check` first, which raises QueryError.

    Raises UnsentError with line and column.
    """
    check(typed)
    for fault in diagnose(typed):
        if fault.certain:
            raise UnsentError(
                f"Line {fault.line}, column {fault.column}: Prometheus cannot read this.",
                advice(fault.message),
                detail=f"parse error: {fault.message}",
                line=fault.line,
                column=fault.column,
            )


@lru_cache(maxsize=256)
def diagnose(typed: str) -> tuple[Fault, ...]:
    """The faults of a query, at most one certain one; () for one that is right, or cannot be read here.

    A variable of Grafana's counts as what it is filled with: `$__interval` is a duration, `"$hub"` a text, and any
    other is a duration, a number, a name or a text, whichever makes the query right.
    """
    worst: tuple[Fault, ...] = ()
    for filled in _filled(typed):
        faults = _faults(filled)
        if not faults:
            return ()
        if not worst or (faults[-1].line, faults[-1].column) > (worst[-1].line, worst[-1].column):
            worst = faults
    return worst


class _Any(Container[str]):
    def __contains__(self, name: object) -> bool:
        return True


def _faults(filled: Filled) -> tuple[Fault, ...]:
    fault = _first(filled.text, FUNCTIONS)
    if fault is None:
        return ()
    if not fault.message.startswith("unknown function"):
        return (_fault(filled, fault, certain=not _may_be_later(filled.text)),)
    unknown = _fault(filled, fault, certain=False)  # later versions have more functions, and others have their own
    rest = _first(filled.text, _Any())
    if rest is None or _may_be_later(filled.text):
        return (unknown,)
    return unknown, _fault(filled, rest, certain=True)


def _first(text: str, functions: Container[str]) -> SyntaxFault | None:
    """The first fault. Where functions are unknown, types are, too."""
    try:
        read = recognise(text, functions)
        if functions is FUNCTIONS:
            tree_of(read)
    except SyntaxFault as fault:
        return None if fault.message == NO_CHARACTER else fault
    except UnreadableError:
        return None
    return None


def _may_be_later(text: str) -> bool:
    """Whether a later Prometheus may take it: the parser behind `parse` reads version 3, which has UTF-8 names."""
    try:
        parse(text)
    except ValueError:
        return bool(_LATER.search(COMMENT_OR_STRING.sub(" ", text)))
    return True


def _fault(filled: Filled, fault: SyntaxFault, *, certain: bool) -> Fault:
    end = next((token.end for token in scan(filled.text) if token.at == fault.at), fault.at)
    line, column = line_and_column(filled.typed, filled.offset_in_typed(fault.at))
    last_line, last_column = line_and_column(filled.typed, filled.offset_in_typed(end))
    return Fault(fault.message, line, column, last_column - column if last_line == line else 0, certain)


def readable(typed: str) -> Filled | None:
    """The query with stand-ins for its variables so that its grammar is right; None where it is not, or cannot be read.

    Its types may be wrong.
    """
    for filled in _filled(typed):
        try:
            recognise(filled.text, _Any())
        except (SyntaxFault, UnreadableError):
            continue
        return filled
    return None


def _filled(typed: str) -> Iterator[Filled]:
    """The query with stand-ins for its variables, in every way that may be meant."""
    inside = [found.span() for found in COMMENT_OR_STRING.finditer(typed)]
    found = list(VARIABLE.finditer(typed))
    choices = [_choices(typed, each, inside) for each in found]
    open_ones = [choice for choice in choices if len(choice) > 1]
    if len(open_ones) <= _MOST_TRIED:
        ways: Iterator[tuple[str, ...]] = itertools.product(*choices)
    else:
        ways = (tuple(each[min(kind, len(each) - 1)] for each in choices) for kind in range(len(_STAND_INS)))
    return (_put_in(typed, found, way) for way in ways)


def _choices(typed: str, found: re.Match[str], inside: list[tuple[int, int]]) -> tuple[str, ...]:
    name = found["braced"] or found["plain"] or found["square"]
    if any(start <= found.start() < end for start, end in inside):
        return ("x",)
    if name in _KNOWN:
        return (_KNOWN[name],)
    around = typed[max(found.start() - 1, 0) : found.start()] + typed[found.end() : found.end() + 1]
    return ("x", "5") if re.search(r"[\w:]", around) else _STAND_INS


def _put_in(typed: str, found: list[re.Match[str]], values: tuple[str, ...]) -> Filled:
    text, last = "", 0
    pieces = []
    for variable, value in zip(found, values, strict=True):
        text += typed[last : variable.start()]
        pieces.append((variable.start(), variable.end(), len(text), len(text) + len(value)))
        text += value
        last = variable.end()
    return Filled(text + typed[last:], typed, tuple(pieces))
