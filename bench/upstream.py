"""The double as a program of its own, so that it shares no interpreter with who measures: `python -m bench.upstream`.

It prints its address as one line of JSON, takes one command per line (`{"delay": 0.05, "faults": 0.02, "clusters":
{"oak": "dead"}}`, or `{}`), and answers each with a line of figures. It ends when its input does.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.visiting.truth import salt
from tests.double import Double, grafana_double
from tests.double.behaviours import BEHAVIOURS, behaviour
from tests.double.good import good_answer
from tests.double.wire import Exchange

CLUSTERS = {f"uid-{name}": name for name in ("alder", "birch", "cedar", "hazel", "maple", "rowan")}
UIDS = {name: uid for uid, name in CLUSTERS.items()}
_BROKEN = ("rst", "refused", "html-503", "login-html", "cut-body", "not-json", "cut-json", "rst-mid-body")
_LATE = 20  # how many times as long a slow cluster takes


@dataclass
class Mood:
    """How the double answers: after so many seconds, give or take a half; with a fault so often (0 to 1).

    `clusters`: what is wrong with one, by name: `dead`, `slow`, `flap` (dead every other two seconds) or the name of a
    behaviour. `refusing`: nobody's token is good any more. `resets`: how often a connection is reset.
    """

    delay: float = 0.05
    faults: float = 0.0
    resets: float = 0.0
    refusing: bool = False
    clusters: dict[str, str] = field(default_factory=dict)


class Upstream:
    """What the double does and has counted."""

    def __init__(self, seed: int) -> None:
        self.mood, self._random = Mood(), random.Random(seed)
        self.running = self.most = self.asked = 0
        self.shown: Counter[str] = Counter()

    async def answer(self, exchange: Exchange) -> None:
        """One request to a data source."""
        self.asked, self.running = self.asked + 1, self.running + 1
        self.most = max(self.most, self.running)
        try:
            await self._answer(exchange)
        finally:
            self.running -= 1

    async def _answer(self, exchange: Exchange) -> None:
        wrong = self._wrong(CLUSTERS[exchange.uid])
        delay = self.mood.delay * self._random.uniform(0.5, 1.5)
        await asyncio.sleep(delay * (_LATE if wrong == "slow" else 1))
        if wrong and wrong != "slow":
            self.shown[wrong] += 1
            await BEHAVIOURS[wrong](exchange)
            return
        answer = good_answer(exchange.uid, exchange.rest, exchange.asked.form)
        _add(answer["data"], salt(exchange.asked.form.get("query", "")))
        await exchange.answer_json(200, answer)

    def _wrong(self, cluster: str) -> str:
        mood, drawn = self.mood, self._random.random()
        if mood.refusing:
            return "http-401"
        named = mood.clusters.get(cluster, "")
        if named == "dead" or (named == "flap" and int(time.monotonic() / 2) % 2):
            return "refused"
        if named and named != "flap":
            return named
        if drawn < mood.resets:
            return "rst"
        return self._random.choice(_BROKEN) if drawn < mood.faults else ""

    def figures(self) -> dict[str, Any]:
        """What was asked since the last time: how many requests, how many at once, which faults were shown."""
        told = {"asked": self.asked, "most": self.most, "shown": dict(self.shown)}
        self.asked, self.most = 0, self.running
        self.shown.clear()
        return told


def _add(data: Any, more: int) -> None:
    """Adds a number to every value of an answer, in place; what has no values stays as it is."""
    for series in data["result"] if isinstance(data, dict) and "result" in data else ():
        for pair in series.get("values") or [series["value"]]:
            pair[1] = f"{float(pair[1]) + more:g}"


def main() -> None:
    """Serves until the input ends."""
    upstream = Upstream(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    behaviour("closed-form")(upstream.answer)
    with grafana_double(CLUSTERS, behaviours=dict.fromkeys(CLUSTERS, "closed-form")) as double:
        print(json.dumps({"url": double.url, "token": double.token}), flush=True)
        for line in sys.stdin:
            told = json.loads(line)
            upstream.mood = Mood(**told) if told else upstream.mood
            print(json.dumps(upstream.figures() | _logged(double)), flush=True)


def _logged(double: Double) -> dict[str, int]:
    """What the double itself has noted; forgotten afterwards, or it would grow for hours."""
    told = {"connections": double.connections, "strangers": len(double.sink_log)}
    double.log.clear()
    return told


@dataclass
class Remote:
    """A double that runs as a program of its own."""

    url: str
    token: str
    process: subprocess.Popen[str]

    @property
    def settings(self) -> dict[str, str]:
        """What to configure so that an app asks it."""
        return {"GRAFANA_URL": self.url, "GRAFANA_TOKEN": self.token}

    def tell(self, mood: Mood | None = None) -> Mapping[str, Any]:
        """Changes how it answers, if told; returns what it counted since the last time."""
        assert self.process.stdin and self.process.stdout
        print(json.dumps(asdict(mood) if mood else {}), file=self.process.stdin, flush=True)
        told: Mapping[str, Any] = json.loads(self.process.stdout.readline())
        return told


@contextlib.contextmanager
def remote_double(seed: int = 0, mood: Mood | None = None) -> Iterator[Remote]:
    """Starts a double for one `with`."""
    command = [sys.executable, "-m", "bench.upstream", str(seed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdin and process.stdout
            remote = Remote(**json.loads(process.stdout.readline()), process=process)
            remote.tell(mood)
            yield remote
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
