"""An answer as text that runs elsewhere: a notebook cell, a shell command, an address in Grafana. Never a secret.

A token is only ever named: `GRAFANA_TOKEN` in the environment of whoever runs it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from lib.core.parts import write_out_ends
from lib.core.query import InstantQuery, Query
from lib.core.zones import local

LONGEST_RUN = 11_000  # points of a series that Prometheus gives to one request (web/api/v1/api.go)
_AUTHORIZATION = '"Authorization: Bearer $GRAFANA_TOKEN"'


@dataclass(frozen=True)
class Behind:
    """A cluster as it is reached through a Grafana: its name on screen, that Grafana's address, its uid there."""

    cluster: str
    grafana: str
    uid: str


@dataclass(frozen=True)
class Look:
    """What makes the same look again: the arguments of `lib.ask.answer`, with moments in place of relative times.

    `asked` is a preset's id or PromQL; `preset` tells which. `start`, `end` are Unix seconds.
    """

    asked: str
    preset: bool
    start: float
    end: float
    zone: str
    by: str
    step: str = ""
    staging: bool = False
    clusters: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()

    @property
    def moments(self) -> tuple[str, str]:
        """Start and end in ISO 8601 with the offset of the zone; the last millisecond of a day stays what it is."""
        first, last = (
            local(moment, self.zone).isoformat(timespec="milliseconds" if moment % 1 > 0.99 else "seconds")
            for moment in (self.start, self.end)
        )
        return first, last


def library_cell(look: Look) -> str:
    """Python for a notebook beside a checkout of the app: the rows of the CSV as a table, in at most 12 lines."""
    more = {"zone": look.zone, "by": look.by, "step": look.step, "staging": look.staging}
    lists = {"clusters": list(look.clusters), "queries": list(look.queries)}
    given = [repr(text) for text in (look.asked, *look.moments)]
    given += [f"{name}={value!r}" for name, value in (more | lists).items() if value]
    return "\n".join(["from lib import ask", "table = ask.tidy(", *(f"    {each}," for each in given), ")"]) + "\n"


def command(look: Look) -> str:
    """The shell command that writes the same CSV; "" where a preset's queries were changed by choices."""
    if look.queries:
        return ""
    words = ["python", "-m", "lib", "export", "--preset" if look.preset else "--expr", look.asked]
    words += ["--range", "..".join(look.moments), "--zone", look.zone, "--by", look.by]
    words += ["--step", look.step] if look.step else []
    words += ["--staging"] if look.staging else []
    words += [word for cluster in look.clusters for word in ("--cluster", cluster)]
    return f"{shlex.join(words)} --format csv\n"


def python_cell(behind: Sequence[Behind], query: Query) -> str:
    """Python for a notebook with requests, pandas and prometheus-pandas, in 12 lines, about clusters of one Grafana.

    `data` has one column per series under (cluster, series), every one that the servers send.
    """
    uids = [each.uid for each in behind]
    lines = [
        "import os, requests, pandas as pd",
        "from prometheus_pandas.query import Prometheus",
        f"grafana, expr = {behind[0].grafana!r}, {_expr(query)!r}",
        "http = requests.Session()",
        "http.headers['Authorization'] = f\"Bearer {os.environ['GRAFANA_TOKEN']}\"",
        f"uids = {uids!r}  # of the clusters that answered",
        "listed = http.get(f'{grafana}/api/datasources').json()",
        "clusters = {each['name']: f\"{grafana}/api/datasources/proxy/uid/{each['uid']}\" for each in listed"
        " if each['uid'] in uids}",
    ]
    if isinstance(query, InstantQuery):
        lines.append(
            f"found = {{name: Prometheus(url, http).query(expr, {query.time}) for name, url in clusters.items()}}"
        )
        lines.append("data = pd.concat(found, names=['cluster', 'series'])")
    else:
        lines += [
            f"runs = {_runs(query)!r}  # first and last moment of each request, in Unix seconds",
            "found = {name: pd.concat([Prometheus(url, http).query_range(expr, *run, "
            f"{query.grid.step}) for run in runs]) for name, url in clusters.items()}}",
            "data = pd.concat(found, axis=1, names=['cluster', 'series'])",
        ]
    return "\n".join([*lines, "data"]) + "\n"


def curl(behind: Sequence[Behind], query: Query) -> str:
    """A shell command that asks each cluster of one Grafana for the same and prints what it sends, as JSON."""
    instant = isinstance(query, InstantQuery)
    runs = [f"time={query.grid.start}"] if instant else [f"start={first}&end={last}" for first, last in _runs(query)]
    grafana = shlex.quote(behind[0].grafana)
    lines = [
        f"for uid in {' '.join(shlex.quote(each.uid) for each in behind)}; do",
        f"  for run in {' '.join(map(shlex.quote, runs))}; do",
        f"    curl -sS -H {_AUTHORIZATION} \\",
        f'      {grafana}/api/datasources/proxy/uid/"$uid"/api/v1/query{"" if instant else "_range"} \\',
        f"      --data-urlencode {shlex.quote(f'query={_expr(query)}')} \\",
        '      -d "$run"' + ("" if instant else f" -d step={query.grid.step}"),
        "    echo",
        "  done",
        "done",
    ]
    return "\n".join(lines) + "\n"


def explore(behind: Behind, query: Query) -> str:
    """The address of the same query in Grafana's Explore, which needs the role Editor there.

    (grafana.com/docs: Explore, "Generate Explore URLs from external tools".)
    """
    instant = isinstance(query, InstantQuery)
    source = {"type": "prometheus", "uid": behind.uid}
    asked = {"refId": "A", "datasource": source, "expr": query.expr, "range": not instant, "instant": instant}
    span = {"from": str(query.grid.start * 1000), "to": str(query.grid.end * 1000)}
    panes = {"a": {"datasource": behind.uid, "queries": [asked], "range": span}}
    return f"{behind.grafana}/explore?schemaVersion=1&panes={quote(json.dumps(panes, separators=(',', ':')))}"


def _expr(query: Query) -> str:
    """The query for several requests: the ends that it may speak of are those of the whole range."""
    several = not isinstance(query, InstantQuery) and len(_runs(query)) > 1
    return write_out_ends(query.expr, query.grid) if several else query.expr


def _runs(query: Query) -> list[tuple[int, int]]:
    """The range as evenly spaced pieces that one request may ask for: first and last moment, in Unix seconds."""
    found = []
    for run in query.grid.runs:
        for first in range(0, run.points, LONGEST_RUN):
            last = min(first + LONGEST_RUN, run.points) - 1
            found.append((run.start + first * run.step, run.start + last * run.step))
    return found
