"""Connections that keep to the deadline of their exchange: the name look-up, the connect and every byte after it."""

from __future__ import annotations

import queue
import socket
import sys
import threading
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from lib.core.errors import Kind, SourceError
from lib.sources import failures
from lib.sources.deadline import Deadline

CONNECT_SECONDS = 2.5  # one lost SYN is sent again after 1 s, a second after 3 s

Address = tuple[socket.AddressFamily, Any]


def resolve(host: str, port: int, deadline: Deadline) -> list[Address]:
    """The addresses of a host. Raises SourceError: DNS when there is none, TIMEOUT when the resolver is silent.

    getaddrinfo knows no time limit, so it works in a thread of its own; one that never returns is left behind.
    """
    found: queue.SimpleQueue[list[Address] | OSError | UnicodeError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            found.put(error)
        else:
            found.put([(family, address) for family, _, _, _, address in infos])

    threading.Thread(target=look_up, name="resolve", daemon=True).start()
    try:
        addresses: list[Address] | OSError | UnicodeError = found.get(timeout=deadline.remaining)
    except queue.Empty:
        addresses = []
    if isinstance(addresses, OSError | UnicodeError):
        raise failures.unknown_host(addresses)
    if not addresses:
        raise failures.ended(deadline.ended or Kind.TIMEOUT, deadline.seconds)
    return addresses


def open_socket(host: str, port: int, options: Any) -> socket.socket:
    """A connected socket in the care of the current deadline. Raises SourceError: DNS, NETWORK or TIMEOUT."""
    deadline = Deadline.current()
    failure: SourceError = failures.unreachable()
    for family, address in resolve(host, port, deadline):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            for option in options or ():
                sock.setsockopt(*option)
            sock.settimeout(max(0.01, min(CONNECT_SECONDS, deadline.remaining)))
            sock.connect(address)
        except TimeoutError:
            failure = failures.no_connection(CONNECT_SECONDS)
        except OSError:
            failure = failures.unreachable()
        else:
            deadline.watch(sock)
            return sock
        sock.close()
        if not deadline.remaining:
            break
    raise failure


class _Watched(HTTPConnection):
    """A connection whose socket the current deadline knows, also when it is one kept from an earlier exchange.

    It is used again only after a plain 200. After anything else more may follow that we would take for the answer to
    the next question, and from then on for every next one: the answer proper after `103 Early Hints`, a body after
    `204 No Content`.
    """

    _worn = False

    def _new_conn(self) -> socket.socket:
        sock = open_socket(self.host, self.port or self.default_port, self.socket_options)
        sys.audit("http.client.connect", self, self.host, self.port)
        return sock

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self._worn:
            self.close()
        self._worn = True
        if self.sock is not None:
            Deadline.current().watch(self.sock)
        super().request(*args, **kwargs)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # urllib3's own, as its HTTPConnection says
        response = super().getresponse()
        self._worn = response.status != 200
        return response


class _WatchedTls(_Watched, HTTPSConnection):
    """The same over TLS: the deadline knows the socket before the handshake begins."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class WatchedAdapter(HTTPAdapter):
    """The adapter of `requests` with connections that keep to the current deadline, and without retries of its own."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
