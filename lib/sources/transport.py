"""The one place that sends, limits and translates: whatever goes out or comes in passes `Transport.send`.

Promises: an exchange ends by its deadline; of a body at most the limit is held; a credential goes to its own origin
and nowhere else; only paths that read are asked for (`lib.sources.paths`); redirects are not followed; cookies, proxies
and `.netrc` are not used; at most one polite retry; and every foreign exception becomes a SourceError that holds
nothing of it.

It stands on the adapters of `requests` and leaves out its Session, which would read `.netrc` and HTTP_PROXY, keep
cookies, and read the body of a redirect without a limit even when it does not follow it.
"""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from lib.core.decode_limits import MAX_JSON
from lib.core.errors import ConfigError, Kind, SourceError
from lib.core.settings import Settings
from lib.sources import failures
from lib.sources.connections import CONNECT_SECONDS, WatchedAdapter
from lib.sources.deadline import Clock, Deadline
from lib.sources.exchange import Reply, Request, Sink, origin_of, read_ahead, read_retry_after
from lib.sources.gate import Gate
from lib.sources.hiding import hide
from lib.sources.paths import is_read

LONGEST_WAIT = 10  # seconds; the most that a Retry-After is honoured
# What is passed on as numbers may be so many times as large: a sample has at least 17 bytes, and 8 as a number, so that
# 128 MiB of them take 60 MiB and a batch.
PASSED_ON = 4
_RETRY_STATUSES = (502, 503, 504)
_CHUNK = 64 * 1024
_LARGEST_ERROR = 512 * 1024  # bytes
_START = 4 * 1024  # bytes of a reply that are kept although they went elsewhere

T = TypeVar("T")


class _Prepared(NamedTuple):
    """A request as it is sent, what must never come back to light from it, and into what its reply goes."""

    request: requests.PreparedRequest
    hidden: tuple[bytes, ...]
    into: Sink | None


class Transport:
    """Sends requests to the given origins only. Immutable once built; any number of threads may use it at once.

    `gate` is what requests have to pass, one of its own by default. `adapter` (of `requests`) answers instead of the
    network. `clock` gives monotonic seconds; `sleep` waits between two attempts, by default until the deadline at the
    most, for as long as `rng` says. Raises ConfigError when the CA bundle cannot be read.
    """

    def __init__(
        self,
        settings: Settings,
        origins: Iterable[str],
        *,
        gate: Gate | None = None,
        adapter: BaseAdapter | None = None,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], None] | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.timeout = settings.timeout
        self._max_bytes = settings.max_bytes
        self._verify = _checked_bundle(settings.ca_bundle) or True
        self._origins = frozenset(origins)
        self.gate = gate or Gate(settings.places, settings.cluster_places)
        pools = max(1, len(self._origins))
        self._adapter = adapter or WatchedAdapter(pool_connections=pools, pool_maxsize=settings.places)
        self._clock = clock
        self._sleep = sleep
        self._rng = rng or random.Random()

    def close(self) -> None:
        """Closes the connections that are kept open for the next request."""
        self._adapter.close()

    def send(self, request: Request) -> Reply:
        """The reply to a request, of any status but 3xx.

        Raises SourceError: CONFIG for an address or a token that must not be sent; DNS, TLS, NETWORK, TIMEOUT,
        TOO_LARGE, REDIRECT for what happened on the way; BUSY when no place came free; RESTING; CANCELLED, REPLACED.
        """
        prepared, hidden = self._prepare(request)
        deadline = Deadline(request.seconds or self.timeout, self._clock, request.cancel)
        with deadline:
            ready = _Prepared(prepared, hidden, request.into)
            return self.gate.through(request, deadline, lambda: self._send_twice(ready, deadline))

    def _prepare(self, request: Request) -> tuple[requests.PreparedRequest, tuple[bytes, ...]]:
        """The request with its header, and what must never come back to light from it."""
        origin = request.credential.origin
        if origin not in self._origins or origin_of(request.url) != origin:
            raise failures.foreign_origin()
        if not is_read(request.method, urlsplit(request.url).path):
            raise failures.unlisted_path()
        value, hidden = request.credential.header()
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "hubscope"}
        if value:
            headers["Authorization"] = value
        if request.credential.org:
            headers["X-Scope-OrgID"] = request.credential.org
        plain = requests.Request(request.method, request.url, headers=headers, data=list(request.form) or None)
        prepared = _translated(plain.prepare)
        if origin_of(prepared.url or "") != origin or urlsplit(prepared.url).path != urlsplit(request.url).path:
            raise failures.foreign_origin()
        return prepared, hidden

    def _send_twice(self, prepared: _Prepared, deadline: Deadline) -> Reply:
        try:
            reply = self._send_once(prepared, deadline)
        except SourceError as failure:
            if failure.kind is not Kind.NETWORK or not self._paused(self._jitter(), deadline):
                raise
        else:
            wait = _wait_before_retry(reply, self._jitter())
            if wait is None or not self._paused(wait, deadline):
                return reply
        return self._send_once(prepared, deadline)

    def _jitter(self) -> float:
        """Seconds before a second attempt, so that not all who failed together come back together."""
        return self._rng.uniform(0.2, 1.0)

    def _paused(self, seconds: float, deadline: Deadline) -> bool:
        """Waits before the second attempt; False when the deadline leaves no time for one."""
        if seconds >= deadline.remaining:
            return False
        (self._sleep or deadline.pause)(seconds)
        return deadline.remaining > 0

    def _send_once(self, prepared: _Prepared, deadline: Deadline) -> Reply:
        def exchange() -> Reply:
            limits = (CONNECT_SECONDS, max(0.01, deadline.remaining))
            with self._adapter.send(prepared.request, stream=True, verify=self._verify, timeout=limits) as response:
                if response.status_code < 200:  # `http.client` waits for more only after 100
                    raise failures.broken_off()
                ahead = read_ahead(response.headers.get("Date", ""))
                if 300 <= response.status_code < 400:
                    raise _redirected(response)
                into = prepared.into if response.status_code < 300 else None
                pieces = hide(self._received(response, deadline, into), prepared.hidden)
                body, size = _collected(pieces, into)
            headers = response.headers
            wait = read_retry_after(headers.get("Retry-After", ""))
            kind = headers.get("Content-Type", "")
            return Reply(response.status_code, kind, body, deadline.elapsed, size, wait, ahead)

        return _translated(exchange, deadline)

    def _received(self, response: requests.Response, deadline: Deadline, into: Sink | None) -> Iterator[bytes]:
        """The body, decoded. Of an error only as much as anybody reads; the rest is left where it is."""
        size, held = 0, self._max_bytes if into else min(self._max_bytes, MAX_JSON)
        for chunk in response.iter_content(_CHUNK):
            size += len(chunk)
            if response.status_code >= 400 and size > _LARGEST_ERROR:
                yield chunk
                return
            most = self._max_bytes * PASSED_ON if into and into.held <= self._max_bytes else held
            if size > most:
                raise failures.too_large(most)
            if not deadline.remaining:
                break
            yield chunk
        if not deadline.remaining:  # a body without a length looks complete when its socket is shut
            raise failures.ended(deadline.ended or Kind.TIMEOUT, deadline.seconds)


def _translated(work: Callable[[], T], deadline: Deadline | None = None) -> T:
    """The one translation: does the work, and lets no exception out but a SourceError without a trace of another."""
    try:
        return work()
    except SourceError as ours:
        failure = ours
    except Exception as error:  # noqa: BLE001  whatever it is, its text may hold the token
        failure = failures.translate(error)
    if deadline and not deadline.remaining:
        failure = failures.ended(deadline.ended or Kind.TIMEOUT, deadline.seconds)
    failure.__context__ = None  # raised out here, so that no foreign exception hangs on it; nor its frames
    raise failure.with_traceback(None)


def _checked_bundle(path: str) -> str:
    if not path:
        return ""
    try:
        ssl.create_default_context(cafile=path)
    except OSError:  # ssl.SSLError is one too
        hint = "Give the path of a file that holds certificates in PEM form."
        raise ConfigError("HUBSCOPE_CA_BUNDLE names a file that cannot be read as certificates.", hint) from None
    return path


def _collected(pieces: Iterable[bytes], into: Sink | None) -> tuple[bytes, int]:
    """The body, or only its start where a sink takes all of it, and how many bytes it has."""
    body, size = [], 0
    if into:
        into.start()
    for piece in pieces:
        if into:
            into.feed(piece)
        if not into or size < _START:
            body.append(piece)
        size += len(piece)
    return b"".join(body), size


def _redirected(response: requests.Response) -> SourceError:
    path = response.headers.get("Location", "").split("?")[0]
    return failures.redirect(response.status_code, bool(path), to_login=path.rstrip("/").endswith("/login"))


def _wait_before_retry(reply: Reply, jitter: float) -> float | None:
    """Seconds until a second attempt makes sense; None when it does not.

    A 503 with a JSON object is Prometheus' own (`query timed out`): it did try, and asking again only adds to its load.
    """
    if reply.status == 429:
        return reply.retry_after if reply.retry_after is not None and reply.retry_after <= LONGEST_WAIT else None
    if reply.status in _RETRY_STATUSES and not reply.body.lstrip().startswith(b"{"):
        return jitter
    return None
