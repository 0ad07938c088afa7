"""The app as a library, without Streamlit: ask every cluster a question, get a tidy table.

    from lib import ask
    table = ask.tidy("daily-users", "last month")
    table = ask.tidy("sum by (namespace) (jupyterhub_running_servers)", "now-7d", step="1h")

Data sources come from the same settings as the app's: the environment, `.env`, `.streamlit/secrets.toml`; with none of
them, the built-in sample answers.
"""

from __future__ import annotations

import os
import time
import tomllib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from dotenv import dotenv_values

from lib.core.errors import AppError, ConfigError, PresetError, SourceError
from lib.core.merging import combine, merge
from lib.core.own_presets import read_own
from lib.core.preset_files import FOLDER, in_order
from lib.core.presets import NamedQuery, Preset
from lib.core.question import Moments, Question
from lib.core.relative_time import Calendar
from lib.core.settings import Settings, load_settings
from lib.core.takeaway import Takeaway
from lib.core.time_range import parse_duration
from lib.core.time_text import resolve_range
from lib.core.transform import understand
from lib.core.view import Choices, view
from lib.sources import Discovery, FanOut, Source, connect, hubs_of, scrape_of


def tidy(asked: str, start: str = "", end: str = "", **more: Any) -> pd.DataFrame:
    """The answer as a table with one row per value, as the CSV of the app has it. Arguments as for `answer`.

    Warns of each cluster that failed: its rows are missing, and not zero.
    """
    found = answer(asked, start, end, **more)
    for cluster, reason in found.about.failed:
        warnings.warn(f"{cluster} gave no answer: {reason}", stacklevel=2)
    return found.frame()


def answer(
    asked: str,
    start: str = "",
    end: str = "",
    *,
    step: str = "",
    zone: str = "",
    by: str = "",
    do: str = "",
    staging: bool = False,
    clusters: Sequence[str] = (),
    queries: Sequence[str] = (),
    settings: Settings | None = None,
    now: float | None = None,
) -> Takeaway:
    """The answer of all data sources to a preset, by its id, or to PromQL, and what becomes of it as a file.

    - `start`, `end`: as in the app's boxes: `now-30d`, `2026-10-01`, `last month`. Without `start`, the preset's own
      range; a start that is rounded, such as `now-1M/M`, ends with what it names.
    - `step` is a duration, `zone` an IANA name; `by` one of total, cluster, hub, series or a label; `do` transforms in
      order, such as `rolling-7d,month-max`; `staging` includes staging hubs. Left out, each is what the app takes.
    - `clusters`: whom to ask; none means all. `queries`: PromQL in the place of the preset's own, one for each.
    - `settings`, `now` (Unix seconds): what is configured, and the moment to look from.

    Raises AppError, with a sentence and a hint, before anything is sent, and where no cluster answered.
    """
    given = settings or configured()
    question, preset = _question(asked, queries, given)
    moment = time.time() if now is None else now
    place = zone or given.zone
    texts = (start or (preset.range if preset else "now-30d"), end or (start if "/" in start else ""))
    seconds = resolve_range(*texts, moment, Calendar(place, given.fiscal_start, given.languages))
    chosen_step = parse_duration(step) if step else 0
    sources = _chosen(connect(given), clusters)
    scrape = scrape_of(sources, given.scrape)
    puts = Moments(*seconds, moment, chosen_step, place, scrape, hubs_of(sources)).put(question)
    under_way = FanOut(sources, [put.query for put in puts])
    under_way.wait()
    answers = zip(puts, under_way.outcomes(), strict=True)
    result = combine([(put.name, merge(put.query, outcomes)) for put, outcomes in answers])
    if result.reports and len(result.failed) == len(result.reports):
        raise _first_failure(result.failed[0].cluster, result.failed[0].error)
    look = view(result, question, Choices(by=by, hide_staging=not staging, do=understand(do)))
    if by and look.by != by:
        raise AppError(f"This answer cannot be split by {by}.", f"It can by: {', '.join(look.splits)}.")
    if look.done.refused:
        raise look.done.refused[0][1]
    return Takeaway.of(look, question, puts, clusters=clusters, typed=texts)


def configured() -> Settings:
    """What is configured in the environment, in `.env` and in `.streamlit/secrets.toml` here. Raises ConfigError."""
    path = Path(".streamlit", "secrets.toml")
    try:
        secrets: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (OSError, ValueError):
        raise ConfigError(f"{path} cannot be read as TOML.", "Compare it with secrets.toml.example.") from None
    return load_settings(os.environ, dotenv_values(Path(".env")), secrets)


def presets(settings: Settings) -> dict[str, Preset]:
    """All presets by id: those that ship, then one's own."""
    shipped = read_own(FOLDER).presets
    return in_order(shipped) | dict(read_own(settings.presets, shipped).presets)


def _question(asked: str, queries: Sequence[str], settings: Settings) -> tuple[Question, Preset | None]:
    preset = presets(settings).get(asked)
    if preset is None:
        if asked.replace("-", "").isalnum() and "-" in asked:
            hint = "Its id stands in the address of the app's page, after preset=."
            raise PresetError(f"There is no preset “{asked[:64]}”.", hint)
        return Question.of_expr(asked), None
    question = Question.of_preset(preset)
    if not queries:
        return question, preset
    if len(queries) != len(question.queries):
        raise PresetError(
            f"{asked} has {len(question.queries)} queries; {len(queries)} are given.", "Give one for each."
        )
    own = tuple(NamedQuery(old.name, new) for old, new in zip(question.queries, queries, strict=True))
    return replace(question, queries=own), preset


def _chosen(found: Discovery, clusters: Sequence[str]) -> tuple[Source, ...]:
    """The sources of these names, all for none. Raises AppError for a name that is none's, and where there is none."""
    names = [source.name for source in found.sources]
    if missing := [name for name in clusters if name not in names]:
        raise AppError(f"There is no cluster “{missing[0]}”.", f"There are: {', '.join(names)}.")
    if not names:
        failure = next((error for _, error in found.failures), None)
        raise failure or ConfigError("No data source is configured.", "Set GRAFANA_URL and GRAFANA_TOKEN.")
    return tuple(source for source in found.sources if not clusters or source.name in clusters)


def _first_failure(cluster: str, error: SourceError | None) -> AppError:
    reason = error.message if error else ""
    return AppError(f"No cluster answered. {cluster}: {reason}", error.hint if error else "")
