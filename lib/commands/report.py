"""`report`: the monthly community report, or one of other questions, as an HTML file made in a terminal."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lib import ask
from lib.core import report
from lib.core.errors import AppError
from lib.core.pseudonyms import Pseudonyms
from lib.core.question import Moments
from lib.core.relative_time import Calendar
from lib.core.report import Heading
from lib.core.report_sections import Part
from lib.core.time_text import resolve_range
from lib.core.view import Choices
from lib.sources import ask_all, connect, hubs_of, scrape_of

WHOLE, FAILED, PARTLY = 0, 1, 3  # exit codes; 2 is argparse's, for arguments that make no sense


def run(month: str, ids: str, output: str, *, names: bool = False) -> int:
    """Asks, writes the file, prints its name, and says on stderr what is missing.

    `month` is a text that names a stretch of time, "" for that of the report that ships; `ids` are those of presets,
    between commas. Returns 0 when every cluster answered, 3 when some did not, 1 when there is nothing to show.
    """
    try:
        parts, heading = _asked(month, [each.strip() for each in ids.split(",") if each.strip()])
    except AppError as error:
        print(f"{error.message} {error.hint}".rstrip(), file=sys.stderr)
        return FAILED
    text = report.write(parts, heading, None if names else Pseudonyms(secrets.token_bytes(32)))
    path = Path(output or report.file_name(heading.title, heading))
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"{path} cannot be written: {error.strerror or error}.", file=sys.stderr)
        return FAILED
    print(path)
    return _complained(parts)


def _asked(month: str, ids: Sequence[str]) -> tuple[list[Part], Heading]:
    """Raises AppError: for settings, presets and months that cannot be used, and queries that are refused."""
    usual, given = report.monthly(), ask.configured()
    presets = report.chosen(ids or usual.presets, ask.presets(given))
    now = time.time()
    rules = Calendar(given.zone, given.fiscal_start, given.languages)
    start, end = resolve_range(month or usual.range, "", now, rules)
    found = connect(given)
    scrape, hubs = scrape_of(found.sources, given.scrape), hubs_of(found.sources)
    moments = Moments(start, end, now, zone=given.zone, scrape=scrape, hubs=hubs)
    for name, error in found.failures:
        print(f"{name} gives no list of clusters: {error.message}", file=sys.stderr)
    parts = list(report.answered(presets, moments, lambda query: ask_all(found.sources, query), Choices()))
    return parts, Heading("Report" if ids else usual.title, start, end, now, given.zone)


def _complained(parts: Sequence[Part]) -> int:
    """Names on stderr who did not answer which question; the exit code."""
    for part in parts:
        for each in part.result.failed:
            told = each.error.message if each.error else ""
            print(f"{part.question.slug}: {each.cluster}: {told}", file=sys.stderr)
    reports = [each for part in parts for each in part.result.reports]
    if not any(each.error is None for each in reports):
        return FAILED
    return PARTLY if any(each.error for each in reports) else WHOLE
