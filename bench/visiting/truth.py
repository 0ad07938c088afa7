"""What the double must say: a closed form of cluster, hub, moment and query, and what a page or a file says against it.

The query is part of it, so that another visitor's answer, or that of an older question, is a wrong number too.
"""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.double.good import good_value

_NAME = re.compile(r"(?<![$\w])[a-z]+(?:_[a-z0-9]+)+")  # metrics, labels and functions with an underscore
_ADDED = re.compile(r"\+ (\d+)\s*$")
DAY = 86_400
THINNED = "those that shape the picture are drawn"

# One value that was drawn or written: the cluster, Unix seconds, the number.
Drawn = tuple[str, int, float]


def salt(query: str) -> int:
    """What a query adds to every value: a number of its names, plus what it ends in, as in `up + 17`. At least 1.

    The same for a preset's template as for the text that is sent, where `$hub` has been filled in.
    """
    added = _ADDED.search(query)
    return 1 + zlib.crc32(" ".join(_NAME.findall(query)).encode()) % 50 + (int(added[1]) if added else 0)


def true_value(uid: str, hub: str, time: float, query: str) -> float:
    """What the data source `uid` says to a query about a hub at a moment (Unix seconds). Never 0."""
    return good_value(uid, hub, time) + salt(query)


@dataclass(frozen=True)
class Expected:
    """What is asked: the query, the hub that is shown, and the uid of each cluster by its name.

    `covers`: `window` or `step` where a value speaks of the time before its moment, as the presets say it; charts of
    whole days then draw it a day, or a step, earlier.
    """

    query: str
    uids: Mapping[str, str]
    covers: str = "instant"
    hub: str = "prod"

    def earlier(self, apart: int) -> int:
        """How many seconds before its moment a chart draws a value, where moments lie so many seconds apart."""
        if apart < DAY or self.covers == "instant":
            return 0
        return DAY if self.covers == "window" else apart


@dataclass
class Verdict:
    """How many values were checked, what was wrong with the rest, and what was missing without a word."""

    checked: int = 0
    wrong: list[str] = field(default_factory=list)
    unlabelled: list[str] = field(default_factory=list)

    def add(self, other: Verdict) -> None:
        """Counts what another one found as well."""
        self.checked += other.checked
        self.wrong += other.wrong
        self.unlabelled += other.unlabelled


def check_chart(drawn: Sequence[Drawn], expected: Expected, *, told: str) -> Verdict:
    """Every value that a chart draws; `told` is all the text on its page. Of long lines only some points are drawn."""
    moments = sorted({time for _, time, _ in drawn})
    apart = min((after - before for before, after in zip(moments, moments[1:], strict=False)), default=0)
    return check(drawn, expected, told=told, earlier=expected.earlier(apart), whole=THINNED not in told)


def check(drawn: Iterable[Drawn], expected: Expected, *, told: str, earlier: int = 0, whole: bool = True) -> Verdict:
    """Every value against the closed form; every cluster without values named; if `whole`, all moments of the others.

    `earlier`: how many seconds before its moment a value is drawn.
    """
    verdict, moments = Verdict(), {name: set[int]() for name in expected.uids}
    for cluster, time, value in drawn:
        verdict.checked += 1
        if cluster not in expected.uids:
            verdict.wrong.append(f"{cluster} is no cluster")
            continue
        moments[cluster].add(time)
        right = true_value(expected.uids[cluster], expected.hub, time + earlier, expected.query)
        if value != right:
            verdict.wrong.append(f"{cluster} at {time}: {value:g} for {right:g}, asked {expected.query[:80]!r}")
    every = set[int]().union(*moments.values())
    for cluster, own in moments.items():
        if whole and own and own != every:
            verdict.wrong.append(f"{cluster} lacks {len(every - own)} of {len(every)} moments")
        if not own and not re.search(rf"\b{cluster}\b", told):
            verdict.unlabelled.append(f"{cluster} is missing and not named")
    verdict.wrong += _gaps(every) if whole else []
    return verdict


def _gaps(moments: set[int]) -> list[str]:
    """Moments lie at equal distances, as a range query asks for them."""
    rising = sorted(moments)
    apart = {after - before for before, after in zip(rising, rising[1:], strict=False)}
    return [f"moments lie {sorted(apart)[:3]} seconds apart"] if len(apart) > 1 else []


def in_file(content: bytes) -> list[tuple[str, str, int, float]]:
    """The rows of a CSV with one row per value: cluster, hub ("" where all are added up), Unix seconds, value."""
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    found = []
    for row in rows:
        value = next(text for name, text in row.items() if name.startswith("value"))
        time = int(datetime.fromisoformat(row["time"]).timestamp())
        found.append((row["cluster"], row.get("namespace", ""), time, float(value)))
    return found


def check_file(content: bytes, expected: Expected, *, told: str) -> Verdict:
    """The same of a file, where every row names its hub and its own moment."""
    rows = in_file(content)
    verdict = check(((cluster, time, value) for cluster, _, time, value in rows), expected, told=told)
    verdict.wrong += [f"{hub} is not shown" for hub in {hub for _, hub, _, _ in rows if hub} - {expected.hub}]
    return verdict
