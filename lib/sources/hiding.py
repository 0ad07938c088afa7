"""Takes a text out of bytes that come in pieces, however JSON or an address spells it: a server may repeat a token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

STARS = b"***"
_SHORT = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LONGEST = 12  # bytes of one character: \ud83d\udddd, or %F0%9F%97%9D
_SIGNS = (b"\\", b"%")  # one of them stands in every spelling but the plain one


def without(pieces: Iterable[bytes], text: bytes) -> Iterator[bytes]:
    """The same bytes with `***` in place of a text, also where it is torn between two pieces.

    Found as it is, with any of its characters escaped as in JSON (RFC 8259, section 7) or as in addresses (RFC 3986,
    section 2.1): some servers escape `+`, `/` and `=`, and whoever reads the JSON would have the text again.
    """
    most = len(text.decode("utf-8", "replace")) * _LONGEST - 1
    rest = b""
    for piece in pieces:
        whole = rest + piece
        done, at = [], 0
        if text in whole or any(sign in whole for sign in _SIGNS):
            for found in _spellings(text).finditer(whole):  # `re` keeps what it has compiled
                done += [whole[at : found.start()], STARS]
                at = found.end()
        kept = max(at, len(whole) - most)  # what follows may be the start of the text
        rest = whole[kept:]
        yield b"".join([*done, whole[at:kept]]) if done else whole[:kept]
    yield rest


def _spellings(text: bytes) -> re.Pattern[bytes]:
    return re.compile(b"".join(map(_spelling, text.decode("utf-8", "surrogateescape"))))


def _spelling(letter: str) -> bytes:
    """A pattern for every way to write one character."""
    raw = letter.encode("utf-8", "surrogateescape")
    units = letter.encode("utf-16-be", "surrogatepass")
    escaped = "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))
    percent = "".join(f"%{byte:02x}" for byte in raw)
    plain = [re.escape(raw), re.escape(_SHORT[letter].encode())] if letter in _SHORT else [re.escape(raw)]
    return b"(?:%s)" % b"|".join([*plain, *(_any_case(each) for each in (escaped, percent))])


def _any_case(text: str) -> bytes:
    """A pattern for hexadecimal digits in small and large letters; the `u` of `\\u` stays small."""
    return b"".join(
        b"[%c%c]" % (ord(each), ord(each.upper())) if each in "abcdef" else re.escape(each.encode()) for each in text
    )
