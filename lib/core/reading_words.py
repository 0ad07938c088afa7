"""Words for the small parts of a PromQL query: labels, matchers, durations, numbers. `lib.core.reading` joins them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

# What the field says for a label, one and many. Other labels keep their own name.
_WORDS = {
    "namespace": ("hub", "hubs"),
    "pod": ("pod", "pods"),
    "container": ("container", "containers"),
    "node": ("machine", "machines"),
    "pool": ("pool", "pools"),
    "directory": ("directory", "directories"),
    "usergroup": ("group", "groups"),
    "username": ("person", "people"),
    "annotation_hub_jupyter_org_username": ("person", "people"),
    "label_hub_jupyter_org_username": ("person", "people"),
    "label_component": ("component", "components"),
    "persistentvolumeclaim": ("volume claim", "volume claims"),
    "image_spec": ("image", "images"),
    "label_gateway_dask_org_cluster": ("Dask cluster", "Dask clusters"),
}
_META = re.compile(r"[.+*?()\[\]{}^$\\]")
_ESCAPED = re.compile(r"\\([^\w\s])|\[(\$)\]", re.ASCII)
_UNITS = (("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000), ("second", 1_000))
_ORDINALS = {1: "st", 2: "nd", 3: "rd"}


def listed(words: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; "" for nothing."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def labels(names: Iterable[str]) -> str:
    """The labels in the words of the field: `hub and pod`. Two labels with one word count once."""
    return listed(list(dict.fromkeys(_label(name) for name in names)))


def different(names: Sequence[str]) -> str:
    """What is counted when series are told apart by these labels: `different pods`."""
    if "pod" in names:  # a pod belongs to one hub
        names = [name for name in names if name != "namespace"]
    if len(names) == 1 and names[0] in _WORDS:
        return f"different {_WORDS[names[0]][1]}"
    return f"different values of {names[0]}" if len(names) == 1 else f"different combinations of {labels(names)}"


def things(names: Sequence[str]) -> str:
    """The same without `different`, for what a condition is put to: `pods`."""
    return different(names).removeprefix("different ")


def where(groups: Sequence[Sequence[Any]]) -> str:
    """` where status is not success and pod matches jupyter-.*`; groups are alternatives. "" without a condition."""
    told = [" and ".join(filter(None, map(_matcher, group))) for group in groups]
    return f" where {', or '.join(told)}" if told and all(told) else ""


def selection(node: Any) -> str:
    """Which series a selector takes: `up where job is hub, 1 day earlier`."""
    groups = [node.matchers.matchers, *node.matchers.or_matchers]
    groups = [[one for one in group if one.name != "__name__"] for group in groups if group]
    named = [one for one in node.matchers.matchers if one.name == "__name__"]
    name = str(node.name or "")
    if not name and named:
        exact = str(named[0].op).endswith(".Equal")
        name = (
            f"the metric {named[0].value}"
            if exact
            else f"every metric{where([named]).replace('__name__', 'its name', 1)}"
        )
    told = where(groups)
    moved = shift(node)
    return f"{name or 'every series'}{told}{',' if told and moved else ''}{moved}"


def duration(length: timedelta) -> str:
    """`30 days`, `1 hour 30 minutes`, `0.5 seconds`. Days are the largest unit. The sign is left out."""
    rest = abs(round(length / timedelta(milliseconds=1)))
    parts = []
    for unit, size in _UNITS[:-1]:
        amount, rest = divmod(rest, size)
        if amount:
            parts.append(_many(amount, unit))
    if rest or not parts:
        parts.append(_many(rest / 1000, "second"))
    return " ".join(parts)


def number(value: float) -> str:
    """A number as people write it: `8`, `0.8`, `infinity`, `not a number`."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinity" if value > 0 else "minus infinity"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.6g}"


def percentile(share: float) -> str:
    """`the median (50th percentile)` for 0.5, `the 95th percentile` for 0.95."""
    if not 0 <= share <= 1:
        return f"the quantile at {number(share)}"
    rank = number(round(share * 100, 6))
    ordinal = f"{rank}{_ending(rank)} percentile"
    return f"the median ({ordinal})" if share == 0.5 else f"the {ordinal}"


def shift(node: Any) -> str:
    """What `offset` and `@` say: ` 30 days earlier`, ` at the end`. Raises ValueError or OverflowError for no date."""
    words = ""
    if node.offset is not None:
        words += f" {duration(node.offset)} {'later' if node.offset < timedelta(0) else 'earlier'}"
    if node.at is not None:
        kind = str(node.at.type).rpartition(".")[2]
        if kind == "At" and str(node.at) == "@ 0.000":  # so it writes what lies before 1970, and panics at its date
            raise ValueError("no moment after 1970")
        words += f" at {node.at.at:%Y-%m-%d %H:%M} UTC" if kind == "At" else f" at the {kind.lower()}"
    return words


def _label(name: str) -> str:
    return _WORDS[name][0] if name in _WORDS else name


def _matcher(matcher: Any) -> str:
    """One condition in words; "" for one that every series meets."""
    name, value = _label(matcher.name), matcher.value
    match str(matcher.op).rpartition(".")[2]:
        case "Equal":
            return f"{name} is {value}" if value else f"{name} is not set"
        case "NotEqual":
            return f"{name} is not {value}" if value else f"{name} is set"
        case "Re":
            return _pattern(name, value)
    return _no_pattern(name, value)


def _pattern(name: str, value: str) -> str:
    if value in (".*", ".+", ""):
        return {".*": "", ".+": f"{name} is set", "": f"{name} is not set"}[value]
    words = _plain(value)
    return f"{name} is {listed(words, 'or')}" if words else f"{name} matches {value}"


def _no_pattern(name: str, value: str) -> str:
    if value in (".+", ""):
        return f"{name} is set" if not value else f"{name} is not set"
    words = _plain(value)
    if len(words) > 1:
        return f"{name} is neither {listed(words, 'nor')}"
    return f"{name} is not {words[0]}" if words else f"{name} does not match {value}"


def _plain(pattern: str) -> list[str]:
    """The alternatives of a regular expression that is nothing but words, `a|b`; none of any other."""
    if "\\|" in pattern or _META.search(_ESCAPED.sub("", pattern)):
        return []
    words = [_ESCAPED.sub(lambda found: found[1] or found[2], word) for word in pattern.split("|")]
    return words if all(words) else []


def _many(amount: float, unit: str) -> str:
    return f"{number(amount)} {unit}" if amount == 1 else f"{number(amount)} {unit}s"


def _ending(rank: str) -> str:
    if not rank.isdigit() or int(rank) % 100 in (11, 12, 13):
        return "th"
    return _ORDINALS.get(int(rank) % 10, "th")
