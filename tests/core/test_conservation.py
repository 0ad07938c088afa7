"""Every sample that clusters send is shown, in files, or counted as not drawn: none lost, added or swapped.

From several answers to one result, through a transform, to a chart and to the files.
"""

from __future__ import annotations

import base64
import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import plotly.io
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.charts import CHART_TYPES, Look, undrawn
from lib.core.errors import Kind, SourceError
from lib.core.export import EXPORTS, csv_long, csv_wide, file_name, unescape
from lib.core.merging import combine, merge
from lib.core.number_text import number_text
from lib.core.query import RangeQuery
from lib.core.result import Answer, Outcome, Result
from lib.core.transform import Chosen, apply
from tests.answers.made import CELLS, TEXTS, answer_of, grid_of, results

POINTS = 4
QUERY = RangeQuery("up", grid_of(POINTS))
LABELS = st.dictionaries(st.sampled_from(["namespace", "pod", "größe"]), TEXTS, max_size=3)
ROWS = st.lists(
    st.tuples(LABELS, st.lists(CELLS, min_size=POINTS, max_size=POINTS)),
    max_size=4,
    unique_by=lambda row: frozenset((name, text) for name, text in row[0].items() if text),
)
FAILURE = SourceError(Kind.TIMEOUT, "No answer.")
# Hubs of equal names on several clusters are what it is about, so the labels are few.
OUTCOMES = st.dictionaries(st.sampled_from(["a", "b", "c", "=evil"]), ROWS | st.just(FAILURE), max_size=4).map(
    lambda said: [
        Outcome(name, name, rows if isinstance(rows, SourceError) else answer_of(rows, POINTS))
        for name, rows in said.items()
    ]
)
Samples = Counter[tuple[str, frozenset[tuple[str, str]], int, str]]


def sent(outcomes: Sequence[Outcome]) -> Samples:
    """Every sample by cluster, labels, place in time and value as a file writes it."""
    found: Samples = Counter()
    for outcome in outcomes:
        if isinstance(outcome.answer, Answer):
            rows = zip(outcome.answer.labels, present(outcome.answer), outcome.answer.values, strict=True)
            for labels, there, values in rows:
                key = frozenset((name, text) for name, text in labels.items() if text)
                found.update((outcome.cluster, key, at, number_text(float(values[at]))) for at in np.flatnonzero(there))
    return found


def present(answer: Answer) -> np.ndarray:
    nan = np.zeros(answer.values.shape, bool) if answer.nan is None else answer.nan
    return ~np.isnan(answer.values) | nan


def in_result(result: Result) -> Samples:
    """The same of a result."""
    found: Samples = Counter()
    values = result.values.to_numpy().T
    nan = np.zeros(values.shape, bool) if result.nan is None else result.nan.to_numpy().T
    for labels, numbers, sent_nan in zip(result.series.to_dict("records"), values, nan, strict=True):
        key = frozenset((name, text) for name, text in labels.items() if text and name != "cluster")
        places = np.flatnonzero(~np.isnan(numbers) | sent_nan)
        found.update((labels["cluster"], key, at, number_text(float(numbers[at]))) for at in places)
    return found


def in_long_file(result: Result) -> Samples:
    """The same of a CSV with one row per value."""
    times = {moment.isoformat(): at for at, moment in enumerate(result.values.index)}
    found: Samples = Counter()
    for row in csv.DictReader(io.StringIO(csv_long(result).decode("utf-8-sig"), newline="")):
        labels = frozenset(
            (name, unescape(text)) for name, text in row.items() if text and name not in ("time", "cluster", "value")
        )
        found[unescape(row["cluster"]), labels, times[row["time"]], row["value"]] += 1
    return found


@settings(max_examples=60)
@given(OUTCOMES)
def test_what_clusters_send_is_what_the_result_and_the_file_have(outcomes):
    result = merge(QUERY, outcomes)
    assert in_result(result) == in_long_file(result) == sent(outcomes)
    wide = list(csv.reader(io.StringIO(csv_wide(result).decode("utf-8-sig"), newline="")))
    cells = Counter((place, cell) for place, row in enumerate(wide[1:]) for cell in row[1:] if cell)
    assert cells == Counter((at, text) for *_, at, text in sent(outcomes).elements())
    assert [report.error for report in result.reports] == [
        outcome.answer if isinstance(outcome.answer, SourceError) else None for outcome in outcomes
    ]


@settings(max_examples=40)
@given(OUTCOMES, st.randoms())
def test_the_order_of_the_clusters_changes_nothing_but_the_order(outcomes, rng):
    shuffled = list(outcomes)
    rng.shuffle(shuffled)
    assert in_result(merge(QUERY, shuffled)) == in_result(merge(QUERY, outcomes))


@settings(max_examples=40)
@given(OUTCOMES, OUTCOMES)
def test_what_is_fetched_again_takes_the_place_of_what_was_there_and_leaves_the_others_alone(outcomes, again):
    assert in_result(merge(QUERY, outcomes)) == in_result(merge(QUERY, outcomes))
    fetched = {outcome.cluster: outcome for outcome in again}
    both = [fetched.get(outcome.cluster, outcome) for outcome in outcomes]
    assert in_result(merge(QUERY, both)) == sent(both)
    others = [outcome for outcome in outcomes if outcome.cluster not in fetched]
    assert not sent(others) - in_result(merge(QUERY, both))


@settings(max_examples=40)
@given(OUTCOMES, st.integers(0, 4))
def test_clusters_put_together_in_two_parts_have_the_samples_of_all_at_once(outcomes, at):
    parts = [in_result(merge(QUERY, some)) for some in (outcomes[:at], outcomes[at:])]
    assert parts[0] + parts[1] == in_result(merge(QUERY, outcomes))


@settings(max_examples=40)
@given(OUTCOMES)
def test_no_series_of_two_clusters_becomes_one(outcomes):
    result = merge(QUERY, outcomes)
    answers = {outcome.cluster: outcome.answer for outcome in outcomes if isinstance(outcome.answer, Answer)}
    counted = Counter(result.series["cluster"])
    assert counted == {cluster: len(answer.labels) for cluster, answer in answers.items() if answer.labels}


@settings(max_examples=40)
@given(OUTCOMES)
def test_two_queries_side_by_side_keep_every_sample_of_both(outcomes):
    result = merge(QUERY, outcomes)
    both = combine([("used", result), ("limit", result)])
    assert both.rows == 2 * sum(sent(outcomes).values())


def drawn(figure: dict) -> Counter[tuple[str, float]]:
    """The finite values of every named trace, by its whole name; what is drawn twice (dots on a line) counts once."""
    found: Counter[tuple[str, float]] = Counter()
    for trace in figure["data"]:
        if trace.get("showlegend") is False and trace["type"] == "scatter" and trace["mode"] == "markers":
            continue
        found.update((str(trace["meta"][0]), value) for value in array(trace["y"]) if np.isfinite(value))
    return found


def array(values: object) -> list[float]:
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).astype(float).tolist()
    return [np.nan if value is None else float(value) for value in values or ()]  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["lines", "steps", "points", "bars", "grouped"])
@settings(max_examples=20)
@given(results(cells=st.none() | st.integers(-1000, 1000).map(float) | st.sampled_from([np.inf, -np.inf, np.nan])))
def test_every_sample_is_drawn_or_counted_as_not_drawn(kind, result):
    names = tuple(f"series {place}" for place in range(len(result.series)))
    figure = plotly.io.from_json(CHART_TYPES[kind].draw(result, Look(names=names)).to_json()).to_plotly_json()
    assert sum(drawn(figure).values()) + undrawn(result).total == result.rows
    for place, name in enumerate(names):
        own = result.values.iloc[:, place].to_numpy()
        expected = Counter((name, float(value)) for value in own[np.isfinite(own)])
        assert Counter({key: count for key, count in drawn(figure).items() if key[0] == name}) == expected


@settings(max_examples=40)
@given(results(), st.sampled_from(["top-1", "top-3", "sort"]))
def test_what_a_transform_leaves_in_is_what_the_file_has(result, spelt):
    name, _, parameter = spelt.partition("-")
    changed = apply(result, [Chosen(name, parameter)])
    assert len(list(csv.reader(io.StringIO(csv_long(changed).decode("utf-8-sig"), newline="")))) == 1 + changed.rows


# Whoever serves large files by name and samples of their content would give one in place of the other: so the name
# has the content in it. The two differ in one value of a million, at a place that no sample looks at.
def test_two_large_files_of_one_length_have_two_names():
    points, hubs = 1_000, 60
    grid = grid_of(points)
    one = np.arange(points * hubs, dtype=float).reshape(hubs, points) + 100_000
    other = one.copy()
    other[hubs // 3, points // 3] += 1
    made = []
    for values in (one, other):
        answer = replace(answer_of([({"h": "x"}, [1.0])], 1), grid=grid, values=values)
        answer = replace(answer, labels=tuple({"namespace": f"hub-{place:02}"} for place in range(hubs)), nan=None)
        made.append(csv_long(merge(RangeQuery("up", grid), [Outcome("a", "a", answer)])))
    assert len(made[0]) == len(made[1]) > 2**20 and made[0] != made[1]
    assert len({file_name("t", ["a"], grid, content, "csv") for content in made}) == 2


@settings(max_examples=25)
@given(results(), st.sampled_from(["csv_long", "csv_wide"]))
def test_a_file_is_made_twice_the_same(result, kind):
    write = EXPORTS[kind].write
    assert write(result) == write(result)
