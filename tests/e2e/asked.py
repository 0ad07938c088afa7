"""The same questions without the app: put to the servers themselves, and their answers read by hand."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests

from tests.double import Double, Logged
from tests.e2e.app import App

CLUSTERS = {"uid-of-alpha": "alpha", "uid-of-beta": "beta"}  # uid -> name, as the Grafana of these tests lists them

# What a server said about a hub at a moment: (time as ISO 8601 in UTC, cluster, namespace) -> value.
Values = dict[tuple[str, str, str], float]


def settings_of(double: Double, **more: str) -> dict[str, str]:
    """What to configure so that the app asks this double."""
    return {"GRAFANA_URL": double.url, "GRAFANA_TOKEN": double.token, **more}


def questions(entries: Sequence[Logged]) -> list[tuple[str, str, str]]:
    """Requests as data source, path and body, in an order of their own: those of one page arrive in any order."""
    return sorted((entry.uid, entry.asked.target, entry.asked.body.decode()) for entry in entries if entry.uid)


def replayed(double: Double, entries: Sequence[Logged], clusters: Mapping[str, str] = CLUSTERS) -> Values:
    """What the double answers when these requests to its data sources are sent once more, byte for byte."""
    found: Values = {}
    parts = urlsplit(double.url)
    for entry in entries:
        headers = {name: entry.asked.headers[name] for name in ("authorization", "content-type")}
        address = f"{parts.scheme}://{parts.netloc}{entry.asked.target}"
        reply = requests.request(entry.method, address, headers=headers, data=entry.asked.body, timeout=30)
        assert reply.ok, reply.text
        found |= values(clusters[entry.uid], reply.json())
    return found


def values(cluster: str, answer: Mapping[str, object]) -> Values:
    """The samples of a Prometheus' answer to a range query."""
    data = answer["data"]
    assert isinstance(data, dict)
    assert data["resultType"] == "matrix"
    return {
        (datetime.fromtimestamp(time, UTC).isoformat(), cluster, series["metric"]["namespace"]): float(text)
        for series in data["result"]
        for time, text in series["values"]
    }


@dataclass(frozen=True)
class SampleServer:
    """The sample as a program of its own."""

    url: str
    authorization: str

    @classmethod
    @contextlib.contextmanager
    def running(cls) -> Iterator[SampleServer]:
        """Starts it on a free port and ends it afterwards."""
        command = [sys.executable, "-m", "lib.sample", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout
                url = process.stdout.readline().strip()
                yield cls(url, process.stdout.readline().strip().removeprefix("Authorization: "))
            finally:
                process.terminate()

    def ask(self, query: str, times: Sequence[str], step: int) -> Values:
        """What every cluster that answers says, from the first to the last of these times (ISO 8601)."""
        moments = sorted(datetime.fromisoformat(time).timestamp() for time in times)
        form = {"query": query, "start": moments[0], "end": moments[-1], "step": step}
        headers = {"Authorization": self.authorization}
        listed = requests.get(f"{self.url}/api/datasources", headers=headers, timeout=30).json()
        found: Values = {}
        for source in listed:
            if source["type"] == "prometheus":
                address = f"{self.url}/api/datasources/proxy/uid/{source['uid']}/api/v1/query_range"
                reply = requests.post(address, headers=headers, data=form, timeout=30)
                found |= values(source["name"], reply.json()) if reply.ok else {}
        return found


@dataclass(frozen=True)
class Upstream:
    """An app and what it asks, which can be asked the same past the app."""

    app: App
    server: SampleServer | Double

    def mark(self) -> int:
        """A moment in the double's log, to be given to `answers`."""
        return len(self.server.log) if isinstance(self.server, Double) else 0

    def answers(self, mark: int, query: str, times: Sequence[str], step: int) -> Values:
        """What the servers say to what was asked since `mark`; the sample, which has no log, to the query as shown."""
        if isinstance(self.server, SampleServer):
            return self.server.ask(query, times, step)
        # Queries are posted; what is asked with GET is what the editor completes from.
        since = [entry for entry in self.server.log[mark:] if entry.uid and entry.method == "POST"]
        assert {entry.uid for entry in since} == set(CLUSTERS)
        return replayed(self.server, since)
