"""The way to a server: the addresses of a name, and the deadline that sockets keep.

What ends in an error on the way, ports, names and certificates, stands in `tests.faults.situations`.
"""

from __future__ import annotations

import socket

import pytest

from lib.core.errors import Kind, SourceError
from lib.core.query import InstantQuery
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.sources import connect
from lib.sources.deadline import Cancel, Deadline
from tests.double import grafana_double

QUESTION = InstantQuery("up", 1_770_000_000)


def failure_of(url: str, **settings: object) -> SourceError:
    [source] = connect(Settings(prometheuses=(PrometheusSettings("p", url),), **settings)).sources  # type: ignore[arg-type]
    with pytest.raises(SourceError) as caught:
        source.ask(QUESTION)
    source.api.transport.close()
    return caught.value


def test_every_address_of_a_name_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with grafana_double({"good": "good"}) as double:
        port = int(double.url.rsplit(":", 1)[1])
        dead, alive = ("127.0.0.2", 1), ("127.0.0.1", port)
        infos = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in (dead, alive)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: infos)
        assert failure_of("http://two.example").kind is Kind.AUTH  # so it did arrive; no token was given


# Deadlines, without a server


def test_a_socket_taken_in_after_the_end_is_shut_at_once() -> None:
    near, far = socket.socketpair()
    with near, far, Deadline(60.0) as deadline:
        deadline.end(Kind.CANCELLED)
        deadline.watch(near)
        assert far.recv(1) == b""


def test_a_socket_is_left_alone_when_the_exchange_ended_in_time() -> None:
    near, far = socket.socketpair()
    with near, far:
        with Deadline(60.0) as deadline:
            deadline.watch(near)
        deadline.end(Kind.TIMEOUT)
        near.sendall(b"x")
        assert far.recv(1) == b"x"


def test_a_deadline_counts_by_the_clock_it_is_given() -> None:
    now = [100.0]
    with Deadline(10.0, clock=lambda: now[0]) as deadline:
        now[0] = 104.0
        assert (deadline.elapsed, deadline.remaining) == (4.0, 6.0)
        now[0] = 111.0
        assert deadline.remaining == 0.0
        deadline.pause(60.0)  # returns, since nothing remains


def test_the_first_reason_to_end_stays() -> None:
    cancel = Cancel()
    with Deadline(60.0, cancel=cancel) as deadline:
        cancel.end(Kind.CANCELLED)
        deadline.end(Kind.TIMEOUT)
    assert deadline.ended is Kind.CANCELLED


def test_a_child_switch_does_not_throw_its_parent() -> None:
    parent = Cancel()
    child, other = Cancel(parent), Cancel(parent)
    child.end(Kind.TIMEOUT)
    assert (parent.reason, other.reason) == (None, None)
    parent.end()
    assert (child.reason, other.reason) == (Kind.TIMEOUT, Kind.CANCELLED)
