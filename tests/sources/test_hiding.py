"""A text is hidden however it is spelled and wherever it is torn, and nothing else is changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.sources.hiding import without

TOKEN = "glsa_a+b/c=d~0123456789"
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "JSON, slashes escaped": lambda text: text.replace("/", "\\/"),
    "JSON, as .NET and Gson escape it": lambda text: text.replace("+", "\\u002B").replace("=", "\\u003d"),
    "JSON, everything escaped": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "an address": lambda text: quote(text, safe=""),
    "an address, everything escaped": lambda text: "".join(f"%{ord(letter):02X}" for letter in text),
}


def hidden(body: bytes, text: str, size: int) -> bytes:
    return b"".join(without([body[at : at + size] for at in range(0, len(body), size)], text.encode()))


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_token_is_gone_in_every_spelling_and_the_rest_is_kept(spell: Callable[[str], str], size: int) -> None:
    body = f'{{"before": "{spell(TOKEN)}{spell(TOKEN)}", "after": "{spell(TOKEN)[:-1]}"}}'.encode()
    assert hidden(body, TOKEN, size) == f'{{"before": "******", "after": "{spell(TOKEN)[:-1]}"}}'.encode()


@given(st.text(min_size=1, max_size=30), st.text(max_size=50), st.integers(1, 60))
def test_a_password_of_any_letters_is_gone_from_any_json(secret: str, around: str, size: int) -> None:
    secret = secret.encode("utf-8", "replace").decode()
    for escaped in (True, False):
        text = json.dumps([around, secret], ensure_ascii=escaped).encode("utf-8", "replace")
        assert (
            json.dumps(secret, ensure_ascii=escaped).encode()[1:-1] not in hidden(text, secret, size) or secret in "*"
        )


@given(st.binary(max_size=200), st.integers(1, 60))
def test_bytes_without_the_text_stay_as_they_are(body: bytes, size: int) -> None:
    assert hidden(body, TOKEN, size) == body
