"""What people do here, by a seed: 7 of 10 clicks look at presets, 2 ask in PromQL, 1 takes a CSV; all is checked."""

from __future__ import annotations

import random
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bench.upstream import UIDS
from bench.visiting.page import Page, drawn
from bench.visiting.truth import Expected, Verdict, check_chart, check_file
from bench.visiting.visitor import Visitor

_PRESETS = Path(__file__).parents[2] / "lib" / "presets"
_RANGES = ("Last 7 days", "Last 30 days", "Last 90 days")
_STEPS = ("Automatic", "One point every 6 h", "One point every 1 d", "One point every 1 h")
_METRICS = ("jupyterhub_running_servers", "jupyterhub_active_users", "kube_pod_info", "node_memory_free_bytes")
_FAILED = re.compile(r"\*\*(\w+)\*\*: ([^;\n]+)")
# What a page without a chart has to say, so that nobody takes it for an answer.
_REASONS = ("No cluster answered", "No answer", "busy", "Busy", "resting", "cannot", "refused", "did not")


@dataclass(frozen=True)
class Act:
    """One click: what it was, how long it took, what was wrong with what it showed, and how clusters failed."""

    kind: str
    took: float
    verdict: Verdict
    failures: Counter[str] = field(default_factory=Counter)


@cache
def presets() -> Mapping[str, Mapping[str, Any]]:
    """The questions that stand above the first page as pills, by their titles: the presets with `first = true`."""
    tables = [table for file in sorted(_PRESETS.glob("*.toml")) for table in tomllib.loads(file.read_text()).values()]
    return {table["title"]: table for table in tables if table.get("first")}


class Person:
    """A visitor with habits: what is done next is drawn from `seed`."""

    def __init__(self, visitor: Visitor, seed: object) -> None:
        self._visitor, self._random = visitor, random.Random(f"person {seed}")
        self._expected = _of_preset(next(iter(presets().values())))
        self._where = ""

    @property
    def page(self) -> Page:
        """What is on the screen."""
        return self._visitor.page

    def think(self) -> float:
        """Seconds until the next click: 5 to 15."""
        return self._random.uniform(5, 15)

    def arrive(self) -> Act:
        """Comes to the first page."""
        self._where, self._expected = "", _of_preset(presets()["Daily users"])
        self._visitor.open()
        return self._seen("arrive")

    def act(self) -> Act:
        """The next click."""
        kind = self._random.choices(("preset", "promql", "csv"), (7, 2, 1))[0]
        if kind == "csv" and not self.page.has("download_button", "CSV ("):
            kind = "preset"
        does: dict[str, Callable[[], Act]] = {"preset": self.look, "promql": self.ask, "csv": self.take}
        return does[kind]()

    def look(self) -> Act:
        """Another preset, or another time for it."""
        if self._where:
            self._where = ""
            self._visitor.open("")
            self._expected = _of_preset(presets()[_chosen(self.page)])
            return self._seen("preset")
        what = self._random.random()
        if what < 0.6:
            title = self._random.choice([each for each in presets() if each != _chosen(self.page)])
            self._visitor.choose("Questions", title)
            self._expected = _of_preset(presets()[title])
        elif what < 0.8:
            self._visitor.select("Time", self._random.choice(_RANGES))
        else:
            self._visitor.select("Step", self._random.choice(_STEPS))
        return self._seen("preset")

    def ask(self, query: str = "") -> Act:
        """Writes a query that nobody else has written, and runs it; of this, the click on Run is measured."""
        query = query or f"{self._random.choice(_METRICS)} + {self._random.randrange(1, 100_000)}"
        if self._where != "promql":
            self._where = "promql"
            self._visitor.open("promql")
        self._visitor.type("PromQL", query)
        self._visitor.press("Run")
        self._expected = Expected(query, UIDS)
        return self._seen("promql")

    def dig(self) -> Act:
        """Asks for a year by the hour, which is fetched in parts and kept on disk where there is one; takes the CSV."""
        self._visitor.open("promql", "from=now-1y&to=now&step=1h")
        self._where = "promql"
        asked = self.ask()
        if asked.verdict.unlabelled or not self.page.has("download_button", "CSV ("):
            return asked
        return self.take()

    def take(self) -> Act:
        """Downloads the CSV of what is on the screen."""
        content = self._visitor.download("CSV (")
        return Act("csv", self._visitor.took, check_file(content, self._expected, told=self.page.text()))

    def _seen(self, kind: str) -> Act:
        return Act(kind, self._visitor.took, look_at(self.page, self._expected), failures(self.page))


def look_at(page: Page, expected: Expected) -> Verdict:
    """Every value on a page. One without a chart has to say why."""
    told, found = page.text(), [value for figure in page.charts() for value in drawn(figure)]
    if not found:
        said = page.complaints() or [word for word in _REASONS if word in told]
        return Verdict(unlabelled=[] if said else [f"no chart and no reason: {told[:200]!r}"])
    return check_chart(found, expected, told=told)


def failures(page: Page) -> Counter[str]:
    """How clusters failed, in the first words that the page has for each, and what it says in red."""
    told: dict[str, str] = {}
    for cluster, reason in _FAILED.findall(page.text()):
        told.setdefault(cluster, reason.strip()[:60])
    return Counter([*told.values(), *(complaint[:60] for complaint in page.complaints())])


def _of_preset(table: Mapping[str, Any]) -> Expected:
    return Expected(table["expr"], UIDS, table["covers"])


def _chosen(page: Page) -> str:
    return str(page.find("button_group", "Questions").content.raw_values[0])
