"""Errors: what they say, and that nothing of it is lost on the way through a cache or to another process."""

from __future__ import annotations

import copy
import pickle

import pytest

from lib.core import errors
from lib.core.errors import AppError, ConfigError, Kind, PresetError, QueryError, SourceError, TimeError

ERRORS = {
    "a plain one": AppError("It broke.", "Try again."),
    "without a hint": AppError("It broke."),
    "of a setting": ConfigError("GRAFANA_TOKEN is empty.", "Paste it."),
    "of a preset": PresetError("people.toml, [x]: unit is missing.", "Add it."),
    "of a date": TimeError("“1M” is no date.", "Write now-1M."),
    "of a source": SourceError(Kind.TIMEOUT, "No answer in 30 s.", "Ask for less.", "<html>504</html>"),
    "of a query": QueryError("Parse error.", "See there.", kind=Kind.QUERY_COST, detail="1:2: x", line=3, column=14),
    "of a query, nowhere in particular": QueryError("Refused."),
}


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_survives_pickling_whole(error, protocol):
    found = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301  our own bytes
    assert type(found) is type(error)
    assert found.__dict__ == error.__dict__
    assert (str(found), found.args) == (str(error), error.args)


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
def test_an_error_survives_copying_whole(error):
    found = copy.deepcopy(error)
    assert type(found) is type(error) and found.__dict__ == error.__dict__


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
def test_an_error_reads_as_its_message(error):
    assert str(error) == error.message


def test_every_error_of_the_app_is_an_app_error_and_stands_in_the_drawing():
    classes = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)]
    assert len(classes) == 10
    assert all(issubclass(each, AppError) and each.__name__ in (errors.__doc__ or "") for each in classes)


def test_a_refused_query_is_the_querys_fault_unless_said_otherwise():
    assert QueryError("x").kind is Kind.QUERY
