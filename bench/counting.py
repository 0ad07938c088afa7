"""Counts that must be nothing, kept: a JSON line per run and case in `results/`, such as rows that were another's."""

from __future__ import annotations

from bench import record


def keep_count(name: str, case: str, found: int, tried: int, of: str) -> bool:
    """Prints one count and appends it to `results/<name>.jsonl`; whether it is nothing, as it must be."""
    met = found == 0 and tried > 0
    record.keep_line(name, {"figure": name, "case": case, "found": found, "tried": tried, "of": of, "met": met})
    print(f"{name}: {case}: {found:,} in {tried:,} {of}", flush=True)
    return met
