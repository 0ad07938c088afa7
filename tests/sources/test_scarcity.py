"""Where the system gives no more threads, descriptors or disk, a question ends in an answer or a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.double import Double, grafana_double

ROOT = Path(__file__).parents[2]
COUNT = 30


@pytest.fixture(scope="module")
def grafana() -> Iterator[Double]:
    uids = {f"c{number:02}": f"c{number:02}" for number in range(COUNT)}
    with grafana_double(uids, behaviours=dict.fromkeys(uids, "slow")) as double:
        yield double


def told(double: Double, *scarce: object) -> list[list[str]]:
    """Kind, sentence and next step of each outcome of `scarce.py`."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.sources.scarce", double.url, *map(str, scarce)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize(("scarce", "amount"), [("files", 6), ("threads", 0), ("threads", 8)])
def test_without_threads_or_descriptors_a_question_is_told_that_there_is_no_room(
    grafana: Double, scarce: str, amount: int
) -> None:
    outcomes = told(grafana, scarce, amount)
    before, after = outcomes[:3], outcomes[3:]
    assert [kind for kind, _, _ in before] == ["data"] * 3
    assert len(after) == COUNT
    assert {kind for kind, _, _ in after} <= {"data", "busy"}
    busy = {(message, hint) for kind, message, hint in after if kind == "busy"}
    assert busy == {("This server has no room for one more question at the moment.", "Try again in a minute.")}


def test_on_a_full_disk_answers_are_given_and_not_kept_there(grafana: Double, tmp_path: Path) -> None:
    assert [kind for kind, _, _ in told(grafana, "disk", 0, tmp_path)] == ["data", "data"]
    assert [path.name for path in tmp_path.rglob("*.part")] == []
