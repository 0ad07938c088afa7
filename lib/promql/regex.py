"""Regular expressions as RE2 reads them: what differs in Python is translated, or refused, never silently taken."""

from __future__ import annotations

import re
from functools import lru_cache

# What Python's `re` knows and RE2 does not. A backslash pair is skipped as one, so that `\\1` is no reference.
_REFUSED = (
    (re.compile(r"\(\?(?:[=!>(#]|<(?=[=!]))"), "invalid or unsupported Perl syntax"),
    (re.compile(r"\(\?P[=>]"), "invalid or unsupported Perl syntax"),
    (re.compile(r"[*+?}][*+]"), "invalid nested repetition operator"),
)
# What RE2 knows and Python does not, or reads as something else.
_FOREIGN = ((re.compile(r"\{,\d+\}"), "unsupported repetition"),)
_ESCAPES_REFUSED = re.compile(r"\\[1-9kgZ]")
_ESCAPES_FOREIGN = re.compile(r"\\[pPQEC]")
_PAIR = re.compile(r"\\.", re.DOTALL)
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_COUNT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_MOST_REPETITIONS = 1000
_START = "^(?:"


class RegexError(ValueError):
    """A pattern that RE2 would not read, or that cannot be read here as RE2 would."""


class ForeignPatternError(RegexError):
    """A pattern that RE2 reads and that cannot be read here."""


@lru_cache(maxsize=512)
def compile_re2(pattern: str) -> re.Pattern[str]:
    """The pattern, to be used with `fullmatch`: Prometheus anchors every regular expression at both ends.

    Letters and digits of `\\w`, `\\d`, `\\s` and `\\b` are ASCII, as in RE2. Raises `RegexError` for backreferences,
    lookaround, possessive repetition and every other construct that RE2 does not have, in the words of Go's
    `regexp/syntax`, and `ForeignPatternError` for the few that only RE2 has.
    """
    for pair in _PAIR.finditer(pattern):
        if _ESCAPES_REFUSED.match(pair.group()):
            raise _error(f"invalid escape sequence: `{pair.group()}`")
    bare = _CLASS.sub("_", _PAIR.sub("__", pattern))
    for construct, complaint in _REFUSED:
        if found := construct.search(bare):
            raise _error(f"{complaint}: `{found.group()}`")
    for count in _COUNT.finditer(bare):
        if any(int(number) > _MOST_REPETITIONS for number in count.groups() if number):
            raise _error(f"invalid repeat count: `{count.group()}`")
    _refuse_foreign(pattern, bare)
    translated = _TOKEN.sub(_translated, pattern)
    try:
        return re.compile(translated, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise _error(_worded(error, pattern, translated)) from None


def _error(complaint: str) -> RegexError:
    return RegexError(f"error parsing regexp: {complaint}")


def _refuse_foreign(pattern: str, bare: str) -> None:
    if "[[:" in pattern:
        raise ForeignPatternError("error parsing regexp: unsupported character class: `[[:`")
    for pair in _PAIR.finditer(pattern):
        if _ESCAPES_FOREIGN.match(pair.group()):
            raise ForeignPatternError(f"error parsing regexp: unsupported escape sequence: `{pair.group()}`")
    for construct, complaint in _FOREIGN:
        if found := construct.search(bare):
            raise ForeignPatternError(f"error parsing regexp: {complaint}: `{found.group()}`")


def _worded(error: Exception, pattern: str, translated: str) -> str:
    """Python's complaint in RE2's words, where there is one for it."""
    whole = f"{_START}{pattern})$"
    complaint = str(error).partition(" at position")[0]
    at = error.pos if isinstance(error, re.error) and error.pos is not None and translated == pattern else len(pattern)
    if complaint.startswith(("missing )", "bad escape (end")):
        return f"missing closing ): `{whole}`"
    if complaint == "unbalanced parenthesis":
        return f"unexpected ): `{whole}`"
    if complaint == "unterminated character set":
        return f"missing closing ]: `{whole[at + len(_START) :]}`"
    if complaint == "nothing to repeat":
        return f"missing argument to repetition operator: `{pattern[at : at + 1]}`"
    if complaint.startswith("bad character range"):
        return f"invalid character class range: `{complaint.removeprefix('bad character range ')}`"
    if complaint.startswith("min repeat"):
        return f"invalid repeat count: `{pattern[pattern.rfind('{', 0, at + 1) : pattern.find('}', at) + 1]}`"
    if complaint.startswith("bad escape"):
        return f"invalid escape sequence: `{complaint.removeprefix('bad escape ')}`"
    return f"{complaint}: `{whole}`"


def _translated(found: re.Match[str]) -> str:
    """A pair or a class in Python's spelling, which would one day read `[[` and `&&` in a class as more than that."""
    if found[0].startswith("["):
        return "[" + re.sub(r"\\.|([\[&~|])", lambda one: f"\\{one[1]}" if one[1] else one[0], found[0][1:])
    return r"\Z" if found[0] == r"\z" else found[0]
