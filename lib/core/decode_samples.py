"""The number arrays of a matrix, `[[1735689600,"12"],[1735693200,"13.5"]]`, from their bytes to places and values.

No object is made of a sample: numpy finds the quotes, compares the sixteen bytes between two values with what must
stand there at that point of the grid, and Arrow reads the texts between quotes as doubles. What is written in any
other way, however harmless, is not read here but by `lib.core.decode_reply`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lib.core.decode_limits import MAX_CELLS, MAX_SERIES
from lib.core.result import Floats
from lib.core.time_range import TimeRange

Places = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

_QUOTE = ord('"')
_WIDTH = 16  # bytes of `"],[1735689600,"`, from the end of one value to the start of the next
_PAD = b" " * _WIDTH  # so that as many may be read anywhere
_NAMED = {b"NaN", b"+Inf", b"-Inf"}
_FEW = 1 << 17  # cells; a small answer does not touch large pages of memory
_NONE: Places = np.empty(0, np.int64)
_TEN_DIGITS = (1_000_000_000, 9_999_999_999)  # Unix seconds, 2001 to 2286


class Samples:
    """The samples of a matrix while it comes in, series after series, on `grid`.

    `rows`: how many series have begun. `too_many`: more than an answer may have, so that none is kept any more.
    """

    def __init__(self, grid: TimeRange) -> None:
        self.rows = 0
        self.too_many = False
        self._grid = grid
        self._most = min(MAX_SERIES, MAX_CELLS // grid.points)
        self._cells: Floats = np.empty(min(_FEW, self._most * grid.points))
        self._last = -1  # where the newest sample stands
        self._nan: list[Places] = []  # where samples stand that are NaN

    def add(self, arrays: Sequence[bytes], opened: int, going_on: bool) -> bool:
        """Takes whole samples: of the newest series if `going_on`, then of those of `opened` more that have any yet.

        False, and nothing taken, when one of them is not written as expected or not in the order of time.
        """
        rows = self.rows + opened
        if rows > self._most:
            self.too_many, self.rows, self._cells, self._nan = True, rows, np.empty(0), []
            return True
        places, values = _NONE, self._cells[:0]
        if arrays:
            found = read_samples(arrays, self.rows - going_on, self._grid)
            if found is None or found[0][0] <= self._last:
                return False
            places, values = found
            self._last = int(places[-1])
        self._reserve(rows)
        self._cells[places] = values
        self._nan.append(places[np.isnan(values)])
        return True

    def _reserve(self, rows: int) -> None:
        """Room for so many series, gaps so far. Memory of the system is only used where something is written."""
        used, needed = self.rows * self._grid.points, rows * self._grid.points
        if needed > len(self._cells):
            few, self._cells = self._cells, np.empty(self._most * self._grid.points)
            self._cells[:used] = few[:used]
        self._cells[used:needed] = np.nan
        self.rows = rows

    def taken(self) -> tuple[Floats, npt.NDArray[np.bool_] | None]:
        """Values and sent NaN as `Answer` has them, shape (series, points). Nothing can be added afterwards."""
        shape = (self.rows, self._grid.points)
        self._cells.resize(shape, refcheck=False)  # in place: what was never used goes back, and nothing is copied
        places = np.concatenate([_NONE, *self._nan])
        if not len(places):
            return self._cells, None
        nan = np.zeros(shape, np.bool_)
        nan.flat[places] = True
        return self._cells, nan

    def written(self) -> list[bytes]:
        """The samples of each series as they were read, but perhaps with other digits for the same number."""
        if self.too_many:
            return [b""] * self.rows
        cells = self._cells[: self.rows * self._grid.points].reshape(-1, self._grid.points)
        there = ~np.isnan(cells)
        there.flat[np.concatenate([_NONE, *self._nan])] = True
        times = range(self._grid.start, self._grid.end + 1, self._grid.step)
        return [
            b"],[".join(b'%d,"%s"' % (times[at], _text(row[at])) for at in np.flatnonzero(known).tolist())
            for row, known in zip(cells, there, strict=True)
        ]


def _text(value: float) -> bytes:
    if np.isfinite(value):
        return repr(float(value)).encode()
    return b"NaN" if value != value else b"+Inf" if value > 0 else b"-Inf"


def readable(grid: TimeRange) -> bool:
    """Whether the times of a grid (all of ten digits) and the bytes of this machine are what `read_samples` needs."""
    return sys.byteorder == "little" and grid.start >= _TEN_DIGITS[0] and grid.end <= _TEN_DIGITS[1]


def read_samples(arrays: Sequence[bytes], row: int, grid: TimeRange) -> tuple[Places, Floats] | None:
    """The samples of some series, the first of which is number `row`; None when any is not written as expected.

    Each of `arrays` holds whole samples of one series, without the brackets around the first and the last. Returns
    where each stands in a flat array (series, points), strictly increasing, and its value.
    """
    # Joined like this, each sample follows on a quote, whatever series it belongs to.
    text = b"],[".join([b'"', *arrays[:-1], arrays[-1] + _PAD])
    quotes = np.flatnonzero(np.frombuffer(text, np.uint8) == _QUOTE)
    if len(quotes) % 2 == 0 or len(quotes) < 3 or quotes[-1] != len(text) - len(_PAD) - 1:
        return None
    ends = quotes[:-1:2]
    points = _points(np.ndarray(len(text) - _WIDTH, f"V{_WIDTH}", text, strides=(1,))[ends], grid)
    values = _values(text, quotes[1:])
    rows = _rows([len(array) for array in arrays], ends)
    if points is None or values is None or rows is None:
        return None
    places = (rows + row) * grid.points + points
    return (places, values) if bool(np.all(places[1:] > places[:-1])) else None


def _points(between: npt.NDArray[np.void], grid: TimeRange) -> Places | None:
    """Which point of the grid each sample lies on. `between`: the 16 bytes before each value.

    They are compared with those that must stand there, so that nothing but the very time of that point passes; how a
    point was guessed does not matter. The first guess is that no series has a gap.
    """
    found, must = between.view(np.uint64).reshape(-1, 2), _between(grid)
    points = (_by_digits(found[:1], grid) + np.arange(len(found))) % grid.points
    if not _stand_there(must, points, found):
        points = _by_digits(found, grid)
        if not _stand_there(must, points, found):
            return None
    return points


def _stand_there(must: Words, points: Places, found: Words) -> bool:
    return bool(np.all(must.take(points, axis=0, mode="clip") == found))


def _by_digits(found: Words, grid: TimeRange) -> Places:
    """The point whose time is written in the words `"],[1735` and `689600,"`: nonsense where they hold anything else.

    Neighbours are added up, digits to numbers below 100, those to numbers below 10,000, and those to eight digits.
    """
    first, second = found[:, 0], found[:, 1]
    above = (((first >> 32) & 15) * 10 + ((first >> 40) & 15)) * 100_000_000
    eight = ((first >> 48) | (second << 16)) & 0x0F0F_0F0F_0F0F_0F0F
    eight = ((eight * 2_561) >> 8) & 0x00FF_00FF_00FF_00FF  # 2,561 = 10 x 2^8 + 1
    eight = ((eight * 6_553_601) >> 16) & 0x0000_FFFF_0000_FFFF  # 100 x 2^16 + 1
    seconds = above + ((eight * 42_949_672_960_001) >> 32)  # 10,000 x 2^32 + 1
    points: Places = (seconds.astype(np.int64) - grid.start) // grid.step
    return points


@lru_cache(maxsize=16)
def _between(grid: TimeRange) -> Words:
    """For each point of a grid, the 16 bytes before its value as two words."""
    text = b"".join(b'"],[%d,"' % time for time in range(grid.start, grid.end + 1, grid.step))
    return np.frombuffer(text, np.uint64).reshape(-1, 2)


def _values(text: bytes, quotes: Places) -> Floats | None:
    """The numbers between pairs of quotes. What lies between two numbers is a null to Arrow, which skips it."""
    offsets = quotes.astype(np.int32)
    offsets[::2] += 1
    count = len(offsets) - 1
    buffers = (pa.py_buffer(offsets), pa.py_buffer(text), pa.py_buffer(b"\x55" * (count // 8 + 1)))
    try:
        read = pa.StringArray.from_buffers(count, *buffers, null_count=count // 2).cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    values: Floats = np.frombuffer(read.buffers()[1], np.float64, count)[::2]
    odd = np.flatnonzero(~np.isfinite(values)).tolist()
    named = {text[start:end] for start, end in zip(offsets[::2][odd], offsets[1::2][odd], strict=True)}
    return values if named <= _NAMED else None  # Arrow also reads `infinity`, and makes one of `1e999`


def _rows(lengths: Sequence[int], ends: Places) -> Places | None:
    """Which of the arrays each sample belongs to, counted from 0; None when one does not begin with a sample."""
    begins = np.concatenate(([0], np.cumsum(np.array(lengths[:-1], np.int64) + 3)))
    first = np.searchsorted(ends, begins)
    if first[-1] == len(ends) or bool(np.any(ends[first] != begins)):
        return None
    return np.repeat(np.arange(len(lengths)), np.diff(first, append=len(ends)))
