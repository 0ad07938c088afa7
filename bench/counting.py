"""Counts that must be nothing, kept: a JSON line per run and case in `results/`, such as rows that were another's."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime

from bench import record


def keep_count(name: str, case: str, found: int, tried: int, of: str) -> bool:
    """Prints one count and appends it to `results/<name>.jsonl`; whether it is nothing, as it must be."""
    line = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": record.commit(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "figure": name,
        "case": case,
        "found": found,
        "tried": tried,
        "of": of,
        "met": found == 0 and tried > 0,
    }
    with (record.RESULTS / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(f"{name}: {case}: {found:,} in {tried:,} {of}", flush=True)
    return bool(line["met"])
