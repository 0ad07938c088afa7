"""Repeatable chance: numbers that look random but depend on nothing except the words and whole numbers given.

Every number is a hash of its name, so that any day can be computed without the days before it, and the past
never changes. NumPy's own generators are not used: their streams may differ between versions of NumPy.
"""

import hashlib

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def seed(*words: str | int) -> int:
    """Return 64 bits that stand for these words, the same on every computer."""
    text = "\x1f".join(str(word) for word in words)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def bits(key: int, *numbers: Ints | int) -> npt.NDArray[np.uint64]:
    """Return 64 well-mixed bits for each row of the broadcast whole numbers (splitmix64's finish after each)."""
    state = _mixed(np.array([(key + _GOLDEN) & _MASK], dtype=np.uint64))
    for number in numbers:
        words = np.asarray(number, dtype=np.int64).astype(np.uint64)
        state = _mixed((state ^ words) + np.uint64(_GOLDEN))
    return state


def uniform(key: int, *numbers: Ints | int) -> Floats:
    """Return one number in (0, 1) for each row of the broadcast whole numbers."""
    return ((bits(key, *numbers) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def normal(key: int, *numbers: Ints | int) -> Floats:
    """Return one standard normal number for each row (Box and Muller's way, from two uniform ones)."""
    radius = np.sqrt(-2 * np.log(uniform(key, *numbers)))
    return np.asarray(radius * np.cos(2 * np.pi * uniform(key ^ _GOLDEN, *numbers)), dtype=np.float64)


def _mixed(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
