"""Results: several answers become one, nothing is added up, nothing is lost, and a failure stays visible."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given

from lib.core.errors import Kind, SourceError
from lib.core.merging import combine, merge
from lib.core.query import InstantQuery, RangeQuery
from lib.core.result import Outcome, Result, ResultType
from tests.answers.made import answer_of, grid_of, result_of, results, tiny_result

NAN = float("nan")
GONE = SourceError(Kind.DNS, "Unknown host.", "Check the address.")


def merged(*outcomes: tuple[str, object], points: int = 2) -> Result:
    return merge(RangeQuery("up", grid_of(points)), [Outcome(name, f"id-{name}", said) for name, said in outcomes])


def test_hubs_of_one_name_on_two_clusters_stay_two_series():
    found = result_of({"a": [({"namespace": "prod"}, [1.0, 2.0])], "b": [({"namespace": "prod"}, [10.0, 20.0])]}, 2)
    assert found.series["cluster"].tolist() == ["a", "b"]
    assert found.series["namespace"].tolist() == ["prod", "prod"]
    assert found.values.to_numpy().tolist() == [[1.0, 10.0], [2.0, 20.0]]


def test_28_hubs_called_staging_on_28_clusters_stay_28():
    clusters = {f"cluster-{n}": [({"namespace": "staging"}, [float(n)])] for n in range(28)}
    found = result_of(clusters, 1)
    assert found.values.shape == (1, 28)
    assert found.values.iloc[0].tolist() == [float(n) for n in range(28)]
    assert found.series["cluster"].nunique() == 28 and found.series["namespace"].unique().tolist() == ["staging"]


def test_a_label_called_cluster_in_the_data_is_kept_under_another_name():
    found = merged(("ours", answer_of([({"cluster": "theirs", "pod": "x"}, [1.0, 2.0])], 2)))
    assert found.series.to_dict("records") == [{"cluster": "ours", "exported_cluster": "theirs", "pod": "x"}]


def test_a_label_called_exported_cluster_as_well_is_not_overwritten():
    labels = {"cluster": "one", "exported_cluster": "two"}
    found = merged(("ours", answer_of([(labels, [1.0, 2.0])], 2)))
    assert found.series.to_dict("records") == [
        {"cluster": "ours", "exported_cluster": "two", "exported_exported_cluster": "one"}
    ]


def test_a_missing_label_is_the_empty_text():
    found = merged(("a", answer_of([({"x": "1"}, [1.0, 1.0])], 2)), ("b", answer_of([({"y": "2"}, [2.0, 2.0])], 2)))
    assert found.series.to_dict("records") == [
        {"cluster": "a", "x": "1", "y": ""},
        {"cluster": "b", "x": "", "y": "2"},
    ]


def test_a_failure_leaves_a_report_and_no_series():
    found = merged(("good", answer_of([({}, [1.0, None])], 2)), ("bad", GONE))
    assert [(report.cluster, report.source_id, report.error) for report in found.reports] == [
        ("good", "id-good", None),
        ("bad", "id-bad", GONE),
    ]
    assert (found.reports[0].series, found.reports[0].samples) == (1, 1)
    assert (found.reports[1].series, found.reports[1].samples) == (0, 0)
    assert found.failed == (found.reports[1],) and not found.complete and not found.empty


def test_when_all_fail_the_result_is_empty_and_every_reason_is_kept():
    found = merged(("a", GONE), ("b", GONE), points=3)
    assert found.empty and found.values.shape == (3, 0) and found.rows == 0
    assert [report.error for report in found.reports] == [GONE, GONE]
    assert list(found.series.columns) == ["cluster"] and len(found.series) == 0


def test_nobody_asked_is_an_empty_result():
    found = merged()
    assert found.empty and found.reports == () and found.complete


def test_the_order_is_that_of_the_sources():
    sources = [(name, answer_of([({}, [1.0, 1.0])], 2)) for name in ("z", "a", "m")]
    found = merged(*sources)
    assert found.series["cluster"].tolist() == [report.cluster for report in found.reports] == ["z", "a", "m"]


def test_a_nan_that_was_sent_is_told_from_a_gap():
    found = tiny_result()
    assert found.nan is not None
    assert found.values.isna().to_numpy().tolist() == [[False, True, False], [True, False, False]]
    assert found.nan.to_numpy().tolist() == [[False, True, False], [False, False, False]]
    assert found.rows == 5  # six places, one gap
    assert sum(report.samples for report in found.reports) == 5


def test_without_a_nan_that_was_sent_there_is_no_mask():
    assert merged(("a", answer_of([({}, [1.0, None])], 2))).nan is None


def test_warnings_make_an_answer_incomplete_and_stay_with_their_cluster():
    answer = answer_of([({}, [1.0])], 1)
    warned = type(answer)(**{**vars(answer), "warnings": ("partial",), "infos": ("not a counter",), "histograms": 3})
    found = merged(("a", warned), ("b", answer), points=1)
    assert not found.complete and found.failed == ()
    assert [report.warnings for report in found.reports] == [("partial",), ()]
    assert found.reports[0].infos == ("not a counter",) and found.histograms == 3


def test_the_texts_of_string_results_are_kept():
    answer = answer_of([({}, [NAN])], 1)
    spoken = type(answer)(**{**vars(answer), "type": ResultType.STRING, "text": "hello"})
    found = merge(InstantQuery('"hello"', grid_of(1).start), [Outcome("a", "a", spoken)])
    assert (found.type, found.text) == (ResultType.STRING, "hello")


@given(results())
def test_no_sample_is_lost_or_made_up(result):
    assert result.rows == sum(report.samples for report in result.reports)
    assert result.values.shape == (result.grid.points, len(result.series))
    assert sum(report.series for report in result.reports) == len(result.series)
    assert result.series.columns[0] == "cluster" and not result.series.isna().any().any()
    assert [str(kind) for kind in result.series.dtypes.unique()] == ["str"]


@given(results())
def test_one_answer_alone_is_combined_to_itself(result):
    assert combine([("used", result)]) is result


@given(results())
def test_answers_of_two_queries_stand_side_by_side_told_apart_by_query(result):
    found = combine([("used", result), ("limit", result)])
    values = result.values.to_numpy()
    np.testing.assert_array_equal(found.values.to_numpy(), np.concatenate([values, values], axis=1))
    marks = found.series["query"].tolist() if "query" in found.series else []
    assert marks == ["used"] * len(result.series) + ["limit"] * len(result.series)
    assert found.rows == 2 * result.rows
    assert [report.cluster for report in found.reports] == [report.cluster for report in result.reports]


def test_a_label_called_query_in_the_data_is_kept_under_another_name():
    one = result_of({"a": [({"query": "theirs"}, [1.0])]}, 1)
    found = combine([("used", one), ("limit", one)])
    assert found.series["query"].tolist() == ["used", "limit"]
    assert found.series["exported_query"].tolist() == ["theirs", "theirs"]


def test_a_source_that_failed_one_of_two_queries_is_reported_as_failed():
    good, bad = merged(("a", answer_of([({}, [1.0, 2.0])], 2))), merged(("a", GONE))
    for both in ([("used", good), ("limit", bad)], [("limit", bad), ("used", good)]):
        assert [report.error for report in combine(both).reports] == [GONE]


@pytest.mark.parametrize("value", [0.0, -0.0, 5e-324, 1e308, math.inf, -math.inf], ids=repr)
def test_a_value_is_what_was_sent(value):
    found = merged(("a", answer_of([({}, [value])], 1)), points=1)
    assert repr(found.values.iloc[0, 0].item()) == repr(value)
