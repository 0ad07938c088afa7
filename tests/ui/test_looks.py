"""A look at an answer is worked out once; another chart type costs neither work nor a copy of the numbers."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.view import Choices, View
from lib.ui import looks
from tests.ui.test_downloads import asked_of


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[View]:
    """Every view that is worked out."""
    views: list[View] = []
    work_out = looks.view
    monkeypatch.setattr(looks, "view", lambda *what: views.append(work_out(*what)) or views[-1])
    return views


def numbers(view: View) -> np.ndarray:
    return view.whole.values.to_numpy()


def test_the_same_look_and_another_chart_type_are_the_same_numbers(made):
    asked = asked_of(1.0, 2.0)
    first = looks.look(asked, Choices(by="cluster", chart="lines"))
    again = looks.look(asked, Choices(by="cluster", chart="lines"))
    area = looks.look(asked, Choices(by="cluster", chart="area"))
    assert len(made) == 1
    assert np.shares_memory(numbers(first), numbers(again)) and np.shares_memory(numbers(first), numbers(area))
    assert (first.chart, area.chart) == ("lines", "area")


def test_another_split_and_another_answer_are_looked_at_anew(made):
    asked = asked_of(1.0, 2.0)
    assert numbers(looks.look(asked, Choices(by="total"))).sum() == numbers(looks.look(asked, Choices())).sum()
    other = looks.look(asked_of(1.0, 5.0), Choices())
    assert len(made) == 3
    assert numbers(other).max() == 5.0


def test_without_a_chart_type_it_is_that_of_the_question(made):
    asked = asked_of(1.0)
    assert looks.look(asked, Choices(chart="lines")).chart == "lines"
    assert looks.look(asked, Choices(chart="no such")).chart == asked.question.chart
