"""Strings of PromQL: from quotes and escapes to the text they mean, by the rules of Prometheus 2.42."""

from __future__ import annotations

import re

_STRING = {quote: re.compile(rf"{quote}((?:[^{quote}\\\n]|\\.)*){quote}") for quote in "\"'"}
_RAW = re.compile(r"`([^`]*)`")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)", re.DOTALL)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_HIGHEST_BYTE = 0x7F
_LAST_POINT = {"u": 0x10FFFF, "U": 0x10FFFF, "x": 0xFF} | dict.fromkeys("01234567", 0xFF)
# The one message of our own: Prometheus reads such an escape, as a byte, which no text can hold here.
NO_CHARACTER = "escape sequence is no character of its own"


def quoted(text: str, at: int) -> tuple[str, int]:
    """The value of the string that begins at an offset of a text, and its length there, quotes included.

    Raises ValueError in Prometheus' words.
    """
    quote = text[at]
    found = (_RAW if quote == "`" else _STRING[quote]).match(text, at)
    if found is None:
        raise ValueError("unterminated raw string" if quote == "`" else "unterminated quoted string")
    return found.group(1) if quote == "`" else _unescaped(found.group(1), quote), len(found.group())


def shown(letter: str) -> str:
    """A character as Go's `%q` shows it."""
    if letter.isprintable():
        return letter
    point = ord(letter)
    return f"\\x{point:02x}" if point < 0x80 else f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


def _unescaped(body: str, quote: str) -> str:
    """The value of a quoted string, by the rules of Go's `strconv.Unquote`."""

    def value(found: re.Match[str]) -> str:
        code = found.group(1)
        if code in _SIMPLE or code == quote:
            return _SIMPLE.get(code, code)
        if len(code) == 1:
            raise ValueError(_bad_escape(code, found.string[found.end() :] + quote))
        point = int(code, 8) if code.isdigit() else int(code[1:], 16)
        if point > _LAST_POINT[code[0]] or 0xD800 <= point < 0xE000:
            raise ValueError("escape sequence is an invalid Unicode code point")
        if code[0] not in "uU" and point > _HIGHEST_BYTE:
            raise ValueError(NO_CHARACTER)
        return chr(point)

    return _ESCAPE.sub(value, body)


def _bad_escape(letter: str, rest: str) -> str:
    """What is wrong with an escape that is none: its letter, or the first digit that it lacks."""
    if letter not in "xuU01234567":
        return f"unknown escape sequence U+{ord(letter):04X} '{letter}'"
    fits = "01234567" if letter.isdigit() else "0123456789abcdefABCDEF"
    wrong = next(each for each in rest if each not in fits)
    return f"illegal character U+{ord(wrong):04X} '{wrong}' in escape sequence"
