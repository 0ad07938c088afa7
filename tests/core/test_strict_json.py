"""JSON that two readers could understand in two ways is refused; everything else is read as anybody reads it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.strict_json import NotStrict, loads

KEYS = st.sampled_from(["a", "b", ":", '":', "\\", '\\":', " :", "", "ä", '"'])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(KEYS, inner), max_size=3).map(tuple),
    max_leaves=12,
)
SPACES = st.sampled_from(["", " ", "\n\t "])


def written(value: object, space: str) -> str:
    """JSON by hand, since no library writes a key twice: an object is a tuple of pairs here."""
    if isinstance(value, tuple):
        pairs = (f"{json.dumps(key)}{space}:{space}{written(inner, space)}" for key, inner in value)
        return f"{{{f'{space},{space}'.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{f'{space},{space}'.join(written(inner, space) for inner in value)}]"
    return json.dumps(value)


def has_a_key_twice(value: object) -> bool:
    if isinstance(value, tuple):
        keys = [key for key, _ in value]
        return len(set(keys)) < len(keys) or any(has_a_key_twice(inner) for _, inner in value)
    return isinstance(value, list) and any(map(has_a_key_twice, value))


@given(VALUES, SPACES)
def test_a_key_that_stands_twice_is_refused_and_nothing_else(value: object, space: str) -> None:
    text = written(value, space)
    if has_a_key_twice(value):
        with pytest.raises(NotStrict, match="twice"):
            loads(text.encode())
    else:
        assert loads(text.encode()) == json.loads(text)


@pytest.mark.parametrize("text", ["", "{", "NaN", "[1e999]", '"\\ud800"', "{} {}", "[1,]", "'a'", "\x00"])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(NotStrict):
        loads(text.encode())


def test_a_byte_order_mark_is_allowed() -> None:
    assert loads(b"\xef\xbb\xbf[1]") == [1]
