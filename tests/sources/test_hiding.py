"""A token that a server sends back is taken out in every spelling, wherever it is torn; the rest stays as it was."""

from __future__ import annotations

import base64
import html
import json
import random
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus, unquote

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib.core.errors import SourceError
from lib.core.query import InstantQuery
from lib.core.result import Answer
from lib.core.secret import Secret
from lib.core.settings import Settings
from lib.sources.exchange import Credential, Request
from lib.sources.hiding import hide
from lib.sources.prometheus import PrometheusApi
from lib.sources.transport import Transport
from tests.double import TOKEN
from tests.sources.recorder import Recorder

ORIGIN = "https://grafana.example.org"
NOW = 1_770_000_000
CANARY = "glsa_canary/with+signs~more.than-letters_c0ffee00=="


def units(text: str) -> str:
    """Every letter as JSON may have it, two halves for one outside of the first plane."""
    spread = text.encode("utf-16-be")
    return "".join(f"\\u{spread[at : at + 2].hex().upper()}" for at in range(0, len(spread), 2))


WAYS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "for an address": lambda text: quote(text, safe=""),
    "for an address, every letter": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "for an address, twice": lambda text: quote(quote_plus(text)),
    "for JSON": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "for JSON, every letter": lambda text: units(text),
    "for HTML": lambda text: html.escape(text),
    "for HTML, every letter": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "for HTML, in hexadecimal": lambda text: "".join(f"&#x{ord(letter):04x};" for letter in text),
    "in hexadecimal": lambda text: text.encode().hex(),
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64 after one letter": lambda text: base64.b64encode(b":" + text.encode()).decode(),
    "in base64 after a scheme": lambda text: base64.urlsafe_b64encode(b"Bearer " + text.encode()).decode(),
}
READERS: tuple[Callable[[str], str], ...] = (
    str,
    unquote,
    lambda text: unquote(unquote(text)),
    html.unescape,
    lambda text: re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text).replace("\\/", "/"),
    lambda text: "".join(
        bytes.fromhex(run[: len(run) // 2 * 2]).decode("latin-1") for run in re.findall("[0-9a-f]{8,}", text)
    ),
    lambda text: "".join(
        base64.b64decode(run + "A" * (-len(run) % 4), altchars=b"-_").decode("latin-1")
        for run in re.findall("[A-Za-z0-9_/+-]{8,}", text.replace("+", "-").replace("/", "_"))
    ),
)


def torn(body: bytes, rng: random.Random) -> list[bytes]:
    places = sorted(rng.choices(range(len(body) + 1), k=rng.randrange(8)))
    return [body[first:last] for first, last in zip([0, *places], [*places, len(body)], strict=True)]


def hidden(body: bytes, secret: str, rng: random.Random | None = None) -> bytes:
    return b"".join(hide(torn(body, rng or random.Random(1)), [secret.encode()]))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("secret", [TOKEN, CANARY, "pass word ü&<>\"'\\ 🗝"], ids=["token", "canary", "password"])
def test_no_reader_finds_what_was_sent_back_in_any_spelling(way, secret):
    sent = f'{{"error": "no {way(secret)} here"}}'.encode()
    for seed in range(40):
        left = hidden(sent, secret, random.Random(seed))
        assert left.startswith(b'{"error": "no ') and left.endswith(b' here"}') and b"***" in left
        for read in READERS:
            assert secret not in read(left.decode())


@pytest.mark.parametrize("cut", range(1, 12))
def test_it_is_found_in_the_smallest_pieces(cut):
    for write in WAYS.values():
        body = f"a {write(CANARY)} z".encode()
        pieces = [body[at : at + cut] for at in range(0, len(body), cut)]
        left = b"".join(hide(pieces, [CANARY.encode()]))
        assert left[:2] + left[-2:] == b"a  z" and b"***" in left


LETTERS = st.text(st.characters(codec="utf-8"), max_size=40)
SECRETS = st.from_regex(r"[A-Za-z0-9._~+/-]{8,40}={0,2}", fullmatch=True) | st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=8, max_size=20
)


@settings(max_examples=300)
@given(st.lists(LETTERS, min_size=1, max_size=4), SECRETS, st.sampled_from(list(WAYS)), st.randoms())
@example(["", ""], "aaaaaaaa", "as it is", random.Random(0))
def test_wherever_a_text_is_put_in_it_goes_and_the_rest_stays(around, secret, way, rng):
    written = WAYS[way](secret)
    if secret in "".join(around) or not secret.isascii():
        way, written = "as it is", secret
    whole = written.join(around).encode()
    left = hidden(whole, secret, rng)
    assert secret.encode() not in left
    if "base64" not in way and "twice" not in way and written.encode() not in b"".join(map(str.encode, around)):
        parts = [part.encode() for part in whole.decode().split(written)]
        assert b"***".join(parts) == left or len(parts) > len(around)


@settings(max_examples=200)
@given(
    st.text(st.characters(codec="utf-8"), max_size=200) | st.text("gls_%5F\\u005f&#95;/=", max_size=200), st.randoms()
)
def test_what_holds_no_secret_is_untouched(text, rng):
    assert hidden(text.encode(), CANARY, rng) == text.encode()


@settings(max_examples=100)
@given(st.data())
def test_every_letter_may_be_spelt_in_a_way_of_its_own(data):
    ways = st.sampled_from(["{0}", "%{1:02x}", "%{1:02X}", "%25{1:02x}", "\\u{1:04x}", "&#{1};", "&#x{1:X};"])
    written = "".join(data.draw(ways).format(letter, ord(letter)) for letter in CANARY)
    assert hidden(f"<{written}>".encode(), CANARY, random.Random(data.draw(st.integers(0, 99)))) == b"<***>"


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_neither_a_label_nor_an_error_shows_what_a_server_repeats(way):
    transport = Transport(Settings(), [ORIGIN], adapter=(recorder := Recorder()))
    api = PrometheusApi(transport, ORIGIN, Credential(ORIGIN, Secret(CANARY)))
    spelt = way(CANARY)
    series = f'{{"metric": {{"header": "x {spelt} y"}}, "value": [{NOW}, "1"]}}'
    recorder.body = f'{{"status": "success", "data": {{"resultType": "vector", "result": [{series}]}}}}'.encode()
    answer = api.ask(InstantQuery("up", NOW))
    assert isinstance(answer, Answer)
    recorder.body, recorder.status = orjson.dumps({"message": f"cannot use {spelt} here"}), 400
    with pytest.raises(SourceError) as caught:
        api.ask(InstantQuery("up", NOW))
    for text in (answer.labels[0]["header"], caught.value.detail):
        assert not any(CANARY in read(text) for read in READERS)
        assert "***" in text


def test_a_text_of_few_letters_is_not_hidden_as_it_would_tear_up_harmless_ones():
    transport = Transport(Settings(), [ORIGIN], adapter=(recorder := Recorder()))
    recorder.body = b"a short secret"
    sent = Request("GET", f"{ORIGIN}/api/datasources", Credential(ORIGIN, Secret("short")))
    assert transport.send(sent).body == recorder.body
