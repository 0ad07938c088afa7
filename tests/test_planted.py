"""The list of planted bugs fits the code; `make planted` plants them and runs the tests that must notice."""

from __future__ import annotations

import ast

import pytest

from tests.planted import ROOT, bugs

BUGS = {bug.name: bug for bug in bugs()}


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_bug_has_its_place_and_is_code(bug):
    ast.parse(bug.planted((ROOT / bug.file).read_text("utf-8")))


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_its_tests_are_there(bug):
    for test in bug.tests:
        path, _, name = test.partition("::")
        assert (ROOT / path).exists()
        assert not name or f"def {name.partition('[')[0]}(" in (ROOT / path).read_text("utf-8")


def test_there_are_at_least_as_many_as_there_are_promises_to_break():
    assert len(BUGS) >= 22
