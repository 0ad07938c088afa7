"""The Prometheus HTTP API, asked directly or through whatever passes it on; and the source kind `prometheus`."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from lib.core import strict_json
from lib.core.decode import Decoder
from lib.core.errors import Kind, QueryError, SourceError
from lib.core.metadata import MetricInfo, read_metadata
from lib.core.promql import check
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.result import Answer
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.sources.base import Discovery, Source, source_kind
from lib.sources.deadline import Cancel
from lib.sources.exchange import Credential, Reply, Request, origin_of
from lib.sources.failures import ADDRESS, login_page
from lib.sources.refusals import read_refusal
from lib.sources.statuses import is_answer, is_web_page, of_status
from lib.sources.transport import Transport

API = "/api/v1"
MOST_NAMES = 100_000  # of metrics, labels, or values of one label; also said to the server, where it knows `limit`
LONGEST_URL = 7_000  # characters; 8 KiB for the request line is the usual limit of what stands in front
_NO_SUCH_LIST = {400, 404, 405, 422, 501}  # what a server says to a path that it does not have
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")

Form = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PrometheusApi:
    """The HTTP API under `base` (an address without a slash at the end, up to and without `/api/v1`).

    `peer` is what answers there on screen: "Grafana" or "Prometheus". `now` gives Unix seconds.
    """

    transport: Transport = field(repr=False)
    base: str
    credential: Credential
    peer: str = "Prometheus"
    now: Callable[[], float] = field(default=time.time, repr=False)

    def ask(self, query: Query, cancel: Cancel | None = None) -> Answer:
        """The answer to an instant or a range query, asked with one request: see `lib.sources.parts` for long ones.

        Raises QueryError for PromQL that is refused, here or there, and SourceError for everything else.
        """
        check(query.expr)
        path, form = _question(query)
        request = replace(self._request("POST", path, form, cancel), into=(decoder := Decoder(query)))
        reply = self._sent_as_get(request, self.transport.send(request))
        self._refuse(reply, query.expr)
        return replace(
            decoder.finish(), seconds=reply.seconds, size=reply.size, fetched_at=self.now(), ahead=reply.ahead
        )

    def label_values(
        self, name: str, match: str, start: int, end: int, cancel: Cancel | None = None
    ) -> tuple[str, ...]:
        """The values that label `name` has on the series of selector `match` between two instants (Unix seconds).

        An empty `match` means all series; for `__name__` that lists the metrics. Sorted as the server sorts them.
        Raises QueryError and SourceError as `ask` does.
        """
        if not _LABEL.fullmatch(name):
            raise QueryError("That is not the name of a label.", "A label has letters, digits and underscores.")
        return self._listed(f"/label/{quote(name)}/values", match, start, end, cancel)

    def label_names(self, match: str, start: int, end: int, cancel: Cancel | None = None) -> tuple[str, ...]:
        """The names of the labels on the series of selector `match` between two instants (Unix seconds).

        An empty `match` means all series. Raises QueryError and SourceError as `ask` does.
        """
        return self._listed("/labels", match, start, end, cancel)

    def metadata(self, cancel: Cancel | None = None) -> dict[str, MetricInfo]:
        """Type, help and unit of the metrics that targets expose now, by family (docs/querying/api.md).

        Empty where the server has no such list: help is a courtesy, and VictoriaMetrics 1.79 knows none. Raises
        SourceError when the server cannot be reached or refuses the token.
        """
        limits = (("limit", str(MOST_NAMES)), ("limit_per_metric", "1"))
        reply = self.transport.send(self._request("GET", "/metadata", limits, cancel))
        if reply.status in _NO_SUCH_LIST:
            return {}
        self._refuse(reply, "")
        found = _data(reply.body)
        return read_metadata(found) if isinstance(found, dict) else {}

    def _listed(self, path: str, match: str, start: int, end: int, cancel: Cancel | None) -> tuple[str, ...]:
        if match:
            check(match)
        matched = (("match[]", match),) if match else ()
        form = (*matched, ("start", str(start)), ("end", str(end)), ("limit", str(MOST_NAMES + 1)))
        reply = self.transport.send(self._request("GET", path, form, cancel))
        self._refuse(reply, match)
        return _texts(reply.body)

    def _request(self, method: str, path: str, form: Form, cancel: Cancel | None) -> Request:
        url = f"{self.base}{API}{path}"
        form = (*form, ("timeout", _server_timeout(self.transport.timeout)))
        if method == "POST":
            return Request(method, url, self.credential, form, cancel=cancel, cluster=self.base, peer=self.peer)
        if len(url := f"{url}?{urlencode(form)}") > LONGEST_URL:
            raise QueryError("This selector is too long to look up names by.", "Use fewer or shorter matchers.")
        return Request(method, url, self.credential, cancel=cancel, cluster=self.base, peer=self.peer)

    def _sent_as_get(self, request: Request, reply: Reply) -> Reply:
        """The reply itself, or that to the same question as GET where POST is not let through.

        Grafana allows POST by list: `403 non allow-listed POSTs not allowed` (pkg/api/pluginproxy/ds_proxy.go).
        """
        closed = reply.status == 405 or (reply.status == 403 and b"allow-listed" in reply.body)
        url = f"{request.url}?{urlencode(request.form)}"
        if not closed or len(url) > LONGEST_URL:
            return reply
        return self.transport.send(replace(request, method="GET", url=url, form=()))

    def _refuse(self, reply: Reply, expr: str) -> None:
        """Raises SourceError unless the reply is one to decode."""
        if not is_answer(reply):
            raise read_refusal(reply, expr) or of_status(reply, self.peer)
        if is_web_page(reply):
            raise login_page()


def _question(query: Query) -> tuple[str, Form]:
    if isinstance(query, RangeQuery):
        grid = query.time_range
        times = (("start", str(grid.start)), ("end", str(grid.end)), ("step", str(grid.step)))
        # VictoriaMetrics moves a range to multiples of its step for its cache, unless it is not to use that. Prometheus
        # knows no such parameter and lets it pass.
        unmoved = (("nocache", "1"),) if grid.start % grid.step else ()
        return "/query_range", (("query", query.expr), *times, *unmoved)
    assert isinstance(query, InstantQuery)
    return "/query", (("query", query.expr), ("time", str(query.time)))


def _server_timeout(seconds: float) -> str:
    """A little less than our own limit (seconds), so that the server stops working before we stop waiting."""
    return f"{int(max(seconds - 1, seconds / 2) * 1_000)}ms"


def _texts(body: bytes) -> tuple[str, ...]:
    values = _data(body)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise SourceError(Kind.NOT_PROMETHEUS, "The answer is not a list of label names or values.", ADDRESS)
    if len(values) > MOST_NAMES:
        raise SourceError(Kind.TOO_LARGE, f"There are more than {MOST_NAMES:,} names.", "Name a metric first.")
    return tuple(values)


def _data(body: bytes) -> object:
    """The `data` of a success envelope; None when there is none."""
    try:
        found = strict_json.loads(body)
    except strict_json.NotStrict:
        raise SourceError(Kind.NOT_JSON, "The answer is not JSON.", ADDRESS) from None
    return found.get("data") if isinstance(found, dict) and found.get("status") == "success" else None


@source_kind("prometheus")
def prometheus_sources(settings: Settings, transport: Transport) -> Discovery:
    """Every Prometheus of the settings as a source. Nothing is asked."""
    return Discovery(tuple(_source(server, transport) for server in settings.prometheuses))


def _source(server: PrometheusSettings, transport: Transport) -> Source:
    credential = Credential(origin_of(server.url), server.password, server.username, server.org)
    api = PrometheusApi(transport, server.url, credential)
    return Source(
        id=quote(server.name, safe=""),
        name=server.name,
        kind="prometheus",
        origin=credential.origin,
        credential_id=server.password.label,
        group=server.name,
        api=api,
    )
