"""The decoder: the four result types, what is refused and how, and that nothing else can come out of it."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.decode import decode
from lib.core.errors import Kind, QueryError, SourceError
from lib.core.query import InstantQuery, RangeQuery
from lib.core.result import Answer, ResultType
from tests.answers.made import CELLS, START, STEP, TEXTS, grid_of, matrix, reply

ANSWERS = Path(__file__).parent.parent / "answers"
INF, NAN = float("inf"), float("nan")
NOW = InstantQuery("up", START)


def over(points: int) -> RangeQuery:
    return RangeQuery("up", grid_of(points))


def one(value: object, time: object = START) -> bytes:
    return reply([{"metric": {"job": "a"}, "values": [[time, value]]}])


def refused(body: bytes, query: InstantQuery | RangeQuery | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        decode(body, query or over(2))
    assert caught.value.message and caught.value.hint
    return caught.value


def test_a_matrix_lies_on_the_grid_with_gaps_where_no_sample_was_sent():
    answer = decode(reply(matrix([({"job": "a"}, [1.0, None, 2.5]), ({"job": "b"}, [None, None, 4.0])])), over(3))
    assert answer.type is ResultType.MATRIX and answer.labels == ({"job": "a"}, {"job": "b"}) and answer.nan is None
    np.testing.assert_array_equal(answer.values, [[1.0, NAN, 2.5], [NAN, NAN, 4.0]])


def test_a_sample_that_is_nan_is_told_from_a_gap():
    answer = decode(reply(matrix([({}, [NAN, None, INF, -INF])])), over(4))
    assert answer.nan is not None
    np.testing.assert_array_equal(answer.nan, [[True, False, False, False]])
    np.testing.assert_array_equal(answer.values, [[NAN, NAN, INF, -INF]])


def test_values_cannot_be_written_to():
    answer = decode(one("NaN"), over(1))
    assert answer.nan is not None and not answer.values.flags.writeable and not answer.nan.flags.writeable


def test_a_vector_has_one_point_per_series():
    series = [{"metric": {"pod": pod}, "value": [START, value]} for pod, value in (("a", "1"), ("b", "NaN"))]
    answer = decode(reply(series, "vector"), NOW)
    assert answer.type is ResultType.VECTOR and [dict(labels) for labels in answer.labels] == [
        {"pod": "a"},
        {"pod": "b"},
    ]
    np.testing.assert_array_equal(answer.values, [[1.0], [NAN]])


def test_a_scalar_is_one_number_not_a_pair():
    answer = decode(reply([START, "42"], "scalar"), NOW)
    assert answer.labels == ({},) and answer.values.tolist() == [[42.0]] and answer.nan is None


def test_a_scalar_may_be_nan():
    answer = decode(reply([START, "NaN"], "scalar"), NOW)
    assert answer.nan is not None and answer.nan.tolist() == [[True]]


def test_a_string_is_text_without_a_number():
    answer = decode(reply([START, "hello"], "string"), NOW)
    assert answer.text == "hello" and len(answer.labels) == 1 and np.isnan(answer.values).all() and answer.nan is None


def test_an_empty_answer_has_no_series_and_the_whole_grid():
    assert decode(reply([]), over(3)).values.shape == (0, 3)
    assert decode(reply([], "vector"), NOW).values.shape == (0, 1)


def test_warnings_and_infos_are_kept_and_the_size_is_that_of_the_body():
    body = reply([], warnings=["half is missing"], infos=["not a counter"])
    answer = decode(body, over(1))
    assert (answer.warnings, answer.infos, answer.size) == (("half is missing",), ("not a counter",), len(body))


def test_a_partial_answer_of_victoriametrics_carries_a_warning():
    assert "partial" in decode(reply([], isPartial=True), over(1)).warnings[0]
    assert decode(reply([], isPartial=False, warnings=None), over(1)).warnings == ()


def test_native_histograms_are_counted_and_floats_beside_them_drawn():
    histogram = [START, {"count": "2", "sum": "3"}]
    series = [
        {"metric": {"a": "only"}, "histograms": [histogram]},
        {"metric": {"a": "both"}, "histograms": [histogram], "values": [[START + STEP, "5"]]},
    ]
    answer = decode(reply(series), over(2))
    assert answer.histograms == 2 and answer.labels == ({"a": "both"},)
    np.testing.assert_array_equal(answer.values, [[NAN, 5.0]])
    assert decode(reply([{"metric": {}, "histogram": histogram}], "vector"), NOW).histograms == 1


def test_a_byte_order_mark_is_allowed():
    assert decode(b"\xef\xbb\xbf" + one("1"), over(1)).values.tolist() == [[1.0]]


@pytest.mark.parametrize("name", ["real-matrix", "real-vector", "real-scalar", "real-string"])
def test_answers_recorded_from_a_real_prometheus_are_read(name):
    recorded = json.loads((ANSWERS / f"{name}.json").read_bytes())
    times = recorded["times"]
    query = RangeQuery("q", grid_of(times)) if times > 1 else NOW
    answer = decode(json.dumps(recorded["reply"]).encode(), query)
    np.testing.assert_array_equal(answer.values, np.array(recorded["values"], np.float64))
    assert [dict(labels) for labels in answer.labels] == recorded["labels"] and answer.text == recorded["text"]


# What is refused


@pytest.mark.parametrize(
    "value",
    ["1_000", " 1", "1 ", "", "abc", "infinity", "inf", "nan", "0x10", "1e999", "٣", "1\u0000", "NaNN", "--1", None,
     True, False, 1, 1.5, [], ["1"], {}, {"1": 1}],
    ids=repr,
)  # fmt: skip
def test_a_value_that_prometheus_does_not_write_is_refused(value):
    assert refused(one(value), over(1)).kind is Kind.NOT_PROMETHEUS


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1.0), ("-0", -0.0), ("1.5e+21", 1.5e21), ("5e-324", 5e-324), ("1e308", 1e308), ("+Inf", INF), ("-Inf", -INF),
     ("9007199254740993", 9007199254740992.0), ("0.1", 0.1), ("1E5", 1e5)],
    ids=lambda value: str(value),
)  # fmt: skip
def test_a_value_as_prometheus_writes_it_is_read_exactly(text, number):
    (value,) = decode(one(text), over(1)).values[0]
    assert value == number and np.signbit(value) == np.signbit(number)


@pytest.mark.parametrize(
    "time",
    [START + 1, START - STEP, START + STEP, START + 0.002, 1e300, -1e300, None, True, "0", [START], 2**64 - 1],
    ids=repr,
)
def test_a_time_off_the_grid_is_refused(time):
    assert refused(one("1", time), over(1)).kind is Kind.NOT_PROMETHEUS


def test_true_is_no_time_even_where_one_is():
    assert refused(reply([True, "1"], "scalar"), InstantQuery("up", 1)).kind is Kind.NOT_PROMETHEUS


def test_a_time_within_a_millisecond_of_the_grid_is_on_it():
    assert decode(one("1", START + 0.0009), over(1)).values.tolist() == [[1.0]]


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(None, id="null"),
        pytest.param({}, id="an object"),
        pytest.param("x", id="a text"),
        pytest.param([1], id="a number as series"),
        pytest.param([None], id="null as series"),
        pytest.param([{}], id="a series of nothing"),
        pytest.param([{"metric": {}}], id="a series without samples"),
        pytest.param([{"values": []}], id="a series without labels"),
        pytest.param([{"metric": None, "values": []}], id="null as labels"),
        pytest.param([{"metric": {"a": 1}, "values": []}], id="a number as label"),
        pytest.param([{"metric": {"a": None}, "values": []}], id="null as label"),
        pytest.param([{"metric": {"": "a"}, "values": []}], id="a label without a name"),
        pytest.param([{"metric": {}, "values": {}}], id="an object as samples"),
        pytest.param([{"metric": {}, "values": None}], id="null as samples"),
        pytest.param([{"metric": {}, "values": [[START]]}], id="a sample of one"),
        pytest.param([{"metric": {}, "values": [[START, "1", "2"]]}], id="a sample of three"),
        pytest.param([{"metric": {}, "values": ["ab"]}], id="a text as sample"),
        pytest.param([{"metric": {}, "values": [[START, "1"], [START, "1"]]}], id="an instant twice"),
        pytest.param([{"metric": {}, "values": [[START + STEP, "1"], [START, "1"]]}], id="backwards in time"),
        pytest.param([{"metric": {}, "values": [], "histograms": [[START]]}], id="a histogram without content"),
        pytest.param(matrix([({"a": "b"}, [1.0]), ({"a": "b"}, [2.0])]), id="two equal series"),
        pytest.param(matrix([({"a": "b"}, [1.0]), ({"a": "b", "c": ""}, [2.0])]), id="equal but for an empty label"),
    ],
)
def test_a_malformed_matrix_is_not_prometheus(result):
    assert refused(reply(result)).kind is Kind.NOT_PROMETHEUS


@pytest.mark.parametrize(
    "body",
    [b"null", b"[]", b"1", b'"x"', b"{}", b'{"status": "success"}', b'{"status": "success", "data": null}',
     b'{"status": "success", "data": []}', b'{"status": "success", "data": {"resultType": "matrix"}}',
     b'{"status": "success", "data": {"result": []}}', b'{"status": "fine"}', b'{"status": ["error"]}',
     reply([], "table"), reply([], None), reply([], ["matrix"]), reply([], warnings="x"), reply([], infos=[1])],
    ids=lambda body: body.decode()[:60],
)  # fmt: skip
def test_another_envelope_is_not_prometheus(body):
    assert refused(body).kind is Kind.NOT_PROMETHEUS


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{", reply([]) + b"x", b'{"status": NaN}', b"[" * 200_000, b'{"a": ' * 5_000, b"9" * 6_000,
     b'"\xff"', b'"\\ud800"', b"1e999", "{}".encode("utf-16")],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
def test_what_is_not_strict_json_is_not_json(body):
    assert refused(body).kind is Kind.NOT_JSON


def test_a_log_source_is_called_one():
    error = refused(reply([], "streams"))
    assert error.kind is Kind.NOT_PROMETHEUS and error.message == "This is a log source."


def test_an_error_in_a_reply_with_status_200_keeps_the_servers_words_short():
    error = refused(
        json.dumps({"status": "error", "errorType": "bad_data", "error": "1:2: no\x1b[31m\n" + "x" * 900}).encode()
    )
    assert isinstance(error, QueryError) and error.kind is Kind.QUERY
    assert error.detail.startswith("1:2: no [31m xxx") and len(error.detail) == 300


@pytest.mark.parametrize("error", [None, "", " \n", 5, {}], ids=repr)
def test_an_error_without_words_is_a_bad_request(error):
    caught = refused(json.dumps({"status": "error", "error": error}).encode())
    assert caught.kind is Kind.BAD_REQUEST and caught.detail == ""


def test_a_range_vector_in_reply_to_an_instant_query_is_a_mistake_in_the_query():
    error = refused(reply(matrix([({}, [1.0])])), NOW)
    assert isinstance(error, QueryError) and "last_over_time" in error.hint and "rate" in error.hint


@pytest.mark.parametrize("kind", ["vector", "scalar", "string"])
def test_a_range_query_is_answered_by_a_matrix_only(kind):
    assert refused(reply([START, "1"], kind), over(1)).kind is Kind.NOT_PROMETHEUS


# Limits


def many(series: int) -> bytes:
    return reply(matrix([({"pod": str(number)}, [1.0]) for number in range(series)]))


def test_twenty_thousand_series_are_read_and_one_more_is_too_large():
    assert decode(many(20_000), over(1)).values.shape == (20_000, 1)
    assert refused(many(20_001), over(1)).kind is Kind.TOO_LARGE


def test_sparse_series_on_a_long_grid_are_too_large_before_memory_is_taken():
    assert refused(many(3_000), over(10_000)).kind is Kind.TOO_LARGE


def test_a_label_of_its_own_for_each_series_is_too_large():
    body = reply([{"metric": {f"l{number}": "x"}, "values": []} for number in range(2_000)])
    assert refused(body, over(1)).kind is Kind.TOO_LARGE


def test_long_labels_are_cut_with_a_mark_and_stay_distinct():
    long = "x" * 100_000
    answer = decode(
        reply(matrix([({"a": long + "1"}, [1.0]), ({"a": long + "2"}, [1.0]), ({"a": "y" * 4096}, [1.0])])), over(1)
    )
    first, second, whole = (labels["a"] for labels in answer.labels)
    assert len(first) == len(second) == 4_096 and first != second and whole == "y" * 4_096
    assert first.endswith("…" + sha256((long + "1").encode()).hexdigest()[:12])


# Properties

ROWS = st.integers(1, 4).flatmap(
    lambda points: st.tuples(
        st.just(points),
        st.lists(
            st.tuples(
                st.dictionaries(TEXTS.filter(bool), TEXTS.filter(bool), max_size=3),
                st.lists(CELLS, min_size=points, max_size=points),
            ),
            max_size=4,
            unique_by=lambda row: frozenset(row[0].items()),
        ),
    )
)


@settings(max_examples=200)
@given(ROWS, st.lists(st.text(max_size=9), max_size=2))
def test_what_is_encoded_is_decoded(made, warnings):
    points, rows = made
    answer = decode(reply(matrix(rows), warnings=warnings), over(points))
    assert [dict(labels) for labels in answer.labels] == [labels for labels, _ in rows]
    assert answer.warnings == tuple(warnings)
    sent = [[cell is not None for cell in cells] for _, cells in rows]
    nan = np.zeros(answer.values.shape, bool) if answer.nan is None else answer.nan
    assert (~np.isnan(answer.values) | nan).tolist() == sent
    expected = [[NAN if cell is None else cell for cell in cells] for _, cells in rows]
    np.testing.assert_array_equal(answer.values, np.array(expected, np.float64).reshape(answer.values.shape))


KEYS = ["metric", "value", "values", "histogram", "histograms", "a", "resultType", "result"]
WORDS = ["1", "NaN", "+Inf", "matrix", "error", START, START + STEP, [START, "1"]]
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
ANY = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=5) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=8,
)
GOOD = {
    "status": "success",
    "warnings": ["w"],
    "data": {"resultType": "matrix", "result": [{"metric": {"a": "b"}, "values": [[START, "1"], [START + STEP, "2"]]}]},
}


def places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def put(value: object, path: tuple[object, ...], new: object) -> object:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(copy[path[0]], path[1:], new)
    return copy


@settings(max_examples=400)
@given(st.sampled_from(places(GOOD)), ANY, st.sampled_from(["matrix", "vector", "scalar", "string"]), st.booleans())
def test_any_json_in_any_place_gives_an_answer_or_a_source_error(place, new, kind, instant):
    body = orjson.dumps(put(put(GOOD, ("data", "resultType"), kind), place, new) if place[:1] else new)
    try:
        answer = decode(body, NOW if instant else over(2))
    except SourceError as error:
        assert error.message and error.hint
    else:
        assert isinstance(answer, Answer) and answer.values.shape == (len(answer.labels), 1 if instant else 2)


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_any_bytes_are_refused_with_a_source_error(body):
    refused(body)
