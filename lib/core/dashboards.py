"""Panels of a Grafana dashboard as presets: what each one becomes here, and why another is left out.

A panel is offered only when it asks Prometheus and every variable in its queries can be filled.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from lib.core.charts import CHART_TYPES
from lib.core.dashboard_json import Target, line_of, mapping, mappings, model_of, panels, targets
from lib.core.dashboard_variables import Adapted, DashboardVariables, adapt, named_in, read_variables
from lib.core.errors import PresetError, QueryError
from lib.core.naming import numbered
from lib.core.preset_files import TABLE
from lib.core.presets import Covers, NamedQuery, Preset, Upstream
from lib.core.promql import check

MOST_QUERIES = 20  # of one panel; each is asked of every cluster
CARE = "Taken over from Grafana as it stands. Whether its values may be added up is not known, so there is no total."

# Grafana's unit -> ours, and what the query is multiplied or divided by to get there.
_UNITS = {
    "bytes": ("bytes", ""),
    "decbytes": ("bytes", ""),
    "binBps": ("bytes_per_second", ""),
    "Bps": ("bytes_per_second", ""),
    "reqps": ("requests_per_second", ""),
    "s": ("seconds", ""),
    "ms": ("seconds", "/ 1000"),
    "h": ("hours", ""),
    "percentunit": ("percentunit", ""),
    "percent": ("percentunit", "/ 100"),
}
_ONE_VALUE = ("stat", "gauge", "bargauge", "singlestat", "table", "table-old", "piechart")
_RANGE = re.compile(r"now-[1-9][0-9]?[hdwMy]")
_USUAL_RANGE = "now-7d"


@dataclass(frozen=True)
class LeftOut:
    """A panel that is not offered, and the sentence that says why."""

    panel: str
    reason: str


@dataclass(frozen=True)
class Dashboard:
    """What became of a dashboard: its title and uid, its panels as presets, and those that were left out."""

    title: str
    uid: str
    presets: tuple[Preset, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def read_dashboard(found: object, url: str = "") -> Dashboard:
    """The panels of a dashboard as presets, in its order, each id once.

    `found` is its JSON, bare or as the API wraps it; `url` is where people see it, for links; "" for a file. Raises
    PresetError when it is no dashboard; a panel that cannot be offered is listed instead, with the reason.
    """
    model = model_of(found)
    place = _Place(
        title=line_of(model.get("title"), 60) or "Dashboard",
        uid=line_of(model.get("uid"), 40),
        url=url,
        range=_range(mapping(model.get("time")).get("from")),
        variables=read_variables(mappings(mapping(model.get("templating")).get("list"))),
    )
    presets: dict[str, Preset] = {}
    left_out = []
    for panel in panels(model):
        try:
            preset = place.preset(panel)
            presets.setdefault(preset.id, preset)
        except PresetError as error:
            left_out.append(LeftOut(_title(panel), error.message))
    return Dashboard(place.title, place.uid, tuple(presets.values()), tuple(left_out))


@dataclass(frozen=True)
class _Place:
    """The dashboard around a panel: what its panels share."""

    title: str
    uid: str
    url: str
    range: str
    variables: DashboardVariables

    def preset(self, panel: Mapping[str, Any]) -> Preset:
        """One panel as a preset. Raises PresetError with the reason why it cannot be one."""
        title, asked = _title(panel), targets(panel)
        self._refuse(panel, asked)
        defaults = mapping(mapping(panel.get("fieldConfig")).get("defaults"))
        unit, scale = _UNITS.get(str(defaults.get("unit")), ("short", ""))
        queries, adapted = self._queries(asked, scale)
        instant = _instant(panel, asked)
        preset = Preset(
            id=self._id(panel, title),
            question=title,
            title=title,
            subject=self.title,
            means=line_of(panel.get("description"), 300)
            or f"What the panel “{title}” of the dashboard “{self.title}” shows.",
            care=CARE,
            unit=unit,
            chart=TABLE if instant else _chart(panel, mapping(defaults.get("custom"))),
            queries=queries,
            range=self.range,
            step=0,
            covers=_covers(queries),
            adds=False,
            instant=instant,
            legend=_legend(asked),
            upstream=Upstream(self.title, title, self._link(panel)) if self.url else None,
            numbers=tuple({number.name: number for each in adapted for number in each.numbers}.values()),
        )
        _ = preset.variables
        return preset

    def _refuse(self, panel: Mapping[str, Any], asked: tuple[Target, ...]) -> None:
        if "libraryPanel" in panel and not asked:
            raise PresetError("It is a library panel, which Grafana keeps outside of the dashboard.")
        if not asked:
            raise PresetError("It has no PromQL.")
        if len(asked) > MOST_QUERIES:
            raise PresetError(f"It has {len(asked):,} queries; the most is {MOST_QUERIES}.")
        shown = [target for target in mappings(panel.get("targets")) if target.get("hide") is not True]
        if not all(self._asks_prometheus(target.get("datasource") or panel.get("datasource")) for target in shown):
            raise PresetError("It does not say that it asks Prometheus, and nothing else.")

    def _asks_prometheus(self, source: object) -> bool:
        if isinstance(source, Mapping) and source.get("type") is not None:
            return bool(source["type"] == "prometheus")
        text = mapping(source).get("uid") if isinstance(source, Mapping) else source
        return isinstance(text, str) and bool(named_in(text) & self.variables.prometheus)

    def _queries(self, asked: tuple[Target, ...], scale: str) -> tuple[tuple[NamedQuery, ...], list[Adapted]]:
        for target in asked:
            _check(target.expr)
        adapted = [adapt(target.expr, self.variables) for target in asked]
        if unknown := dict.fromkeys(name for each in adapted for name in each.unknown):
            raise PresetError(f"It needs {', '.join(unknown)}, which cannot be filled in here.")
        texts = [f"(\n{each.expr.strip()}\n) {scale}" if scale else each.expr.strip() for each in adapted]
        for text in texts:
            _check(text)
        names = numbered(_query_name(target) for target in asked) if len(asked) > 1 else [""]
        return tuple(map(NamedQuery, names, texts)), adapted

    def _id(self, panel: Mapping[str, Any], title: str) -> str:
        """The panel's title, and a few letters that tell it from those of the same title elsewhere."""
        number = panel.get("id")
        key = f"{self.uid or self.title}\n{number if isinstance(number, int) else title}"
        digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:8]
        words = "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:40].strip("-")
        return f"{words}-{digest}" if words else digest

    def _link(self, panel: Mapping[str, Any]) -> str:
        number = panel.get("id")
        address = f"{self.url}/d/{quote(self.uid, safe='')}"
        return f"{address}?viewPanel={number}" if isinstance(number, int) else address


def _title(panel: Mapping[str, Any]) -> str:
    return line_of(panel.get("title"), 120) or "Untitled panel"


def _query_name(target: Target) -> str:
    """What a legend says besides labels names its query, as in `request ({{namespace}})`; else its letter does."""
    plain = re.sub(r"\{\{.*?\}\}", "", target.legend).strip(" ()[]:/,-")
    usable = re.search(r"[A-Za-z]", plain) and "$" not in plain and not plain.startswith("__")
    return plain if usable else target.ref


def _legend(asked: tuple[Target, ...]) -> str:
    """The legend that all queries share, if it names labels only; "" leaves it to the app."""
    legend = asked[0].legend
    shared = all(target.legend == legend for target in asked)
    return legend if shared and "{{" in legend and "$" not in legend else ""


def _instant(panel: Mapping[str, Any], asked: tuple[Target, ...]) -> bool:
    """True when the panel shows one moment: its queries do, or it shows the last value only."""
    calculations = mapping(mapping(panel.get("options")).get("reduceOptions")).get("calcs")
    last = not isinstance(calculations, list) or all(each in ("last", "lastNotNull") for each in calculations)
    return all(target.instant for target in asked) or (panel.get("type") in _ONE_VALUE and last)


def _chart(panel: Mapping[str, Any], custom: Mapping[str, Any]) -> str:
    if panel.get("type") == "heatmap" and "heatmap" in CHART_TYPES:
        return "heatmap"
    if panel.get("type") == "barchart" or custom.get("drawStyle") == "bars" or panel.get("bars") is True:
        return "bars"
    stacked = mapping(custom.get("stacking")).get("mode") in ("normal", "percent") or panel.get("stack") is True
    return "area" if stacked else "lines"


def _covers(queries: tuple[NamedQuery, ...]) -> Covers:
    stepwise = all("[$__interval]" in query.expr for query in queries)
    return Covers.STEP if stepwise else Covers.INSTANT


def _check(expr: str) -> None:
    try:
        check(expr)
    except QueryError as error:
        raise PresetError(error.message, error.hint) from None


def _range(value: object) -> str:
    return value if isinstance(value, str) and _RANGE.fullmatch(value) else _USUAL_RANGE
