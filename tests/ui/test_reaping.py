"""Sessions are freed after their time although nobody comes: a real runtime, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
import asyncio, contextlib, sys, weakref
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime import Runtime, RuntimeConfig
from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.cache_storage_manager_config import create_default_cache_storage_manager
from lib.ui.guard.reaping import _Nobody, reaping

KEPT, reaped = 0.5, sys.argv[1] == "reaped"

async def visited(runtime):
    # One visit: what it leaves is looked at from outside only.
    client = _Nobody()
    id = runtime.connect_session(client, {})
    session = runtime.get_app_session(id)
    session.session_state["held"] = held = type("Held", (), {})()
    seen = weakref.ref(session), weakref.ref(held)
    runtime.handle_backmsg(id, BackMsg(app_heartbeat=True), client=client)
    await asyncio.sleep(0.05)  # the runtime looks after it, and holds on to the last one
    runtime.disconnect_session(id, client=client)
    return seen

async def main():
    config.get_config_options()
    runtime = Runtime(RuntimeConfig(
        script_path="streamlit_app.py",
        media_file_storage=MemoryMediaFileStorage("/media"),
        uploaded_file_manager=MemoryUploadedFileManager("/upload"),
        cache_storage_manager=create_default_cache_storage_manager(),
        is_hello=False,
        session_storage=MemorySessionStorage(ttl_seconds=KEPT),
    ))
    await runtime.start()
    async with contextlib.AsyncExitStack() as stack:
        if reaped:
            await stack.enter_async_context(reaping(runtime, KEPT))
        seen = [await visited(runtime) for _ in range(4)]
        alive = lambda: sum(each() is not None for pair in seen for each in pair)
        print(alive())
        for _ in range(40 if reaped else 10):
            await asyncio.sleep(0.1)
            if not alive():
                break
        print(alive())
    runtime.stop()
    await runtime.stopped

asyncio.run(main())
"""


@pytest.mark.parametrize(("how", "left"), [("reaped", "0"), ("not reaped", "8")])
def test_sessions_and_all_they_hold_are_gone_after_their_time_without_another_visit(how: str, left: str) -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM, how], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert ended.stdout.split() == ["8", left]
