"""What must not come back to light, taken out of whatever a server sends: as it is, and in what it may be spelt as.

A server, or what stands in front of it, may repeat the header it was sent: in a sentence, in a link, in a label. There
it stands as it was, or written for an address (`%5F`), for JSON (`\\u005f`, `\\/`), for HTML (`&#95;`, `&amp;`), in
base64 or in hexadecimal digits. JSON and HTML are read further on, so what is missed here would be whole again there.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

_MARK = b"***"
# Where none of these stands, no letter is spelt otherwise, and a search for the text itself is enough.
_ESCAPES = (b"%", b"\\", b"&")
_NAMED = {'"': ("quot",), "&": ("amp",), "'": ("apos",), "<": ("lt",), ">": ("gt",)}
_BACKSLASH = rb"\\\\{0,3}"  # a text that is put into JSON twice has two, and four
_LONGEST_LETTER = 10  # bytes of one letter in its longest spelling: `&#x00005f;`


def hide(pieces: Iterable[bytes], hidden: Sequence[bytes]) -> Iterator[bytes]:
    """The same bytes with `***` in place of every hidden text, in any spelling, also where it is torn over pieces."""
    if not hidden:
        return iter(pieces)
    forms = sorted({form for text in hidden for form in _forms(text)}, key=len, reverse=True)
    found: Iterable[bytes] = reduce(_without, forms, pieces)
    return _without_spelt(found, hidden)


def _forms(text: bytes) -> Iterator[bytes]:
    """The text itself, in hexadecimal digits, and in base64 at each of the three places that it may have in a group.

    In base64 the first and the last letter may hold bits of its neighbours; they stay.
    """
    yield text
    yield from (text.hex().encode(), text.hex().upper().encode())
    for before in range(3):
        first, last = -(-before * 8 // 6), (before + len(text)) * 8 // 6
        for write in (base64.b64encode, base64.urlsafe_b64encode):
            yield write(b"\0" * before + text)[first:last]


def _without(pieces: Iterable[bytes], text: bytes) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *before, last = (rest + piece).split(text)
        kept = max(0, len(last) - len(text) + 1)  # what follows may be the start of the text
        rest = last[kept:]
        yield _MARK.join([*before, last[:kept]])
    yield rest


def _without_spelt(pieces: Iterable[bytes], hidden: Sequence[bytes]) -> Iterator[bytes]:
    """The same where single letters are spelt otherwise: any of them, in any of the ways."""
    longest = max(map(len, hidden)) * _LONGEST_LETTER
    rest, spelt = b"", None
    for piece in pieces:
        whole = rest + piece
        at = 0
        if any(escape in whole for escape in _ESCAPES):
            spelt = spelt or re.compile(b"|".join(_spelt(text) for text in hidden))
            whole, at = _replaced(whole, spelt)
        kept = max(at, len(whole) - longest + 1)
        rest = whole[kept:]
        yield whole[:kept]
    yield rest


def _replaced(whole: bytes, spelt: re.Pattern[bytes]) -> tuple[bytes, int]:
    """The bytes without what is spelt, and where in them the last mark ends: nothing before it can begin a text."""
    parts, last = [], 0
    for match in spelt.finditer(whole):
        parts += [whole[last : match.start()], _MARK]
        last = match.end()
    at = sum(map(len, parts))
    return b"".join([*parts, whole[last:]]), at


def _spelt(text: bytes) -> bytes:
    return b"".join(_letter(letter) for letter in text.decode("utf-8", "surrogateescape"))


def _letter(letter: str) -> bytes:
    """Every way to write one letter: see the head of this module. An address may be escaped twice."""
    plain = letter.encode("utf-8", "surrogateescape")
    code, units = ord(letter), letter.encode("utf-16-be", "surrogatepass")
    ways = [re.escape(plain), b"".join(b"%(?:25)?" + _digits(f"{byte:02x}") for byte in plain)]
    ways += [b"".join(_BACKSLASH + b"u" + _digits(units[at : at + 2].hex()) for at in range(0, len(units), 2))]
    ways += [b"&#(?:0{0,3}%d|[xX]0{0,4}%b);" % (code, _digits(f"{code:x}"))]
    ways += [b"&%b;" % name.encode() for name in _NAMED.get(letter, ())]
    ways += [_BACKSLASH + re.escape(plain)] if letter in '/"\\' else []
    ways += [rb"\+", rb"%(?:25)?2[bB]"] if letter == " " else []
    ways += [_BACKSLASH + b"x" + _digits(f"{code:02x}")] if code < 256 else []
    return b"(?:" + b"|".join(ways) + b")"


def _digits(text: str) -> bytes:
    """Hexadecimal digits, small or capital."""
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in text).encode()
