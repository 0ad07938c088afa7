"""What single settings may be: a number within limits, a choice, a time zone. A refusal names the setting."""

from __future__ import annotations

from collections.abc import Mapping

from lib.core.errors import ConfigError
from lib.core.zones import is_zone


def number(flat: Mapping[str, str], name: str, low: int, high: int, usual: int) -> float:
    """The number of a setting, `usual` where it is missing. Raises ConfigError unless it is from `low` to `high`."""
    try:
        found = float(flat.get(name, usual))
    except ValueError:
        found = float("nan")
    if not low <= found <= high:
        raise ConfigError(f"{name} is not a number from {low} to {high}.", f"Leave it out for {usual}.")
    return found


def plain_editor(text: str) -> bool:
    """Whether a plain field is asked for in place of the editor. Raises ConfigError for another word than the two."""
    if text not in ("promql", "plain"):
        raise ConfigError("HUBSCOPE_EDITOR is neither promql nor plain.", "Leave it out for the PromQL editor.")
    return text == "plain"


def zone(name: str) -> str:
    """A time zone of the IANA database, spelt as it is there. Raises ConfigError."""
    if not is_zone(name):
        raise ConfigError("HUBSCOPE_ZONE is not a time zone.", "Write it as UTC, Europe/Berlin or America/New_York.")
    return name
