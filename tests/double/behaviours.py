"""Every behaviour by its name, which is the uid of the data source that shows it.

To add one, write `async def` under `@behaviour("name")` in `faults.py` or `manners.py`, or a `Canned` in `replies.py`
when it is a whole answer, and say in `tests/sources/test_faults.py` what must become of it.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable

from tests.double import good
from tests.double.replies import CANNED, Canned
from tests.double.wire import Exchange

Behaviour = Callable[[Exchange], Awaitable[None]]
BEHAVIOURS: dict[str, Behaviour] = {"good": good.good, "echo": good.echo}


def behaviour(name: str) -> Callable[[Behaviour], Behaviour]:
    """Registers a behaviour under the uid that chooses it."""

    def register(function: Behaviour) -> Behaviour:
        BEHAVIOURS[name] = function
        return function

    return register


async def _canned(exchange: Exchange, canned: Canned) -> None:
    await exchange.answer(canned.status, canned.body, canned.kind, **canned.headers)


BEHAVIOURS |= {name: functools.partial(_canned, canned=canned) for name, canned in CANNED.items()}
