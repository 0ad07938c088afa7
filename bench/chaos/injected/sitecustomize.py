"""Imported before anything else where PYTHONPATH names this folder: a clock, a resolver and a disk that can be spoilt.

The file that HUBSCOPE_CHAOS names holds `{"clock": 3600, "dns": false, "kill": true}`: how many seconds `time.time()`
is off, whether names can be resolved, and whether the process ends in the middle of the next file that it keeps. It is
read ten times a second.
"""

import json
import os
import signal
import socket
import threading
import time

_told = {"clock": 0.0, "dns": True, "kill": False}
_clock, _resolve, _sleep, _replace = time.time, socket.getaddrinfo, time.sleep, os.replace


def _now():
    return _clock() + _told["clock"]


def _resolved(*arguments, **named):
    if not _told["dns"]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    return _resolve(*arguments, **named)


def _replaced(source, target, **named):
    if _told["kill"] and os.path.basename(source).startswith("new-"):
        os.truncate(source, os.path.getsize(source) // 2)
        os.kill(os.getpid(), signal.SIGKILL)
    return _replace(source, target, **named)


def _listen(path):
    while True:
        try:
            with open(path, encoding="utf-8") as file:
                _told.update(json.load(file))
        except (OSError, ValueError):
            pass
        _sleep(0.1)


if os.environ.get("HUBSCOPE_CHAOS"):
    time.time, socket.getaddrinfo, os.replace = _now, _resolved, _replaced
    threading.Thread(target=_listen, args=(os.environ["HUBSCOPE_CHAOS"],), name="chaos", daemon=True).start()
