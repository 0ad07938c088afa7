"""Files: written once for each look at an answer, and never kept for another answer."""

import numpy as np

from lib.core.preset_files import read_catalogue
from lib.core.query import RangeQuery
from lib.core.question import Moments, Question
from lib.core.result import Answer, Outcome, ResultType
from lib.core.time_range import DAY
from lib.core.view import Choices, view
from lib.ui import downloads
from lib.ui.asking import Asked

NOW = 1_790_000_000
QUESTION = Question.of_preset(read_catalogue()["daily-users"])


def asked_of(*values: float) -> Asked:
    """The same question, put at the same moment; one cluster for each value."""
    puts = Moments(NOW - 3 * DAY, NOW, NOW).put(QUESTION)
    query = puts[0].query
    assert isinstance(query, RangeQuery)
    labels = ({"namespace": "prod"},)
    outcomes = tuple(
        Outcome(name, name, Answer(ResultType.MATRIX, query.grid, labels, as_row(value, query.grid.points)))
        for name, value in zip("abc", values, strict=False)
    )
    return Asked.of(QUESTION, puts, (outcomes,), NOW)


def as_row(value: float, points: int):
    return np.full((1, points), value)


def content(asked: Asked, by: str = "hub") -> bytes:
    return downloads._content(asked, view(asked.result, QUESTION, Choices(by=by)), "csv_long")


def test_the_file_of_an_answer_is_written_once_for_each_look():
    asked = asked_of(1.0, 2.0)
    assert content(asked) is content(asked)
    assert content(asked, "total") != content(asked, "cluster")


def test_an_answer_completed_by_asking_again_gets_a_file_of_its_own():
    asked = asked_of(1.0)
    before = content(asked)
    for value in range(2, 30):  # enough that one answer may lie where another lay
        asked = asked_of(1.0, float(value))
        assert f",{value}\r\n".encode() in content(asked)
    assert before != content(asked)
