"""The app behind Streamlit's `st.App`: everything imported before the first visitor comes. What `make run` starts.

A first visitor of `streamlit run streamlit_app.py` waits for the imports; here they are done when the server answers.
What was imported is then frozen: Streamlit collects garbage after every run, and a full collection over all that pandas
and Plotly bring costs several times what a rerun of this app does.

Before the app stands a guard, here only: see `lib/ui/guard` and docs/deploy.md.
"""

from __future__ import annotations

import contextlib
import gc
import resource
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime import Runtime

from lib.ui.guard import Guard, reaping
from lib.ui.preview import Preview
from lib.ui.sign_in import SignIn, tell_operator

# Seconds for which one run keeps the interpreter while another, or what answers the next request, wants it. A fifth of
# Python's own: with twenty runs at once a request waits for its turn twenty times, several times over.
_SWITCH = 0.001


@asynccontextmanager
async def _warm(_: st.App) -> AsyncIterator[dict[str, Any] | None]:
    # Imported here, not above: importing this file does no work; starting the server does.
    from lib import cache  # noqa: PLC0415
    from lib.core.errors import AppError  # noqa: PLC0415
    from lib.ui.rehearsal import rehearse  # noqa: PLC0415

    with contextlib.suppress(ValueError, OSError):  # an image of the memory would hold the token
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    tell_operator()
    rehearse()
    sys.setswitchinterval(_SWITCH)
    with contextlib.suppress(AppError):  # wrong settings: the pages say so
        cache.watch()
    gc.collect()
    gc.freeze()
    async with reaping(Runtime.instance(), float(st.get_option("server.disconnectedSessionTTL"))):
        yield None


app = st.App(
    "streamlit_app.py", lifespan=_warm, middleware=[Middleware(Guard), Middleware(SignIn), Middleware(Preview)]
)
