"""Input made up by chance from a corpus, the same for the same seed; and input that grows, for what takes too long."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

_ODD = (
    *(
        b"\0",
        b"\n",
        b"\r\n",
        b"\t",
        b" ",
        b"\xff",
        b"\xe2\x80\xae",
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"\xf0\x9f\x97\x9d",
    ),
    *(
        b'"',
        b"'",
        b"`",
        b"\\",
        b"\\u0000",
        b"\\x",
        b"%",
        b"%00",
        b"&",
        b"<",
        b">",
        b"#",
        b"$",
        b"${",
        b"[[",
        b"]]",
        b"{{",
    ),
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b"(",
        b")",
        b",",
        b":",
        b"/",
        b"@",
        b"=",
        b"=~",
        b"-",
        b"+",
        b"~",
        b"*",
        b"^",
        b"|",
        b".",
    ),
    *(
        b"0",
        b"-1",
        b"1e999",
        b"NaN",
        b"Inf",
        b"9" * 30,
        b"0x",
        b"1.5",
        b"true",
        b"null",
        b"now",
        b"d",
        b"w/w",
        b"$__interval",
    ),
    *(
        b"by (",
        b"offset ",
        b"bool ",
        b"[5m]",
        b"[1h:5m]",
        b"'''",
        b'"""',
        b"[a.b]",
        b"var-a=",
        b"&expr=",
        b"\xcc\x81" * 5,
    ),
)


def mutants(corpus: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """So many variations of files of a corpus: bytes changed, cut, doubled, put in, and two files joined."""
    rng = random.Random(seed)
    for _ in range(count):
        data = bytearray(rng.choice(corpus))
        for _ in range(rng.choice((1, 1, 2, 4, 16))):
            _change(data, corpus, rng)
        yield bytes(data)


def _change(data: bytearray, corpus: Sequence[bytes], rng: random.Random) -> None:
    first, last = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    last = min(last, first + rng.choice((1, 4, 64, len(data))))
    other = rng.choice(corpus)
    match rng.randrange(6):
        case 0:
            data[first:first] = rng.choice(_ODD)
        case 1:
            del data[first:last]
        case 2:
            data[first:first] = data[first:last] * rng.choice((1, 1, 2, 30))
        case 3 if data:
            data[min(first, len(data) - 1)] = rng.randrange(256)
        case 4 if other:
            at = rng.randrange(len(other))
            data[first:last] = other[at : at + rng.choice((1, 8, 100))]
        case _:
            data[first:last] = rng.choice(_ODD)


def growing(corpus: Sequence[bytes], size: int) -> Iterator[tuple[bytes, bytes]]:
    """A piece and input of `size` bytes that repeats it, bare or after the start of a file: odd texts, and words."""
    words = {word for data in corpus for word in data.split()[:40]}
    starts = (b"", *sorted({data[: max(1, len(data) // 2)] for data in corpus}, key=len)[:4])
    for piece in sorted({*_ODD, *(a + b for a in _ODD[10:42] for b in (b"a", b" ", b"1")), *words}):
        for start in starts:
            yield piece, (start + piece * (size // len(piece)))[:size]
