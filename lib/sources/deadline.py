"""When one exchange must end: a time limit over all of it, kept by a watchdog that shuts the socket.

`requests` knows a limit per read only: a server that sends one byte a second never reaches it, and no limit at all
covers the look-up of a name. So every socket of an exchange is known here, and at the end it is shut, which wakes
whatever waits for it.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from types import TracebackType
from typing import Protocol
from weakref import WeakSet

from lib.core.errors import Kind
from lib.sources import failures

Clock = Callable[[], float]


class Ends(Protocol):
    """What a switch can end."""

    def end(self, reason: Kind) -> None: ...


class Cancel:
    """A switch that ends every exchange it was given to, now and later. Any thread may throw it.

    Throwing `parent` throws this one too, but not the other way round. `asker` says for whom it is all done: those who
    wait for a place take turns by it. It is that of the parent where nobody says.
    """

    def __init__(self, parent: Cancel | None = None, asker: str = "") -> None:
        self.asker: str = asker or (parent.asker if parent else "")
        self._lock = threading.Lock()
        self._members: WeakSet[Ends] = WeakSet()
        self.reason: Kind | None = None
        if parent:
            parent.add(self)

    def add(self, member: Ends) -> None:
        """Ends `member` too when the switch is thrown; at once if it was."""
        with self._lock:
            self._members.add(member)
        if self.reason:
            member.end(self.reason)

    def end(self, reason: Kind = Kind.CANCELLED) -> None:
        """Throws the switch. Sockets in use are shut at once; their exchanges raise SourceError of this kind."""
        with self._lock:
            self.reason = self.reason or reason
            members = tuple(self._members)
        for member in members:
            member.end(reason)


class Deadline:
    """The time limit of one exchange, retries and pauses included. A context manager; used by one thread.

    `seconds` counts from the start of the block by `clock` (monotonic seconds). Inside the block `Deadline.current()`
    finds it, which is how a connection deep inside urllib3 says which socket it uses. Raises SourceError (BUSY) at the
    start of the block where the system has no thread left.
    """

    _current: ContextVar[Deadline] = ContextVar("deadline")

    def __init__(self, seconds: float, clock: Clock = time.monotonic, cancel: Cancel | None = None) -> None:
        self.seconds = seconds
        self.ended: Kind | None = None
        self._clock = clock
        self._cancel = cancel
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._lines: list[socket.socket] = []
        self._wakes: list[Callable[[], None]] = []
        self._timer = threading.Timer(seconds, self.end, (Kind.TIMEOUT,))
        self._timer.daemon = True

    @property
    def asker(self) -> str:
        """For whom the exchange is; "" where nobody says."""
        return self._cancel.asker if self._cancel else ""

    @classmethod
    def current(cls) -> Deadline:
        """The deadline of the exchange that this thread is in. Raises LookupError outside of one."""
        return cls._current.get()

    def __enter__(self) -> Deadline:
        self._started = self._clock()
        try:
            self._timer.start()
        except RuntimeError:  # no thread is left, so nothing could end this exchange
            raise failures.exhausted() from None
        self._token = self._current.set(self)
        if self._cancel:
            self._cancel.add(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._timer.cancel()
        self._current.reset(self._token)
        with self._lock:
            lines, self._lines = self._lines, []
        for line in lines:
            line.close()

    @property
    def elapsed(self) -> float:
        """Seconds since the start of the block."""
        return self._clock() - self._started

    @property
    def remaining(self) -> float:
        """Seconds left, never below 0; 0 once ended."""
        return 0.0 if self.ended else max(0.0, self.seconds - self.elapsed)

    def watch(self, sock: socket.socket) -> None:
        """Takes a socket into care: shut when the exchange has to end, otherwise left alone.

        A second descriptor of the same connection is kept, since urllib3 may close or wrap (TLS) its own at any time;
        shutting one shuts both, and no descriptor that somebody else has got meanwhile can be hit.
        """
        line = socket.fromfd(sock.fileno(), sock.family, sock.type)
        with self._lock:
            self._lines.append(line)
        if self.ended:
            _shut(line)

    def end(self, reason: Kind) -> None:
        """Ends the exchange: whatever waits for one of its sockets, or in `pause`, wakes. May come from any thread."""
        with self._lock:
            self.ended = self.ended or reason
            for line in self._lines:
                _shut(line)
            wakes, self._wakes = self._wakes, []
        self._over.set()
        for wake in wakes:
            wake()

    def wait(self, reached: threading.Event) -> bool:
        """Waits until somebody sets `reached`, or until the end, which sets it too; True when the end came first."""
        with self._lock:
            self._wakes.append(reached.set)
        if not self.ended:
            reached.wait(self.remaining)
        return not self.remaining

    def pause(self, seconds: float) -> None:
        """Sleeps for `seconds`, or until the end, whichever comes first."""
        self._over.wait(min(seconds, self.remaining))


def _shut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the peer was faster; there is nothing left to shut
        line.shutdown(socket.SHUT_RDWR)
