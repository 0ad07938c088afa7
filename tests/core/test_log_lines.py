"""Whatever is logged, by whomever: no secret in it, one message a line, and as JSON an object."""

from __future__ import annotations

import base64
import json
import logging
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.log_lines import Redaction, record_maker, spellings_of

CANARY = "glsa_canary/with+signs~more.than-letters_c0ffee00=="
PLAIN = "pass word/“quoted”"
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
WRITTEN = {
    "as it is": lambda secret: secret,
    "in an address": lambda secret: quote(secret, safe=""),
    "in a form": quote_plus,
    "in JSON": lambda secret: json.dumps({"a": secret}),
    "in hexadecimal": lambda secret: secret.encode().hex(),
    "in base64": lambda secret: base64.b64encode(b"user:" + secret.encode() + b"!").decode(),
    "in base64 for addresses": lambda secret: base64.urlsafe_b64encode(b"x" + secret.encode()).decode(),
}


def line(message: str, *values: object, as_json: bool = False, error: BaseException | None = None) -> str:
    make = record_maker(logging.LogRecord, Redaction([CANARY, PLAIN]), as_json=as_json)
    given_error = (type(error), error, error.__traceback__) if error else None
    record = make("test", logging.WARNING, "file.py", 1, message, values, given_error)
    return logging.Formatter("%(message)s").format(record)


@pytest.mark.parametrize("secret", [CANARY, PLAIN])
@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
@given(before=TEXT, after=TEXT)
def test_a_secret_is_taken_out_and_the_rest_stays(write, secret, before, after):
    hidden = Redaction([CANARY, PLAIN])(f"{before} {write(secret)} {after}")
    assert not [spelling for spelling in spellings_of(secret) if spelling in hidden]
    assert "***" in hidden
    assert hidden.startswith(Redaction([CANARY, PLAIN])(before + " "))


@given(text=TEXT)
def test_a_text_without_a_secret_stays_as_it_is(text):
    calm = text.replace("glsa_", "").replace("asic", "").replace("earer", "")
    assert Redaction([CANARY])(calm) == calm


@pytest.mark.parametrize("text", ["glsa_abc123", "Authorization: Bearer abc.def", "basic dXNlcjpwYXNz", "BEARER x"])
def test_what_looks_like_a_credential_is_hidden_though_it_is_none_of_ours(text):
    assert "***" in Redaction([])(text)
    assert not [word for word in text.split() if len(word) > 7 and word in Redaction([])(text) and ":" not in word]


def test_the_id_of_a_session_is_hidden():
    told = Redaction([])("Session with id 0e3c1c1e-9d1c-4c1c-8a7b-0123456789ab is already connected!")
    assert told == "Session with id *** is already connected!"


@pytest.mark.parametrize("as_json", [False, True])
def test_tracebacks_are_redacted_too(as_json):
    try:
        raise ValueError(f"Invalid header 'Bearer {CANARY}'")
    except ValueError as error:
        told = line("It failed", as_json=as_json, error=error)
    assert "Invalid header" in told and "ValueError" in told
    assert CANARY not in told


@given(message=TEXT, value=TEXT)
def test_a_message_is_one_line_whatever_stands_in_it(message, value):
    assert len(line("%s %s", message, value).splitlines()) <= 1
    assert len(line("%s %s", message, value, as_json=True).splitlines()) == 1


def test_as_json_a_message_is_an_object_with_the_values_by_name():
    told = json.loads(line("asked %(cluster)s", {"cluster": "alpha\n", "ms": 12}, as_json=True))
    assert (told["level"], told["cluster"], told["ms"]) == ("warning", "alpha\n", 12)
    assert told["time"].endswith("+00:00")


def test_a_message_that_cannot_be_made_is_logged_as_it_is():
    assert line("%d %d", "one") == "%d %d"
