"""Every preset asked of a VictoriaMetrics filled with the sample's samples: it answers, and with the same numbers.

Two things are not those of VictoriaMetrics 1.79, and the questions here keep clear of them. It looks back for a sample
by a whole step where that is more than 5 minutes, so a server without a staleness mark is counted a step longer: the
step here is 5 minutes. And a sample of exactly 5 minutes ago is still seen by Prometheus 2 but not by it (nor by
Prometheus 3): the instants here lie between two scrapes. What remains is named below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

from lib.core.presets import NamedQuery, Preset
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.core.time_range import HOUR, MINUTE, TimeRange
from lib.sources import Source, connect
from tests.presets.test_catalogue_against_prometheus import NOW, QUERIES, query_of, samples_of, table, the_sample
from tests.prometheus_server import running_victoria_metrics

pytestmark = pytest.mark.prometheus

END = NOW - 30  # scrapes are at whole minutes
GRID = TimeRange(END - 3 * HOUR, END, 5 * MINUTE)
LOADED = GRID.end - GRID.start + 2 * HOUR + 10 * MINUTE  # windows and offsets of an hour each, and the look back
# Prometheus extrapolates these to the whole window; VictoriaMetrics takes the last sample before the window instead.
EXTRAPOLATED = re.compile(r"\b(rate|increase|delta)\(")
# Moments of a subquery are multiples of its step, thus on a scrape: a sample of exactly a look back ago counts or not.
COUNTS_ONE_MORE_MOMENT = {"hours-by-person"}  # at Prometheus 2: by one moment of the subquery for some people
KNOWS_MORE_PEOPLE = {"last-seen"}  # the subquery's step of an hour is the look back: also who was there only between
Both = tuple[Source, Source]


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    """The sample, whose answers are those of a real Prometheus, and a VictoriaMetrics with the same samples."""
    with running_victoria_metrics(samples_of(LOADED)) as url:
        yield the_sample(), connect(Settings(prometheuses=(PrometheusSettings("victoria", url),))).sources[0]


@pytest.mark.parametrize(("preset", "named"), QUERIES)
def test_victoria_metrics_answers_it_with_the_same_series(both: Both, preset: Preset, named: NamedQuery) -> None:
    query = query_of(preset, named, GRID)
    ours, theirs = (table(source.ask(query)) for source in both)
    if preset.id in KNOWS_MORE_PEOPLE:
        assert ours.keys() < theirs.keys()
        return
    assert ours.keys() == theirs.keys()
    if EXTRAPOLATED.search(query.expr):
        return
    moment = 5 / 60 if preset.id in COUNTS_ONE_MORE_MOMENT else 0.0  # hours: the step of its subquery
    for labels, values in ours.items():
        np.testing.assert_allclose(theirs[labels], values, rtol=1e-9, atol=max(moment, 1e-12), equal_nan=True)


def test_the_questions_find_something_there(both: Both) -> None:
    """Else the comparison above would say nothing."""
    empty = {str(each.id) for each in QUERIES if not both[1].ask(query_of(*each.values, GRID)).labels}
    assert len(empty) <= 12, empty
