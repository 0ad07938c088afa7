"""Reports: answers as one HTML file that needs no network, for whoever has no access to the app (`write`).

It is text and SVG without scripts; its own policy forbids a browser to load anything. All text is escaped by the
template, which is the only place where HTML is written.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from lib.core import wording
from lib.core.errors import AppError
from lib.core.merging import combine, merge
from lib.core.presets import Preset
from lib.core.provenance import APP, VERSION
from lib.core.pseudonyms import Pseudonyms
from lib.core.query import Query
from lib.core.question import Moments, Question
from lib.core.report_sections import Part, section
from lib.core.result import Outcome
from lib.core.view import Choices
from lib.core.zones import local

MIME, SUFFIX = "text/html", ".html"
_MONTHLY = Path(__file__).with_name("monthly.toml")


@dataclass(frozen=True)
class Heading:
    """What stands above the parts of a report.

    `start`, `end` and `made_at` are Unix seconds, `zone` the time zone they are written in; `link` leads back to the
    app, "" for none.
    """

    title: str
    start: float
    end: float
    made_at: float
    zone: str
    link: str = ""


@dataclass(frozen=True)
class Monthly:
    """The report that ships: its title, the words for the time it is about, and the ids of its presets."""

    title: str
    range: str
    presets: tuple[str, ...]


def monthly() -> Monthly:
    """The built-in monthly community report."""
    table = tomllib.loads(_MONTHLY.read_text(encoding="utf-8"))
    return Monthly(table["title"], table["range"], tuple(table["presets"]))


def answered(
    presets: Sequence[Preset], moments: Moments, ask: Callable[[Query], Sequence[Outcome]], choices: Choices
) -> Iterator[Part]:
    """Asks one preset after the other, by `ask`; each part as soon as it is there. Raises QueryError and TimeError.

    A cluster that fails is named in its part; it takes nothing else away.
    """
    for preset in presets:
        question = Question.of_preset(preset)
        puts = moments.put(question)
        yield Part(question, puts, combine([(put.name, merge(put.query, ask(put.query))) for put in puts]), choices)


def write(parts: Sequence[Part], heading: Heading, pseudonyms: Pseudonyms | None) -> str:
    """The report as HTML. People have pseudonyms in it, unless `pseudonyms` is None."""
    sections = [section(part, pseudonyms) for part in parts]
    clusters = list(dict.fromkeys(report.cluster for part in parts for report in part.result.reports))
    missing = list(dict.fromkeys(cluster for each in sections for cluster, _ in each.missing))
    made = local(heading.made_at, heading.zone)
    return _template().render(
        heading=heading,
        link=heading.link if _nobody_in(heading.link, pseudonyms) else "",
        period=wording.span(heading.start, heading.end, heading.zone),
        clusters=clusters,
        missing=missing,
        made=f"{wording.date(heading.made_at, heading.zone)}, {made:%H:%M} {heading.zone}",
        sections=sections,
        pseudonyms=pseudonyms is not None,
        app=f"{APP} {VERSION}",
    )


def file_name(title: str, heading: Heading, content: bytes = b"") -> str:
    """Such as `monthly-community-report_2026-10-01_2026-10-31.html`: a title in small letters, and the days.

    With `content`, which is that of the file or the fingerprint of all that it is made from, its hash comes before the
    dot: two reports are two files wherever Streamlit keeps them (see `lib.core.export.file_name`).
    """
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "report"
    days = (f"{local(moment, heading.zone):%Y-%m-%d}" for moment in (heading.start, heading.end))
    mark = f"_{sha256(content).hexdigest()[:16]}" if content else ""
    return f"{slug}_{'_'.join(days)}{mark}{SUFFIX}"


def chosen(ids: Sequence[str], known: dict[str, Preset]) -> list[Preset]:
    """The presets of these ids, in this order. Raises AppError, which names the first that is not known."""
    for each in ids:
        if each not in known:
            raise AppError(f"There is no preset {each[:64]}.", "Their ids are listed in docs/presets.md.")
    return [known[each] for each in ids]


def _nobody_in(link: str, pseudonyms: Pseudonyms | None) -> bool:
    """Whether a link may be given away: not where it holds a query or chosen people."""
    return pseudonyms is None or not re.search(r"[?&](?:expr\w*|var-\w+)=", link)


@lru_cache(maxsize=1)
def _template() -> Template:
    loader = FileSystemLoader(_MONTHLY.parent)
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template("report.html")
