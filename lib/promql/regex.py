"""Regular expressions as RE2 reads them: what differs in Python is translated, or refused, never silently taken."""

from __future__ import annotations

import re
from functools import lru_cache

# What Python's `re` knows and RE2 does not. A backslash pair is skipped as one, so that `\\1` is no reference.
_REFUSED = (
    (re.compile(r"\(\?(?:[=!>(#]|<[=!])"), "invalid or unsupported Perl syntax"),
    (re.compile(r"\(\?P[=>]"), "invalid or unsupported Perl syntax"),
    (re.compile(r"[*+?}][+]"), "invalid nested repetition operator"),
    (re.compile(r"\{,\d+\}"), "unsupported repetition"),
    (re.compile(r"\[\[?:"), "unsupported character class"),
)
_ESCAPES_REFUSED = re.compile(r"\\[1-9kgZpPQEC]")
_PAIR = re.compile(r"\\.", re.DOTALL)
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")


class RegexError(ValueError):
    """A pattern that RE2 would not read, or that cannot be read here as RE2 would."""


@lru_cache(maxsize=512)
def compile_re2(pattern: str) -> re.Pattern[str]:
    """The pattern, to be used with `fullmatch`: Prometheus anchors every regular expression at both ends.

    Letters and digits of `\\w`, `\\d`, `\\s` and `\\b` are ASCII, as in RE2. Raises `RegexError` for backreferences,
    lookaround, possessive repetition and every other construct that RE2 does not have.
    """
    for pair in _PAIR.finditer(pattern):
        if _ESCAPES_REFUSED.match(pair.group()):
            raise RegexError(f"error parsing regexp: invalid escape sequence: `{pair.group()}`")
    bare = _CLASS.sub("_", _PAIR.sub("_", pattern))
    for construct, complaint in _REFUSED:
        found = construct.search(bare)
        if found and not ("class" in complaint and "[[:" not in pattern):
            raise RegexError(f"error parsing regexp: {complaint}: `{found.group()}`")
    if "[[:" in pattern:
        raise RegexError("error parsing regexp: unsupported character class: `[[:`")
    try:
        return re.compile(_PAIR.sub(_translated, pattern), re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise RegexError(f"error parsing regexp: {_worded(str(error))}: `^(?:{pattern})$`") from None


def _worded(complaint: str) -> str:
    """Python's complaint in RE2's words, where there is one for it."""
    return "missing closing )" if complaint.startswith("missing )") else complaint.partition(" at position")[0]


def _translated(pair: re.Match[str]) -> str:
    return r"\Z" if pair.group() == r"\z" else pair.group()
