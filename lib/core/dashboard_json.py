"""A Grafana dashboard's JSON (schema v1): its panels, those in rows included, and the PromQL that they ask.

Nothing of it is trusted: whatever is not of the expected form counts as absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from lib.core.errors import PresetError
from lib.core.naming import one_line

_WITHOUT_QUESTION = ("row", "text", "dashlist", "alertlist", "annolist", "news", "welcome")


@dataclass(frozen=True)
class Target:
    """One query of a panel as Grafana has it."""

    ref: str
    expr: str
    legend: str
    instant: bool


def load(body: bytes) -> object:
    """JSON as Python values. Raises PresetError."""
    try:
        return orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        raise PresetError("This is not JSON.", "Export the dashboard again, as JSON.") from None


def model_of(found: object) -> Mapping[str, Any]:
    """The dashboard itself, out of the wrapping that the API puts round it. Raises PresetError when there is none."""
    outer = mapping(found)
    model = mapping(outer.get("dashboard")) or mapping(outer.get("spec")) or outer
    if isinstance(model.get("elements"), Mapping):
        raise PresetError("This dashboard has the newer form (schema v2).", "Export it in the classic form.")
    if not isinstance(model.get("panels"), list) and not isinstance(model.get("rows"), list):
        raise PresetError("This is not a dashboard of Grafana.", "Export one in Grafana: Share, Export, as JSON.")
    return model


def panels(model: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every panel that may ask something, those in rows included, in the dashboard's order."""
    rows = mappings(model.get("rows"))
    outer = [*mappings(model.get("panels")), *(panel for row in rows for panel in mappings(row.get("panels")))]
    for panel in outer:
        inner = mappings(panel.get("panels")) if panel.get("type") == "row" else [panel]
        yield from (each for each in inner if each.get("type") not in _WITHOUT_QUESTION)


def targets(panel: Mapping[str, Any]) -> tuple[Target, ...]:
    """The PromQL queries of a panel that are not hidden; one without a letter gets that of its position."""
    return tuple(
        Target(
            ref=line_of(target.get("refId"), 20) or chr(ord("A") + place % 26),
            expr=target["expr"],
            legend=line_of(target.get("legendFormat"), 200),
            instant=target.get("instant") is True and target.get("range") is not True,
        )
        for place, target in enumerate(mappings(panel.get("targets")))
        if isinstance(target.get("expr"), str) and target["expr"].strip() and target.get("hide") is not True
    )


def line_of(value: object, longest: int) -> str:
    """A foreign text on one line of at most `longest` characters; "" for what is no text."""
    text = one_line(value[: 4 * longest]) if isinstance(value, str) else ""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def mapping(value: object) -> Mapping[str, Any]:
    """A JSON object; an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: object) -> list[Mapping[str, Any]]:
    """The objects of a JSON list; none in place of anything else."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
