"""Imported before anything else where PYTHONPATH names this folder: a clock and a resolver that can be spoilt.

The file that HUBSCOPE_CHAOS names holds `{"clock": 3600, "dns": false}`: how many seconds `time.time()` is off, and
whether names can be resolved. It is read ten times a second.
"""

import json
import os
import socket
import threading
import time

_told = {"clock": 0.0, "dns": True}
_clock, _resolve, _sleep = time.time, socket.getaddrinfo, time.sleep


def _now():
    return _clock() + _told["clock"]


def _resolved(*arguments, **named):
    if not _told["dns"]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    return _resolve(*arguments, **named)


def _listen(path):
    while True:
        try:
            with open(path, encoding="utf-8") as file:
                _told.update(json.load(file))
        except (OSError, ValueError):
            pass
        _sleep(0.1)


if os.environ.get("HUBSCOPE_CHAOS"):
    time.time, socket.getaddrinfo = _now, _resolved
    threading.Thread(target=_listen, args=(os.environ["HUBSCOPE_CHAOS"],), name="chaos", daemon=True).start()
