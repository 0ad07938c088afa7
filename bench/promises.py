"""What the README promises: only what a green test proves, with the figures of the last run.

`tests/promises.toml` says for each promise which tests prove it and from which lines of `bench/results/` its figures
come. `python -m bench promises` runs those tests, keeps which promises are green, and writes the block between the
marks in README.md and SECURITY.md. A promise without a green test, or without its figures, is not printed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from bench import record

ROOT = Path(__file__).parents[1]
LIST = ROOT / "tests" / "promises.toml"
PAGES = (ROOT / "README.md", ROOT / "SECURITY.md")
_START, _END = "<!-- promises: written by `make promises` -->", "<!-- end of promises -->"
_BLOCK = re.compile(f"{re.escape(_START)}.*?{re.escape(_END)}", re.DOTALL)
_FIELD = re.compile(r"\{(\w+(?:\[[^\]]*\])?)\.([\w.]+)\}")
_WIDTH = 118
Line = Mapping[str, Any]


@dataclass(frozen=True)
class Promise:
    """One promise: its words, the tests that prove it, and its figures.

    `figures` is a text with `{file.field}` for a field of the last line of `bench/results/<file>.jsonl`,
    `{file.field.field}` for one inside another, and `{file[word].field}` for the last line that has the word in its
    case or server.
    """

    name: str
    words: str
    tests: tuple[str, ...]
    figures: str

    @property
    def files(self) -> tuple[str, ...]:
        """The results that its figures are read from, as they stand in the braces."""
        return tuple(dict.fromkeys(found[1] for found in _FIELD.finditer(self.figures)))


def promises() -> tuple[Promise, ...]:
    """All promises of the list, in its order."""
    tables = tomllib.loads(LIST.read_text("utf-8"))
    return tuple(Promise(name, t["words"], tuple(t["tests"]), t["figures"]) for name, t in tables.items())


def green() -> tuple[str, ...]:
    """The names of the promises whose tests all passed when they were last run."""
    lines = record.kept("promises")
    return tuple(str(name) for name in lines[-1]["green"]) if lines else ()  # type: ignore[attr-defined]


def prove(listed: Sequence[Promise], report: Path | None = None) -> tuple[str, ...]:
    """The names of the promises whose tests all passed, where none was skipped and there was one.

    `report` is what `pytest --junitxml` wrote of a run that had them all; without one they are run now.
    """
    if report:
        ran = _ran(report)
    else:
        wanted = sorted({test for promise in listed for test in promise.tests})
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "report.xml"
            command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]
            subprocess.run([*command, f"--junitxml={made}", *wanted], cwd=ROOT, check=False)
            ran = _ran(made)
    return tuple(promise.name for promise in listed if all(_passed(test, ran) for test in promise.tests))


def _ran(report: Path) -> list[tuple[str, bool]]:
    """Each test that was run, as `path::name`, and whether it passed (the JUnit form that pytest writes)."""
    return [
        (f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name', '')}", len(case) == 0)
        for case in ElementTree.parse(report).iter("testcase")
    ]


def _passed(test: str, ran: Sequence[tuple[str, bool]]) -> bool:
    """Whether a file of tests, or one test with all its cases, passed as a whole."""
    file, _, name = test.partition("::")
    wanted = f"{file.removesuffix('.py')}.py::{name}"
    found = [passed for each, passed in ran if wanted.endswith(each.partition("[")[0]) or each.startswith(wanted)]
    return bool(found) and all(found)


def block(listed: Iterable[Promise], proven: Sequence[str], results: Mapping[str, Line]) -> str:
    """The promises that may be printed, as markdown between the marks."""
    told = [
        _item(promise, results)
        for promise in listed
        if promise.name in proven and all(name in results for name in promise.files)
    ]
    return "\n".join([_START, *told, _END])


def _item(promise: Promise, results: Mapping[str, Line]) -> str:
    figures = _FIELD.sub(
        lambda found: _number(reduce(getitem, found[2].split("."), results[found[1]])), promise.figures
    )
    return _wrapped(f"- {promise.words} *{figures}.*")


def _wrapped(text: str) -> str:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > _WIDTH:
            lines.append(" ")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\n".join(lines)


def newest(listed: Iterable[Promise]) -> dict[str, Line]:
    """The last line of each of the results that a promise reads, by what stands in its braces."""
    names = {name for promise in listed for name in promise.files}
    return {name: line for name in names if (line := _last(name)) is not None}


def _last(name: str) -> Line | None:
    file, _, word = name.removesuffix("]").partition("[")
    lines = [line for line in record.kept(file) if word in f"{line.get('case', '')} {line.get('server', '')}"]
    return lines[-1] if lines else None


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def written(page: str, new: str) -> str:
    """The page with this block in place of the one between its marks."""
    return _BLOCK.sub(lambda _: new, page)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What of a run is read."""
    parser.add_argument("--report", type=Path, help="what pytest --junitxml wrote of a whole run; runs the tests else")


def run(arguments: argparse.Namespace) -> int:
    """Proves, keeps and writes; 1 when a promise is not green."""
    listed = promises()
    proven = prove(listed, arguments.report)
    record.keep_line("promises", {"green": list(proven)})
    for page in PAGES:
        page.write_text(written(page.read_text("utf-8"), block(listed, proven, newest(listed))), "utf-8")
    for promise in listed:
        print("green " if promise.name in proven else "NOT GREEN", promise.name)
    return 0 if len(proven) == len(listed) else 1
