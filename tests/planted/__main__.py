"""The command: `python -m tests.planted [name ...]` plants each bug in a copy and runs the tests that must notice it.

Exit code 0 only when the tests pass without a bug, and fail, by a failed test and not by an error of their own, with
each. One line of JSON goes to `bench/results/planted.jsonl` when all were tried.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import record
from tests.planted import ROOT, Bug, bugs

PASSED, FAILED = 0, 1  # exit codes of pytest; others speak of errors in the tests themselves
_AT_ONCE = 2
_SECONDS = 300


def main() -> int:
    """Plants, tells, and keeps the figure."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("names", nargs="*", help="bugs; all of them when none is named")
    chosen = parser.parse_args().names
    tried = [bug for bug in bugs() if not chosen or bug.name in chosen]
    unspoilt = sorted({test for bug in tried for test in bug.tests})
    if run(unspoilt) != PASSED:
        print("The tests fail without a bug: nothing can be said.")
        return 1
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        results = dict(zip(tried, pool.map(caught, tried), strict=True))
    for bug, noticed in results.items():
        print(f"{'caught' if noticed else 'MISSED'}  {bug.name}: {bug.what}")
    print(f"planted bugs caught: {sum(results.values())} of {len(results)}")
    if not chosen:
        record.keep_line("planted", {"caught": sum(results.values()), "tried": len(results)})
    return 0 if all(results.values()) else 1


def caught(bug: Bug) -> bool:
    """Whether a test fails where this bug is planted."""
    return run(bug.tests, bug) == FAILED


def run(tests: Sequence[str], bug: Bug | None = None) -> int:
    """pytest's exit code for these tests in a copy of the project, with a bug planted or none."""
    with tempfile.TemporaryDirectory(prefix="planted-") as name:
        copy = Path(name)
        for file in _files():
            (copy / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / file, copy / file)
        if bug:
            path = copy / bug.file
            path.write_text(bug.planted(path.read_text("utf-8")), "utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""}
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
        if done.returncode not in (PASSED, FAILED) or (bug is None and done.returncode):
            print(done.stdout[-3_000:])
        return done.returncode


def _files() -> list[str]:
    """Every file of the project: those that git knows, and new ones that it does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [file for file in listed if (ROOT / file).is_file()]


sys.exit(main())
