"""How fast and how many: frames of one web socket, of all, and web sockets of one address. The clock is given.

Every frame can start a run of a page, and runs share one interpreter with what answers the next request. So frames wait
where they come too fast, unread, until whoever sends them has to wait, too.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]
# A page of ours sends a few frames a second while somebody types or drags; a burst when it is opened.
BURST, PER_SECOND, TOO_OFTEN = 20, 10.0, 200
_NOTHING = 1e-9  # seconds: what adding tenths leaves


class Pace:
    """So many at once, then so many a second. `delay()` says how long the next one has to wait, in seconds."""

    def __init__(self, burst: int = BURST, per_second: float = PER_SECOND, clock: Clock = time.monotonic) -> None:
        self._apart, self._ahead, self._clock = 1 / per_second, (burst - 1) / per_second, clock
        self._due = clock()
        self.in_a_row = 0

    def delay(self) -> float:
        """Seconds until this one may pass; 0 where it may at once. Counts in `in_a_row` those that had to wait."""
        now = self._clock()
        self._due = max(self._due, now)
        wait = self._due - now - self._ahead
        wait = wait if wait > _NOTHING else 0.0
        self._due += self._apart
        self.in_a_row = self.in_a_row + 1 if wait else 0
        return wait


class Crowd:
    """The web sockets that are open, in all and by address."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._by_address: Counter[str] = Counter()

    def is_full_for(self, address: str) -> bool:
        """Whether another one from this address would be one too many."""
        return self._by_address.total() >= self._most or self._by_address[address] >= self._most_of_one

    def enter(self, address: str) -> None:
        """One more from this address."""
        self._by_address[address] += 1

    def leave(self, address: str) -> None:
        """One less."""
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]  # addresses are many: none is kept for nothing

    def __len__(self) -> int:
        return self._by_address.total()


class Turnstile:
    """Lets frames through one after the other; those that come close upon another wait while the server is late.

    Late is how long after its time a timer goes off: with many runs at once, each wants the interpreter, and so does
    what answers requests. It is in time when two timers in a row are. `patience` is the longest that a frame is held: a
    slow machine is slow, not shut.
    """

    def __init__(
        self,
        late: float = 0.025,
        tick: float = 0.01,
        patience: float = 0.5,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._late, self._tick, self._patience = late, tick, patience
        self._clock, self._sleep = clock, sleep
        self._one, self._last = asyncio.Lock(), clock() - patience

    async def wait(self) -> None:
        """Returns when the next frame may pass."""
        async with self._one:
            now = self._clock()
            until, in_time = now + self._patience, 2 if now - self._last >= self._patience else 0
            while in_time < 2 and now <= until:
                await self._sleep(self._tick)
                before, now = now, self._clock()
                in_time = in_time + 1 if now - before - self._tick < self._late else 0
            self._last = now
