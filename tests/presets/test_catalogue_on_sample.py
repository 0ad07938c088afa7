"""Every preset asked of the sample: none fails, and what the sample has is found."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lib.core.charts import CHART_TYPES
from lib.core.merging import combine, merge
from lib.core.preset_files import read_catalogue
from lib.core.presets import Preset
from lib.core.question import Moments, Question
from lib.core.result import Result
from lib.core.settings import Settings
from lib.core.time_range import DAY
from lib.core.view import Choices, view
from lib.sources import Source, ask_all, connect

PRESETS = [pytest.param(preset, id=preset.id) for preset in read_catalogue().values()]
# What nothing may be wrong about on a good day, or on a cluster without such a thing.
MAY_BE_EMPTY = {
    "month-end-users",
    "old-servers",
    "long-running-servers",
    "busy-servers",
    "servers-near-limit",
    "memory-now",
    "gpu-servers",
    "dask-workers",
    "dask-schedulers",
    "evicted-pods",
    "memory-kills",
    "crashed-containers",
}


@pytest.fixture(scope="module")
def cluster() -> Source:
    return next(source for source in connect(Settings()).sources if source.name == "cedar")


def answer(cluster: Source, preset: Preset) -> tuple[Question, Result]:
    now = datetime.now(UTC).timestamp()
    question = Question.of_preset(preset)
    puts = Moments(now - 3 * DAY, now, now).put(question)
    return question, combine([(put.name, merge(put.query, ask_all([cluster], put.query))) for put in puts])


@pytest.mark.parametrize("preset", PRESETS)
def test_the_sample_answers_it(cluster: Source, preset: Preset) -> None:
    question, result = answer(cluster, preset)
    assert [report.error for report in result.failed] == []
    assert preset.id in MAY_BE_EMPTY or not result.empty
    shown = view(result, question, Choices())
    assert result.empty or CHART_TYPES[shown.chart].draw(shown.drawn, shown.look).data
    assert preset.by in ("", shown.by) or shown.by == shown.splits[-1]
