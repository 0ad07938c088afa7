"""Verdicts: when two answers are equal, equal with the hubs apart, and different."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from lib.core.presets import Covers, Difference, NamedQuery, Preset
from lib.core.query import Query, RangeQuery
from lib.core.result import Answer, ResultType
from lib.core.time_range import TimeRange
from lib.upstream.compare import Comparison, Verdict, compare
from lib.upstream.panels import UpstreamQuery
from lib.upstream.verdicts import Row, as_markdown, upstream_text, verdicts

GRID = TimeRange(0, 120, 60)
NAN = float("nan")
Series = tuple[Mapping[str, str], list[float]]


def answer(*series: Series) -> Answer:
    values = np.array([points for _, points in series]).reshape(len(series), GRID.points)
    return Answer(ResultType.MATRIX, GRID, tuple(labels for labels, _ in series), values)


ALL = answer(({"code": "200"}, [3, 5, NAN]))
APART = answer(
    ({"namespace": "a", "code": "200"}, [1, 5, NAN]),
    ({"namespace": "b", "code": "200"}, [2, NAN, NAN]),
)


@pytest.mark.parametrize(
    ("theirs", "ours", "verdict"),
    [
        pytest.param(ALL, ALL, Verdict.EQUAL, id="the same"),
        pytest.param(ALL, APART, Verdict.APART, id="hubs apart"),
        pytest.param(APART, ALL, Verdict.EQUAL, id="ours coarser"),
        pytest.param(ALL, answer(({"code": "200"}, [3, 5.1, NAN])), Verdict.DIFFERS, id="another value"),
        pytest.param(ALL, answer(({"code": "200"}, [3, 5, 0])), Verdict.DIFFERS, id="zero for nothing"),
        pytest.param(ALL, answer(({"code": "500"}, [3, 5, NAN])), Verdict.DIFFERS, id="another label value"),
        pytest.param(ALL, answer(), Verdict.DIFFERS, id="only theirs"),
        pytest.param(answer(), ALL, Verdict.DIFFERS, id="only ours"),
        pytest.param(answer(), answer(), Verdict.EMPTY, id="nothing"),
        pytest.param(answer(({}, [0, 0, 0])), answer(({}, [0, 0, NAN])), Verdict.EMPTY, id="only zeros"),
        pytest.param(
            answer(({"label_cloud_google_com_gke_nodepool": "user"}, [1, 1, 1])),
            answer(({"pool": "user"}, [1, 1, 1])),
            Verdict.EQUAL,
            id="a pool by another name",
        ),
    ],
)
def test_answers_are_compared(theirs: Answer, ours: Answer, verdict: Verdict) -> None:
    assert compare(theirs, ours).verdict is verdict


def test_labels_that_one_side_has_alone_are_told() -> None:
    theirs = answer(({"user": "x", "job": "j"}, [1, 2, 3]))
    ours = answer(({"directory": "x", "namespace": "a", "job": "j"}, [1, 2, 3]))
    assert compare(theirs, ours) == Comparison(Verdict.APART, ("directory", "namespace"), ("user",), 1, 1)


def test_upstreams_variables_are_filled_as_grafana_does_for_all() -> None:
    text = 'x{a=~"$hub_name", b=~"$hub"} offset $__rate_interval and on() vector($show_limits) == 1'
    query = UpstreamQuery("i", "d", "p", "A", text + ' or label_replace(y, "z", "$1", "v", "(.+)")')
    assert upstream_text(query, TimeRange(0, 7200, 3600)) == (
        'x{a=~".*", b=~".*"} offset 1h and on() vector(1) == 1 or label_replace(y, "z", "$1", "v", "(.+)")'
    )


class Fixed:
    """A data source that answers by the text of the query."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self._answers = answers

    def ask(self, query: Query) -> Answer:
        assert isinstance(query, RangeQuery)
        return self._answers[query.expr]


def test_each_upstream_query_has_a_row_with_a_reason_where_it_differs() -> None:
    own = NamedQuery("", 'ours{namespace=~"$hub"}')
    preset = Preset(
        id="some",
        question="Q?",
        title="T",
        subject="People",
        means="M.",
        care="C.",
        unit="people",
        chart="lines",
        queries=(own,),
        range="now-1d",
        step=60,
        covers=Covers.INSTANT,
        adds=True,
        differs="Because.",
        differs_in=(Difference.ONE_MOMENT, Difference.MIXED_HUBS),
    )
    queries = [UpstreamQuery(name, "D", f"P|{name}", "A", name) for name in ("same", "other", "left")]
    rows = verdicts(
        queries,
        {"same": (preset, own), "other": (preset, own)},
        {"left": "No."},
        Fixed({"ours": APART, "same": ALL, "other": answer()}),  # type: ignore[arg-type]
        GRID,
    )
    assert rows == [
        Row(queries[0], "some", Verdict.APART, theirs=1, ours=2),
        Row(queries[1], "some", Verdict.DIFFERS, "Because.", preset.differs_in, 0, 2),
        Row(queries[2], "", Verdict.NOT_TAKEN, "No."),
    ]
    lines = as_markdown(rows, GRID).splitlines()
    assert lines[-3:] == [
        "| D | P\\|same | A | some | equal but hubs apart |  | 1 / 2 |",
        "| D | P\\|other | A | some | differs: Because. | one moment, mixed hubs | 0 / 2 |",
        "| D | P\\|left | A |  | not taken: No. |  |  |",
    ]
