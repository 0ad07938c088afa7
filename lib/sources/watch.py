"""Who looks on while clusters are asked: nobody, unless somebody is given, such as `lib.sources.numbers.Numbers`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Watch(Protocol):
    """Goes around what is asked of a cluster, to count it. `what` is the kind of request, such as `query`."""

    def around(self, cluster: str, what: str, work: Callable[[], T]) -> T: ...

    def found(self, where: str) -> None: ...


class Unwatched:
    """Counts nothing."""

    def around(self, cluster: str, what: str, work: Callable[[], T]) -> T:
        """What `work` returns."""
        return work()

    def found(self, where: str) -> None:
        """An answer did not have to be asked for."""
