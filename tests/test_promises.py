"""What the README promises is what the list of promises says, proven, with the figures of the last run."""

from __future__ import annotations

import pytest

from bench import promises
from bench.promises import Promise

LISTED = {promise.name: promise for promise in promises.promises()}
PROMISE = Promise("ends", "**Every query ends.**", ("tests/x.py",), "{faults.survived} of {faults.tried} survived")


def test_the_block_in_the_pages_is_written_from_the_list_and_the_last_results():
    block = promises.block(LISTED.values(), promises.green(), promises.newest(LISTED.values()))
    for page in promises.PAGES:
        text = page.read_text("utf-8")
        assert promises.written(text, block) == text, f"{page.name}: make promises"
        assert block in text


@pytest.mark.parametrize("promise", LISTED.values(), ids=LISTED)
def test_a_promise_names_tests_and_figures_that_are_there(promise):
    assert promise.tests
    for test in promise.tests:
        path, _, name = test.partition("::")
        assert (promises.ROOT / path).exists(), test
        assert not name or f"def {name.partition('[')[0]}(" in (promises.ROOT / path).read_text("utf-8"), test
    assert set(promise.files) == set(promises.newest([promise]))


def test_a_promise_that_is_not_green_or_has_no_figures_is_not_printed():
    results = {"faults": {"survived": 1_376, "tried": 1_376}}
    assert "1,376 of 1,376 survived" in promises.block([PROMISE], ["ends"], results)
    assert "Every query" not in promises.block([PROMISE], [], results)
    assert "Every query" not in promises.block([PROMISE], ["ends"], {})


def test_a_test_that_fails_is_skipped_or_is_missing_proves_nothing(tmp_path):
    tests = "def test_good(): pass\ndef test_bad(): assert False\ndef test_left(): __import__('pytest').skip('')\n"
    (tmp_path / "test_it.py").write_text(tests, encoding="utf-8")
    names = ("good", "bad", "left", "gone")
    made = [Promise(name, "", (f"{tmp_path}/test_it.py::test_{name}",), "") for name in names]
    assert promises.prove(made[:3]) == ("good",)
    assert promises.prove(made[3:]) == ()
    assert promises.prove([Promise("all", "", (f"{tmp_path}/test_it.py",), "")]) == ()
