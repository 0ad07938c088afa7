"""The double is no easier to please than Prometheus: the same requests to both are answered and refused alike.

A real Prometheus holds the samples of the double's closed form, so that answers to queries are equal to the last digit;
of the others the shape is compared. What Grafana adds in between cannot be had here: its texts stand with their sources
in `tests.double.replies`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.double import HUBS, TOKEN, Double, good_value, grafana_double
from tests.faults.cases import ANSWERED, NOW, SHOWN, SHOWN_INSTANTS, named
from tests.prometheus_server import running_prometheus

START = NOW - NOW % 3_600
HOUR = 3_600
USERS = "sum by (namespace) (users)"  # as the double has it: one series for each hub, told apart by that label alone

Form = dict[str, str]


def over(**more: str) -> Form:
    return {"query": USERS, "start": str(START), "end": str(START + 600), "step": "60", **more}


def now(**more: str) -> Form:
    return {"query": USERS, "time": str(START + 600), **more}


def _without(form: Form, name: str) -> Form:
    return {key: value for key, value in form.items() if key != name}


ANSWERS = {
    "query_range": [
        over(),
        over(step="120"),
        over(step="300"),
        over(step="1m"),
        over(step="2m30s"),
        over(step="60.0"),
        over(end=str(START)),
        over(end=str(START + HOUR)),
        over(start=str(START + 60), end=str(START + 659)),
        over(start=f"{START}.000", end=f"{START + 600}.000"),
        over(start="2026-02-02T02:00:00Z", end="2026-02-02T02:10:00Z"),
        over(timeout="29000ms"),
        over(timeout="1.5"),
        over(nocache="1"),
        over(limit="1"),
        over(step="1000"),
    ],
    "query": [
        now(),
        now(time=str(START)),
        now(time=f"{START}.0"),
        now(time="2026-02-02T02:10:00Z"),
        now(time="2026-02-02T03:10:00+01:00"),
        now(timeout="1s"),
    ],
}
SHAPES = [
    ("labels", {}),
    ("labels", {"start": str(START), "end": str(START + HOUR)}),
    ("labels", {"match[]": "users"}),
    ("label/namespace/values", {}),
    ("label/namespace/values", {"match[]": "users", "start": str(START), "end": str(START + HOUR)}),
    ("label/namespace/values", {"match[]": '{namespace=~".+"}'}),
    ("label/__name__/values", {}),
    ("series", {"match[]": "users", "start": str(START), "end": str(START + HOUR)}),
    ("metadata", {}),
    ("metadata", {"limit_per_metric": "1"}),
]
REFUSED = [
    *(("query_range", _without(over(), name)) for name in ("query", "start", "end", "step")),
    *(("query_range", over(query=text)) for text in ("", " ", "# a comment", "users{)", "sum(", "1 +", "{}}")),
    *(("query_range", over(start=text)) for text in ("abc", "2026-13-01T00:00:00Z", "yesterday")),
    *(("query_range", over(end=text)) for text in ("abc", str(START - 60))),
    *(("query_range", over(step=text)) for text in ("0", "-60", "abc", "1.5h", "1M", "P1D", "1d2")),
    ("query_range", over(end=str(START + 11_001 * 60))),
    ("query_range", over(step="1", end=str(START + 20_000))),
    ("query_range", over(timeout="soon")),
    ("query", _without(now(), "query")),
    *(("query", now(query=text)) for text in ("", "users[", "rate(users)", "sum by users")),
    *(("query", now(time=text)) for text in ("abc", "12:00")),
    ("query", now(timeout="soon")),
    ("label/0a/values", {}),
    ("label/a-b/values", {}),
    ("label/namespace/values", {"match[]": "users{"}),
    ("label/namespace/values", {"start": "abc"}),
    ("labels", {"match[]": "{"}),
    ("labels", {"end": "abc"}),
    ("series", {}),
    ("series", {"match[]": "users{"}),
    ("nothing", {}),
    ("query/nothing", {}),
]
POSTED = {"query", "query_range", "labels", "series"}


def samples() -> str:
    """Three hours of the closed form of the data source `good`, a sample a minute."""
    times = range(START - HOUR, START + 2 * HOUR, 60)
    lines = [f'users{{namespace="{hub}"}} {good_value("good", hub, at):g} {at}' for hub in HUBS for at in times]
    return "\n".join(["# TYPE users gauge", *lines, "# EOF", ""])


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    with running_prometheus(samples()) as url:
        yield f"{url}/api/v1"


@pytest.fixture(scope="module")
def made_up() -> Iterator[Double]:
    with grafana_double() as double:
        yield double


def put(base: str, path: str, form: Form, method: str = "POST") -> requests.Response:
    headers = {"Authorization": f"Bearer {TOKEN}"} if "proxy" in base else {}
    if method == "POST" and path in POSTED:
        return requests.post(f"{base}/{path}", data=form, headers=headers, timeout=30)
    return requests.get(f"{base}/{path}", params=form, headers=headers, timeout=30)


def api(double: Double, uid: str = "good") -> str:
    return f"{double.url}/api/datasources/proxy/uid/{uid}/api/v1"


def masked(value: Any) -> Any:
    """The shape of JSON: the kinds of its values, the names of its keys, and what a list holds, once each."""
    if isinstance(value, dict):
        return {key: masked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        shapes = [masked(inner) for inner in value]
        return [shape for at, shape in enumerate(shapes) if shape not in shapes[:at]]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


# Newer versions say for which parameter.
_PARSE_ERROR = re.compile(r"(invalid parameter \"(query|match\[\])\": )?\d+:\d+: parse error: .*")


def refusal(reply: requests.Response) -> tuple[int, Any]:
    """Status and error; of a parse error only that it is one, since only Prometheus' own parser knows its words."""
    if "json" not in reply.headers["Content-Type"]:
        return reply.status_code, reply.text.strip()
    told = reply.json()
    return reply.status_code, told | {"error": _PARSE_ERROR.sub("a parse error", told["error"])}


def test_there_are_more_than_60_requests() -> None:
    assert sum(map(len, ANSWERS.values())) + len(SHAPES) + len(REFUSED) > 70


@pytest.mark.prometheus
@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize(("path", "form"), [(path, form) for path, forms in ANSWERS.items() for form in forms])
def test_an_answer_of_the_double_is_that_of_prometheus_to_the_last_digit(
    real: str, made_up: Double, path: str, form: Form, method: str
) -> None:
    ours, theirs = put(api(made_up), path, form, method), put(real, path, form, method)
    assert theirs.status_code == ours.status_code == 200
    assert ours.headers["Content-Type"] == theirs.headers["Content-Type"]
    assert ours.json() == theirs.json()


@pytest.mark.prometheus
@pytest.mark.parametrize(("path", "form"), SHAPES)
def test_a_list_of_the_double_has_the_shape_of_that_of_prometheus(
    real: str, made_up: Double, path: str, form: Form
) -> None:
    ours, theirs = put(api(made_up), path, form), put(real, path, form)
    if not path.startswith("label"):
        theirs, ours = put(real, path, form, "GET"), put(api(made_up), path, form, "GET")
    assert theirs.status_code == ours.status_code == 200
    if path == "metadata":  # a Prometheus without targets has none
        assert theirs.json() == {"status": "success", "data": {}} and isinstance(ours.json()["data"], dict)
    else:
        assert masked(ours.json()) == masked(theirs.json())


@pytest.mark.prometheus
@pytest.mark.parametrize(("path", "form"), REFUSED)
def test_what_prometheus_refuses_the_double_refuses_in_the_same_words(
    real: str, made_up: Double, path: str, form: Form
) -> None:
    method = "POST" if path in POSTED else "GET"
    assert refusal(put(api(made_up), path, form, method)) == refusal(put(real, path, form, method))


WELL_FORMED = [name for text in (ANSWERED, *SHOWN, *SHOWN_INSTANTS) for name, _ in named(text)]


@pytest.mark.parametrize("uid", WELL_FORMED)
def test_a_well_formed_answer_has_the_shape_that_the_api_of_prometheus_promises(made_up: Double, uid: str) -> None:
    instant = uid in {name for text in SHOWN_INSTANTS for name, _ in named(text)}
    reply = put(api(made_up, uid), *(("query", now()) if instant else ("query_range", over())), method="GET")
    told = reply.json() if not reply.content.startswith(b"\xef\xbb\xbf") else requests.models.complexjson.loads(
        reply.content.decode("utf-8-sig")
    )  # fmt: skip
    assert reply.status_code == 200
    assert told["status"] == "success"
    for name in ("warnings", "infos"):
        assert all(isinstance(text, str) for text in told.get(name) or [])
    promised(told["data"]["resultType"], told["data"]["result"])


def promised(type_: str, result: Any) -> None:
    """Fails for a result that is not one of those of docs/querying/api.md, "Expression query result formats"."""
    if type_ in ("scalar", "string"):
        assert_sample(result)
        return
    assert type_ in ("matrix", "vector") and isinstance(result, list)
    many = type_ == "matrix"
    for series in result:
        assert all(isinstance(name, str) and isinstance(text, str) for name, text in series["metric"].items())
        assert {*series} <= {"metric", *(("values", "histograms") if many else ("value", "histogram"))}
        for sample in series.get("values", []) if many else [series["value"]]:
            assert_sample(sample)
        assert many is False or [time for time, _ in series.get("values", [])] == sorted(
            {time for time, _ in series.get("values", [])}
        )


def assert_sample(sample: Any) -> None:
    time, value = sample
    assert isinstance(time, int | float) and isinstance(value, str)
