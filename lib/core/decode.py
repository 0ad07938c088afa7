"""Reads a reply of the Prometheus HTTP API into an `Answer`: accepts or refuses, never guesses.

`decode(body, query)` takes a whole body; `Decoder` takes it piece by piece, as a socket gives it, and needs hardly
more memory than the answer. Both put every sample on the query's own grid, so nothing needs aligning and a gap stays
a gap. The numbers of a matrix, nearly all of the bytes, are read by `decode_samples` without an object per sample;
what stands around them is parsed as JSON by `decode_reply`, and so is everything where anything is unexpected: other
result types, histograms, odd spacing, malformed replies. A test holds the two ways to the same answers and errors.

Why not prometheus-pandas' `to_pandas`, which this project uses for names and as the oracle of its tests? On plain
replies they agree, and a test holds them to it. But `to_pandas` (0.3.3)
- drops `warnings`, so a partial answer looks complete, and keeps only the last of two equal series;
- leaves out instants that no series has, so that a line is drawn across the gap;
- gives an index whose unit depends on the data, without a zone, and fractional times that are off by nanoseconds;
- returns `[time, value]` for a scalar, raises KeyError on native histograms, and reads null as NaN and true as 1;
- keeps labels only inside a formatted name, from which they would have to be parsed back;
- makes a pandas object of every time and every series (see `bench/`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from lib.core.decode_limits import MAX_JSON, check_json, check_points
from lib.core.decode_reply import parse, read
from lib.core.decode_samples import Samples, readable
from lib.core.query import Query, RangeQuery
from lib.core.result import Answer

BATCH = (
    256 * 1024
)  # bytes that are read at once: enough to spread numpy's own cost, few enough for the processor's cache
_LONGEST_SAMPLE, _LONGEST_TEXT = 4_096, 1 << 20  # bytes; what is longer is no sample, or nothing with numbers to come
_OPEN, _NEXT, _CLOSE = b'"values":[[', b"],[", b"]]"  # cannot stand inside a JSON string: its quotes have a backslash


def decode(body: bytes, query: Query) -> Answer:
    """The body of a reply with status 200 as an `Answer` on `query.grid`. Sets `size`, but not when it was fetched.

    Values keep NaN (see `Answer.nan`) and infinities; times must lie on the grid to the millisecond. Native-histogram
    samples are counted; a series that has no others is left out. Labels and warnings over 4,096 characters are cut,
    with a mark and a hash.

    Raises SourceError: NOT_JSON for what is not strict JSON; NOT_PROMETHEUS for any shape but the API's, two equal
    label sets included; TOO_LARGE over 20,000 series or 20 million points. Raises QueryError when the server says
    `status: error`, or answers an instant query with a range vector.
    """
    decoder = Decoder(query)
    decoder.feed(body)
    return decoder.finish()


class Decoder:
    """The same for a body that comes in pieces: any number of `feed`, then `finish`. For one thread.

    `start` forgets all, for a body that begins anew. `batch`: bytes to collect before they are read.
    """

    def __init__(self, query: Query, batch: int = BATCH) -> None:
        self._query = query
        self._batch = batch
        self.start()

    def start(self) -> None:
        """Begins a new body."""
        self._mark = secrets.token_hex(8)  # stands for numbers; no server can foresee it and put it where none were
        self._waiting: list[bytes] = []  # pieces that make no batch yet
        self._size = self._pending = 0
        self._held = 0
        self._around: list[bytes] = []  # the text before each array of numbers; what follows the last is in `_rest`
        self._rest = b""
        self._inside = False  # whether `_rest` begins with a sample
        self._samples = Samples(self._query.grid)
        # The whole body, once it has to be read as JSON.
        self._whole: list[bytes] | None = None if self._plain_matrix_expected() else []

    def _plain_matrix_expected(self) -> bool:
        return isinstance(self._query, RangeQuery) and readable(self._query.grid)

    @property
    def without_json(self) -> bool:
        """True while all numbers so far were read from their bytes, as those of every matrix of Prometheus are."""
        return self._whole is None

    @property
    def held(self) -> int:
        """How many bytes of the body are kept: all of it once it has to be read as JSON, else what is not numbers."""
        return self._held if self._whole is None else self._size

    def feed(self, piece: bytes) -> None:
        """Takes the next bytes. Raises nothing: what is wrong with them is said at the end, whatever follows."""
        self._size += len(piece)
        for first in range(0, len(piece), self._batch):
            part = piece[first : first + self._batch]
            self._waiting.append(part)
            self._pending += len(part)
            if self._pending >= self._batch:
                self._work()

    def finish(self) -> Answer:
        """The answer. Raises SourceError and QueryError as `decode` does."""
        self._work()
        if self._whole is None:
            opened = _OPEN if self._inside else b""
            reply = parse(b"".join([*self._placed(), opened, self._rest]))
            if not self._inside and self._accounts_for_all(reply):
                return read(reply, self._query, self._size, self._samples.taken)
            self._give_up(self._rest)
        check_json(self._size)
        whole, self._whole = b"".join(self._whole or ()), []  # not both at once
        answer = read(parse(whole), self._query, self._size)
        if self._samples.too_many:  # some were not kept, so this cannot be the whole of it
            check_points(self._samples.rows, self._query.grid)
        return answer

    def _work(self) -> None:
        """Reads what is waiting: nothing is kept of a batch in which anything is unexpected."""
        if not self._pending:
            return
        waiting, self._waiting, self._pending = self._waiting, [], 0
        if self._whole is not None:
            self._whole += waiting
            if self._size > MAX_JSON:  # it is refused in the end
                self._whole.clear()
            return
        batch = b"".join([self._rest, *waiting])
        around, arrays, rest, inside = _cut(batch, self._inside)
        too_long = len(rest) > (_LONGEST_SAMPLE if inside else _LONGEST_TEXT)
        if too_long or not self._samples.add(arrays, len(around), self._inside):
            self._give_up(batch)
            return
        self._around += around
        self._held += sum(map(len, around))
        self._rest, self._inside = rest, inside

    def _placed(self) -> Iterator[bytes]:
        """The body so far, with a mark in place of each array of numbers."""
        for row, text in enumerate(self._around):
            yield text
            if not (self._inside and row == len(self._around) - 1):
                yield b'"values":"%s%d"' % (self._mark.encode(), row)

    def _accounts_for_all(self, reply: dict[str, object]) -> bool:
        """Whether the arrays that were read are the values of the series, one each, and nothing else is."""
        data = reply.get("data")
        result = data.get("result") if isinstance(data, dict) else None
        if not isinstance(result, list) or len(result) != self._samples.rows:
            return False
        return all(
            isinstance(item, dict) and item.keys() == {"metric", "values"} and item["values"] == f"{self._mark}{row}"
            for row, item in enumerate(result)
        )

    def _give_up(self, unread: bytes) -> None:
        """Writes the numbers as JSON again, so that the body can be read in the plain way. `unread`: what follows."""
        self._whole = []
        if self._size > MAX_JSON:  # it is refused in the end
            return
        for row, (text, samples) in enumerate(zip(self._around, self._samples.written(), strict=True)):
            whole = not (self._inside and row == len(self._around) - 1)
            self._whole += [text, _OPEN, samples, _CLOSE if whole else _NEXT if samples else b""]
        self._whole.append(unread)


def _cut(batch: bytes, inside: bool) -> tuple[list[bytes], list[bytes], bytes, bool]:
    """The text before each array that begins, the whole samples of each array, and what is left for the next batch.

    `inside` says, before and after, whether an array has begun and not ended: then what is left is part of a sample.
    """
    around: list[bytes] = []
    arrays: list[bytes] = []
    at = 0
    while True:
        if not inside:
            found = batch.find(_OPEN, at)
            if found < 0:
                return around, arrays, batch[at:], False
            around.append(batch[at:found])
            at = found + len(_OPEN)
        end = batch.find(b"}", at)  # of the series; where more follows on the numbers, they are not for here
        inside = end < 0
        if inside:
            end = batch.rfind(_NEXT, at)
            whole = [batch[at:end]] if end >= 0 else []
            return around, arrays + whole, batch[end + len(_NEXT) if whole else at :], True
        arrays.append(batch[at : end - len(_CLOSE)] if batch.endswith(_CLOSE, at, end) else b"")  # b"" is no sample
        at = end
