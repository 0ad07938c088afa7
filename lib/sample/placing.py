"""Which of a pool's machines takes which pod: the first with room, else a new one."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

_FORGOTTEN = 330  # seconds after which the last sample of a pod is out of sight


@dataclass(eq=False)
class Slot:
    """One machine's worth of room in bytes, taken from `start` to `end` in seconds."""

    room: int
    start: int
    end: int
    _leaving: list[tuple[int, int]] = field(default_factory=list)  # (end, bytes), the next to leave first

    def has_room(self, moment: int, amount: int) -> bool:
        """Let go of what has ended by this moment; return whether `amount` fits in now."""
        while self._leaving and self._leaving[0][0] <= moment:
            self.room += heapq.heappop(self._leaving)[1]
        return self.room >= amount

    def take(self, end: int, amount: int) -> None:
        """Hold `amount` until `end`."""
        self.room -= amount
        self.end = max(self.end, end)
        heapq.heappush(self._leaving, (end + _FORGOTTEN, amount))


def placed(wants: Sequence[tuple[int, int, int]], room: int, idle: int) -> list[Slot]:
    """Return the slot of each want (start, end, bytes), these being ordered by start.

    Room is given to others only when Prometheus, which looks back five minutes, has forgotten who had it. A slot that
    has been empty for more than `idle` seconds is closed and never used again.
    """
    slots: list[Slot] = []
    opened: list[Slot] = []
    for start, end, amount in wants:
        opened = [slot for slot in opened if slot.end + idle > start]
        slot = next((one for one in opened if one.has_room(start, amount)), None)
        if slot is None:
            slot = Slot(room, start, end)
            opened.append(slot)
        slot.take(end, amount)
        slots.append(slot)
    return slots
