"""A program that asks a double while the system gives it next to nothing, and prints what came of it, as JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
from pathlib import Path

from lib.core.errors import SourceError
from lib.core.query import InstantQuery
from lib.core.result import Outcome
from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from lib.sources import Source, ask_all, connect
from tests.double import TOKEN

GIBIBYTE = 2**30
QUESTION = InstantQuery("up", 1_770_000_000)


def main() -> None:
    """Arguments: the address of the double, what is scarce, and how much of it there is."""
    url, scarce, amount = sys.argv[1], sys.argv[2], int(sys.argv[3])
    grafana = GrafanaSettings("double", url, Secret(TOKEN))
    sources = connect(Settings(grafanas=(grafana,), timeout=30.0, places=64)).sources
    before = ask_all(sources[:3], QUESTION)  # whatever is loaded or opened once is now
    if scarce == "files":
        _no_more(resource.RLIMIT_NOFILE, len(os.listdir("/proc/self/fd")) + amount)
    elif scarce == "threads":
        threading.stack_size(GIBIBYTE)  # so that the limit of memory is one of threads
        _no_more(resource.RLIMIT_AS, _virtual() + amount * GIBIBYTE + GIBIBYTE // 2)
    else:
        print(json.dumps(_on_a_full_disk(sources[0], Path(sys.argv[4]))))
        return
    print(json.dumps([_told(outcome) for outcome in (*before, *ask_all(sources, QUESTION))]))


def _on_a_full_disk(source: Source, path: Path) -> list[list[str]]:
    """What is asked twice, kept in a folder on a disk that takes nothing more."""
    from lib.cache.disk import Folder  # noqa: PLC0415  Streamlit comes with it, which takes longer than all the rest
    from lib.cache.store import Store, Terms  # noqa: PLC0415

    folder = Folder(path, 2**20)
    _no_more(resource.RLIMIT_FSIZE, 0)
    told = []
    for _ in range(2):
        answer = Store(2**20, folder).get("key", Terms(10**9, on_disk=True), lambda: source.ask(QUESTION))
        told.append(_told(Outcome("", "", answer)))
    return told


def _no_more(limit: int, amount: int) -> None:
    resource.setrlimit(limit, (amount, resource.getrlimit(limit)[1]))


def _virtual() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _told(outcome: Outcome) -> list[str]:
    answer = outcome.answer
    return [answer.kind, answer.message, answer.hint] if isinstance(answer, SourceError) else ["data", "", ""]


main()
