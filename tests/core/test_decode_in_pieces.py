"""The two ways of reading a matrix agree: from its bytes, in any pieces, and as JSON."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from lib.core.decode import Decoder, decode
from lib.core.decode_reply import parse, read
from lib.core.errors import Kind, SourceError
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.result import Answer
from lib.core.time_range import DAY, TimeRange
from tests.answers.made import START, STEP, grid_of, matrix, reply

VALUES = (
    *("0", "1", "-1", "12", "-0", "0.1", "NaN", "+Inf", "-Inf", "1e308", "5e-324", "1.5e+21", "0.30000000000000004"),
    *("9007199254740993", "1.7976931348623157e+308", "2.2250738585072014e-308", "123456789.12345678"),
)
# What Prometheus does not write, and what a reader of numbers might take for one all the same.
ODD_VALUES = (
    *("", " 1", "1 ", "inf", "Inf", "infinity", "nan", "-NaN", "+NaN", "nan(1)", "1e999", "-1e999", "1e-999", "0x10"),
    *("1_0", "1.", ".5", "+1", "e5", "1e", "1d5", "00012", "1E5", "٣", "-", "--1", "1,0", 'a"],[1', "]]", "],[", "\\"),
    *(None, True, 1, 1.5, [], ["1"], {}),
)
LABELS = (
    *(
        "a",
        "b",
        '"values":[[',
        'x"values":[[1782864000,"1"]]',
        "]]",
        "],[",
        "é",
        "\\",
        "\n",
        "",
        "=1",
        "٣",
        "x" * 5_000,
    ),
    *('"],[1782864000,"', "\ud83d\ude00", "null"),
)


def compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def series(rng: random.Random, grid: TimeRange) -> dict[str, object]:
    labels = {
        rng.choice(["__name__", "job", "pod", 'a"values', "é"]): rng.choice(LABELS) for _ in range(rng.randrange(4))
    }
    gaps = rng.choice([0, 0, 0.3, 0.9])
    times = [grid.start + at * grid.step for at in range(grid.points) if rng.random() >= gaps]
    return {"metric": labels | {"n": str(rng.randrange(40))}, "values": [[time, rng.choice(VALUES)] for time in times]}


def moved(pairs: list[object], rng: random.Random) -> None:
    pairs.insert(rng.randrange(len(pairs) + 1), rng.choice(pairs)) if pairs else pairs.append([START])


def odd_value(pairs: list[object], rng: random.Random) -> None:
    if pairs:
        pairs[rng.randrange(len(pairs))][1] = rng.choice(ODD_VALUES)


def odd_time(pairs: list[object], rng: random.Random) -> None:
    if pairs:
        pair = pairs[rng.randrange(len(pairs))]
        shift = rng.choice([0.0, 0.5, 0.0009, 0.002, 1, -1, 10**9, -(10**10), STEP, 60])
        pair[0] = rng.choice([pair[0] + shift, float(pair[0]), -pair[0], str(pair[0]), True, None, 1e300, 2**64 - 1])


def odd_pair(pairs: list[object], rng: random.Random) -> None:
    pairs.insert(
        rng.randrange(len(pairs) + 1), rng.choice([[], [START], [START, "1", "2"], "ab", None, {}, 5, [[START, "1"]]])
    )


def odd_series(found: list[object], rng: random.Random) -> None:
    added = [
        {"metric": {"h": "1"}, "histograms": [[START, {"count": "1"}]]},
        {"metric": {"h": "2"}, "values": [[START, "1"]], "histograms": [[START, {}]]},
        {"metric": {'x"values': [[START, "5"]]}, "values": []},
        {"metric": {"h": "3"}, "other": {"values": [[START, "1"]]}, "values": [[START, "2"]]},
        {"values": [[START, "2"]], "metric": {"h": "4"}},
        {"values": [[START, "2"]]},
        {"metric": {}, "values": {}},
        *({"metric": {"h": "5"}, "values": each} for each in ([], [0], [[0]], "0", None)),
        None,
        dict(found[0]) if found else {},
    ]
    found.insert(rng.randrange(len(found) + 1), rng.choice(added))


def odd_envelope(whole: dict[str, object], rng: random.Random) -> None:
    whole |= rng.choice(
        [
            {"status": "error", "error": "no"},
            {"status": "fine"},
            {"warnings": ["half"], "infos": ["i" * 9_000]},
            {"warnings": "x"},
            {"isPartial": True},
            {"values": [[START, "1"]]},
            {"data": {"resultType": "vector", "result": []}},
            {"data": [[START, "1"]]},
        ]
    )


def cut(body: bytes, rng: random.Random) -> bytes:
    return body[: rng.randrange(len(body) + 1)]


def spoilt(body: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(body) + 1)
    other = rng.choice(
        [b"", b'"', b"]", b"[", b",", b" ", b"\\", b"\xff", b"9", b"]]", b"{", b"}", b"\x00", b":", b"-"]
    )
    return body[:at] + other + body[at + rng.randrange(3) :]


def replaced(body: bytes, rng: random.Random) -> bytes:
    old, new = rng.choice(
        [
            (b"],[", b"], ["),
            (b"]]", b"] ]"),
            (b'"values":[[', b'"values": [['),
            (b'"values":[[', b'"v\\u0061lues":[['),
            (b'"values":[[', b'"values":[[1],"values":[['),
            (b'","', b'","values":[[1782864000,"1"]],"'),
            (b'"metric"', b'"values":[[1782864000,"1"]],"metric"'),
            (b',"1', b', "1'),
            (b'1"', b'\\u0031"'),
            (b"{", b"\xef\xbb\xbf{"),
            (b"]}}", b"]}}\n"),
            (b"]}}", b"]}} x"),
        ]
    )
    return body.replace(old, new, rng.choice([1, 1, -1]))


def replies(seed: int, count: int) -> Iterator[tuple[bytes, Query, random.Random]]:
    """Replies to range queries, three in ten as Prometheus writes them and the others spoilt in one way or several."""
    rng = random.Random(seed)
    for _ in range(count):
        step = rng.choice([1, 60, STEP, DAY])
        start = rng.choice([START, START, 1_000_000_000, 999_999_990, 0, 9_999_999_990])
        grid = TimeRange(start, start + rng.randrange(12) * step, step)
        found: list[object] = [series(rng, grid) for _ in range(rng.choice([0, 1, 2, 3, 6]))]
        whole = {"status": "success", "data": {"resultType": "matrix", "result": found}}
        for change in rng.choices([moved, odd_value, odd_time, odd_pair], k=rng.choice([0, 0, 1])):
            if found:
                change(rng.choice(found)["values"], rng)
        if rng.random() < 0.15:
            odd_series(found, rng)
        if rng.random() < 0.15:
            odd_envelope(whole, rng)
        body = compact(whole)
        for change in rng.choices([cut, spoilt, replaced], k=rng.choice([0, 0, 0, 1, 2])):
            body = change(body, rng)
        yield body, RangeQuery("up", grid), rng


def told(work: Callable[[], Answer]) -> tuple[object, ...]:
    """All that an answer or an error says, bit for bit."""
    try:
        answer = work()
    except SourceError as error:
        return type(error), error.kind, error.message, error.hint, error.detail
    nan = None if answer.nan is None else answer.nan.tobytes()
    said = (answer.type, answer.grid, [dict(labels) for labels in answer.labels], answer.histograms, answer.text)
    return *said, answer.values.shape, answer.values.tobytes(), nan, answer.warnings, answer.infos, answer.size


def in_pieces(body: bytes, query: Query, rng: random.Random) -> Decoder:
    decoder = Decoder(query, batch=rng.choice([1, 7, 30, 100, 1_000]))
    at = 0
    while at < len(body):
        length = rng.choice([1, 2, 10, 50, 300])
        decoder.feed(body[at : at + length])
        at += length
    return decoder


@pytest.mark.parametrize("seed", range(6))
def test_any_reply_in_any_pieces_gives_what_reading_it_as_json_gives(seed):
    without_json = 0
    for body, query, rng in replies(seed, 600):
        expected = told(lambda body=body, query=query: read(parse(body), query, len(body)))
        assert told(lambda body=body, query=query: decode(body, query)) == expected, body
        decoder = in_pieces(body, query, rng)
        assert told(decoder.finish) == expected, body
        without_json += decoder.without_json
    assert without_json > 100  # so that both ways are compared, and not one with itself


def test_a_matrix_of_prometheus_needs_no_json_for_its_numbers():
    decoder = Decoder(RangeQuery("up", grid_of(3)))
    decoder.feed(
        compact(json.loads(reply(matrix([({"a": "b"}, [1.0, None, float("nan")]), ({}, [0.5, 1e300, -0.0])]))))
    )
    assert decoder.finish().values.tolist()[1] == [0.5, 1e300, 0.0] and decoder.without_json


def test_a_decoder_that_starts_again_forgets_what_it_was_fed():
    decoder = Decoder(RangeQuery("up", grid_of(1)))
    body = compact(json.loads(reply(matrix([({"a": "b"}, [1.0])]))))
    decoder.feed(body[:-20])
    decoder.start()
    decoder.feed(body)
    assert decoder.finish().values.tolist() == [[1.0]]


def test_more_series_than_an_answer_may_have_are_counted_but_not_kept():
    body = compact(json.loads(reply(matrix([({"n": str(number)}, [1.0]) for number in range(2_500)]))))
    for query in (RangeQuery("up", grid_of(10_000)), RangeQuery("up", grid_of(9_000))):
        expected = told(lambda query=query: read(parse(body), query, len(body)))
        assert expected[1] is Kind.TOO_LARGE
        assert told(lambda query=query: decode(body, query)) == expected
        assert told(in_pieces(body, query, random.Random(1)).finish) == expected


def test_what_an_instant_query_gets_is_read_too():
    body = compact({"status": "success", "data": {"resultType": "scalar", "result": [START, "4"]}})
    decoder = Decoder(InstantQuery("up", START))
    for at in range(len(body)):
        decoder.feed(body[at : at + 1])
    assert np.array_equal(decoder.finish().values, [[4.0]])
