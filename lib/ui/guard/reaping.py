"""Sessions that are freed when people have left, also where nobody comes after them.

Streamlit keeps the session of a closed page for a while, in case it comes back, but throws out what is too old only
when another page is closed (its issue 12506). So a session of our own is closed again and again. It holds nothing and
runs nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime import Runtime
from streamlit.runtime.session_manager import ClientContext, SessionClient

LONGEST = 15.0  # seconds between two looks: a session is gone this long after its time at the latest
_STAY = 0.1  # seconds


class _Nobody(SessionClient):
    """Whoever has the session of our own: gets messages and reads none."""

    def write_forward_msg(self, msg: Any) -> None:
        """Nothing is sent to nobody."""

    @property
    def client_context(self) -> ClientContext | None:
        """Nobody comes from nowhere."""
        return None


class Reaper:
    """Makes a runtime forget sessions that are too old."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._own: str | None = None

    async def reap(self) -> None:
        """Frees what has been closed for longer than `server.disconnectedSessionTTL`. On the loop of the runtime.

        Our session stays for a moment and says that it is there, so that the runtime looks after it: else that would
        hold on to the one that it looked after last. The collector of garbage runs after each page, and so not at all
        once everybody has left; what it finds ends its session, and so its files. A file that somebody has fetched is
        marked at one look and gone at the next.
        """
        client = _Nobody()
        own = self._runtime.connect_session(client, {}, existing_session_id=self._own)
        try:
            self._runtime.handle_backmsg(own, BackMsg(app_heartbeat=True), client=client)
            await asyncio.sleep(_STAY)
        finally:
            self._runtime.disconnect_session(own, client=client)
        self._own = own
        gc.collect()
        self._runtime.media_file_mgr.remove_orphaned_files()


@contextlib.asynccontextmanager
async def reaping(runtime: Runtime, kept: float) -> AsyncIterator[None]:
    """Reaps for as long as the server lives. `kept` is how long Streamlit keeps a closed session, in seconds."""
    period = min(LONGEST, max(kept / 2, 0.1))

    async def again_and_again() -> None:
        reaper = Reaper(runtime)
        while True:
            await asyncio.sleep(period)
            await reaper.reap()

    task = asyncio.create_task(again_and_again())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
