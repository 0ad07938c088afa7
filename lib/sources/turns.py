"""Whose question is the newest: a person has one at a time, and a newer one ends the one before."""

from __future__ import annotations

import threading
from weakref import WeakValueDictionary

from lib.core.errors import Kind
from lib.sources.deadline import Cancel


class Turns:
    """The running question of each person, for any number of threads. Nobody in particular (`""`) has any number."""

    def __init__(self) -> None:
        self._latest: WeakValueDictionary[str, Cancel] = WeakValueDictionary()
        self._lock = threading.Lock()

    def take(self, person: str) -> Cancel:
        """The switch of a new question of this person; it counts as running for as long as somebody holds the switch.

        That of the question before is thrown with REPLACED: its sockets are shut at once.
        """
        mine = Cancel(asker=person)
        with self._lock:
            before = self._latest.get(person)
            if person:
                self._latest[person] = mine
        if before:
            before.end(Kind.REPLACED)
        return mine

    def join(self, person: str) -> Cancel:
        """A switch for what is asked beside a person's question: it ends with that one, and ends nothing itself."""
        with self._lock:
            return Cancel(self._latest.get(person), asker=person)
