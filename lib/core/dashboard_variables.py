"""Variables of a Grafana dashboard in PromQL: which of ours each one is, which can go, and which cannot be filled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lib.core.naming import one_line
from lib.core.promql import MAX_LENGTH
from lib.core.variables import LABEL_VARIABLES, LabelVariable, NumberVariable, put_in

FILLED = frozenset(("__interval", "__interval_ms", "__rate_interval", "__range", "__range_s", "__range_ms"))
# What the dashboards of JupyterHub call our variables.
ALIASES = {"hub_name": "hub", "user_name": "user", "user_group": "group"}

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
FORMS = rf"\$\{{(?P<braced>{_NAME})(?::\w+)?\}}|\$(?P<plain>{_NAME})|\[\[(?P<square>{_NAME})(?::\w+)?\]\]"
VARIABLE = re.compile(FORMS)
_MATCHER = re.compile(rf"(?<!\w)(?P<label>{_NAME})\s*(?P<operator>=~|=(?!~))\s*(?P<quote>[\"'`])(?:{FORMS})(?P=quote)")
_LABEL_VALUES = re.compile(rf"label_values\((?:.+,)?\s*(?P<label>{_NAME})\s*\)", re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
_OUR_NAME = re.compile(r"[a-z][a-z0-9_]*")
_OUR_LABEL = re.compile(r"[a-z_]+")
_GONE = LabelVariable("\0", "", "gone", "")  # stands where a matcher goes; no variable can be called so


@dataclass(frozen=True)
class Adapted:
    """A query in our variables: its text, the numbers it leaves open, and the variables that nobody can fill."""

    expr: str
    numbers: tuple[NumberVariable, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class DashboardVariables:
    """The variables that a dashboard defines, by what becomes of them.

    - `ours`: name -> name of our variable that lists the same label;
    - `all`: those that may stand for everything, so that their matcher can go;
    - `numbers`: those whose value is a number;
    - `prometheus`: those that choose among Prometheuses.
    """

    ours: Mapping[str, str] = field(default_factory=dict)
    all: frozenset[str] = frozenset()
    numbers: Mapping[str, NumberVariable] = field(default_factory=dict)
    prometheus: frozenset[str] = frozenset()


def read_variables(definitions: list[Mapping[str, Any]]) -> DashboardVariables:
    """What the entries of a dashboard's `templating.list` come to. Whatever makes no sense is left out."""
    named = {name: each for each in definitions if isinstance(name := each.get("name"), str)}
    ours = {name: our for name, each in named.items() if (our := _our_name(name, each))}
    numbers = {name: number for name, each in named.items() if (number := _number(name, each))}
    choices = {name for name, each in named.items() if each.get("multi") is True or each.get("includeAll") is True}
    chooses = {name for name, each in named.items() if each.get("type") == "datasource"}
    prometheus = frozenset(name for name in chooses if named[name].get("query") == "prometheus")
    return DashboardVariables(ours, frozenset(choices - chooses), numbers, prometheus)


def adapt(expr: str, variables: DashboardVariables) -> Adapted:
    """A panel's query in our own variables; a matcher whose variable is not ours goes where it may stand for all."""

    def matcher(found: re.Match[str]) -> str:
        name, label = name_of(found), found["label"]
        if (our := variables.ours.get(name)) and _OUR_LABEL.fullmatch(label):
            return f'{label}=~"${our}"'
        gone = name in variables.all and found["operator"] == "=~"
        return f'{_GONE.label}=~"${_GONE.name}"' if gone else found[0]

    def number(found: re.Match[str]) -> str:
        name = name_of(found)
        return f"${name}" if name in variables.numbers else found[0]

    text = VARIABLE.sub(number, _MATCHER.sub(matcher, expr))
    if _GONE.name in text:
        text = put_in(text, (_GONE,), {})
    names = dict.fromkeys(name_of(found) for found in VARIABLE.finditer(text))
    left = [name for name in names if name not in FILLED and f"(?P<{name}>" not in text]
    known = {*variables.ours.values(), *variables.numbers}
    return Adapted(
        text,
        tuple(variables.numbers[name] for name in left if name in variables.numbers),
        tuple(f"${name}" for name in left if name not in known),
    )


def name_of(found: re.Match[str]) -> str:
    """The name in a match of `$name`, `${name}`, `${name:format}` or `[[name]]`."""
    return str(found["braced"] or found["plain"] or found["square"])


def named_in(text: str) -> frozenset[str]:
    """The names of all variables that stand in a text."""
    return frozenset(name_of(found) for found in VARIABLE.finditer(text))


def _our_name(name: str, definition: Mapping[str, Any]) -> str:
    """The name of our variable that lists the same label under this name; "" when there is none."""
    ours = LABEL_VARIABLES.get(ALIASES.get(name, name))
    query = definition.get("query")
    text = query.get("query") if isinstance(query, Mapping) else query
    found = _LABEL_VALUES.fullmatch(text[:MAX_LENGTH].strip()) if isinstance(text, str) else None
    return ours.name if ours and found and found["label"] == ours.label else ""


def _number(name: str, definition: Mapping[str, Any]) -> NumberVariable | None:
    """A variable of one's own making with a number for a value, such as a threshold or a switch of 1 and 0."""
    current = definition.get("current")
    value = current.get("value") if isinstance(current, Mapping) else definition.get("query")
    fits = definition.get("type") in ("custom", "constant", "textbox") and name not in LABEL_VARIABLES
    if not fits or not _OUR_NAME.fullmatch(name) or not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return None
    label = definition.get("label")
    return NumberVariable(name, one_line(label if isinstance(label, str) else "")[:60] or name, float(value))
