"""The made-up Grafana and the Prometheus behind it: routes, rights, errors, and how answers are written."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from lib.sample.api import SAMPLE_TOKEN, SAMPLE_URL, respond
from lib.sample.prometheus_api import Response
from lib.sample.world import METRICS

NOW = 1_795_300_017.25
END = 1_795_298_400
DAY = 86_400
TOKEN = {"Authorization": f"Bearer {SAMPLE_TOKEN}"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PROXY = "/api/datasources/proxy/uid"
Parameters = dict[str, Any]


def get(path: str, parameters: Parameters | None = None, headers: dict[str, str] = TOKEN) -> Response:
    query = urlencode(parameters or {}, doseq=True)
    return respond("GET", f"{SAMPLE_URL}{path}?{query}", headers, b"", NOW)


def post(path: str, parameters: Parameters) -> Response:
    return respond("POST", f"{SAMPLE_URL}{path}", {**TOKEN, **FORM}, urlencode(parameters, doseq=True).encode(), NOW)


def asked(endpoint: str, parameters: Parameters | None = None, cluster: str = "birch") -> Response:
    return get(f"{PROXY}/{cluster}-prometheus/api/v1/{endpoint}", parameters)


def data(response: Response) -> Any:
    content = orjson.loads(response.body)
    assert response.status == 200, content
    assert content["status"] == "success"
    return content["data"]


def test_health_needs_no_token() -> None:
    answer = get("/api/health", headers={})
    assert answer.status == 200
    assert orjson.loads(answer.body)["database"] == "ok"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": SAMPLE_TOKEN}])
@pytest.mark.parametrize("path", ["/api/datasources", f"{PROXY}/birch-prometheus/api/v1/query"])
def test_without_the_token_nothing_is_read(path: str, headers: dict[str, str]) -> None:
    answer = get(path, headers=headers)
    assert answer.status == 401
    assert orjson.loads(answer.body) == {"message": "Invalid API key"}


def test_header_names_have_no_case() -> None:
    assert get("/api/datasources", headers={"authorization": f"Bearer {SAMPLE_TOKEN}"}).status == 200


def test_four_clusters_and_one_source_of_another_kind_are_listed() -> None:
    answer = get("/api/datasources")
    sources = orjson.loads(answer.body)
    assert answer.headers["Content-Type"].startswith("application/json")
    prometheus = {source["name"]: source["uid"] for source in sources if source["type"] == "prometheus"}
    assert prometheus == {name: f"{name}-prometheus" for name in ("aurora", "birch", "cedar", "drift")}
    assert [one["type"] for one in sources if one["type"] != "prometheus"] == ["yesoreyeram-infinity-datasource"]
    assert all(source["url"].startswith("http://") and source["access"] == "proxy" for source in sources)
    assert len({source["id"] for source in sources}) == len(sources)


def test_the_cluster_that_is_down_answers_502_and_nothing_else() -> None:
    answer = asked("query", {"query": "up"}, "drift")
    assert (answer.status, answer.body) == (502, b"")


def test_an_unknown_data_source_is_not_found() -> None:
    answer = asked("query", {"query": "up"}, "elm")
    assert answer.status == 404
    assert orjson.loads(answer.body) == {"message": "Unable to find datasource"}


@pytest.mark.parametrize("path", ["/", "/api/dashboards/home", "//api/datasources", "/api/datasources/"])
def test_other_routes_are_not_found(path: str) -> None:
    assert respond("GET", path, TOKEN, b"", NOW).status in (401, 404)


@pytest.mark.parametrize("endpoint", ["query", "query_range", "series", "labels"])
def test_post_answers_as_get_does_where_it_is_allowed(endpoint: str) -> None:
    parameters = {"query": "up", "match[]": "up", "start": END - 3600, "end": END, "step": 600, "time": END}
    path = f"{PROXY}/birch-prometheus/api/v1/{endpoint}"
    assert data(post(path, parameters)) == data(get(path, parameters)) != []


@pytest.mark.parametrize("endpoint", ["label/namespace/values", "metadata", "status/buildinfo", "format_query"])
def test_post_is_refused_elsewhere(endpoint: str) -> None:
    answer = post(f"{PROXY}/birch-prometheus/api/v1/{endpoint}", {})
    assert answer.status == 403
    assert orjson.loads(answer.body)["message"].startswith("non allow-listed POSTs not allowed")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_nothing_can_be_changed(method: str) -> None:
    assert respond(method, f"{PROXY}/birch-prometheus/api/v1/query", TOKEN, b"", NOW).status == 403


def test_an_unknown_endpoint_is_plain_text_as_in_prometheus() -> None:
    answer = asked("parse_query", {"query": "up"})
    assert (answer.status, answer.body) == (404, b"404 page not found\n")


def test_daily_users_of_a_month_lie_on_the_grid() -> None:
    query = 'max by (namespace) (last_over_time(jupyterhub_active_users{period="24h"}[1h]))'
    result = data(asked("query_range", {"query": query, "start": END - 30 * DAY, "end": END, "step": "1d"}))
    assert result["resultType"] == "matrix"
    assert [series["metric"] for series in result["result"]] == [
        {"namespace": "highmem"},
        {"namespace": "prod"},
        {"namespace": "staging"},
    ]
    for series in result["result"]:
        assert [time for time, _ in series["values"]] == [END - 30 * DAY + step * DAY for step in range(31)]
        assert all(value.isdigit() for _, value in series["values"])


@pytest.mark.parametrize(
    ("query", "kind", "result"),
    [
        ("vector(1) / 3", "vector", [{"metric": {}, "value": [END + 0.5, "0.3333333333333333"]}]),
        ("1e-7", "scalar", [END + 0.5, "0.0000001"]),
        ("0.00001", "scalar", [END + 0.5, "0.00001"]),
        ("123456789012345678", "scalar", [END + 0.5, "123456789012345680"]),
        ("1e21", "scalar", [END + 0.5, "1000000000000000000000"]),
        ("vector(1e-7)", "vector", [{"metric": {}, "value": [END + 0.5, "1e-07"]}]),
        ("vector(1e21)", "vector", [{"metric": {}, "value": [END + 0.5, "1e+21"]}]),
        ("0/0", "scalar", [END + 0.5, "NaN"]),
        ("-1/0", "scalar", [END + 0.5, "-Inf"]),
        ("1/0", "scalar", [END + 0.5, "+Inf"]),
        ("-0", "scalar", [END + 0.5, "-0"]),
        ('"é\\n"', "string", [END + 0.5, "é\n"]),
    ],
)
def test_values_are_written_as_prometheus_writes_them(query: str, kind: str, result: object) -> None:
    assert data(asked("query", {"query": query, "time": END + 0.5})) == {"resultType": kind, "result": result}


def test_a_range_selector_gives_its_samples() -> None:
    query = 'jupyterhub_total_users{namespace="prod"}[5m]'
    result = data(asked("query", {"query": query, "time": END}))
    assert result["resultType"] == "matrix"
    assert [time for time, _ in result["result"][0]["values"]] == list(range(END - 300, END + 1, 60))


def test_without_a_time_it_is_now() -> None:
    result = data(asked("query", {"query": "time()"}))
    assert result["result"] == [1795300017.25, "1795300017.25"]
    assert asked("query", {"query": "time()"}).body.count(b"[1795300017.25,") == 1
    assert asked("query", {"query": "vector(1)"}).body.count(b"[1795300017.250,") == 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1795298400", 1795298400), ("1795298400.5", 1795298400.5), ("2026-11-22T10:00:00Z", 1795341600)]
    + [("2026-11-22T10:00:00.25+01:00", 1795338000.25), ("1.7952984e9", 1795298400)],
)
def test_times_are_numbers_or_rfc_3339(text: str, seconds: float) -> None:
    assert data(asked("query", {"query": "time()", "time": text}))["result"][0] == seconds


@pytest.mark.parametrize(("step", "points"), [("5m", 13), ("300", 13), ("300.0", 13), ("1h", 2), ("7m30s", 9)])
def test_steps_are_numbers_or_durations(step: str, points: int) -> None:
    result = data(asked("query_range", {"query": "vector(1)", "start": END - 3600, "end": END, "step": step}))
    assert len(result["result"][0]["values"]) == points


RANGE = {"query": "up", "start": END - 3600, "end": END, "step": 60}
STAMP = 'cannot parse "x" to a valid timestamp'


@pytest.mark.parametrize(
    ("endpoint", "parameters", "status", "kind", "error"),
    [
        ("query_range", {**RANGE, "start": "x"}, 400, "bad_data", f'invalid parameter "start": {STAMP}'),
        ("query_range", {**RANGE, "end": "x"}, 400, "bad_data", f'invalid parameter "end": {STAMP}'),
        (
            "query_range",
            {**RANGE, "step": "1h1d"},
            400,
            "bad_data",
            'invalid parameter "step": cannot parse "1h1d" to a valid duration',
        ),
        (
            "query_range",
            {**RANGE, "step": 0},
            400,
            "bad_data",
            'invalid parameter "step": zero or negative query resolution step widths are not accepted. '
            "Try a positive integer",
        ),
        (
            "query_range",
            {**RANGE, "start": END + 1},
            400,
            "bad_data",
            'invalid parameter "end": end timestamp must not be before start time',
        ),
        (
            "query_range",
            {**RANGE, "start": END - 11_001, "step": 1},
            400,
            "bad_data",
            "exceeded maximum resolution of 11,000 points per timeseries. "
            "Try decreasing the query resolution (?step=XX)",
        ),
        (
            "query_range",
            {**RANGE, "query": ""},
            400,
            "bad_data",
            "1:1: parse error: no expression found in input",
        ),
        (
            "query",
            {},
            400,
            "bad_data",
            'invalid parameter "query": 1:1: parse error: no expression found in input',
        ),
        (
            "query",
            {"query": "up", "time": "x"},
            400,
            "bad_data",
            f"invalid parameter \"time\": Invalid time value for 'time': {STAMP}",
        ),
        (
            "query",
            {"query": "up", "timeout": "x"},
            400,
            "bad_data",
            'invalid parameter "timeout": cannot parse "x" to a valid duration',
        ),
        ("series", {}, 400, "bad_data", "no match[] parameter provided"),
        (
            "series",
            {"match[]": "{}"},
            400,
            "bad_data",
            'invalid parameter "match[]": match[] must contain at least one non-empty matcher',
        ),
        ("label/bad-name/values", {}, 400, "bad_data", 'invalid label name: "bad-name"'),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_prometheus(
    endpoint: str, parameters: Parameters, status: int, kind: str, error: str
) -> None:
    answer = asked(endpoint, parameters)
    assert answer.status == status
    assert orjson.loads(answer.body) == {"status": "error", "errorType": kind, "error": error}


def test_what_has_no_answer_is_an_execution_error() -> None:
    answer = asked("query", {"query": "kube_pod_labels * on (namespace) kube_pod_info", "time": END})
    content = orjson.loads(answer.body)
    assert (answer.status, content["errorType"]) == (422, "execution")
    assert "many-to-many matching not allowed" in content["error"]


def test_as_many_points_as_prometheus_allows_are_given() -> None:
    result = data(asked("query_range", {"query": "vector(1)", "start": END - 11_000, "end": END, "step": 1}))
    assert len(result["result"][0]["values"]) == 11_001


def test_the_hubs_are_found_by_any_of_the_usual_questions() -> None:
    hubs = ["highmem", "prod", "staging"]
    assert data(asked("label/namespace/values", {"match[]": "jupyterhub_total_users"})) == hubs
    assert data(asked("label/namespace/values", {"match[]": 'kube_service_labels{service="hub"}'})) == hubs
    assert data(asked("label/namespace/values")) == [*hubs, "support"]
    assert {one["namespace"] for one in data(asked("series", {"match[]": ["up", "jupyterhub_total_users"]}))} == set(
        hubs
    )


def test_series_and_labels_keep_to_their_time_and_limit() -> None:
    june = {"start": 1_780_300_000, "end": 1_780_400_000}
    spans = {"match[]": "jupyterhub_total_users"}
    assert "fieldschool-2026" not in data(asked("label/namespace/values", {**spans, **june}, "cedar"))
    assert "fieldschool-2026" in data(asked("label/namespace/values", {**spans, "start": END - DAY}, "cedar"))
    assert len(data(asked("series", {"match[]": "jupyterhub_active_users", "limit": 2}))) == 2
    assert data(asked("series", {"match[]": "up", "start": END, "end": END - 1})) == []
    assert data(asked("label/nosuch/values")) == []
    assert data(asked("labels", {"match[]": "jupyterhub_active_users"}))[0] == "__name__"


def test_metadata_tells_type_and_meaning_of_every_metric() -> None:
    families = data(asked("metadata"))
    assert set(families) == {metric.family or metric.name for metric in METRICS}
    assert families["jupyterhub_active_users"] == [{"type": "gauge", "help": "Number of active users.", "unit": ""}]
    assert families["jupyterhub_server_spawn_duration_seconds"][0]["type"] == "histogram"
    assert list(data(asked("metadata", {"metric": "up"}))) == ["up"]
    assert set(data(asked("label/__name__/values"))) == {metric.name for metric in METRICS}


def test_the_server_says_which_version_it_imitates() -> None:
    assert data(asked("status/buildinfo"))["version"] == "2.42.0"
